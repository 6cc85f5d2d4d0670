import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { contentKey, type FileStore } from '#engine/files/file-store.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { holdPartitions, readStructure, sequenceValues, type TableStructure } from '#engine/store/structure.ts';
import { ArchiveWriter } from './archive.ts';

const zipped = promisify(gzip);
/** Of rows as text, before they are compressed: what is held in memory at once is a small multiple of it. */
const PIECE_BYTES = 4 << 20;

export interface BackupOptions {
  db: Db;
  /** Null: the rows alone, where contents of files are safe elsewhere. */
  files: FileStore | null;
  /** Where it is to lie. It appears there whole, or not at all. */
  path: string;
  /** Perigon's version. */
  version: string;
  progress?(done: { table: string; rows: number }): void;
  /** Asked between pieces; a thrown error gives up. */
  check?(): void;
}

export interface BackupReport {
  rows: number;
  files: number;
  bytes: number;
  /** Digests of files that the base knows and the store has not, or not as they were put there. */
  missing: readonly string[];
}

/**
 * Writes everything a company has into one file, while it goes on working: the structure of the base, every row as it was at one
 * moment (a single snapshot), and the files the rows speak of. The file is a tar of gzipped pieces of PostgreSQL's own text format
 * with a digest for each, so that nothing but Perigon, or any PostgreSQL and patience, is needed to read it. It holds secrets
 * (digests of passwords, signing keys) and is readable by its owner alone.
 */
export async function writeBackup(o: BackupOptions): Promise<BackupReport> {
  const at = new Date();
  const draft = `${o.path}.draft`;
  const archive = new ArchiveWriter(draft, at);
  try {
    const hold = await holdPartitions(o.db);
    const told = await o.db.transaction(async (tx) => {
      await tx.script('set transaction isolation level repeatable read, read only');
      await tx.script(hold);
      const structure = await readStructure(tx);
      await archive.add('structure.json', Buffer.from(JSON.stringify({ ...structure, sequences: await sequenceValues(tx) })));
      const tables: Record<string, { rows: number }> = {};
      for (const table of structure.tables) {
        if (table.partitioned) continue;
        const rows = await addRows(tx, archive, table, o.check);
        tables[table.name] = { rows };
        o.progress?.({ table: table.name, rows });
      }
      const files = o.files ? await addFiles(tx, archive, o.files, o.check) : { count: 0, bytes: 0, missing: [] };
      const [about] = await tx.query<{ postgres: string; migration: number; company: string | null }>(
        `select current_setting('server_version') as postgres, (select max(number) from schema_migrations) as migration,
           (select value #>> '{}' from settings where key = 'company') as company`,
      );
      return { tables, files, postgres: about?.postgres ?? '', migration: about?.migration ?? 0, company: about?.company ?? null };
    });
    await archive.end(draft, { format: 1, perigon: o.version, at: at.toISOString(), ...told });
    await rename(draft, o.path);
    return {
      rows: Object.values(told.tables).reduce((sum, { rows }) => sum + rows, 0),
      files: told.files.count,
      bytes: archive.bytes,
      missing: told.files.missing,
    };
  } catch (error) {
    await archive.abort(error);
    await rm(draft, { force: true });
    throw error;
  }
}

/** The rows of one table in pieces, the next of which is read while the last is compressed. Gives how many there were. */
async function addRows(tx: Tx, archive: ArchiveWriter, table: TableStructure, check?: () => void): Promise<number> {
  let rows = 0;
  let number = 0;
  let compressing: Promise<Buffer> | null = null;
  const name = () => `rows/${table.name}/${String(++number).padStart(6, '0')}.gz`;
  const settle = async () => {
    const piece = await compressing;
    compressing = null;
    if (piece) await archive.add(name(), piece);
  };
  for await (const piece of pieces(tx.copyOut(`copy "${table.name}" (${table.columns.join(', ')}) to stdout`), PIECE_BYTES)) {
    check?.();
    await settle();
    // In this format a line break is the end of a row and nothing else.
    for (let i = piece.indexOf(10); i >= 0; i = piece.indexOf(10, i + 1)) rows++;
    compressing = zipped(piece, { level: 4 });
    // Its fault is told where it is awaited.
    compressing.catch(() => undefined);
  }
  await settle();
  return rows;
}

/** What a COPY gives, in pieces that end where a row ends: each can be copied in by itself. */
async function* pieces(source: Readable, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const part of source as AsyncIterable<Buffer>) {
    held.push(part);
    bytes += part.length;
    if (bytes < size) continue;
    const whole = Buffer.concat(held);
    const end = whole.lastIndexOf(10) + 1;
    if (end > 0) yield whole.subarray(0, end);
    held = [whole.subarray(end)];
    bytes = whole.length - end;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/** The contents that rows of this snapshot speak of, each once; thumbnails are made again when asked for. */
async function addFiles(tx: Tx, archive: ArchiveWriter, store: FileStore, check?: () => void) {
  const told = { count: 0, bytes: 0, missing: [] as string[] };
  let after = '';
  for (;;) {
    const page = await tx.query<{ sha256: string; bytes: number }>(
      'select sha256, max(bytes)::bigint as bytes from files where sha256 > $1::text group by sha256 order by sha256 limit 500',
      [after],
    );
    for (const { sha256, bytes } of page) {
      check?.();
      const content = await store.get(contentKey(sha256));
      if (!content) {
        told.missing.push(sha256);
        continue;
      }
      // One damaged file keeps no base from being backed up: it is said, and not put back.
      if ((await archive.stream(`files/${sha256}`, bytes, content)) !== sha256) {
        told.missing.push(sha256);
        continue;
      }
      told.count++;
      told.bytes += bytes;
    }
    const last = page.at(-1);
    if (!last) return told;
    after = last.sha256;
  }
}
