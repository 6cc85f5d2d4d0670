import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '#engine/declare/model.ts';
import { newId } from '#kit/ids.ts';
import { modules } from '#modules/index.ts';
import { freshDatabase } from '#tests/harness/database.ts';
import { type Db, openDb } from './db.ts';
import { firstPartitions, MOST_PARTITIONS, MOVED_AT_ONCE, STRAYS_FROM } from './partition-plan.ts';
import { keepPartitions, lookAtPartitions } from './partitions.ts';
import { applyIndexes, applyMigrations, applyTables } from './schema.ts';
import { readStructure } from './structure.ts';

/** The table as it is made for interactions, kept over the years that a server might run without a restart. */
const objects = [buildModel(modules).object('interaction')];
const NOW = new Date();
const YEAR = NOW.getUTCFullYear();
const inYear = (year: number): Date => new Date(Date.UTC(year, 5, 15));

const opened: Db[] = [];
async function freshBase(): Promise<{ db: Db; url: string }> {
  const url = await freshDatabase({
    template: {
      key: 'partitions',
      build: async (at) => {
        const db = openDb(at);
        await applyMigrations(db);
        await applyIndexes(db, objects, await applyTables(db, objects));
        await db.end();
      },
    },
  });
  return { db: also(url), url };
}
const also = (url: string): Db => {
  const db = openDb(url);
  opened.push(db);
  return db;
};
afterAll(() => Promise.all(opened.map((db) => db.end())));

