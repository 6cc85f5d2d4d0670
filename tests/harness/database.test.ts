import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase } from './database.ts';

async function ask<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

test('a fresh database is empty, UTF-8, and not run as superuser where Perigon brings the server', async () => {
  const url = await freshDatabase();
  expect(await ask(url, "select count(*)::int as n from pg_tables where schemaname = 'public'")).toEqual([{ n: 0 }]);
  expect(await ask(url, 'select current_setting($$server_encoding$$) as encoding')).toEqual([{ encoding: 'UTF8' }]);
  if (!process.env['PERIGON_TEST_DATABASE_URL']) {
    expect(await ask(url, 'select rolsuper from pg_roles where rolname = current_user')).toEqual([{ rolsuper: false }]);
  }
});

test('copies of a template are independent of one another', async () => {
  let built = 0;
  const template = {
    key: 'harness',
    build: async (url: string) => {
      built++;
      await ask(url, 'create table t (a int); insert into t values (1)');
    },
  };
  const [first, second] = [await freshDatabase({ template }), await freshDatabase({ template })];
  await ask(first, 'insert into t values (2)');
  expect(await ask(second, 'select a from t')).toEqual([{ a: 1 }]);
  expect(built).toBe(1);
});
