import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Actor } from '#engine/access/actor.ts';
import { requireVerb } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ImportMode, Mapping, Target } from '#engine/declare/import-mapping.ts';
import type { Context } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { denied, invalid, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';
import { errorFile } from './import.job.ts';
import { type ImportOptions, type ImportState, newState } from './import-state.ts';
import { matchOf, readMapping, targetPath, targetsOf } from './mapping.ts';
import { type Inspection, inspectStaged, type StagedFile, stageFile } from './stage.ts';
import { suggest, suggestFor } from './suggest.ts';

/** What the doors (HTTP, command line) do with imports. */
export interface ImportPlace {
  dataFolder: string;
  /** Puts a job into the queue; the queue stands on the same floor as this. */
  enqueue(
    q: Queryable,
    o: { kind: string; label: string; payload: JsonObject; actor: Actor; causeId: string; total: number },
  ): Promise<string>;
}

/** A file that was sent and looked at, kept until it is imported. */
interface Held {
  name: string;
  size: number;
  inspection: Inspection;
}

const uploads = (place: ImportPlace) => join(place.dataFolder, 'uploads');
/** Files that nobody imports are dropped after a day. */
const KEEP_MS = 24 * 3600 * 1000;

function mayImport(ctx: Context): void {
  if (!ctx.actor.rights.may('import')) throw denied('Your roles do not let you import.');
}

/** A place for a file that is being sent. */
export async function uploadPath(place: ImportPlace): Promise<{ token: string; path: string }> {
  await mkdir(uploads(place), { recursive: true });
  const token = newId();
  return { token, path: join(uploads(place), token) };
}

export interface ReadOptions {
  sheet?: string | null;
  header?: boolean;
  skipRows?: number;
}

/** Looks at a file that lies at its upload place: its columns, types, rows, and what they probably mean. */
export async function inspectUpload(
  ctx: Context,
  place: ImportPlace,
  token: string,
  name: string,
  o: ReadOptions = {},
): Promise<JsonObject> {
  mayImport(ctx);
  const held = await holdUpload(ctx, place, token, name, o);
  const { inspection } = held;
  const objects = [...ctx.model.objects.values()]
    .filter(
      (object) =>
        !object.retired && ctx.actor.rights.scope(object.key, 'create') !== 'none' && ctx.actor.rights.scope(object.key, 'read') !== 'none',
    )
    .map((object) => object.key);
  const remembered = await recall(
    ctx,
    inspection.columns.map((column) => column.name),
    objects,
  );
  const proposal = suggest(ctx.model, ctx.model.presets, objects, inspection.columns, name);
  const found = proposal?.preset ? proposal : remembered ? { object: remembered.object, preset: null, map: remembered } : proposal;
  return {
    file: token,
    name,
    size: held.size,
    format: inspection.format,
    encoding: inspection.encoding,
    delimiter: inspection.format === 'csv' ? inspection.delimiter : null,
    ...(inspection.sheets ? { sheets: inspection.sheets } : {}),
    header: inspection.header,
    columns: inspection.columns.map(({ name: column, type, samples, filled, date, decimal }) => ({
      name: column,
      type,
      samples,
      filled,
      ...(date ? { date } : {}),
      ...(decimal ? { decimal } : {}),
    })),
    rows: inspection.rows,
    sample: inspection.sample,
    suggest: found ? ({ ...found, map: { ...found.map, match: matchOf(ctx.model, found.map) } } as unknown as JsonObject) : null,
  };
}

async function holdUpload(ctx: Context, place: ImportPlace, token: string, name: string, o: ReadOptions): Promise<Held> {
  const path = join(uploads(place), token);
  const { size } = await stat(path);
  const staged = await stageFile(path, `${path}.csv`, { sheet: o.sheet });
  const held: Held = { name, size, inspection: await inspectStaged(staged, ctx.env.country, o) };
  await writeFile(`${path}.json`, JSON.stringify(held));
  return held;
}

async function heldUpload(place: ImportPlace, token: string): Promise<Held> {
  if (!isId(token)) throw notFound('There is no such file.');
  try {
    return JSON.parse(await readFile(join(uploads(place), `${token}.json`), 'utf8')) as Held;
  } catch {
    throw notFound('The file is gone. Send it again.');
  }
}

export interface StartImport {
  /** A file at its upload place. */
  token: string;
  /** Its name, when it was not looked at before. */
  name?: string;
  object?: string;
  preset?: string;
  map?: unknown;
  mode?: ImportMode;
  dryRun?: boolean;
  /** Rows that are likely a record already there are left out instead of created. */
  leaveOutLikely?: boolean;
  sheet?: string;
}

/** Begins an import: the file is prepared, the mapping checked against it, and the job queued. Gives its id. */
export async function startImport(ctx: Context, place: ImportPlace, o: StartImport): Promise<string> {
  mayImport(ctx);
  const preset = o.preset ? ctx.model.presets.find((one) => one.key === o.preset) : undefined;
  if (o.preset && !preset)
    throw invalid(`There is no preset “${o.preset.slice(0, 60)}”.`, [
      { path: 'preset', code: 'unknown', detail: `The presets are: ${ctx.model.presets.map((one) => one.key).join(', ')}.` },
    ]);
  const told: unknown = preset?.mapping ?? o.map;
  const asked = told === undefined ? undefined : readMapping(ctx.model, told);
  const reading: ReadOptions = { sheet: o.sheet, header: asked?.header, skipRows: asked?.skipRows };
  let held = o.name === undefined ? await heldUpload(place, o.token) : await holdUpload(ctx, place, o.token, o.name, reading);
  if (o.name === undefined && (reading.sheet || reading.header !== undefined || reading.skipRows))
    held = await holdUpload(ctx, place, o.token, held.name, reading);
  const { inspection } = held;
  const columns = inspection.columns.map((column) => column.name);
  const mapping = completed(
    ctx,
    readMapping(ctx.model, fitted(asked ?? proposed(ctx, o.object, inspection), columns), columns),
    inspection,
  );
  if (o.object && o.object !== mapping.object)
    throw invalid('Preset or mapping and object do not agree.', [
      { path: 'object', code: 'conflict', detail: `They are for ${mapping.object}.` },
    ]);
  if (targetsOf(mapping).length === 0)
    throw invalid('No column goes anywhere.', [{ path: 'map', code: 'required', detail: 'Map at least one column to a field.' }]);
  const object = ctx.model.object(mapping.object);
  const mode = o.mode ?? preset?.mode ?? 'create';
  if (mode !== 'update') requireVerb(ctx.actor, object, 'create');
  if (mode !== 'create') requireVerb(ctx.actor, object, 'update');
  if (mode !== 'create' && matchOf(ctx.model, mapping).length === 0)
    throw invalid('By what are records recognised?', [
      {
        path: 'match',
        code: 'required',
        detail: 'Updates need “match” in the mapping: externalId, or a field such as emails, sku, number, name.',
      },
    ]);
  const id = newId();
  const path = join('imports', `${id}.csv`);
  await mkdir(join(place.dataFolder, 'imports'), { recursive: true });
  await share(inspection.path, join(place.dataFolder, path));
  const staged: StagedFile = {
    path,
    format: inspection.format,
    encoding: inspection.encoding,
    delimiter: inspection.delimiter,
    sheets: inspection.sheets,
    start: inspection.start,
  };
  const options: ImportOptions = {
    object: object.key,
    preset: preset?.key ?? null,
    mapping,
    mode,
    dryRun: o.dryRun === true,
    leaveOutLikely: o.leaveOutLikely === true,
    staged,
    columns,
    rows: inspection.rows,
  };
  await ctx.db.transaction(async (tx) => {
    const job = await place.enqueue(tx, {
      kind: 'import',
      label: held.name,
      payload: { import: id, causeKind: 'import' },
      actor: ctx.actor,
      causeId: newId(),
      total: inspection.rows,
    });
    await tx.query(
      'insert into imports (id, job_id, actor_id, name, file, options, state) values ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::jsonb, $7::jsonb)',
      [id, job, ctx.actor.userId, held.name.slice(0, 300), path, JSON.stringify(options), JSON.stringify(newState(staged))],
    );
    if (!preset) await remember(tx, ctx, mapping, columns);
  });
  return id;
}

function proposed(ctx: Context, key: string | undefined, inspection: Inspection): Mapping {
  const object = key === undefined ? undefined : ctx.model.objects.get(key);
  if (!object)
    throw invalid('What are the rows of the file?', [
      {
        path: 'object',
        code: key === undefined ? 'required' : 'unknownObject',
        detail: key === undefined ? 'Give a preset, an object or a mapping.' : `There is no object “${key.slice(0, 60)}”.`,
      },
    ]);
  return suggestFor(object, inspection.columns, ctx.model.words).mapping;
}

/** The mapping with its columns called as the file calls them: case and spaces around names are no difference. */
function fitted(mapping: Mapping, columns: readonly string[]): Mapping {
  const plain = (name: string) => name.trim().toLowerCase();
  const names = new Map(columns.map((column) => [plain(column), column]));
  const renamed = Object.entries(mapping.columns).map(
    ([column, target]) => [columns.includes(column) ? column : (names.get(plain(column)) ?? column), target] as const,
  );
  return { ...mapping, columns: Object.fromEntries(renamed) };
}

/** Fills in how dates and decimals are written, as the whole column shows it, where the mapping does not say. */
function completed(ctx: Context, mapping: Mapping, inspection: Inspection): Mapping {
  const object = ctx.model.object(mapping.object);
  const findings = new Map(inspection.columns.map((column) => [column.name, column]));
  const fill = (column: string, target: Target): Target => {
    const finding = findings.get(column);
    const field = target.field === undefined ? null : (targetPath(ctx.model, object, target.field)?.field ?? null);
    if (!finding || !field) return target;
    if (['date', 'dateTime'].includes(field.type) && finding.date && !target.date) return { ...target, date: finding.date };
    if (['decimal', 'integer', 'money', 'percent'].includes(field.type) && finding.decimal && !target.decimal)
      return { ...target, decimal: finding.decimal };
    return target;
  };
  return {
    ...mapping,
    columns: Object.fromEntries(
      Object.entries(mapping.columns).map(([column, target]) => [
        column,
        Array.isArray(target) ? target.map((one) => fill(column, one)) : fill(column, target),
      ]),
    ),
  };
}

async function share(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
  }
}

