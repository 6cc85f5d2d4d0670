import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase } from '../harness/database.ts';
import { temporaryFolder } from '../harness/places.ts';
import { bootProduct, freePort, setUp, startPerigon } from '../harness/product.ts';
import { rounds } from './patient.ts';

/** The first start makes all tables; it is killed, or loses its database, in the middle of that. */
test(`the migrations of a start, ${rounds} rounds: the next start brings the base to where it belongs`, { timeout: 400_000 }, async () => {
  const shapes = new Set<string>();
  let broken = 0;
  for (let round = 0; round < rounds; round++) {
    const [database, dataFolder, port] = [await freshDatabase(), temporaryFolder(), await freePort()];
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    const run = startPerigon(['start'], { DATABASE_URL: database, PERIGON_DATA: dataFolder, PORT: String(port) });
    // Somebody else is at work in the base: it has begun.
    const others = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
    while ((await client.query(others)).rows.length === 0 && !run.hasEnded) await sleep(2);
    await sleep(Math.random() * 700);
    const [{ done } = { done: false }] = (
      await client.query<{ done: boolean }>(`select to_regclass('consumers') is not null and to_regclass('parties') is not null as done`)
    ).rows;
    if (!done) broken++;
    if (round % 2 === 0) run.child.kill('SIGKILL');
    else {
      await client.query(`select pg_terminate_backend(pid) from (${others}) o`);
      await sleep(50);
      run.child.kill('SIGKILL');
    }
    await run.ended;
    const product = await bootProduct({ database, dataFolder, port });
    const api = await setUp(product);
    expect((await api.post('/api/v1/parties', { kind: 'person', name: 'First' })).status).toBe(201);
    await product.stop();
    const { rows } = await client.query<{ shape: string }>(
      `select md5(string_agg(format('%s.%s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod)), ',' order by c.relname, a.attname)) ||
         (select count(*) from pg_indexes where schemaname = 'public') as shape
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`,
    );
    shapes.add(rows[0]?.shape ?? '');
    await client.end();
  }
  // Whatever was broken off, all end alike.
  expect(shapes.size).toBe(1);
  console.log(`${rounds} first starts, ${broken} of them broken off before the tables stood`);
  expect(broken).toBeGreaterThan(0);
});
