import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openProduct, type Product } from '#apps/server/product.ts';
import { backUpBeforeMigrating } from '#engine/backup/before-migrating.ts';
import { restoreBackup } from '#engine/backup/restore.ts';
import { openFileStore } from '#engine/files/store.ts';
import { openDb } from '#engine/store/db.ts';
import { lastMigration, pendingMigrations } from '#engine/store/schema.ts';
import { freshDatabase } from '#tests/harness/database.ts';
import { repositoryRoot, temporaryFolder } from '#tests/harness/places.ts';
import type { Facts } from '#tests/upgrade/facts.ts';

/** Bases that earlier versions made (`npm run upgrade-fixture -- REF`) start on this one, with all that they held at work. */
const kept = join(repositoryRoot, 'tests/upgrade');
const bases = readdirSync(kept)
  .filter((name) => name.endsWith('.perigon'))
  .map((name) => name.replace('.perigon', ''));
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

it('there is a base of an earlier version', () => {
  expect(bases).toContain('0.1.0-7a3a141');
});

describe.each(bases)('the base of %s', (name) => {
  const facts = JSON.parse(readFileSync(join(kept, `${name}.json`), 'utf8')) as Facts;
  const dataFolder = temporaryFolder();
  let product: Product;
  let url: string;
  const ask = async <T>(method: 'GET' | 'POST' | 'PATCH', at: string, payload?: object): Promise<T> => {
    const answer = await product.http.inject({ method, url: `/api/v1${at}`, headers: { authorization: `Bearer ${facts.key}` }, payload });
    expect(answer.statusCode, `${method} ${at}: ${answer.body}`).toBeLessThan(300);
    return (answer.body === '' ? null : answer.json()) as T;
  };
  const open = async () => {
    product = await openProduct({ url, dataFolder, connections: 4 });
    closing.push(() => product.stop());
    await product.start();
  };

  it('starts here, backed up before it is changed, and holds the same numbers', async () => {
    url = await freshDatabase();
    const db = openDb(url, { max: 2 });
    await restoreBackup({
      db,
      files: openFileStore(dataFolder),
      path: join(kept, `${name}.perigon`),
      temporary: join(dataFolder, 'temporary'),
      knows: lastMigration(),
    });
    const pending = await pendingMigrations(db);
    await open();
    expect(await pendingMigrations(db)).toEqual([]);
    await db.end();
    const before = readdirSync(dataFolder).includes('backups') ? readdirSync(join(dataFolder, 'backups')) : [];
    expect(before).toHaveLength(pending?.length === 0 ? 0 : 1);
    const counts: Record<string, number> = {};
    for (const plural of Object.keys(facts.counts))
      counts[plural] = (await ask<{ count: { value: number } }>('GET', `/${plural}?limit=1&count=true`)).count.value;
    expect(counts).toEqual(facts.counts);
  });

  it('lets in who could come in, and finds what could be found', async () => {
    const signedIn = await product.http.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { email: facts.email, password: facts.password },
    });
    expect(signedIn.statusCode).toBe(200);
    expect(await ask('GET', `/search?q=${facts.party.word}`)).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id: facts.party.id })]),
    });
    expect(await ask('GET', `/parties/${facts.party.id}/overview`)).toBeTruthy();
    expect(await ask('GET', `/${facts.own.plural}/${facts.own.id}`)).toMatchObject({ [facts.own.field]: facts.own.value });
    const file = await product.http.inject({
      method: 'GET',
      url: `/api/v1/files/${facts.file.id}`,
      headers: { authorization: `Bearer ${facts.key}` },
    });
    expect(file.body).toBe(facts.file.text);
    expect(await ask('GET', '/views')).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ id: facts.view })]) });
    expect(await ask('GET', `/webhooks/${facts.webhook}`)).toMatchObject({ name: 'ERP' });
    // What became one resolves from its old id.
    expect(await ask('GET', `/parties/${facts.merged.loser}`)).toMatchObject({ id: facts.merged.survivor });
  });

  it('takes back what was done then, and goes on', async () => {
    const undone = await ask<{ result: { conflictCount: number } }>('POST', `/causes/${facts.renamed.cause}/undo`, {});
    expect(undone.result.conflictCount).toBe(0);
    expect(await ask('GET', `/parties/${facts.party.id}`)).toMatchObject({ name: facts.renamed.before });
    await ask('POST', '/trash/restore', { object: 'party', ids: [facts.trashed] });
    expect(await ask('GET', `/parties/${facts.trashed}`)).toMatchObject({ id: facts.trashed });
    // An automation of then acts on what comes now.
    const { id } = await ask<{ id: string }>('POST', '/parties', { kind: 'person', name: 'Came Later' });
    await expect
      .poll(async () => (await ask<{ description: string }>('GET', `/parties/${id}`)).description, { timeout: 30_000 })
      .toBe(facts.flow.description);
  });

  it('starts a second time with nothing left to do', async () => {
    await closing.pop()?.();
    await open();
    expect(await ask('GET', `/parties/${facts.party.id}`)).toMatchObject({ name: facts.renamed.before });
  });
});

it('before the tables of a company change, its rows are put aside; three such files stay', async () => {
  const [name] = bases;
  const [url, dataFolder] = [await freshDatabase(), temporaryFolder()];
  const db = openDb(url, { max: 3 });
  closing.push(() => db.end());
  await restoreBackup({
    db,
    files: openFileStore(dataFolder),
    path: join(kept, `${name}.perigon`),
    temporary: join(dataFolder, 'temporary'),
    knows: lastMigration(),
  });
  const folder = join(dataFolder, 'aside');
  const said: string[] = [];
  const aside = (env: NodeJS.ProcessEnv = {}) =>
    backUpBeforeMigrating({ db, folder, log: null, version: '9', say: (line) => said.push(line) }, env);
  await db.query('delete from schema_migrations where number = (select max(number) from schema_migrations)');
  expect(await aside({ PERIGON_BACKUP_BEFORE_UPGRADE: 'off' })).toBeNull();
  // Two servers of the new version at once: both find it due, and both files are whole.
  const [first] = await Promise.all([aside(), aside()]);
  expect(first).toMatch(/^before-migration-\d+-/);
  expect(said.join()).toContain('brought up to Perigon 9');
  const again = openDb(await freshDatabase(), { max: 2 });
  closing.push(() => again.end());
  await restoreBackup({
    db: again,
    files: openFileStore(dataFolder),
    path: join(folder, first ?? ''),
    temporary: join(dataFolder, 'temporary'),
    knows: lastMigration(),
  });
  expect(await again.query('select count(*)::int as n from parties')).toEqual(await db.query('select count(*)::int as n from parties'));
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1050));
    await aside();
  }
  expect(readdirSync(folder)).toHaveLength(3);
  await expect(
    backUpBeforeMigrating(
      { db, folder: join(folder, readdirSync(folder)[0] ?? '', 'below'), log: null, version: '9', say: () => undefined },
      {},
    ),
  ).rejects.toThrow(/PERIGON_BACKUP_BEFORE_UPGRADE=off/);
});
