import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { contentKey, type FileStore } from '#engine/files/file-store.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import type { Structure, TableStructure } from '#engine/store/structure.ts';
import { invalid } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type Manifest, readArchive, verifyArchive } from './archive.ts';

export interface RestoreOptions {
  /** An empty database. */
  db: Db;
  files: FileStore;
  path: string;
  /** A folder for what is on its way into the store. */
  temporary: string;
  /** The number of the last migration this version knows. */
  knows: number;
  /** Before and while the rows of a table go in. */
  progress?(now: { table: string }): void;
}

/**
 * Puts a backup into an empty database and its files into the store. First the whole archive is held to its digests; then all
 * rows go in within one transaction, so that a fault leaves the database as empty as it was. The base is then what it was when the
 * backup was made, of whatever version: the next start brings it up to this one.
 * @throws PerigonError `invalid` where the archive is damaged, of a newer version, or the database is not empty.
 */
export async function restoreBackup(o: RestoreOptions): Promise<Manifest> {
  await refuseFull(o.db);
  const manifest = await verifyArchive(o.path);
  if (manifest.migration > o.knows)
    throw invalid(
      `This backup is of Perigon ${manifest.perigon}, which is newer than this one. Restore it with that version or a later one.`,
    );
  const types = await o.db.transaction(async (tx) => {
    await tx.script(`set local check_function_bodies = off; set local maintenance_work_mem = '512MB'`);
    const structure = await loadRows(tx, o);
    for (const sql of structure.after) await tx.script(sql);
    for (const sql of structure.sequences) await tx.script(sql);
    // The backup itself was under way when its moment was kept.
    await tx.query(`update jobs set state = 'cancelled', finished_at = now() where kind = 'backup' and state in ('queued', 'running')`);
    return new Map(
      (await tx.query<{ sha256: string; type: string }>('select distinct sha256, type from files')).map((row) => [row.sha256, row.type]),
    );
  });
  await restoreFiles(o, types, new Set(manifest.files.missing));
  await o.db.query('analyze');
  return manifest;
}

/** A base is only ever put where nothing is. */
export async function refuseFull(db: Db): Promise<void> {
  const [held] = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind in ('r', 'p') limit 1`,
  );
  if (held)
    throw invalid(
      'There is something in this database already. A backup goes into an empty one: set PERIGON_DATA to a new folder, or DATABASE_URL to a new database.',
    );
}

type Whole = Structure & { sequences: readonly string[] };

/** Makes the tables and fills them, as the archive is read. */
async function loadRows(tx: Tx, o: RestoreOptions): Promise<Whole> {
  let structure: Whole | null = null;
  const byName = new Map<string, TableStructure>();
  for await (const { name, body } of readArchive(o.path)) {
    const [kind, table] = name.split('/');
    if (name === 'structure.json') {
      structure = JSON.parse(await textOf(body)) as Whole;
      for (const sql of structure.before) await tx.script(sql);
      for (const one of structure.tables) {
        await tx.script(one.sql);
        byName.set(one.name, one);
      }
    } else if (kind === 'rows' && table) {
      const into = byName.get(table);
      if (!into) throw invalid(`${o.path} is damaged: there are rows of ${table}, and no such table.`);
      const rows = createGunzip();
      // What breaks on the way breaks the copying.
      pipeline(body, rows).catch(() => undefined);
      await tx.copyIn(`copy "${into.name}" (${into.columns.join(', ')}) from stdin`, rows);
      o.progress?.({ table });
    } else body.resume();
  }
  if (!structure) throw invalid(`${o.path} is no backup: it does not say how the base is built.`);
  return structure;
}

async function restoreFiles(o: RestoreOptions, types: ReadonlyMap<string, string>, missing: ReadonlySet<string>): Promise<void> {
  await mkdir(o.temporary, { recursive: true });
  for await (const { name, body } of readArchive(o.path)) {
    const sha256 = name.startsWith('files/') ? name.slice('files/'.length) : null;
    if (sha256 === null || missing.has(sha256)) {
      body.resume();
      continue;
    }
    const path = join(o.temporary, newId());
    try {
      await pipeline(body, createWriteStream(path, { mode: 0o600 }));
      await o.files.put(contentKey(sha256), path, { sha256, type: types.get(sha256) ?? 'application/octet-stream' });
    } finally {
      await rm(path, { force: true });
    }
  }
}

async function textOf(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
