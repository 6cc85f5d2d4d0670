import { mayReadField } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { conflict, denied, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { type JsonObject, sameJson } from '#kit/json.ts';
import { type Context, newCause, type Values } from './context.ts';
import { readOne } from './read.ts';
import { loadStored } from './rows.ts';
import { CHUNK, type WriteOp, write } from './write.ts';

export interface UndoReport {
  /** Records put back, field by field. */
  restored: number;
  /** Created records moved to the trash, deleted ones brought back. */
  removed: number;
  revived: number;
  /** What was left as it is, with the reason. */
  conflicts: { object: string; id: string; field: string | null; reason: 'changedSince' | 'usedSince' | 'refused'; detail?: string }[];
  conflictCount: number;
  total: number;
}
const MAX_CONFLICTS = 1000;

/** A record whose part of a cause is meant. */
export interface OneRecord {
  object: ModelObject;
  id: string;
}

/** What a cause is and whether this actor may undo it; a cause one may not see is not there. */
export async function causeOf(
  ctx: Context,
  id: string,
  only?: OneRecord,
): Promise<{ id: string; kind: string; label: string | null; undoneBy: string | null; records: number }> {
  if (!isId(id)) throw notFound();
  const [row] = await ctx.db.query<{ kind: string; label: string | null; actor_id: string | null; undone_by: string | null; n: number }>(
    // Materialised: to count what is distinct the planner would else walk the whole log in the order of its records.
    `with touched as materialized (select record_id from changes where cause = $1::uuid)
     select kind, label, actor_id, undone_by, (select count(distinct record_id) from touched)::int as n from causes where id = $1::uuid`,
    [id],
  );
  const own = row && row.actor_id !== null && row.actor_id === ctx.actor.userId;
  if (!row) throw notFound();
  // Who may read a record sees in its history what a cause did to it, and may take just that back as far as they may write.
  if (only) {
    await readOne(ctx, only.object, only.id, ['id']);
    const touched = await ctx.db.query('select 1 as ok from changes where cause = $1::uuid and record_id = $2::uuid limit 1', [
      id,
      only.id,
    ]);
    if (touched.length === 0) throw notFound();
    return { id, kind: row.kind, label: row.label, undoneBy: null, records: 1 };
  }
  if (!own && !ctx.actor.rights.may('undo')) throw notFound();
  return { id, kind: row.kind, label: row.label, undoneBy: row.undone_by, records: row.n };
}

/**
 * Plays a cause back: per record the first before and last after are folded together, each field is restored unless
 * someone changed it since, created records go to the trash unless something was hung on them since, deleted ones return.
 * Runs in chunks through the write pipeline under a cause of its own, so it can itself be undone, and again after a crash:
 * what is restored already no longer differs.
 */
export async function undoCause(
  ctx: Context,
  id: string,
  o: {
    dryRun?: boolean;
    /** Takes back only what the cause did to this record. */
    only?: OneRecord;
    progress?: (done: number, total: number) => Promise<void>;
    cancelled?: () => boolean;
  } = {},
): Promise<UndoReport> {
  const cause = await causeOf(ctx, id, o.only);
  if (cause.kind === 'erasure') throw conflict('An erasure cannot be undone: nothing is kept of what was there.');
  if (cause.undoneBy && !o.dryRun && cause.undoneBy !== ctx.cause.id) throw conflict('This was undone already.');
  const report: UndoReport = { restored: 0, removed: 0, revived: 0, conflicts: [], conflictCount: 0, total: cause.records };
  const undoing: Context = { ...ctx, cause: ctx.cause.kind === 'undo' ? ctx.cause : newCause('undo', cause.label, id) };
  if (o.only) {
    await undoChunk(undoing, o.only.object, id, [o.only.id], report, o.dryRun === true, ctx.actor.rights.may('undo'));
    return report;
  }
  let done = 0;
  // Objects in the reverse of their first writing: children before what they hang on. A merge took records away, not made them:
  // what hangs on the one that comes back follows it.
  const order = cause.kind === 'merge' ? 'asc' : 'desc';
  const objects = await ctx.db.query<{ object: string; first: number }>(
    `select object, min(seq) as first from changes where cause = $1::uuid group by object order by min(seq) ${order}`,
    [id],
  );
  for (const { object: key, first } of objects) {
    const object = ctx.model.objects.get(key);
    if (!object) continue;
    // Along the log, each record where the cause first wrote it. Which rows are the first of theirs is seen when the log of their
    // records is read: to ask it of each row here, or there, goes through all rows of the cause again and again.
    for (let after = first - 1; ; ) {
      if (o.cancelled?.()) return report;
      const rows = await ctx.db.query<{ id: string; seq: number }>(
        `select c.record_id as id, c.seq from changes c where c.cause = $1::uuid and c.object = $2::text and c.seq > $3::bigint
         order by c.seq limit $4::int`,
        [id, key, after, Math.min(CHUNK, 2000)],
      );
      if (rows.length === 0) break;
      const ids = [...new Set(rows.map((row) => row.id))];
      done += await undoChunk(undoing, object, id, ids, report, o.dryRun === true, true, { first, after });
      after = rows.at(-1)?.seq ?? after;
      await o.progress?.(done, cause.records);
    }
  }
  if (!o.dryRun)
    await ctx.db.query(
      'update causes set undone_by = $2::uuid where id = $1::uuid and exists (select 1 from causes c where c.id = $2::uuid)',
      [id, undoing.cause.id],
    );
  return report;
}

/** Takes back what the cause did to these records, but those that it wrote up to `walk.after` already, where `walk.first` is its first row; gives how many they were. */
async function undoChunk(
  ctx: Context,
  object: ModelObject,
  cause: string,
  ids: string[],
  report: UndoReport,
  dryRun: boolean,
  trusted = true,
  walk = { first: 0, after: 0 },
): Promise<number> {
  const conflictAt = (recordId: string, field: string | null, reason: UndoReport['conflicts'][number]['reason'], detail?: string) => {
    report.conflictCount++;
    if (report.conflicts.length < MAX_CONFLICTS)
      report.conflicts.push({ object: object.key, id: recordId, field, reason, ...(detail ? { detail } : {}) });
  };
  const log = await ctx.db.query<{
    id: string;
    seq: number;
    cause: string;
    action: string;
    before: JsonObject | null;
    after: JsonObject | null;
    ours: boolean;
  }>(
    `select c.record_id as id, c.seq, c.cause, c.action, c.before, c.after, c.cause = $1::uuid as ours from changes c
     where c.record_id = any($2::uuid[]) and c.object = $3::text and c.seq >= $4::bigint order by c.record_id, c.seq`,
    [cause, ids, object.key, walk.first],
  );
  const folded = new Map<string, Folded>();
  const done = new Set<string>();
  for (const row of log) {
    let entry = folded.get(row.id);
    if (!entry) {
      if (!row.ours || done.has(row.id)) continue;
      // The first that the cause wrote to it.
      if (row.seq <= walk.after) {
        done.add(row.id);
        continue;
      }
      entry = { wasThere: null, before: {}, after: {}, since: new Set(), trashedSince: false };
      folded.set(row.id, entry);
    }
    if (row.ours) {
      // The first coming or going of the cause tells what was there before it.
      if (row.action !== 'update' && entry.wasThere === null)
        entry.wasThere = row.action === 'delete' ? 'live' : row.action === 'restore' ? 'trashed' : 'absent';
      for (const key of Object.keys(row.after ?? {})) {
        if (!(key in entry.before)) entry.before[key] = row.before?.[key] ?? null;
        entry.after[key] = row.after?.[key] ?? null;
        entry.since.delete(key);
      }
      entry.trashedSince = false;
    } else if (row.cause !== ctx.cause.id) {
      if (row.action === 'delete') entry.trashedSince = true;
      if (row.action === 'restore') entry.trashedSince = false;
      for (const key of Object.keys(row.after ?? {})) entry.since.add(key);
    }
  }
  if (folded.size === 0) return 0;
  const current = await currentOf(ctx, object, folded);
  const hung = await dependants(
    ctx,
    object,
    cause,
    [...folded].filter(([, entry]) => entry.wasThere === 'absent').map(([id]) => id),
  );
  const restores: WriteOp[] = [];
  const updates: WriteOp[] = [];
  const deletes: WriteOp[] = [];
  for (const [id, entry] of folded) {
    const now = current.get(id);
    if (!now) continue;
    const live = now.deletedAt === null;
    /** A value that someone set and set back is no conflict; a different one is. */
    const isKept = (key: string) => entry.since.has(key) && !sameJson(now[key] ?? null, entry.after[key] ?? null);
    if (entry.wasThere === 'absent') {
      if (!live) continue;
      const kept = [...entry.since].filter(isKept);
      for (const key of kept) conflictAt(id, key, 'changedSince');
      if (kept.length > 0) continue;
      if (hung.has(id)) conflictAt(id, null, 'usedSince');
      else deletes.push({ op: 'delete', id });
      continue;
    }
    if (entry.trashedSince) {
      conflictAt(id, null, 'changedSince');
      continue;
    }
    const values: Record<string, unknown> = {};
    for (const key of Object.keys(entry.before)) {
      const field = object.fields.get(key);
      if (!field || sameJson(now[key] ?? null, entry.before[key] ?? null)) continue;
      // What is hidden from them is not in the history that they undo from.
      if (!trusted && !mayReadField(ctx.actor, object, field)) continue;
      if (isKept(key)) conflictAt(id, key, 'changedSince');
      else values[key] = entry.before[key] ?? null;
    }
    const differs = Object.keys(values).length > 0;
    const shouldLive = entry.wasThere !== 'trashed';
    // Fields are written while a record lives; what was in the trash goes back there afterwards.
    if (!live && (shouldLive || differs)) restores.push({ op: 'restore', id });
    if (differs) updates.push({ op: 'update', id, values });
    if (!shouldLive && (live || differs)) deletes.push({ op: 'delete', id });
  }
  // A rehearsal keeps nothing, so a change of a record that would have to be restored first cannot be tried.
  const tried = (ops: readonly WriteOp[]) =>
    dryRun ? ops.filter((op) => op.op === 'restore' || current.get(op.id ?? '')?.deletedAt === null) : ops;
  /** What another record of the same cause holds still (a name in another system) is free once that one is put back. */
  const later: WriteOp[] = [];
  const restored = new Set<string>();
  const attempt = async (ops: readonly WriteOp[], again: WriteOp[] | null): Promise<void> => {
    for (const [i, result] of (await write(ctx, object, ops, { partial: true, trusted, dryRun })).entries()) {
      const op = ops[i];
      if (result.ok) {
        if (result.op === 'delete') report.removed++;
        else if (result.op === 'restore') report.revived++;
        else if (!restored.has(result.id)) {
          restored.add(result.id);
          report.restored++;
        }
      } else if (result.error.code === 'denied' && ctx.actor.kind !== 'system')
        throw denied('Your roles do not reach all records of this change.');
      else if (again && op && result.error.code === 'conflict') again.push(op);
      else conflictAt(result.id ?? '', result.error.errors[0]?.path ?? null, 'refused', result.error.message);
    }
  };
  await attempt(tried(restores), dryRun ? null : later);
  await attempt(tried(updates), null);
  if (later.length > 0) {
    await attempt(later, null);
    // Those that name a record that has come back only now: written while it was away, they were led to where it had gone.
    await attempt(updates, null);
  }
  await attempt(tried(deletes), null);
  return folded.size;
}

/** What the records are now; only whether they are in the trash, where no field of theirs is looked at. */
async function currentOf(ctx: Context, object: ModelObject, folded: ReadonlyMap<string, Folded>): Promise<Map<string, Values>> {
  const ids = [...folded.keys()];
  if ([...folded.values()].some((entry) => Object.keys(entry.before).length > 0 || entry.since.size > 0))
    return ctx.db.transaction((tx) => loadStored(tx, ctx, object, ids, { deleted: true }));
  const rows = await ctx.db.query<{ id: string; deletedAt: string | null }>(
    `select t.id, t.deleted_at as "deletedAt" from ${object.table} t where t.id = any($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, { ...row }]));
}

interface Folded {
  /** Whether the record was there before the cause, as its first coming or going tells; null when it only changed fields. */
  wasThere: 'live' | 'trashed' | 'absent' | null;
  before: JsonObject;
  after: JsonObject;
  /** Fields that other causes changed afterwards. */
  since: Set<string>;
  trashedSince: boolean;
}

/** Which of these records other causes have hung live records on. */
async function dependants(ctx: Context, object: ModelObject, cause: string, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  if (ids.length === 0) return found;
  for (const { object: child, field } of ctx.model.pointingTo(object.key)) {
    const column = `${field.column}_id`;
    const rows = await ctx.db.query<{ id: string }>(
      `select distinct t.${column} as id from ${child.table} t where t.${column} = any($1::uuid[]) and t.deleted_at is null
         and not exists (select 1 from changes c where c.record_id = t.id and c.cause in ($2::uuid, $3::uuid) and c.action in ('create', 'delete'))`,
      [ids, cause, ctx.cause.id],
    );
    for (const row of rows) found.add(row.id);
  }
  return found;
}
