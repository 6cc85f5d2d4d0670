import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileValue } from '#engine/declare/fields/file/file.ts';
import { readableFiles } from '#engine/record/attachments.ts';
import type { Context } from '#engine/record/context.ts';
import type { Db } from '#engine/store/db.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import { contentKey, type FileStore } from './file-store.ts';
import { HEAD_BYTES, mediaType, plainName } from './media-type.ts';
import { pictureSize, THUMBNAIL_SIZES, thumbnail, thumbnailSize } from './pictures.ts';

export interface FilePlace {
  store: FileStore;
  /** Where files lie while they come in. */
  temporary: string;
  /** Largest file in bytes. */
  maxBytes: number;
}

/** The largest file unless `PERIGON_FILE_LIMIT` says otherwise (in megabytes). */
const DEFAULT_MEGABYTES = 25;

/** How long a file that no record holds is kept. */
const LOOSE_KEPT = '1 day';

export function fileLimit(env: NodeJS.ProcessEnv = process.env): number {
  const typed = env.PERIGON_FILE_LIMIT?.trim() ?? '';
  const megabytes = typed === '' ? DEFAULT_MEGABYTES : Number(typed);
  if (!Number.isFinite(megabytes) || megabytes <= 0 || megabytes > 1024)
    throw new Error(`PERIGON_FILE_LIMIT is “${typed}”; it is a number of megabytes up to 1024.`);
  return Math.floor(megabytes * 1_000_000);
}

/** Takes a file in: to the disk as it comes, hashed and counted on the way, then by its content into the store. */
export async function takeFile(ctx: Context, place: FilePlace, source: Readable, sentName: string): Promise<FileValue> {
  await mkdir(place.temporary, { recursive: true });
  const path = join(place.temporary, newId());
  const hash = createHash('sha256');
  const heads: Buffer[] = [];
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (bytes < HEAD_BYTES) heads.push(chunk.subarray(0, HEAD_BYTES - bytes));
      bytes += chunk.length;
      if (bytes > place.maxBytes) {
        const most = `${(place.maxBytes / 1_000_000).toLocaleString('en')} MB`;
        done(invalid(`The file is larger than ${most}.`, [{ path: 'file', code: 'tooLarge', detail: `At most ${most}.` }]));
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(source, counted, createWriteStream(path));
    if (bytes === 0) throw invalid('The file is empty.', [{ path: 'file', code: 'required', detail: 'Nothing was sent.' }]);
    const sha256 = hash.digest('hex');
    const name = plainName(sentName);
    const type = mediaType(Buffer.concat(heads), name);
    const size = await pictureSize(path, type);
    return await ctx.db.transaction(async (tx) => {
      // The sweep asks for the same lock before it removes a content.
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [sha256]);
      await place.store.put(contentKey(sha256), path, { sha256, type });
      const id = newId();
      await tx.query(
        `insert into files (id, name, type, bytes, sha256, width, height, created_by_id)
         values ($1::uuid, $2::text, $3::text, $4::bigint, $5::text, $6::int, $7::int, $8::uuid)`,
        [id, name, type, bytes, sha256, size?.width ?? null, size?.height ?? null, ctx.actor.userId],
      );
      const [row] = await tx.query<{ value: FileValue }>('select perigon_file($1::uuid) as value', [id]);
      if (!row) throw notFound();
      return row.value;
    });
  } finally {
    await rm(path, { force: true });
  }
}

export interface StoredFile {
  id: string;
  name: string;
  type: string;
  bytes: number;
  sha256: string;
  width: number | null;
}

/** A file that the actor may read; any other is not there. */
export async function readFileRow(ctx: Context, id: string): Promise<StoredFile> {
  if (!isId(id)) throw notFound('There is no such file.');
  const [row] = await ctx.db.keyed<StoredFile>('select id, name, type, bytes, sha256, width from files where id = $1::uuid', [id]);
  if (!row || !(await readableFiles({ query: ctx.db.keyed }, ctx, [id])).has(id)) throw notFound('There is no such file.');
  return row;
}

/** The bytes of a file, or a part. */
export async function fileBytes(place: FilePlace, file: StoredFile, part?: { from: number; to: number }): Promise<Readable> {
  const bytes = await place.store.get(contentKey(file.sha256), part);
  if (!bytes) throw notFound('The content of this file is missing in the store.');
  return bytes;
}

/** The thumbnail of a picture, made when first asked for and kept. */
export async function thumbnailOf(place: FilePlace, file: StoredFile, asked: number): Promise<{ size: number; bytes: Readable | Buffer }> {
  if (file.width === null) throw notFound('There is no thumbnail of this file.');
  const size = thumbnailSize(asked);
  const key = `thumbnails/${file.sha256}-${size}.webp`;
  const kept = await place.store.get(key);
  if (kept) return { size, bytes: kept };
  const made = await thumbnail(await fileBytes(place, file), size);
  await mkdir(place.temporary, { recursive: true });
  const path = join(place.temporary, newId());
  try {
    await writeFile(path, made);
    await place.store.put(key, path, { sha256: createHash('sha256').update(made).digest('hex'), type: 'image/webp' });
  } finally {
    await rm(path, { force: true });
  }
  return { size, bytes: made };
}

/** Removes files that no record ever held and their content where no other file has the same; gives how many. */
export async function sweepFiles(db: Db, place: FilePlace): Promise<number> {
  const loose = await db.query<{ id: string; sha256: string }>(
    `select id, sha256 from files where attached_at is null and created_at < now() - $1::interval order by created_at limit 1000`,
    [LOOSE_KEPT],
  );
  return removeLoose(db, place, loose);
}

/** Removes files that no record holds, now; those that some record took meanwhile stay. Gives how many went. */
export async function removeLoose(
  db: Db,
  place: Pick<FilePlace, 'store'>,
  loose: readonly { id: string; sha256: string }[],
): Promise<number> {
  let removed = 0;
  for (const { id, sha256 } of loose) {
    await db.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [sha256]);
      // A record may have taken it since the question.
      const gone = await tx.query('delete from files where id = $1::uuid and attached_at is null returning id', [id]);
      removed += gone.length;
      const others = await tx.query('select 1 from files where sha256 = $1::text limit 1', [sha256]);
      if (gone.length === 0 || others.length > 0) return;
      await place.store.remove(contentKey(sha256));
      for (const size of THUMBNAIL_SIZES) await place.store.remove(`thumbnails/${sha256}-${size}.webp`);
    });
  }
  return removed;
}
