import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProduct, type Product } from '#apps/server/product.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import { ArchiveWriter, MANIFEST, readArchive } from '#engine/backup/archive.ts';
import { writeBackup } from '#engine/backup/backup.ts';
import { backUpDaily, backupFolder } from '#engine/backup/kept.ts';
import { copyBase } from '#engine/backup/move.ts';
import { restoreBackup } from '#engine/backup/restore.ts';
import { contentKey } from '#engine/files/file-store.ts';
import { openFileStore } from '#engine/files/store.ts';
import { newCause } from '#engine/record/context.ts';
import { type Db, openDb } from '#engine/store/db.ts';
import { lastMigration } from '#engine/store/schema.ts';
import { readStructure, sequenceValues } from '#engine/store/structure.ts';
import { freshDatabase } from '#tests/harness/database.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** A backup is everything, of one moment, while others write; what is put back is what was there, or nothing. */
let inside: Inside;
let key: string;
let folder: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perigon-backup-'));
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
});
afterAll(async () => {
  for (const close of closing) await close();
  await inside.stop();
  rmSync(folder, { recursive: true, force: true });
});

const good = async (method: string, url: string, body?: unknown): Promise<{ id: string }> => {
  const answer = await inside.ask(method, `/api/v1${url}`, { key, body });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as { id: string };
};
const backup = (name: string) => {
  const path = join(folder, name);
  return writeBackup({ db: inside.product.db, files: openFileStore(dataFolderOf(inside.product)), path, version: '0.0.0' }).then(
    (report) => ({ path, report }),
  );
};
const dataFolderOf = (product: Product) => product.dataFolder;

async function restore(path: string, db: Db, into: string) {
  return restoreBackup({ db, files: openFileStore(into), path, temporary: join(into, 'temporary'), knows: lastMigration() });
}
async function emptyPlace(): Promise<{ db: Db; url: string; into: string }> {
  const url = await freshDatabase();
  const db = openDb(url, { max: 3 });
  closing.push(() => db.end());
  return { db, url, into: mkdtempSync(join(folder, 'data-')) };
}

/** Waits until all that follows the log is where it is. */
const calm = () =>
  expect
    .poll(
      async () =>
        (
          await inside.product.db.query(
            'select 1 from search_followed union all select 1 from consumers where cursor < (select max(seq) from changes) union all select 1 from jobs where finished_at is null',
          )
        ).length,
      { timeout: 20_000 },
    )
    .toBe(0);

