import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemAs } from '#engine/access/actor.ts';
import { newCause } from '#engine/record/context.ts';
import { freshDatabase } from '#tests/harness/database.ts';
import { openProduct, type Product } from '../product.ts';
import { seed, seedThroughPipeline, worldFor } from './seed.ts';

/** Rows that a rule writes get their ids there. */
const DERIVED = ['stageChange', 'dealCredit'];

/** The copy must leave what the pipeline leaves: same records, log, identifiers and search rows, for 2,000 parties. */
const PARTIES = 2000;
const products: Product[] = [];

beforeAll(async () => {
  for (let i = 0; i < 2; i++) {
    const product = await openProduct({
      url: await freshDatabase(),
      dataFolder: mkdtempSync(join(tmpdir(), 'perigon-seed-')),
      connections: 4,
    });
    await product.setUp({ company: 'Seed', baseCurrency: 'EUR', language: 'en', timeZone: 'Europe/Berlin' });
    // The set-up's own records get ids by the clock; both worlds must hang on the same ones.
    await product.db.query(`update stages set id = md5(key)::uuid, pipeline_id = md5('pipeline')::uuid`);
    await product.db.query(`update pipelines set id = md5('pipeline')::uuid`);
    products.push(product);
  }
});
afterAll(() => Promise.all(products.map((product) => product.stop())));

it('copies what the pipeline would have written', async () => {
  const [copied, piped] = products as [Product, Product];
  const cause = newCause('seed', 'law');
  const contextOf = (product: Product) => product.context(systemAs('command line'), cause);
  await seed(await contextOf(copied), PARTIES, () => undefined);
  const piping = await contextOf(piped);
  await seedThroughPipeline(piping, PARTIES);
  piped.db.query('select 1').catch(() => undefined);
  // Bulk search rows follow from the log.
  await piped.start();
  const world = await worldFor(piping, PARTIES);
  for (let i = 0; i < 600; i++) {
    const [row] = await piped.db.query<{ left: number }>(
      `select coalesce(max(seq), 0) - coalesce((select cursor from consumers where name = 'search'), 0) as left from changes`,
    );
    if (row?.left === 0) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  for (const { key } of world) {
    const { table } = copied.model.object(key);
    const columns = (
      await copied.db.query<{ c: string }>(
        `select column_name as c from information_schema.columns where table_schema = 'public' and table_name = $1::text and column_name not in ('created_at', 'updated_at'${DERIVED.includes(key) ? ", 'id'" : ''}) order by 1`,
        [table],
      )
    ).map((row) => row.c);
    const digest = (product: Product) =>
      product.db.query(
        `select count(*)::int as n, md5(string_agg(t::text, '|' order by t::text)) as all from (select ${columns.join(', ')} from ${table}) t`,
      );
    expect(await digest(copied), key).toEqual(await digest(piped));
  }
  for (const [what, sql] of Object.entries({
    changes: `select object, case when object in ('stageChange', 'dealCredit') then null else record_id end, party_id, action, version, before, case when object in ('stageChange', 'dealCredit') then after - 'id' else after end from changes where object not in ('role', 'pipeline', 'stage') and cause = '${cause.id}'`,
    identifiers: 'select kind, value, object, record_id, label, is_primary from identifiers',
    search: `select record_id, object, party_id, title, subtitle, lexemes, version from search where object not in ('role')`,
    external: 'select * from external_ids',
  })) {
    const digest = (product: Product) =>
      product.db.query(`select count(*)::int as n, md5(string_agg(t::text, '|' order by t::text)) as all from (${sql}) t`);
    const [left, right] = [await digest(copied), await digest(piped)];
    expect(left, what).toEqual(right);
  }
}, 240_000);