const partitions = async (db: Db): Promise<string[]> =>
  (
    await db.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'interactions'::regclass order by 1`,
    )
  ).map(({ name }) => name);

const fill = (db: Db, year: number, n: number): Promise<unknown> =>
  db.query(
    `insert into interactions (id, party_id, at, channel, direction, kind, subject)
     select gen_random_uuid(), gen_random_uuid(), make_timestamptz($1::int, 1, 1, 0, 0, 0, 'UTC') + i * interval '1 second', 'phone', 'inbound', 'call', 'No. ' || i from generate_series(1, $2::int) i`,
    [year, n],
  );
const rowsIn = async (db: Db, table: string): Promise<number> =>
  (await db.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? -1;

/** Every partition has all indexes of the whole, and they serve. */
async function expectWhole(db: Db): Promise<void> {
  const [found] = await db.query<{ whole: number; broken: number; least: number; most: number }>(
    `select (select count(*)::int from pg_index where indrelid = 'interactions'::regclass) as whole,
       (select count(*)::int from pg_index i where not i.indisvalid) as broken, min(n)::int as least, max(n)::int as most
     from (select h.inhrelid, count(i.indexrelid) as n from pg_inherits h left join pg_index i on i.indrelid = h.inhrelid
       where h.inhparent = 'interactions'::regclass group by 1) x`,
  );
  expect(found).toEqual({ whole: found?.whole, broken: 0, least: found?.whole, most: found?.whole });
  const [loose] = await db.query<{ names: string[] | null }>(
    `select array_agg(relname) as names from pg_class where relkind = 'r' and not relispartition and relname like 'interactions%'`,
  );
  expect(loose?.names).toBeNull();
}

let base: { db: Db; url: string };
beforeAll(async () => {
  base = await freshBase();
});

test('a new table has its years, and there is nothing to do', async () => {
  const { db } = base;
  expect(await partitions(db)).toEqual([...firstPartitions('interactions', NOW).map(({ name }) => name), 'interactions_default'].sort());
  expect(await keepPartitions(db, objects, NOW)).toBe(0);
  expect(await lookAtPartitions(db)).toEqual([{ table: 'interactions', partitions: 14, strays: 0, ahead: true, tooMany: false }]);
});

test('a server that runs for years makes the years ahead, two servers at once make each once, and writers and readers go on', async () => {
  const { db, url } = base;
  const other = also(url);
  const writers = also(url);
  let stop = false;
  let written = 0;
  let longest = 0;
  const write = async () => {
    while (!stop) {
      const began = performance.now();
      await writers.transaction(async (tx) => {
        const id = newId();
        await tx.query(
          `insert into interactions (id, party_id, at, channel, direction, kind) values ($1::uuid, $1::uuid, make_timestamptz($2::int, 3, 1, 0, 0, 0, 'UTC'), 'phone', 'inbound', 'call')`,
          [id, YEAR + (written % 12)],
        );
        await tx.query('update interactions set subject = $2::text where id = $1::uuid', [id, `No. ${written}`]);
      });
      await writers.keyed('select id from interactions where at > $1::timestamptz order by at desc, id desc limit 5', [NOW.toISOString()]);
      written++;
      longest = Math.max(longest, performance.now() - began);
    }
  };
  const writing = [write(), write()];
  try {
    for (let year = YEAR + 1; year <= YEAR + 8; year++)
      await Promise.all([keepPartitions(db, objects, inYear(year)), keepPartitions(other, objects, inYear(year))]);
  } finally {
    stop = true;
    await Promise.all(writing);
  }
  expect(await partitions(db)).toEqual(expect.arrayContaining(Array.from({ length: 10 }, (_, i) => `interactions_${YEAR + 1 + i}`)));
  expect(written).toBeGreaterThan(0);
  expect(await rowsIn(db, 'interactions')).toBe(written);
  // What was written for a year before it had its place lies in that place now.
  expect(await rowsIn(db, `interactions_default`)).toBe(
    (await db.query<{ n: number }>(`select count(*)::int as n from interactions where at >= $1::timestamptz`, [`${YEAR + 11}-01-01`]))[0]
      ?.n,
  );
  await expectWhole(db);
  // Years back that never held anything are gone as far as they are out of reach.
  expect((await partitions(db))[0]).toBe(`interactions_${YEAR - 2}`);
});

test('rows in the default partition get their year once they are many, as they are', async () => {
  const { db } = await freshBase();
  await fill(db, 1998, STRAYS_FROM);
  await fill(db, 1997, STRAYS_FROM - 1);
  await fill(db, 2055, STRAYS_FROM);
  const sum = async () =>
    (
      await db.query<{ sum: string }>(
        `select md5(string_agg(row_to_json(x)::text, '' order by x.id)) as sum from (select id, version, created_at, updated_at, deleted_at, party_id, at, channel, kind, subject from interactions) x`,
      )
    )[0]?.sum;
  const before = await sum();
  await keepPartitions(db, objects, NOW);
  expect(await rowsIn(db, 'interactions_1998')).toBe(STRAYS_FROM);
  expect(await rowsIn(db, 'interactions_2055')).toBe(STRAYS_FROM);
  expect(await rowsIn(db, 'interactions_default')).toBe(STRAYS_FROM - 1);
  expect(await sum()).toBe(before);
  await expectWhole(db);
  const plan = await db.query<{ 'QUERY PLAN': string }>(
    `explain select id from interactions where at >= '1998-01-01Z' and at < '1999-01-01Z' order by at desc, id desc limit 5`,
  );
  expect(JSON.stringify(plan)).not.toContain('interactions_default');
  // The structure that a backup puts back makes the very same partitions.
  const { tables, after } = await readStructure(db);
  expect(tables.find(({ name }) => name === 'interactions_1998')?.sql).toMatch(/partition of "interactions" FOR VALUES FROM \('1998-01-01/);
  expect(after.filter((sql) => sql.includes('interactions_1998'))).toEqual([]);
});

test('too many to be moved in a moment stay where they are', async () => {
  const { db } = await freshBase();
  await fill(db, 1998, MOVED_AT_ONCE + 1);
  expect(await keepPartitions(db, objects, NOW)).toBe(0);
  expect(await rowsIn(db, 'interactions_default')).toBe(MOVED_AT_ONCE + 1);
});

test('an old year that was emptied goes; one that only waits for rows stays', async () => {
  const { db } = await freshBase();
  await fill(db, YEAR - 6, 50);
  await fill(db, YEAR, 50);
  expect(await keepPartitions(db, objects, NOW)).toBe(1);
  await db.query(`delete from interactions where at < now() - interval '5 years'`);
  expect(await keepPartitions(db, objects, NOW)).toBe(1);
  const names = await partitions(db);
  expect(names).not.toContain(`interactions_${YEAR - 6}`);
  expect(names).toContain(`interactions_${YEAR - 5}`);
  // Who comes late with something of that year is not refused.
  await fill(db, YEAR - 6, 3);
  expect(await rowsIn(db, 'interactions_default')).toBe(3);
});

test('there are never more than forty: the oldest become one, with all their rows', async () => {
  const { db } = await freshBase();
  const last = YEAR + 42;
  for (let year = YEAR - 10; year <= last; year++) await fill(db, year, 5 + (year % 3));
  // Each time this year and two ahead; what had no place yet moves into it.
  for (let year = YEAR; year <= last - 2; year += 2) {
    await keepPartitions(db, objects, inYear(year));
    expect((await partitions(db)).length).toBeLessThanOrEqual(MOST_PARTITIONS);
  }
  const expected = Array.from({ length: last - YEAR + 11 }, (_, i) => 5 + ((YEAR - 10 + i) % 3)).reduce((sum, n) => sum + n, 0);
  expect(await rowsIn(db, 'interactions')).toBe(expected);
  expect(await rowsIn(db, 'interactions_default')).toBe(0);
  expect((await partitions(db)).some((name) => name.includes('_to_'))).toBe(true);
  await expectWhole(db);
  const [held] = await db.query<{ n: number }>(`select count(*)::int as n from pg_constraint where conname like '%wider%'`);
  expect(held?.n).toBe(0);
});

test('who reads holds it up no longer than a moment at a time, and is not broken off', async () => {
  const { db, url } = await freshBase();
  const reader = await also(url).connect();
  await reader.query('begin');
  await reader.query('select count(*) from interactions');
  const made = keepPartitions(db, objects, inYear(YEAR + 1));
  // While it tries, nobody waits behind it.
  await fill(db, YEAR, 10);
  expect(await rowsIn(db, 'interactions')).toBe(10);
  await reader.query('commit');
  await reader.end();
  expect(await made).toBeGreaterThan(0);
  expect(await partitions(db)).toContain(`interactions_${YEAR + 3}`);
});
