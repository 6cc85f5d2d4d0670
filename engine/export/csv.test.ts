import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import { describe, expect, test } from 'vitest';
import { buildModel } from '#engine/declare/model.ts';
import { resolvePath } from '#engine/declare/predicate.ts';
import { unescapeFormula } from '#engine/import/cells.ts';
import { modules } from '#modules/index.ts';
import type { ExportColumn } from './columns.ts';
import { csvCells, csvHeader } from './csv.ts';
import { writeWorkbook } from './xlsx.ts';

const model = buildModel(modules);
const party = model.object('party');
const column = (name: string, kind: ExportColumn['kind']): ExportColumn => {
  const path = resolvePath({ model, readable: () => true }, party, name);
  if (!path) throw new Error(name);
  return { name, path, reference: null, kind, show: null };
};
const columns = [column('name', 'text'), column('employees', 'number'), column('phones', 'phone'), column('birthDate', 'date')];

describe('exported tables', () => {
  test('text that could be a formula is escaped, numbers and telephone numbers never; it all comes back', () => {
    const line = csvCells(columns);
    const rows = [
      ['=SUM(1)', '-5', '+4930901820', '2024-01-31'],
      ["'=x", '', '', ''],
      ['@a', '1', '+1', ''],
      ['-dash', '2', '', ''],
      ['a "b", c\nd', '3', '+1; +2', ''],
    ];
    const text = csvHeader(columns) + rows.map(line).join('');
    expect(text).toContain("'=SUM(1),-5,+4930901820,2024-01-31");
    const read = parse(text, { from_line: 2 }) as string[][];
    expect(read.map(([name = '', ...rest]) => [unescapeFormula(name), ...rest])).toEqual(rows);
    expect(read[1]?.[0]).toBe("''=x");
  });

  test('a workbook that spreadsheets read: texts, numbers, dates, and equal bytes for equal data', async () => {
    const pages = async function* () {
      yield [
        ['=Ärmel & <Söhne>', '12', '+4930901820', '2024-02-29'],
        ['', '', '', ''],
      ];
      yield [['line\nbreak', '-1', '', '1850-01-01']];
    };
    const bytes = async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of writeWorkbook('parties', columns, pages())) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    const book = await bytes();
    const rows = await readSheet(book, { trim: false });
    expect(rows[0]).toEqual(['name', 'employees', 'phones', 'birthDate']);
    expect(rows[1]).toEqual(['=Ärmel & <Söhne>', 12, '+4930901820', new Date('2024-02-29T00:00:00Z')]);
    expect(rows.at(-1)).toEqual(['line\nbreak', -1, null, '1850-01-01']);
    const digest = (buffer: Buffer) => createHash('sha256').update(buffer).digest('hex');
    expect(digest(await bytes())).toBe(digest(book));
  });
});