const signature = (columns: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([...columns].map((column) => column.trim().toLowerCase()).sort()))
    .digest('hex');

async function remember(q: Queryable, ctx: Context, mapping: Mapping, columns: readonly string[]): Promise<void> {
  await q.query(
    'insert into import_mappings (actor_id, signature, mapping) values ($1::uuid, $2::text, $3::jsonb) on conflict (signature) do update set mapping = excluded.mapping, actor_id = excluded.actor_id, used_at = now()',
    [ctx.actor.userId, `${signature(columns)}:${mapping.object}`, JSON.stringify(mapping)],
  );
}

/** The mapping that was last used for a file with these columns. */
async function recall(ctx: Context, columns: readonly string[], objects: readonly string[]): Promise<Mapping | null> {
  const rows = await ctx.db.query<{ mapping: Mapping }>(
    `select mapping from import_mappings where signature = any($1::text[]) order by used_at desc limit 1`,
    [objects.map((object) => `${signature(columns)}:${object}`)],
  );
  const [row] = rows;
  try {
    return row ? readMapping(ctx.model, row.mapping, columns) : null;
  } catch {
    // A field it used is gone since.
    return null;
  }
}

interface ImportRow {
  id: string;
  name: string;
  options: ImportOptions;
  state: ImportState;
  job: string;
  jobState: string;
  error: string | null;
  cause: string;
  undone: boolean;
  createdAt: string;
  finishedAt: string | null;
  actorId: string | null;
  actorName: string | null;
}

