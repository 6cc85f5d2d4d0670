import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import type { Queryable } from '#engine/store/db.ts';
import { denied, invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';
import { defaultColumns, exportColumns } from './columns.ts';
import { csvCells, csvHeader } from './csv.ts';
import { type ExportQuery, exportPages } from './pages.ts';
import { writeWorkbook } from './xlsx.ts';

/** What leaves as a file: any query, under the rights of who asks, in three forms. */

export const FORMATS = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const;
export type Format = keyof typeof FORMATS;

export interface ExportOptions extends ExportQuery {
  fields?: readonly string[];
  format: Format;
}

/** The form that a text names; CSV unless given. */
export function formatOf(text: unknown): Format {
  if (text === undefined || text === null || text === '') return 'csv';
  if (text === 'csv' || text === 'xlsx' || text === 'ndjson') return text;
  throw invalid('There is no such format.', [{ path: 'format', code: 'option', detail: 'One of csv, xlsx, ndjson.' }]);
}

/** A file of records as a stream. What is wrong with the question is thrown before the first byte. */
export async function exportRecords(
  ctx: Context,
  object: ModelObject,
  o: ExportOptions,
  progress: (done: number) => void = () => undefined,
): Promise<Readable> {
  if (!ctx.actor.rights.may('export')) throw denied('Your roles do not let you export.');
  const source = o.format === 'ndjson' ? ndjson(ctx, object, o, progress) : table(ctx, object, o, progress);
  const first = await source.next();
  const whole = async function* () {
    if (!first.done) yield first.value;
    yield* source;
  };
  return Readable.from(whole(), { objectMode: false, highWaterMark: 256 * 1024 });
}

async function* table(
  ctx: Context,
  object: ModelObject,
  o: ExportOptions,
  progress: (done: number) => void,
): AsyncGenerator<string | Uint8Array> {
  const columns = exportColumns(ctx, object, o.fields && o.fields.length > 0 ? o.fields : defaultColumns(ctx, object));
  const pages = counted(exportPages(ctx, object, o, columns), progress);
  if (o.format === 'xlsx') return yield* writeWorkbook(object.plural, columns, pages);
  const line = csvCells(columns);
  const first = await pages.next();
  yield csvHeader(columns);
  if (!first.done) yield first.value.map(line).join('');
  for await (const rows of pages) yield rows.map(line).join('');
}

async function* counted(pages: AsyncGenerator<string[][]>, progress: (done: number) => void): AsyncGenerator<string[][]> {
  let done = 0;
  for await (const rows of pages) {
    done += rows.length;
    progress(done);
    yield rows;
  }
}

async function* ndjson(ctx: Context, object: ModelObject, o: ExportOptions, progress: (done: number) => void): AsyncGenerator<string> {
  let cursor: string | null = null;
  let done = 0;
  do {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(
      ctx,
      object,
      { where: o.where, sort: o.sort ?? ['id'], fields: o.fields, limit: 2000, cursor },
      { max: 2000 },
    );
    const records = recordsOf(page);
    done += records.length;
    progress(done);
    yield records.map((record) => `${record}\n`).join('');
    cursor = page.next;
  } while (cursor !== null);
}

export const exportName = (object: ModelObject, format: Format, now: Date): string =>
  `${object.plural}-${now.toISOString().slice(0, 10)}.${format}`;

/** What a job runner gives; it stands on the same floor and is not known here. */
export interface ExportRun {
  job: { id: string; payload: JsonObject };
  ctx: Context;
  dataFolder: string;
  save(tx: Queryable | null, o: { done?: number }): Promise<void>;
  cancelled(): boolean;
}

const fileOf = (dataFolder: string, id: string, format: Format) => join(dataFolder, 'exports', `${id}.${format}`);

/** Writes an export to a file of the data folder. After a crash it begins again: half a file is worth nothing. */
export const exportJob = async (run: ExportRun): Promise<JsonObject> => {
  const { payload } = run.job;
  const object = run.ctx.model.object(String(payload.object));
  const format = formatOf(payload.format);
  const path = fileOf(run.dataFolder, run.job.id, format);
  await mkdir(join(run.dataFolder, 'exports'), { recursive: true });
  let rows = 0;
  let saved = performance.now();
  const stream = await exportRecords(
    run.ctx,
    object,
    { format, where: payload.where, sort: payload.sort as string[] | undefined, fields: payload.fields as string[] | undefined },
    (done) => {
      rows = done;
      if (run.cancelled()) throw new Stopped();
      if (performance.now() - saved < 500) return;
      saved = performance.now();
      void run.save(null, { done }).catch(() => undefined);
    },
  ).catch(stoppedOrThrow);
  if (stream === null) return { unfinished: true };
  try {
    await pipeline(stream, createWriteStream(`${path}.draft`));
  } catch (error) {
    if (error instanceof Stopped) return { unfinished: true };
    throw error;
  }
  await rename(`${path}.draft`, path);
  await run.save(null, { done: rows });
  const { size } = await stat(path);
  return {
    rows,
    size,
    format,
    object: object.key,
    name: exportName(object, format, run.ctx.env.now),
    file: `/api/v1/exports/${run.job.id}/file`,
  };
};

class Stopped extends Error {}
const stoppedOrThrow = (error: unknown): null => {
  if (error instanceof Stopped) return null;
  throw error;
};

/** The file of a finished export; the caller has made sure that it is the asker's. */
export async function exportFile(dataFolder: string, id: string, format: Format): Promise<Readable> {
  const path = fileOf(dataFolder, id, format);
  if (!isId(id) || !(await stat(path).catch(() => null))) throw notFound('The file is not there. Export again.');
  return createReadStream(path);
}
