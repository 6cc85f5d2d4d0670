import { describe, expect, it } from 'vitest';
import { nextSort, readListSearch } from './list-search.ts';
import { askable, both, isComplete, readCount, readGroup, readWhere, withNode, writeCount } from './predicate.ts';

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
      layout: 'board',
      group: 'stage',
      date: 'closeDate',
      widths: { amount: 120 },
      figures: { amount: 'sumBase' },
    };
    expect(readListSearch(JSON.parse(JSON.stringify(search)))).toEqual(search);
  });

  it('rubbish in the address is no filter', () => {
    expect(readListSearch({ where: 'x', sort: 7, columns: [1, ''] })).toEqual({});
    expect(readListSearch({ layout: 'pile', group: 7, widths: { a: 'wide' }, figures: { a: 'median' } })).toEqual({});
    expect(readListSearch({ widths: { a: 3, b: 9999 } })).toEqual({ widths: { a: 48, b: 1200 } });
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

describe('groups and counts', () => {
  const name = { field: 'name', op: 'eq', value: 'a' };
  const unfinished = { field: 'name', op: 'eq', value: null };

  it('are read and written as the language has them', () => {
    expect(readGroup({ none: [name] })).toEqual({ kind: 'none', of: [name] });
    expect(readGroup(name)).toBeNull();
    expect(readCount({ count: 'cases' })).toMatchObject({ path: 'cases', op: 'gte', n: 1 });
    const two = { count: 'cases', eq: 2, where: { all: [name] } };
    const read = readCount(two);
    expect(read && writeCount(read)).toEqual(two);
    expect(readCount({ count: 'cases', between: [1, 2] })).toBeNull();
  });

  it('ask what is finished and leave out the rest', () => {
    expect(askable({ any: [name, unfinished, { all: [unfinished] }] })).toEqual({ any: [name] });
    expect(askable({ any: [unfinished] })).toBeNull();
    expect(askable({ count: 'cases', gte: 2, where: { all: [unfinished] } })).toEqual({ count: 'cases', gte: 2 });
    expect(askable({ count: 'cases', between: [1, 2] })).toEqual({ count: 'cases', between: [1, 2] });
  });
});
