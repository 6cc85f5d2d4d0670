import { expect, test } from 'vitest';
import { freshDatabase } from '../../tests/harness/database.ts';
import { copyRows } from './copy-text.ts';
import { openDb } from './db.ts';

test('whatever a value holds, it is copied as it is', async () => {
  const db = openDb(await freshDatabase());
  const nasty = ['plain', 'tab\there', 'line\nbreak', 'back\\slash', '\\N', '\\.', '"quoted", {x}', 'ü日本', 'NULL', ' spaced ', ''];
  const columns = [
    { name: 'a', type: 'text' },
    { name: 'b', type: 'jsonb' },
    { name: 'c', type: 'text[]' },
    { name: 'd', type: 'boolean' },
    { name: 'e', type: 'numeric(18,6)' },
  ];
  await db.transaction(async (tx) => {
    await tx.script('create table copied (n int generated always as identity, a text, b jsonb, c text[], d boolean, e numeric(18,6))');
    await copyRows(tx, 'copied', columns, [
      ...nasty.map((text) => [text, { [text]: [text, null] }, [text, 'x'], true, '1.5']),
      [null, null, null, false, undefined],
    ]);
  });
  const rows = await db.query('select a, b, c, d, e::text as e from copied order by n');
  expect(rows).toEqual([
    ...nasty.map((text) => ({ a: text, b: { [text]: [text, null] }, c: [text, 'x'], d: true, e: '1.500000' })),
    { a: null, b: null, c: null, d: false, e: null },
  ]);
  await db.end();
});
