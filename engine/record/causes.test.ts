import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '#engine/declare/model.ts';
import { type Db, openDb } from '#engine/store/db.ts';
import { applyMigrations, applyTables } from '#engine/store/schema.ts';
import { Params } from '#engine/store/sql.ts';
import { modules } from '#modules/index.ts';
import { freshDatabase } from '#tests/harness/database.ts';
import { linesSql } from './causes.ts';

let db: Db;
beforeAll(async () => {
  db = openDb(await freshDatabase());
  await applyMigrations(db);
  await applyTables(db, [buildModel(modules).object('user')]);
});
afterAll(() => db.end());

test('one large import among few acts does not have the log walked for the small ones', async () => {
  await db.query(
    `with made as (insert into causes (id, kind, actor_kind, at) select gen_random_uuid(), 'request', 'system', now() - n * interval '1 minute' from generate_series(1, 12) n returning id, at)
     insert into changes (cause, object, record_id, action, version)
     select id, 'party', gen_random_uuid(), 'create', 1 from made cross join lateral generate_series(1, case when made.at = (select max(at) from made) then 40000 else 1 end)`,
  );
  // As among a million rows, of which the planner's sample sees the one.
  await db.query('alter table changes alter column cause set (n_distinct = 1)');
  await db.query('vacuum analyze changes');
  await db.query('vacuum analyze causes');
  const params = new Params();
  const plan = (await db.query<{ 'QUERY PLAN': string }>(`explain ${linesSql({}, 31, params)}`, params.values)).map(
    (row) => row['QUERY PLAN'],
  );
  const ways = plan.filter((line) => line.includes(' on changes '));
  expect(ways.length).toBeGreaterThan(0);
  for (const way of ways) expect(way).toContain(' using changes_cause ');
});
