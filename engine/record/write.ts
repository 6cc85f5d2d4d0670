import { authorOf } from '#engine/access/actor.ts';
import { requireVerb, scopeCondition } from '#engine/access/policy.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { fieldsOfCondition, meets } from '#engine/declare/local-condition.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { sqlState, type Tx } from '#engine/store/db.ts';
import { indexesOf } from '#engine/store/schema.ts';
import { Params } from '#engine/store/sql.ts';
import { conflict, denied, invalid, notFound, type PerigonError, type Problem } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type JsonObject, sameJson } from '#kit/json.ts';
import { resolveFiles, writeFileUses } from './attachments.ts';
import { checkUnique, resolveReferences } from './checks.ts';
import type { Context, RuleItem, Values } from './context.ts';
import { carriedOf, readBases } from './figures.ts';
import { endMerges } from './merges.ts';
import { takeNumbers } from './numbers.ts';
import { type ChangeRow, insertChanges, insertRows, loadStored, trashSatellites, updateRows, writeSatellites } from './rows.ts';
import { indexNow, unindexNow } from './search-rows.ts';
import { transact } from './transact.ts';
import { type ReadAhead, readValues } from './values.ts';

/**
 * The one write pipeline. Every door (REST, import, undo, actions, rules, command line) ends here, always with a batch:
 * access → read values → lock and load → rules before → checks → write → log → satellites → rules after → search, in one
 * transaction. A batch is all or nothing unless `partial`; then bad records are refused whole and the good ones stand.
 */

export type WriteOp =
  | { op: 'create'; id?: string; values: Record<string, unknown>; ahead?: ReadAhead }
  | { op: 'update'; id: string; values: Record<string, unknown>; version?: number; ahead?: ReadAhead }
  | { op: 'delete'; id: string; version?: number }
  | { op: 'restore'; id: string };

export interface WriteOptions {
  /** Good records stand although others are refused. */
  partial?: boolean;
  /** Reserved fields may be written: undo, presets, the product's own jobs. */
  trusted?: boolean;
  /** An import: numbers that Perigon gives may come with the records. */
  importing?: boolean;
  /** Everything is checked, nothing is kept. */
  dryRun?: boolean;
  /** Told when the records go to the database, the longest stretch in which this process has nothing to do for them. */
  sending?: () => void;
}

export type WriteResult =
  | { ok: true; op: WriteOp['op']; id: string; version: number; changed: boolean }
  | { ok: false; op: WriteOp['op']; id: string | null; error: PerigonError };

/** Batches above this many records leave their search rows to the log. */
const SEARCH_NOW = 50;
/** Records one transaction may hold (design, promise 2). */
export const CHUNK = 5_000;

class DryRun extends Error {}

/** Writes a batch in a transaction of its own. Results stand in the order of `ops`. Throws the first fault unless `partial`. */
export async function write(ctx: Context, object: ModelObject, ops: readonly WriteOp[], o: WriteOptions = {}): Promise<WriteResult[]> {
  if (ops.length > 10_000) throw invalid('At most 10,000 records at once.');
  try {
    return await attempt(ctx, object, ops, o);
  } catch (error) {
    const fault = rowFault(error, object);
    if (!fault) throw error;
    if (!o.partial || ops.length === 1) {
      if (!o.partial) throw fault;
      return ops.map((op) => ({ ok: false, op: op.op, id: op.op === 'create' ? null : op.id, error: fault }));
    }
    // A constraint refused some row of the batch: halve until it stands alone.
    const middle = Math.ceil(ops.length / 2);
    return [...(await write(ctx, object, ops.slice(0, middle), o)), ...(await write(ctx, object, ops.slice(middle), o))];
  }
}

