import { describe, expect, it } from 'vitest';
import type { RecordData } from '../wire.ts';
import { groupedLines, plainLines, rowBeside } from './lines.ts';

const row = (id: string) => ({ id, version: 1, createdAt: '', updatedAt: '' }) as RecordData;
const group = (key: string, count: number) => ({ key, value: key, count, sums: {} });

describe('the lines of a list', () => {
  it('are its rows, and what is still to come', () => {
    expect(plainLines([row('a'), row('b')], false).map((line) => line.kind)).toEqual(['row', 'row']);
    expect(plainLines([row('a')], true)).toHaveLength(9);
  });

  it('of groups are heads, and rows where they are open', () => {
    const loaded = new Map([['b', { rows: [row('1'), row('2')], more: false, pending: false }]]);
    const lines = groupedLines([group('a', 5), group('b', 2), group('c', 3)], new Set(['b', 'c']), loaded);
    expect(lines.map((line) => line.kind)).toEqual(['group', 'group', 'row', 'row', 'group', 'ghost', 'ghost', 'ghost']);
    expect(lines[3]).toMatchObject({ at: 1, within: 1, group: 'b' });
  });

  it('are gone through row by row, past heads', () => {
    const loaded = new Map(['a', 'b'].map((key) => [key, { rows: [row(key)], more: false, pending: false }] as const));
    const lines = groupedLines([group('a', 1), group('b', 1)], new Set(['a', 'b']), loaded);
    expect(rowBeside(lines, 1, 1)).toBe(3);
    expect(rowBeside(lines, 3, -1)).toBe(1);
    expect(rowBeside(lines, 3, 1)).toBe(3);
  });
});