/** The digest of every table's rows, whatever their order. */
async function digests(db: Db): Promise<Record<string, string>> {
  const { tables } = await readStructure(db);
  const found: Record<string, string> = {};
  for (const { name, partitioned } of tables) {
    if (partitioned) continue;
    const [row] = await db.query<{ d: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(md5(x::text), '' order by md5(x::text))), '') as d from "${name}" x`,
    );
    found[name] = row?.d ?? '';
  }
  return found;
}

describe('a backup', () => {
  it('brings back every row, file, object of one’s own and key, and the work goes on from there', async () => {
    await good('POST', '/catalogue/objects', { key: 'xBoat', plural: 'xBoats', words: { en: { name: 'Boat', plural: 'Boats' } } });
    const party = await good('POST', '/parties', {
      kind: 'organisation',
      name: 'Werft Nord',
      emails: [{ value: 'info@werft-nord.example' }],
    });
    const boat = await good('POST', '/xBoats', { xName: 'Möwe' });
    const bytes = Buffer.from('what was agreed');
    const uploaded = await inside.product.http.inject({
      method: 'POST',
      url: '/api/v1/files?name=agreed.txt',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain' },
      payload: bytes,
    });
    expect(uploaded.statusCode, uploaded.body).toBe(201);
    const file = (uploaded.json() as { id: string }).id;
    await good('PATCH', `/parties/${party.id}`, { files: [file] });
    await calm();

    const { path, report } = await backup('whole.perigon');
    expect(report).toMatchObject({ files: 1, missing: [] });
    const { db, url, into } = await emptyPlace();
    const manifest = await restore(path, db, into);
    expect(manifest).toMatchObject({ company: 'Test', migration: lastMigration(), files: { count: 1 } });
    const again = await readStructure(db);
    expect(again).toEqual(await readStructure(inside.product.db));
    expect(await sequenceValues(db)).toEqual(await sequenceValues(inside.product.db));
    const [were, are] = [await digests(inside.product.db), await digests(db)];
    expect(Object.keys(were).filter((name) => were[name] !== are[name])).toEqual([]);

    const product = await openProduct({ url, dataFolder: into, connections: 4 });
    closing.push(() => product.stop());
    const ask = async (method: 'GET' | 'POST', at: string, payload?: object) =>
      product.http.inject({ method, url: `/api/v1${at}`, headers: { authorization: `Bearer ${key}` }, payload });
    expect((await ask('GET', `/xBoats/${boat.id}`)).json()).toMatchObject({ xName: 'Möwe' });
    expect((await ask('GET', `/files/${file}`)).body).toBe(bytes.toString());
    expect((await ask('GET', '/search?q=werft')).json()).toMatchObject({ items: [{ id: party.id }] });
    const more = await ask('POST', '/parties', { kind: 'person', name: 'Neu Danach' });
    expect(more.statusCode, more.body).toBe(201);
    expect((await product.commandContext(ADMIN.email, newCause('request'))).actor.userId).not.toBeNull();
  });

  it('goes into another database whole, and back', async () => {
    await calm();
    const there = await emptyPlace();
    await copyBase(inside.product.db, there.db);
    const back = await emptyPlace();
    await copyBase(there.db, back.db);
    const [were, are] = [await digests(inside.product.db), await digests(back.db)];
    expect(Object.keys(were).filter((name) => were[name] !== are[name])).toEqual([]);
    expect(await readStructure(back.db)).toEqual(await readStructure(inside.product.db));
    await expect(copyBase(inside.product.db, there.db)).rejects.toThrow(/something in this database already/);
  });

  it('is of one moment, while others write', async () => {
    let writing = true;
    let written = 0;
    const writers = [1, 2, 3].map(async (of) => {
      for (let i = 0; writing; i++, written++) await good('POST', '/parties', { kind: 'organisation', name: `Writer ${of} ${i}` });
    });
    while (written < 30) await new Promise((resolve) => setTimeout(resolve, 20));
    const { path } = await backup('moment.perigon');
    writing = false;
    await Promise.all(writers);
    const { db, into } = await emptyPlace();
    await restore(path, db, into);
    const [held] = await db.query<{ parties: number; logged: number; searched: number; next: number }>(
      `select (select count(*)::int from parties where name like 'Writer %') as parties,
         (select count(*)::int from changes where object = 'party' and action = 'create' and after->>'name' like 'Writer %') as logged,
         (select count(*)::int from search where title like 'Writer %') as searched,
         (select last_value from changes_seq_seq)::int - (select max(seq) from changes)::int as next`,
    );
    expect(held?.parties).toBeGreaterThan(0);
    expect(held?.logged).toBe(held?.parties);
    expect(held?.searched).toBe(held?.parties);
    expect(held?.next).toBeGreaterThanOrEqual(0);
  });

  it('is put back whole or not at all', async () => {
    const { path } = await backup('sound.perigon');
    const bytes = await readFile(path);
    const { db, into } = await emptyPlace();
    const refused = async (name: string, content: Buffer, words: RegExp) => {
      const damaged = join(folder, name);
      await writeFile(damaged, content);
      await expect(restore(damaged, db, into)).rejects.toThrow(words);
      expect(
        await db.query(
          `select 1 as ok from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = 'public' and relkind = 'r'`,
        ),
      ).toEqual([]);
    };
    const turned = Buffer.from(bytes);
    const at = bytes.indexOf('rows/parties/000001.gz') + 512 + 40;
    turned[at] = (turned[at] ?? 0) ^ 1;
    await refused('turned.perigon', turned, /damaged: rows\/parties\/000001.gz/);
    await refused('short.perigon', bytes.subarray(0, Math.floor(bytes.length / 2)), /no whole backup/);
    await refused('other.perigon', Buffer.from('name,city\nWerft,Kiel\n'.repeat(100)), /no whole backup/);
    await expect(restore(join(folder, 'nowhere.perigon'), db, into)).rejects.toThrow(/There is no file/);

    const newer = join(folder, 'newer.perigon');
    const archive = new ArchiveWriter(newer, new Date());
    let manifest = '';
    for await (const { name, body } of readArchive(path)) {
      const parts: Buffer[] = [];
      for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
      if (name === MANIFEST) manifest = Buffer.concat(parts).toString();
      else await archive.add(name, Buffer.concat(parts));
    }
    await archive.end(newer, {
      ...(JSON.parse(manifest) as object as Parameters<ArchiveWriter['end']>[1]),
      migration: lastMigration() + 1,
    });
    await expect(restore(newer, db, into)).rejects.toThrow(/newer than this one/);

    await restore(path, db, into);
    await expect(restore(path, db, into)).rejects.toThrow(/something in this database already/);
  });

  it('says which contents are damaged or gone, and keeps everything else', async () => {
    const put = async (name: string) => {
      const answer = await inside.product.http.inject({
        method: 'POST',
        url: `/api/v1/files?name=${name}.txt`,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain' },
        payload: Buffer.from(`the content of ${name}`),
      });
      const { id } = answer.json() as { id: string };
      const [row] = await inside.product.db.query<{ sha256: string }>('select sha256 from files where id = $1::uuid', [id]);
      return row?.sha256 ?? '';
    };
    const at = (sha256: string, of = dataFolderOf(inside.product)) => join(of, 'files', contentKey(sha256));
    const [short, long, gone, sound] = [await put('short'), await put('long'), await put('gone'), await put('sound')];
    await writeFile(at(short), 'the');
    await writeFile(at(long), 'THE CONTENT OF LONG and more than there was');
    await rm(at(gone));
    const { path, report } = await backup('damaged-files.perigon');
    expect([...report.missing].sort()).toEqual([short, long, gone].sort());
    const { db, into } = await emptyPlace();
    await restore(path, db, into);
    expect(await readFile(at(sound, into), 'utf8')).toBe('the content of sound');
    for (const one of [short, long, gone]) await expect(readFile(at(one, into))).rejects.toThrow('ENOENT');
  });

  it('leaves nothing half behind', async () => {
    await expect(backup('no/such/folder.perigon')).rejects.toThrow();
    const gaveUp = join(folder, 'given-up.perigon');
    let pieces = 0;
    await expect(
      writeBackup({
        db: inside.product.db,
        files: openFileStore(dataFolderOf(inside.product)),
        path: gaveUp,
        version: '0.0.0',
        check: () => {
          if (++pieces > 3) throw new Error('given up');
        },
      }),
    ).rejects.toThrow('given up');
    expect((await readdir(folder)).filter((name) => name.startsWith('given-up'))).toEqual([]);
  });

  it('is made by the server itself, a few are kept, and only administrators see to it', async () => {
    const made = async () => {
      const { body, status } = await inside.ask('POST', '/api/v1/backups', { key });
      expect(status).toBe(202);
      const { job } = body as { job: string };
      await expect
        .poll(async () => ((await inside.ask('GET', `/api/v1/jobs/${job}`, { key })).body as { state: string }).state, { timeout: 30_000 })
        .toBe('done');
      return ((await inside.ask('GET', `/api/v1/jobs/${job}`, { key })).body as { result: { name: string } }).result.name;
    };
    const listed = async () =>
      (await inside.ask('GET', '/api/v1/backups', { key })).body as { plan: object; items: { name: string; bytes: number }[] };
    expect((await listed()).items).toEqual([]);
    expect((await inside.ask('PUT', '/api/v1/backups/plan', { key, body: { daily: false, keep: 0 } })).status).toBe(422);
    expect((await inside.ask('PUT', '/api/v1/backups/plan', { key, body: { daily: false, keep: 2 } })).status).toBe(204);
    const names: string[] = [];
    for (let i = 0; i < 3; i++) {
      names.push(await made());
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    expect((await listed()).items.map(({ name }) => name)).toEqual(names.slice(1).reverse());
    const { db, into } = await emptyPlace();
    await restore(join(backupFolder(inside.product.dataFolder), names[2] ?? ''), db, into);
    expect(await db.query(`select state from jobs where kind = 'backup' and state not in ('done', 'cancelled')`)).toEqual([]);
  });

  it('comes every night from the day after the company began', async () => {
    const { db } = inside.product;
    const empty = mkdtempSync(join(folder, 'nightly-'));
    const night = (hour: number) => ({ now: new Date(Date.UTC(2030, 0, 1, hour)), timeZone: 'UTC', country: 'DE', baseCurrency: 'EUR' });
    const made = async () => (await db.query<{ n: number }>(`select count(*)::int as n from jobs where kind = 'backup'`))[0]?.n ?? 0;
    const before = await made();
    await inside.ask('PUT', '/api/v1/backups/plan', { key, body: { daily: false, keep: 2 } });
    await backUpDaily(db, night(12), empty);
    await inside.ask('PUT', '/api/v1/backups/plan', { key, body: { daily: true, keep: 2 } });
    // The company began today; and before three nobody begins.
    await backUpDaily(db, { ...night(12), now: new Date() }, empty);
    await backUpDaily(db, night(2), empty);
    expect(await made()).toBe(before);
    await backUpDaily(db, night(4), empty);
    await backUpDaily(db, night(4), empty);
    expect(await made()).toBe(before + 1);
  });
});