async function attempt(ctx: Context, object: ModelObject, ops: readonly WriteOp[], o: WriteOptions): Promise<WriteResult[]> {
  let results: WriteResult[] = [];
  try {
    await transact(ctx, async (tx) => {
      results = await writeIn(tx, ctx, object, ops, o);
      if (o.dryRun) throw new DryRun();
      return results;
    });
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  return results;
}

/** A database refusal that one row of the batch caused, in the product's words; null for anything else. */
export function rowFault(error: unknown, object: ModelObject): PerigonError | null {
  const state = sqlState(error);
  if (state === null) return null;
  const constraint = (error as { constraint?: string }).constraint ?? '';
  if (state === '23505') {
    const index = indexesOf(object).find((candidate) => candidate.name === constraint);
    const field = object.declared.find((candidate) => index?.sql.includes(candidate.column));
    return conflict('Another record has this value.', [
      {
        path: field?.key ?? (constraint.startsWith('external_ids') ? 'externalIds' : ''),
        code: 'taken',
        detail: 'Another record has this value.',
      },
    ]);
  }
  if (state.startsWith('22') || state === '23514' || state === '23502')
    return invalid('The database refuses a value of this record.', [{ path: '', code: 'refused', detail: (error as Error).message }]);
  return null;
}

/** One record on its way through the pipeline. */
class Item implements RuleItem {
  readonly op: WriteOp['op'];
  readonly version: number | undefined;
  before: Values | null = null;
  ownerless = false;
  error: PerigonError | null = null;

  constructor(
    readonly index: number,
    op: WriteOp,
    readonly id: string,
    readonly values: Values,
    readonly problems: Problem[],
  ) {
    this.op = op.op;
    this.version = 'version' in op ? op.version : undefined;
  }
  get(key: string): unknown {
    return key in this.values ? this.values[key] : this.before?.[key];
  }
  changes(key: string): boolean {
    return key in this.values && !sameJson(this.values[key], this.before?.[key] ?? null);
  }
  set(key: string, value: unknown): void {
    this.values[key] = value;
  }
  refuse(path: string, code: string, detail: string): void {
    this.problems.push({ path, code, detail });
  }
}

/** Writes a batch inside a transaction that the caller holds. */
export async function writeIn(
  tx: Tx,
  ctx: Context,
  object: ModelObject,
  ops: readonly WriteOp[],
  o: WriteOptions = {},
): Promise<WriteResult[]> {
  for (const verb of new Set(ops.map((op) => (op.op === 'restore' ? 'delete' : op.op)))) requireVerb(ctx.actor, object, verb);
  if (object.retired && !o.trusted)
    throw denied(`${object.plural} have been retired: they can be read, and brought back by an administrator.`);
  const items = ops.map((op, index) => itemOf(ctx, object, op, index, o));
  await loadBefore(tx, ctx, object, items);
  await resolveReferences(tx, ctx, object, items.filter(alive));
  await resolveFiles(tx, ctx, object, items.filter(alive), o.trusted === true);
  for (const rules of ctx.rules.of(object.key)) await rules.before?.({ ctx, tx, items: items.filter(alive) });
  settle(ctx, object, items.filter(alive));
  if (!o.trusted) refuseOutdated(object, items.filter(alive));
  await checkUnique(tx, object, items.filter(alive));
  for (const item of items) if (!item.error && item.problems.length > 0) item.error = problemError(item.problems);
  const failed = items.find((item) => item.error);
  if (failed?.error && !o.partial) throw ops.length === 1 ? failed.error : inBatch(failed.error, items);
  const good = items.filter(alive);
  await takeNumbers(tx, ctx, object, good, o.dryRun === true);
  o.sending?.();
  const written = await persist(tx, ctx, object, good);
  for (const rules of ctx.rules.of(object.key)) await rules.after?.({ ctx, tx, items: written });
  if (written.length <= SEARCH_NOW) {
    const ids = (list: readonly Item[]) => list.map((item) => item.id);
    await unindexNow(tx, object, ids(written.filter((item) => item.op === 'delete')));
    await indexNow(tx, ctx.model, object, ids(written.filter((item) => item.op !== 'delete')));
  }
  const changed = new Set(written);
  return items.map((item) =>
    item.error
      ? { ok: false, op: item.op, id: item.op === 'create' ? null : item.id, error: item.error }
      : { ok: true, op: item.op, id: item.id, version: versionAfter(item, changed.has(item)), changed: changed.has(item) },
  );
}

const alive = (item: Item) => item.error === null;
const versionAfter = (item: Item, changed: boolean): number => (item.before ? Number(item.before.version) + (changed ? 1 : 0) : 1);

function problemError(problems: Problem[]): PerigonError {
  const [first] = problems;
  if (problems.every((problem) => problem.code === 'taken')) return conflict(first?.detail ?? 'Another record has this value.', problems);
  return invalid(problems.length === 1 ? (first?.detail ?? '') : `${problems.length} values cannot be accepted.`, problems);
}

/** The error of an all-or-nothing batch: every problem with the row it belongs to. */
function inBatch(error: PerigonError, items: readonly Item[]): PerigonError {
  const errors = items.flatMap((item) =>
    item.error
      ? (item.error.errors.length > 0 ? item.error.errors : [{ path: '', code: item.error.code, detail: item.error.message }]).map(
          (problem) => ({ ...problem, path: `${item.index}${problem.path ? `.${problem.path}` : ''}` }),
        )
      : [],
  );
  return error.code === 'invalid' || error.code === 'conflict'
    ? invalid('Some records cannot be accepted; none was written.', errors.slice(0, 1000))
    : error;
}

function itemOf(ctx: Context, object: ModelObject, op: WriteOp, index: number, o: WriteOptions): Item {
  const problems: Problem[] = [];
  const values =
    op.op === 'create' || op.op === 'update'
      ? readValues(
          object,
          op.values,
          { actor: ctx.actor, env: ctx.env, trusted: o.trusted, importing: o.importing, ahead: op.ahead },
          problems,
        )
      : {};
  const item = new Item(index, op, op.op === 'create' ? (op.id ?? newId()) : op.id, values, problems);
  if (op.op === 'create') {
    for (const field of object.declared) if (field.default !== undefined && !(field.key in values)) values[field.key] = field.default;
    item.ownerless = object.owner !== undefined && (values[object.owner] ?? null) === null;
    if (object.owner && !(object.owner in values)) values[object.owner] = ctx.actor.userId;
  }
  return item;
}

/** Locks the records in id order and loads what they were; refuses what is not there, not allowed, or has moved on. */
async function loadBefore(tx: Tx, ctx: Context, object: ModelObject, items: readonly Item[]): Promise<void> {
  const existing = items.filter((item) => item.op !== 'create');
  if (existing.length === 0) return;
  const loaded = await loadStored(
    tx,
    ctx,
    object,
    existing.map((item) => item.id),
    { lock: true, deleted: existing.some((item) => item.op === 'restore') },
  );
  const reach = new Map<string, Set<string>>();
  for (const verb of new Set(existing.map((item) => (item.op === 'restore' ? 'delete' : item.op)))) {
    reach.set(verb, await within(tx, ctx, object, verb as 'update' | 'delete', [...loaded.keys()]));
  }
  const readsAll = ctx.actor.rights.scope(object.key, 'read') === 'all' && !object.about;
  const readable = readsAll ? null : await within(tx, ctx, object, 'read', [...loaded.keys()]);
  const seen = new Set<string>();
  for (const item of existing) {
    const row = loaded.get(item.id);
    const isDeleted = row?.deletedAt !== null && row?.deletedAt !== undefined;
    if (!row || (readable && !readable.has(item.id)) || isDeleted !== (item.op === 'restore')) item.error = notFound();
    else if (seen.has(item.id))
      item.error = invalid('The same record stands twice in the batch.', [
        { path: 'id', code: 'twice', detail: 'The same record stands twice in the batch.' },
      ]);
    else if (!reach.get(item.op === 'restore' ? 'delete' : item.op)?.has(item.id))
      item.error = denied(`Your roles do not let you ${item.op} this record.`);
    else {
      item.before = row;
      delete row.deletedAt;
      if (item.version !== undefined && item.version !== row.version) item.error = versionConflict(item, row);
    }
    seen.add(item.id);
  }
}

function versionConflict(item: Item, current: Values): PerigonError {
  const errors = Object.keys(item.values)
    .filter((key) => !sameJson(item.values[key], current[key] ?? null))
    .map((key) => ({
      path: key,
      code: 'changed',
      detail: 'Someone else changed this record meanwhile.',
      current: current[key] ?? null,
      wanted: item.values[key],
    }));
  return conflict('Someone else changed this record meanwhile.', errors, { version: current.version, precondition: true });
}

async function within(
  tx: Tx,
  ctx: Context,
  object: ModelObject,
  verb: 'create' | 'read' | 'update' | 'delete',
  ids: readonly string[],
): Promise<Set<string>> {
  const params = new Params();
  const list = params.add(ids, 'uuid[]');
  const scope = scopeCondition(ctx.model, ctx.actor, object, verb, 't', params);
  if (scope === null) return new Set(ids);
  const rows = await tx.query<{ id: string }>(`select t.id from ${object.table} t where t.id = any(${list}) and ${scope}`, params.values);
  return new Set(rows.map((row) => row.id));
}

/** Fields that are needed, always or for such a record, now that rules have derived what they can. */
function settle(ctx: Context, object: ModelObject, items: readonly Item[]): void {
  const needed = object.declared.filter((field) => field.required || field.requiredWhen);
  for (const item of items) {
    if (item.op === 'delete' || needed.length === 0) continue;
    const record = new Proxy({} as Values, { get: (_, key) => item.get(String(key)) });
    const holds = (condition: Predicate) => meets(ctx.model, object, condition, record, ctx.env);
    for (const field of needed) {
      // A record from before the field was needed is let be until somebody writes what decides it.
      const deciding = [field.key, ...(field.required ? [] : fieldsOfCondition(field.requiredWhen))];
      if (item.op === 'update' && !deciding.some((key) => key in item.values)) continue;
      const value = item.get(field.key);
      if (value !== null && value !== undefined) continue;
      if (field.shownWhen && !holds(field.shownWhen)) continue;
      if (!field.required && field.requiredWhen && !holds(field.requiredWhen)) continue;
      if (!item.problems.some((problem) => problem.path.split('.')[0] === field.key))
        item.problems.push({ path: field.key, code: 'required', detail: 'A value is needed.' });
    }
  }
}

/** Values that are kept where they stand and no longer given anew: retired options. */
function refuseOutdated(object: ModelObject, items: readonly Item[]): void {
  for (const field of object.declared) {
    const { outdated } = typeOf(field);
    if (!outdated) continue;
    for (const item of items) {
      const value = item.values[field.key];
      if (value === null || value === undefined || !item.changes(field.key)) continue;
      const why = outdated(value, item.before?.[field.key] ?? null, field);
      if (why !== null) item.problems.push({ path: field.key, code: 'option', detail: why });
    }
  }
}

/** Writes the good records and their log rows; gives those that really changed. */
async function persist(tx: Tx, ctx: Context, object: ModelObject, items: readonly Item[]): Promise<Item[]> {
  const created = items.filter((item) => item.op === 'create');
  const updated = items.filter((item) => item.op === 'update' && Object.keys(item.values).some((key) => item.changes(key)));
  const removed = items.filter((item) => item.op === 'delete');
  const restored = items.filter((item) => item.op === 'restore');
  const user = authorOf(ctx.actor);
  const bases = { before: await readBases(tx, ctx.model, object, ids([...updated, ...removed])), after: new Map() };
  if (created.length > 0) {
    await insertRows(tx, object, created, user);
    if (object.about || ctx.actor.rights.scope(object.key, 'create') !== 'all') {
      const allowed = await within(
        tx,
        ctx,
        object,
        'create',
        created.map((item) => item.id),
      );
      const outside = created.find((item) => !allowed.has(item.id));
      if (outside)
        throw denied(`Your roles do not let you create ${object.plural} for others.`, [
          { path: object.owner ?? '', code: 'scope', detail: 'Outside what your roles let you create.' },
        ]);
    }
  }
  if (updated.length > 0) await updateRows(tx, object, updated, user);
  for (const [list, at] of [
    [removed, 'now()'],
    [restored, 'null'],
  ] as const) {
    if (list.length > 0)
      await tx.query(
        `update ${object.table} set deleted_at = ${at}, version = version + 1, updated_at = now(), updated_by_id = $2::uuid where id = any($1::uuid[])`,
        [list.map((item) => item.id), user],
      );
  }
  const written = [...created, ...updated, ...removed, ...restored];
  if (written.length === 0) return [];
  bases.after = await readBases(tx, ctx.model, object, ids([...created, ...updated, ...restored]));
  await insertChanges(
    tx,
    ctx,
    object,
    written.map((item) => ({ ...changeOf(object, item), carried: carriedOf(ctx.model, object, item, bases) })),
    written.length > SEARCH_NOW,
  );
  await writeSatellites(tx, object, [...created, ...updated]);
  await writeFileUses(tx, object, [...created, ...updated]);
  await trashSatellites(
    tx,
    object,
    removed.map((item) => item.id),
    false,
  );
  await trashSatellites(
    tx,
    object,
    restored.map((item) => item.id),
    true,
  );
  // What is back stands for itself again.
  if (object.duplicates && restored.length > 0)
    await endMerges(
      tx,
      restored.map((item) => item.id),
    );
  return written;
}

const ids = (items: readonly Item[]): string[] => items.map((item) => item.id);

function changeOf(object: ModelObject, item: Item): Omit<ChangeRow, 'carried'> {
  const before: JsonObject = {};
  const after: JsonObject = {};
  for (const key of Object.keys(item.values)) {
    if (!item.changes(key)) continue;
    after[key] = item.values[key] as JsonObject[string];
    if (item.op !== 'create') before[key] = (item.before?.[key] ?? null) as JsonObject[string];
  }
  const party = object.key === 'party' ? item.id : object.party ? ((item.get(object.party) as string | null | undefined) ?? null) : null;
  return {
    id: item.id,
    party,
    action: item.op,
    version: versionAfter(item, true),
    before: item.op === 'update' ? before : null,
    after: item.op === 'create' || item.op === 'update' ? after : null,
  };
}

/** One record written by itself; throws what refuses it. */
export async function writeOne(
  ctx: Context,
  object: ModelObject,
  op: WriteOp,
  o: WriteOptions = {},
): Promise<Extract<WriteResult, { ok: true }>> {
  const [result] = await write(ctx, object, [op], o);
  if (!result?.ok) throw result?.error ?? notFound();
  return result;
}
