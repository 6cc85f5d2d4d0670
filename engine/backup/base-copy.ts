import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { type BaseMoment, type EmbeddedLog, isOfThisRun } from '#engine/store/embedded-log.ts';
import { invalid } from '#kit/errors.ts';
import { ArchiveWriter, readArchive, verifyArchive } from './archive.ts';

/**
 * A copy of the embedded database's files, from which PostgreSQL's log leads on to any second (decision 0037). Made while the base is
 * written to: what is torn by that the log mends. A tar like a backup, each file in gzipped pieces.
 */

const zipped = promisify(gzip);
const PIECE_BYTES = 4 << 20;

interface BaseManifest extends BaseMoment {
  format: 1;
  kind: 'base';
  /** Folders that PostgreSQL wants to find, empty ones among them. */
  folders: readonly string[];
  entries: Record<string, string>;
}

/** Copies the running database into one file, which appears whole or not at all. */
export async function writeBaseCopy(log: EmbeddedLog, path: string, check?: () => void): Promise<BaseMoment & { bytes: number }> {
  const draft = `${path}.draft`;
  const archive = new ArchiveWriter(draft, new Date());
  try {
    const folders: string[] = ['pg_wal', 'pg_wal/archive_status'];
    const moment = await log.whileCopied(async () => {
      const files: string[] = [];
      await list(log.folder, '', folders, files);
      // The control file last, as PostgreSQL's own tool does.
      files.sort((a, b) => Number(a === 'global/pg_control') - Number(b === 'global/pg_control'));
      for (const file of files) await addFile(archive, log.folder, file, check);
    });
    await archive.end(draft, { format: 1, kind: 'base', ...moment, folders });
    await rename(draft, path);
    return { ...moment, bytes: archive.bytes };
  } catch (error) {
    await archive.abort(error);
    await rm(draft, { force: true });
    throw error;
  }
}

/** Files and folders below the database's folder. What belongs to this run of PostgreSQL alone is left out, the folders of it are not. */
async function list(root: string, below: string, folders: string[], files: string[]): Promise<void> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true }).catch(ifThere([]))) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    const own = isOfThisRun(name);
    if (entry.isDirectory()) {
      if (own && !/^pg_/.test(name)) continue;
      if (!folders.includes(name)) folders.push(name);
      if (!own) await list(root, name, folders, files);
    } else if (entry.isFile() && !own) files.push(name);
  }
}

/** A file that is gone by now was dropped: the log knows. */
const ifThere =
  <T>(otherwise: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  };

async function addFile(archive: ArchiveWriter, root: string, name: string, check?: () => void): Promise<void> {
  const path = join(root, name);
  const about = await stat(path).catch(ifThere(null));
  if (!about) return;
  let number = 0;
  const put = async (piece: Buffer) => {
    check?.();
    await archive.add(`${name}/${String(++number).padStart(6, '0')}.gz`, await zipped(piece, { level: 1 }));
  };
  if (about.size === 0) return put(Buffer.alloc(0));
  const source = createReadStream(path, { highWaterMark: PIECE_BYTES });
  try {
    for await (const piece of source as AsyncIterable<Buffer>) await put(piece);
  } catch (error) {
    ifThere(null)(error as NodeJS.ErrnoException);
  }
}

/** Lays a copy into a folder that is not there yet, as PostgreSQL wants to find it; its log is still to be laid beside. */
export async function unpackBaseCopy(path: string, into: string): Promise<void> {
  const manifest = await verifyArchive<BaseManifest>(path);
  if (manifest.kind !== 'base') throw invalid(`${path} is no copy of a database.`);
  await mkdir(into, { mode: 0o700 });
  for (const folder of [...manifest.folders].sort()) await mkdir(join(into, folder), { recursive: true, mode: 0o700 });
  const open: { name: string; to: PassThrough; done: Promise<void> }[] = [];
  const finish = async () => {
    const last = open.pop();
    last?.to.end();
    await last?.done;
  };
  for await (const { name, body } of readArchive(path)) {
    if (!name.endsWith('.gz')) {
      body.resume();
      continue;
    }
    const file = dirname(name);
    if (open[0]?.name !== file) {
      await finish();
      const to = new PassThrough();
      const done = pipeline(to, createWriteStream(join(into, file), { mode: 0o600 }));
      done.catch(() => undefined);
      open.push({ name: file, to, done });
    }
    if (open[0]) await append(body, open[0].to);
  }
  await finish();
  await pipeline([manifest.label], createWriteStream(join(into, 'backup_label'), { mode: 0o600 }));
}

async function append(body: Readable, to: PassThrough): Promise<void> {
  const text = createGunzip();
  pipeline(body, text).catch(() => undefined);
  for await (const piece of text as AsyncIterable<Buffer>)
    if (!to.write(piece)) await new Promise<void>((resolve) => to.once('drain', resolve));
}