const SELECT = `select i.id, i.name, i.options, i.state, j.id as job, j.state as "jobState", j.error, j.cause, c.undone_by is not null as undone,
  ${instantText('i.created_at')} as "createdAt", ${instantText('j.finished_at')} as "finishedAt", i.actor_id as "actorId", u.name as "actorName"
  from imports i join jobs j on j.id = i.job_id left join causes c on c.id = j.cause left join users u on u.id = i.actor_id`;

const seesAll = (ctx: Context) => ctx.actor.kind === 'system' || ctx.actor.rights.may('administer');

/** An import as its asker sees it; another's is not there. */
export async function importStatus(ctx: Context, id: string): Promise<JsonObject> {
  return statusOf(await importRow(ctx, id), true);
}

/** The last imports, newest first. */
export async function listImports(ctx: Context, limit = 50): Promise<JsonObject> {
  const rows = await ctx.db.query<ImportRow>(
    `${SELECT} where ($1::boolean or i.actor_id = $2::uuid) order by i.created_at desc, i.id limit $3::int`,
    [seesAll(ctx), ctx.actor.userId, limit],
  );
  return { items: rows.map((row) => statusOf(row, false)) };
}

/** The job behind an import, to cancel it. */
export const importJobId = async (ctx: Context, id: string): Promise<string> => (await importRow(ctx, id)).job;

