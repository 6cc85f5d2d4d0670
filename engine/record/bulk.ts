import { requireVerb } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { isPassing, type Queryable } from '#engine/store/db.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid, type PerigonError, type Problem } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { bindContext, type Context } from './context.ts';
import { conditionSql } from './read.ts';
import { readValues } from './values.ts';
import { rowFault, type WriteOp, writeIn } from './write.ts';

/**
 * One change to all records that meet a condition. The condition is asked again chunk by chunk in the order of the ids, so
 * a change may well take records out of it; records made after the start are not touched. Position and counters are saved
 * with the rows they count: broken off, it goes on where it stopped. All of it is one cause, so one undo takes it back.
 */
export type BulkChange = { set: Record<string, unknown> } | { delete: true };

export interface BulkState {
  /** Id behind which the walk goes on; null at the start. */
  after: string | null;
  /** No record behind this id is touched. */
  upTo: string;
  changed: number;
  /** Held these values already. */
  unchanged: number;
  failed: number;
  /** The first problems, each with its record. */
  problems: { id: string; detail: string; errors: Problem[] }[];
}

const SHOWN = 100;
const SIZE = 2000;

/** Refuses a change that no record could take: an unreadable condition, wrong values, a missing right. */
export function checkBulk(ctx: Context, object: ModelObject, where: unknown, change: BulkChange): void {
  requireVerb(ctx.actor, object, 'read');
  requireVerb(ctx.actor, object, 'set' in change ? 'update' : 'delete');
  bindPredicate(bindContext(ctx), object, where);
  if (!('set' in change)) return;
  if (Object.keys(change.set).length === 0)
    throw invalid('Nothing to change.', [{ path: 'set', code: 'required', detail: 'Name at least one field.' }]);
  const problems: Problem[] = [];
  const values = readValues(object, change.set, ctx, problems);
  for (const [key, value] of Object.entries(values)) {
    const field = object.fields.get(key);
    if (field?.required && value === null && !problems.some((problem) => problem.path === key))
      problems.push({ path: key, code: 'required', detail: 'A value is needed.' });
    if (field?.unique && value !== null)
      problems.push({ path: key, code: 'unique', detail: 'Every record has its own value here, so many cannot be given one.' });
  }
  if (problems.length > 0)
    throw invalid(
      'The values cannot be accepted.',
      problems.map((problem) => ({ ...problem, path: `set.${problem.path}` })),
    );
}

/** The next ids of the walk, of records the actor may read. */
async function nextIds(ctx: Context, object: ModelObject, where: unknown, state: BulkState): Promise<string[]> {
  const params = new Params();
  const condition = and([
    state.after === null ? null : `t.id > ${params.add(state.after, 'uuid')}`,
    `t.id <= ${params.add(state.upTo, 'uuid')}`,
    conditionSql(ctx, object, where, 't', params),
  ]);
  const rows = await ctx.db.query<{ id: string }>(
    `select t.id from ${object.table} t where ${condition} order by t.id limit ${params.add(SIZE, 'integer')}`,
    params.values,
  );
  return rows.map((row) => row.id);
}

/** How many records a walk will meet, exactly. */
export async function countBulk(ctx: Context, object: ModelObject, where: unknown): Promise<number> {
  const params = new Params();
  const [row] = await ctx.db.query<{ n: number }>(
    `select count(*)::int as n from ${object.table} t where ${conditionSql(ctx, object, where, 't', params)}`,
    params.values,
  );
  return row?.n ?? 0;
}

/** Walks on from `state`; false when it was told to stop. `save` keeps the state, inside the transaction of its rows. */
export async function runBulk(
  ctx: Context,
  object: ModelObject,
  where: unknown,
  change: BulkChange,
  state: BulkState,
  o: { save(tx: Queryable | null, state: BulkState): Promise<void>; cancelled(): boolean },
): Promise<boolean> {
  for (;;) {
    if (o.cancelled()) return false;
    const ids = await nextIds(ctx, object, where, state);
    if (ids.length === 0) return true;
    await chunk(ctx, object, change, ids, state, o.save);
  }
}

async function chunk(
  ctx: Context,
  object: ModelObject,
  change: BulkChange,
  ids: readonly string[],
  state: BulkState,
  save: (tx: Queryable | null, state: BulkState) => Promise<void>,
  tries = 0,
): Promise<void> {
  const ops: WriteOp[] = ids.map((id) => ('set' in change ? { op: 'update', id, values: change.set } : { op: 'delete', id }));
  const failed = (next: BulkState, id: string, error: PerigonError) => {
    next.failed++;
    if (next.problems.length < SHOWN) next.problems.push({ id, detail: error.message, errors: [...error.errors] });
  };
  const fresh = (): BulkState => ({ ...state, problems: [...state.problems], after: ids.at(-1) ?? state.after });
  try {
    const next = fresh();
    await ctx.db.transaction(async (tx) => {
      const results = await writeIn(tx, ctx, object, ops, { partial: true });
      results.forEach((result, i) => {
        if (!result.ok) failed(next, ids[i] ?? '', result.error);
        else if (result.changed) next.changed++;
        else next.unchanged++;
      });
      await save(tx, next);
      tx.afterCommit(ctx.wrote);
    });
    Object.assign(state, next);
  } catch (error) {
    if (isPassing(error) && tries < 5) {
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
      return chunk(ctx, object, change, ids, state, save, tries + 1);
    }
    const fault = rowFault(error, object);
    if (!fault) throw error;
    if (ids.length === 1) {
      const next = fresh();
      failed(next, ids[0] ?? '', fault);
      await save(null, next);
      Object.assign(state, next);
      return;
    }
    // A constraint refused some record of the chunk: halve until it stands alone.
    const middle = Math.ceil(ids.length / 2);
    await chunk(ctx, object, change, ids.slice(0, middle), state, save);
    await chunk(ctx, object, change, ids.slice(middle), state, save);
  }
}

/** What a walk has done, as its asker reads it. */
export const bulkResult = (ctx: Context, state: BulkState, whole: boolean): JsonObject =>
  ({
    changed: state.changed,
    unchanged: state.unchanged,
    failed: state.failed,
    problems: state.problems,
    cause: ctx.cause.id,
    ...(whole ? {} : { unfinished: true }),
  }) as unknown as JsonObject;
