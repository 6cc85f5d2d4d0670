import { describe, expect, it } from 'vitest';
import type { RecordData } from '../wire.ts';
import { isBare, isSelected, nothing, ranged, selectedWhere, toggled } from './selection.ts';

const rows = ['a', 'b', 'c', 'd'].map((id) => ({ id, version: 1, createdAt: '', updatedAt: '' }) as RecordData);

describe('a selection', () => {
  it('takes rows in and out', () => {
    const one = toggled(nothing, 'b', rows);
    expect([isSelected(one, 'b'), isSelected(one, 'a'), isBare(one)]).toEqual([true, false, false]);
    expect(isBare(toggled(one, 'b', rows))).toBe(true);
  });
  it('goes from a row to another, in both directions', () => {
    const ids = (from: number, to: number) => {
      const selection = ranged(nothing, rows, from, to);
      return selection.kind === 'some' ? [...selection.ids] : [];
    };
    expect(ids(1, 3)).toEqual(['b', 'c', 'd']);
    expect(ids(2, 0)).toEqual(['a', 'b', 'c']);
    expect(ids(-1, 0)).toEqual(['a']);
  });
  it('of all becomes the fetched rows without the one taken out', () => {
    const left = toggled({ kind: 'all' }, 'c', rows);
    expect(rows.map((row) => isSelected(left, row.id))).toEqual([true, true, false, true]);
  });
  it('is a condition', () => {
    const where = { all: [{ field: 'city', op: 'eq', value: 'Wien' }] };
    expect(selectedWhere({ kind: 'all' }, where)).toEqual(where);
    expect(selectedWhere({ kind: 'all' }, undefined)).toEqual({ all: [] });
    expect(selectedWhere(toggled(nothing, 'a', rows), where)).toEqual({ field: 'id', op: 'in', value: ['a'] });
  });
});
