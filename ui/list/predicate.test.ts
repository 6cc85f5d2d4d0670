import { describe, expect, it } from 'vitest';
import { nextSort, readListSearch } from './list-search.ts';
import { both, isComplete, readWhere, withNode } from './predicate.ts';

describe('a list in its address', () => {
  it('survives the trip through the address', () => {
    const search = {
      where: {
        all: [
          { field: 'owner.team', op: 'in', value: ['a', 'b'] },
          { field: 'closeDate', op: 'gte', value: { days: -30 } },
        ],
      },
      sort: ['-amount', 'name'],
      columns: ['name'],
    };
    expect(readListSearch(JSON.parse(JSON.stringify(search)))).toEqual(search);
  });

  it('rubbish in the address is no filter', () => {
    expect(readListSearch({ where: 'x', sort: 7, columns: [1, ''] })).toEqual({});
    expect(readWhere({ all: ['x', 3] })).toBeUndefined();
    expect(readWhere({ nothing: true })).toBeUndefined();
  });

  it('keeps groups and counts it cannot edit', () => {
    const any = { any: [{ field: 'name', op: 'eq', value: 'a' }] };
    expect(readWhere(any)).toEqual({ all: [any] });
    expect(readWhere({ count: 'orders', gte: 2 })).toEqual({ all: [{ count: 'orders', gte: 2 }] });
  });
});

describe('editing a predicate', () => {
  const one = { field: 'name', op: 'contains', value: 'a' };
  it('adds, replaces and removes', () => {
    const added = withNode(undefined, 0, one);
    expect(added).toEqual({ all: [one] });
    expect(withNode(added, 0, { ...one, value: 'b' })).toEqual({ all: [{ ...one, value: 'b' }] });
    expect(withNode(added, 0, null)).toBeUndefined();
  });

  it('asks only what is complete', () => {
    expect(isComplete(one)).toBe(true);
    expect(isComplete({ field: 'name', op: 'isEmpty' })).toBe(true);
    expect(isComplete({ field: 'name', op: 'contains', value: '' })).toBe(false);
    expect(isComplete({ field: 'amount', op: 'between', value: [1, null] })).toBe(false);
    expect(isComplete({ field: 'stage', op: 'in', value: [] })).toBe(false);
    expect(isComplete({ field: 'won', op: 'eq', value: false })).toBe(true);
    expect(isComplete({ field: 'amount', op: 'gte', value: 0 })).toBe(true);
  });

  it('joins a fixed condition with the rest', () => {
    expect(both(undefined, undefined)).toBeUndefined();
    expect(both({ all: [one] }, { all: [{ field: 'b', op: 'isEmpty' }] })?.all).toHaveLength(2);
  });

  it('a header goes up, down, off', () => {
    expect(nextSort(['name'], 'amount')).toEqual(['amount']);
    expect(nextSort(['amount'], 'amount')).toEqual(['-amount']);
    expect(nextSort(['-amount'], 'amount')).toBeUndefined();
  });
});
