import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine, RowScanner, rowsOf } from './csv-rows.ts';

const cells = (text: string, delimiter = ',') => rowsOf(text, delimiter).map((row) => row.cells);

describe('rows of a CSV', () => {
  test('quotes, lines within cells, both line ends, a last line without end', () => {
    expect(cells('a,b\r\n"x ""q"" y","li\nne",z\n1,2')).toEqual([
      ['a', 'b'],
      ['x "q" y', 'li\nne', 'z'],
      ['1', '2'],
    ]);
    expect(cells('a;"b;c"\n', ';')).toEqual([['a', 'b;c']]);
    expect(cells('ü,"Zoë, O’Neil"\n')).toEqual([['ü', 'Zoë, O’Neil']]);
    expect(cells('5" pipe,x\n')).toEqual([['5" pipe', 'x']]);
  });

  test('a broken row is a problem of its own and ends nothing', () => {
    const rows = rowsOf('a,b\n"bad" x,2\n3,4\n5,"open\n6,7\n', ',');
    expect(rows.map((row) => [row.number, row.cells, row.problem !== null])).toEqual([
      [1, ['a', 'b'], false],
      [2, ['"bad" x', '2'], true],
      [3, ['3', '4'], false],
      [4, ['5', '"open'], true],
      [5, ['6', '7'], false],
    ]);
  });

  test('reading can go on behind any row', () => {
    const text = 'a,"b\n1"\nü,2\n"c",3\n';
    const all = rowsOf(text, ',');
    for (const row of all) {
      const scanner = new RowScanner(',', { byte: row.end, row: row.number });
      scanner.push(Buffer.from(text).subarray(row.end));
      const rest = [];
      for (let next = scanner.next(true); next; next = scanner.next(true)) rest.push(next);
      expect(rest).toEqual(all.slice(row.number));
    }
  });

  test('agrees with csv-parse on whatever is written properly, however the bytes arrive', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'ß', '"', ',', '\n', '\r', ' ', '日', '1'), maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (table, piece) => {
          const text = table.map((row) => csvLine(row)).join('');
          const bytes = Buffer.from(text);
          const scanner = new RowScanner(',');
          const rows: string[][] = [];
          for (let at = 0; at <= bytes.length; at += piece) {
            const last = at + piece > bytes.length;
            scanner.push(bytes.subarray(at, at + piece));
            for (let row = scanner.next(last); row; row = scanner.next(last)) rows.push(row.cells);
          }
          expect(rows).toEqual(table);
          expect(parse(text, { relax_column_count: true, record_delimiter: '\r\n' })).toEqual(table);
        },
      ),
      { numRuns: 300 },
    );
  });
});
