import { describe, expect, it } from 'vitest';
import { placeForNew, places } from './pipelines.ts';

describe('the order of stages', () => {
  it('writes only those that stand elsewhere', () => {
    const at = (id: string, position: number) => ({ id, position });
    expect(places([at('a', 1), at('c', 3), at('b', 2), at('d', 4)])).toEqual([
      { op: 'update', id: 'c', values: { position: 2 } },
      { op: 'update', id: 'b', values: { position: 3 } },
    ]);
  });
  it('puts a new one ahead of those that end a deal', () => {
    expect(placeForNew([{ category: 'open' }, { category: 'open' }, { category: 'won' }, { category: 'lost' }])).toBe(2);
    expect(placeForNew([{ category: 'open' }])).toBe(1);
    expect(placeForNew([])).toBe(0);
  });
});
