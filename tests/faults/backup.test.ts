import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase } from '../harness/database.ts';
import { temporaryFolder } from '../harness/places.ts';
import { bootProduct, freePort, perigon, setUp } from '../harness/product.ts';

const RECORDS = 10_000;

/**
 * The server dies twice while it makes a backup, and goes on being written to. The next one makes the backup, one and whole; nothing
 * half lies about; and what it puts back is of one moment.
 */
test('a backup is made whole, whichever server dies on the way', { timeout: 240_000 }, async () => {
  const [database, dataFolder, port] = [await freshDatabase(), temporaryFolder(), await freePort()];
  const boot = () => bootProduct({ database, dataFolder, port });
  let victim = await boot();
  const api = await setUp(victim);
  for (let at = 0; at < RECORDS; at += 5000) {
    const operations = Array.from({ length: 5000 }, (_, n) => ({ op: 'create', values: { name: `Kept ${at + n}`, kind: 'organisation' } }));
    expect((await api.post('/api/v1/parties/batch', { operations })).status).toBe(200);
  }
  const folder = join(dataFolder, 'backups');
  const inFolder = () => (existsSync(folder) ? readdirSync(folder) : []);
  const { job } = (await api.post<{ job: string }>('/api/v1/backups', {})).body;
  const begun = new Set<string>();
  for (let turn = 1; turn <= 2; turn++) {
    // Another half file is there: it was killed on its way.
    const more = () => {
      for (const name of inFolder()) if (name.endsWith('.draft')) begun.add(name);
      return begun.size;
    };
    await expect.poll(more, { timeout: 30_000, interval: 1 }).toBe(turn);
    await victim.kill9();
    expect(inFolder().filter((name) => name.endsWith('.perigon'))).toEqual([]);
    victim = await boot();
  }
  let writing = true;
  let written = 0;
  const writes = (async () => {
    for (; writing; written++)
      expect((await api.post('/api/v1/parties', { name: `Meanwhile ${written}`, kind: 'person' })).status).toBe(201);
  })();
  await expect.poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${job}`)).body.state, { timeout: 60_000 }).toBe('done');
  writing = false;
  await writes;
  const [file, ...others] = inFolder();
  expect(others).toEqual([]);
  await victim.stop();

  const other = await freshDatabase();
  const back = await perigon(['restore', join(folder, file ?? '')], { DATABASE_URL: other, PERIGON_DATA: temporaryFolder() });
  expect(back.code, back.output).toBe(0);
  const client = new pg.Client({ connectionString: other });
  await client.connect();
  const { rows } = await client.query<{ kept: number; logged: number; same: boolean }>(
    `select (select count(*)::int from parties where name like 'Kept %') as kept,
       (select count(*)::int from changes where object = 'party' and action = 'create') as logged,
       (select count(*) from parties) = (select count(*) from changes where object = 'party' and action = 'create') as same`,
  );
  await client.end();
  expect(rows[0]).toMatchObject({ kept: RECORDS, same: true });
});