async function importRow(ctx: Context, id: string): Promise<ImportRow> {
  if (!isId(id)) throw notFound('There is no such import.');
  const [row] = await ctx.db.query<ImportRow>(`${SELECT} where i.id = $1::uuid and ($2::boolean or i.actor_id = $3::uuid)`, [
    id,
    seesAll(ctx),
    ctx.actor.userId,
  ]);
  if (!row) throw notFound('There is no such import.');
  return row;
}

function statusOf(row: ImportRow, whole: boolean): JsonObject {
  const { options: o, state } = row;
  return {
    id: row.id,
    name: row.name,
    object: o.object,
    preset: o.preset,
    mode: o.mode,
    dryRun: o.dryRun,
    state: row.undone ? 'undone' : row.jobState,
    done: state.done,
    total: o.rows,
    created: state.created,
    updated: state.updated,
    skipped: state.skipped,
    failed: state.failed,
    cause: o.dryRun ? null : row.cause,
    job: row.job,
    error: row.error,
    errors: state.errorBytes > 0 ? `/api/v1/imports/${row.id}/errors` : null,
    problemRows: state.problemRows,
    compared: state.compared ?? 0,
    likely: state.likely ?? 0,
    erased: state.erased ?? 0,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
    actor: row.actorId === null ? null : { id: row.actorId, name: row.actorName },
    ...(whole
      ? {
          problems: state.problems as unknown as JsonObject[],
          likes: (state.likes ?? []) as unknown as JsonObject[],
          erasedRows: state.erasedRows ?? [],
          map: o.mapping as unknown as JsonObject,
        }
      : {}),
  };
}

/** The error file of an import: its bad rows with row number and problems. */
export async function importErrors(
  ctx: Context,
  place: ImportPlace,
  id: string,
): Promise<{ path: string; name: string; stream(): Readable }> {
  const row = await importRow(ctx, id);
  if (row.state.errorBytes === 0) throw notFound('This import has no errors.');
  const path = errorFile(place.dataFolder, id);
  // While it runs the file may be longer than what counts.
  return {
    path,
    name: `${row.name.replace(/\.\w+$/, '')}-errors.csv`,
    stream: () => createReadStream(path, { end: row.state.errorBytes - 1 }),
  };
}

/** Drops files that were sent a day ago and never imported. */
export async function sweepUploads(place: Pick<ImportPlace, 'dataFolder'>, now: number): Promise<void> {
  const { readdir } = await import('node:fs/promises');
  const folder = join(place.dataFolder, 'uploads');
  for (const name of await readdir(folder).catch(() => [])) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found && now - found.mtimeMs > KEEP_MS) await rm(join(folder, name), { force: true });
  }
}
