import { describe, expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { columnsOf, leastWidth, movedBy, movedTo, templateOf } from './columns.ts';

const field = (key: string): FieldMeta => ({
  key,
  type: 'text',
  required: false,
  readOnly: false,
  sortable: true,
  filterable: true,
  operators: [],
});
const object = { key: 'party', title: 'name', fields: [field('name'), field('city'), field('amount')] } as unknown as ObjectMeta;
const columns = (widths?: Record<string, number>) => columnsOf(object, [field('city'), field('amount')], widths, () => 100);

describe('columns', () => {
  it('share what is left, unless their width is set', () => {
    expect(templateOf(columns())).toBe('minmax(240px, 2fr) minmax(100px, 1fr) minmax(100px, 1fr)');
    expect(templateOf(columns({ city: 150 }))).toBe('minmax(240px, 2fr) 150px minmax(100px, 1fr)');
    expect(templateOf(columns({ name: 300, city: 150, amount: 80 }))).toBe('300px 150px 80px minmax(0, 1fr)');
    expect(leastWidth(columns({ city: 150 }))).toBe(490);
  });

  it('are moved to a place or by a place, never out of the row', () => {
    expect(movedTo(['a', 'b', 'c'], 'c', 'a', false)).toEqual(['c', 'a', 'b']);
    expect(movedTo(['a', 'b', 'c'], 'a', 'b', true)).toEqual(['b', 'a', 'c']);
    expect(movedTo(['a', 'b'], 'a', 'x', true)).toEqual(['a', 'b']);
    expect(movedBy(['a', 'b', 'c'], 'a', 1)).toEqual(['b', 'a', 'c']);
    expect(movedBy(['a', 'b', 'c'], 'a', -1)).toEqual(['a', 'b', 'c']);
    expect(movedBy(['a', 'b', 'c'], 'c', 5)).toEqual(['a', 'b', 'c']);
  });
});
