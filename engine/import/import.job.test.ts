import * as fs from 'node:fs';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { openProduct, type Product } from '#apps/server/product.ts';
import type { Actor } from '#engine/access/actor.ts';
import { newCause } from '#engine/record/context.ts';
import { bareDatabase } from '../../tests/harness/bare.ts';
import { temporaryFolder } from '../../tests/harness/places.ts';
import { errorFile, importJob } from './import.job.ts';
import { importStatus, inspectUpload, type StartImport, startImport, uploadPath } from './imports.ts';

let product: Product;
let asked = 0;

beforeAll(async () => {
  product = await openProduct({ url: await bareDatabase(), dataFolder: temporaryFolder() });
  await product.setUp({
    company: 'Test',
    baseCurrency: 'EUR',
    language: 'en',
    timeZone: 'Europe/Berlin',
    admin: { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' },
  });
});
afterAll(() => product.stop());

interface Status {
  state: string;
  done: number;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  problems: { row: number; column: string | null; detail: string }[];
}

/** Imports a text as a job would; `stopAt` stops it at that many saves, like a server that goes down, and it is then run again. */
async function run(
  content: string | Buffer,
  o: Omit<StartImport, 'token' | 'name'>,
  more: { stopAt?: number; name?: string } = {},
): Promise<Status & { id: string; runs: number }> {
  const ctx = await product.commandContext(undefined);
  const upload = await uploadPath(product.importPlace);
  fs.writeFileSync(upload.path, content);
  const id = await startImport(ctx, product.importPlace, { token: upload.token, name: more.name ?? `file-${++asked}.csv`, ...o });
  const cause = newCause('import', 'test');
  let runs = 0;
  for (;;) {
    runs++;
    let saves = 0;
    const result = await importJob({
      job: { payload: { import: id } },
      ctx: { ...ctx, cause },
      dataFolder: product.dataFolder,
      save: async () => void saves++,
      cancelled: () => more.stopAt !== undefined && saves >= more.stopAt,
    });
    if (result.unfinished !== true) break;
  }
  const status = (await importStatus(ctx, id)) as unknown as Status;
  return { ...status, id, runs };
}

const names = async (like: string): Promise<string[]> =>
  (
    await product.db.query<{ name: string }>('select name from parties where name like $1::text and deleted_at is null order by name', [
      like,
    ])
  ).map((row) => row.name);

const toParty = (columns: Record<string, { field: string; [more: string]: unknown }>, more: object = {}) => ({
  object: 'party',
  columns,
  ...more,
});

describe('imports', () => {
  test('broken off again and again, it goes on where it stopped: every row once, the counts right', async () => {
    const rows = Array.from({ length: 6000 }, (_, i) =>
      i % 1000 === 999 ? `R${i},,x${i}@example.org` : `R${i},Row ${i},r${i}@example.org`,
    );
    const done = await run(
      `key,name,mail\n${rows.join('\n')}\n`,
      { map: toParty({ key: { field: 'externalId', system: 'resume' }, name: { field: 'name' }, mail: { field: 'emails.value' } }) },
      { stopAt: 1 },
    );
    expect(done.runs).toBeGreaterThan(2);
    expect(done).toMatchObject({ done: 6000, created: 5994, updated: 0, skipped: 0, failed: 6 });
    expect((await names('Row %')).length).toBe(5994);
    const errors = parse(fs.readFileSync(errorFile(product.dataFolder, done.id)), { columns: true }) as Record<string, string>[];
    expect(errors.map((row) => row.Row)).toEqual(['1001', '2001', '3001', '4001', '5001', '6001']);
    expect(errors[0]).toMatchObject({ key: 'R999', name: '', Problem: 'name: A value is needed.' });
  });

  test('parents may stand later in the file, also when it is broken off; one that nobody is fails its row', async () => {
    const text = [
      'name,parent',
      ...Array.from({ length: 3000 }, (_, i) => `Tree ${i},${i < 2999 ? `Tree ${i + 1}` : ''}`),
      'Tree orphan,Nobody there',
    ].join('\n');
    const done = await run(text, { map: toParty({ name: { field: 'name' }, parent: { field: 'parent', by: 'name' } }) }, { stopAt: 1 });
    expect(done).toMatchObject({ created: 3000, failed: 1 });
    expect(done.problems).toEqual([{ row: 3002, column: 'parent', detail: 'There is no party “Nobody there”.' }]);
    const [row] = await product.db.query<{ n: number }>(
      `select count(*)::int as n from parties p join parties q on q.id = p.parent_id where p.name like 'Tree %' and q.name = 'Tree ' || (substring(p.name from 6)::int + 1)`,
    );
    expect(row?.n).toBe(2999);
  });

  test('a circle in the file refuses the rows that close it and nothing else', async () => {
    const done = await run('name,parent\nRing A,Ring B\nRing B,Ring A\nRing C,Ring A\n', {
      map: toParty({ name: { field: 'name' }, parent: { field: 'parent', by: 'name' } }),
    });
    expect(done.created).toBe(3);
    expect(done.problems.map(({ row }) => row)).toHaveLength(1);
    const rows = await product.db.query<{ n: number }>(
      `select count(*)::int as n from parties where name like 'Ring %' and parent_id is not null`,
    );
    expect(rows[0]?.n).toBe(2);
  });

  test('create skips what is there, update skips what is not, upsert does both; equal rows change nothing', async () => {
    const map = {
      object: 'product',
      columns: { sku: { field: 'sku' }, name: { field: 'name' }, price: { field: 'price', currency: 'EUR' } },
    };
    expect(await run('sku,name,price\nA1,One,1\nA2,Two,2\na1,Again,3\n', { map })).toMatchObject({ created: 2, skipped: 1, failed: 0 });
    expect(await run('sku,name,price\nA2,Two b,2\nA3,Three,3\n', { map })).toMatchObject({ created: 1, skipped: 1 });
    expect(await run('sku,name,price\nA1,One b,1\nA9,Nine,9\n', { map, mode: 'update' })).toMatchObject({
      created: 0,
      updated: 1,
      skipped: 1,
    });
    expect(await run('sku,name,price\nA1,One b,1\nA3,Three b,3\nA4,Four,4\n', { map, mode: 'upsert' })).toMatchObject({
      created: 1,
      updated: 1,
      skipped: 1,
      failed: 0,
    });
    // Twice in one file: the last row counts.
    expect(await run('sku,name,price\nA5,Five,5\nA5,Five b,5\n', { map, mode: 'upsert' })).toMatchObject({ created: 1, updated: 1 });
    const [five] = await product.db.query<{ name: string }>(`select name from products where sku = 'A5'`);
    expect(five?.name).toBe('Five b');
  });

  test('one row that the database refuses does not take its neighbours along', async () => {
    // Two people called the same in the base: whoever names them is ambiguous.
    await run('name\nTwin\nTwin\n', { map: toParty({ name: { field: 'name' } }, { match: [] }) });
    const done = await run('number,who,day\nX1,Ada Corp,2024-01-01\nX2,Twin,2024-01-01\nX3,,2024-13-01\nX4,,2024-01-04\n', {
      map: {
        object: 'invoice',
        columns: { number: { field: 'number' }, who: { field: 'customer', by: 'name', create: true }, day: { field: 'date' } },
        defaults: { 'customer.kind': 'organisation' },
      },
    });
    expect(done).toMatchObject({ created: 2, failed: 2 });
    expect(done.problems.map(({ row, column }) => [row, column])).toEqual([
      [3, 'who'],
      [4, 'day'],
    ]);
    expect(await names('Ada Corp')).toEqual(['Ada Corp']);
  });

  test('a trial tells every problem, also between far rows, and keeps nothing', async () => {
    const rows = Array.from({ length: 2500 }, (_, i) => `T${i},Trial ${i}`);
    const done = await run(`key,name\n${rows.join('\n')}\nT0,Trial again\nT9999,\n`, {
      map: toParty({ key: { field: 'externalId', system: 'trial' }, name: { field: 'name' } }),
      dryRun: true,
    });
    expect(done).toMatchObject({ done: 2502, created: 2500, skipped: 1, failed: 1 });
    expect(done.problems).toEqual([
      { row: 2502, column: 'key', detail: 'The same as row 2 of this file.' },
      { row: 2503, column: 'name', detail: 'A value is needed.' },
    ]);
    expect(await names('Trial %')).toEqual([]);
    const changes = await product.db.query(`select 1 from changes where after->>'name' like 'Trial %'`);
    expect(changes).toEqual([]);
  });

  test('old encodings, semicolons, German numbers and dates, a workbook: all the same records', async () => {
    const text = 'Firma;Straße;Umsatz;Gegründet;Kundennummer\nMüller & Söhne;Bärenweg 1;1.234.567,50 €;1999;K-%\n';
    const o = { object: 'party' };
    await run(iconv.encode(text.replace('%', '1'), 'windows-1252'), o);
    await run(iconv.encode(text.replace('%', '2'), 'utf-16le', { addBOM: true }), o);
    await run(`\ufeff${text.replace('%', '3')}`, o);
    await run(
      await writeXlsxFile([
        ['Firma', 'Straße', 'Umsatz', 'Gegründet', 'Kundennummer'],
        ['Müller & Söhne', 'Bärenweg 1', '1234567.50 €', 1999, 'K-4'],
      ]).toBuffer(),
      o,
      { name: 'kunden.xlsx' },
    );
    const rows = await product.db.query<{ name: string; street: string; revenue: string; year: number }>(
      `select name, addresses->0->>'street' as street, annual_revenue::text as revenue, founded_year as year from parties where name like 'Müller%'`,
    );
    expect(rows).toEqual(
      Array.from({ length: 4 }, () => ({ name: 'Müller & Söhne', street: 'Bärenweg 1', revenue: '1234567.5000', year: 1999 })),
    );
  });

  test('lines above the header, and files without one', async () => {
    const above = toParty({ Wer: { field: 'name' }, Ort: { field: 'city' } }, { skipRows: 3 });
    expect(await run('Liste der Kunden\nStand 2024\n\nWer,Ort\nKopf eins,Ulm\n', { map: above })).toMatchObject({ created: 1, failed: 0 });
    const without = toParty({ 'column 1': { field: 'name' }, 'column 2': { field: 'city' } }, { header: false });
    expect(await run('Kopf zwei,Bonn\nKopf drei,Ulm\n', { map: without })).toMatchObject({ created: 2, failed: 0 });
    expect(await names('Kopf %')).toEqual(['Kopf drei', 'Kopf eins', 'Kopf zwei']);
  });

  test('a mapping is remembered for files with the same columns', async () => {
    const head = 'Wer,Wohin,Kürzel\n';
    await run(`${head}Memo One,Ulm,m1\n`, {
      map: toParty({ Wer: { field: 'name' }, Wohin: { field: 'city' }, Kürzel: { field: 'externalId', system: 'memo' } }),
    });
    const ctx = await product.commandContext(undefined);
    const upload = await uploadPath(product.importPlace);
    fs.writeFileSync(upload.path, `${head}Memo Two,Bonn,m2\n`);
    const seen = await inspectUpload(ctx, product.importPlace, upload.token, 'memo.csv');
    expect(seen.suggest).toMatchObject({
      object: 'party',
      preset: null,
      map: { columns: { Wer: { field: 'name' }, Wohin: { field: 'city' }, Kürzel: { field: 'externalId', system: 'memo' } } },
    });
  });

  test('files that are none, and mappings that do not fit, are refused in words', async () => {
    const refusal = async (content: string | Buffer, o: object): Promise<string> => {
      try {
        await run(content, o);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(await refusal('', { object: 'party' })).toBe('The file is empty.');
    expect(await refusal(Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), { object: 'party' })).toContain('workbook cannot be read');
    expect(await refusal(Buffer.from([1, 0, 2, 0, 0, 3, 0]), { object: 'party' })).toContain('neither CSV nor a workbook');
    expect(await refusal('name\nx\n', { object: 'pary' })).toContain('What are the rows');
    expect(await refusal('name\nx\n', { preset: 'mavn' })).toContain('no preset');
    expect(await refusal('quark\nx\n', { object: 'party' })).toContain('No column goes anywhere');
    expect(await refusal('name\nx\n', { object: 'party', mode: 'update' })).toContain('By what are records recognised');
    expect(await refusal('a,b\nx,y\n', { preset: 'maven-products' })).toContain('The mapping has 3 faults');
  });

  test('without the right to import, and beyond one’s rights, nothing is written', async () => {
    const system = await product.commandContext(undefined);
    const none: Actor = { ...system.actor, kind: 'staff', rights: { ...system.actor.rights, may: () => false } };
    await expect(startImport({ ...system, actor: none }, product.importPlace, { token: '0' })).rejects.toThrow(
      'Your roles do not let you import.',
    );
    const reader: Actor = {
      ...system.actor,
      kind: 'staff',
      rights: { ...system.actor.rights, scope: (_object, verb) => (verb === 'read' ? 'all' : 'none') },
    };
    const upload = await uploadPath(product.importPlace);
    fs.writeFileSync(upload.path, 'name\nx\n');
    await expect(
      startImport({ ...system, actor: reader }, product.importPlace, { token: upload.token, name: 'x.csv', object: 'party' }),
    ).rejects.toThrow('Your roles do not let you create parties.');
  });
});
