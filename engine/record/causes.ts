import { mayReadField, scopeCondition } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { decodeCursor, encodeCursor } from '#engine/store/page.ts';
import { titleSql } from '#engine/store/projection.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Context } from './context.ts';
import { causeOf, type OneRecord, type UndoReport } from './undo.ts';

/**
 * What was done, act by act: every request, import, bulk change, merge or automation is one cause, with all it wrote. Everybody
 * sees their own; who may undo for others sees all. Names are given only of records and fields that the reader may read.
 */
export interface CauseLine {
  id: string;
  kind: string;
  label: string | null;
  at: string;
  actor: { kind: string; id: string | null; name: string | null };
  parent: string | null;
  undone: { id: string; at: string; by: string | null } | null;
  /** Records by object and by what became of them; counted up to a thousand. */
  parts: { object: string; created: number; updated: number; deleted: number; restored: number }[];
  counted: boolean;
  /** Some of the records, by name. */
  records: { object: string; id: string; name: string }[];
}

export interface CauseFilter {
  /** A user's id, or `me`; all unless given, as far as the reader may. */
  actor?: string;
  kind?: string;
  object?: string;
  /** Only what another cause brought about. */
  parent?: string;
  cursor?: string;
  limit?: number;
}

/** How pages of it go on: behind the instant and the id of the last one. */
const ORDER = ['causes:-at'];
const KEYS = { keys: [{ kind: 'instant' as const }] };

/** Rows of one cause that are looked at to tell what it did. */
const LOOKED_AT = 1000;
/** Records of a part that are named. */
const NAMED = 3;

/**
 * The rows `w` of the log that the cause `c` wrote, by their index and no other way. Said as an equation the planner takes each cause for
 * as large as the largest (an import of a million), hopes to meet its rows wherever it begins, and walks the log for every small one.
 */
const OF_CAUSE = 'w.cause >= c.id and w.cause <= c.id';

interface Row {
  id: string;
  kind: string;
  label: string | null;
  at: string;
  exact: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string | null;
  parent: string | null;
  undone_by: string | null;
  undone_at: string | null;
  undone_name: string | null;
  parts: (CauseLine['parts'][number] & { n: number; first: string[] })[] | null;
}

/** A page of causes that wrote something, newest first. */
export async function listCauses(ctx: Context, o: CauseFilter): Promise<{ items: CauseLine[]; next: string | null }> {
  const limit = Math.min(Math.max(o.limit ?? 30, 1), 100);
  const all = ctx.actor.rights.may('undo');
  const actor = o.actor === 'me' || !all ? ctx.actor.userId : o.actor;
  // Whoever has no user of their own (a key of the product) has done nothing as a user.
  if (actor === null) return { items: [], next: null };
  if (actor !== undefined && !isId(actor)) throw unreadable('actor', 'Expected the id of a user, or `me`.');
  if (o.parent !== undefined && !isId(o.parent)) throw unreadable('parent', 'Expected the id of a cause.');
  const params = new Params();
  const rows = await ctx.db.lists<Row>(linesSql({ ...o, actor }, limit + 1, params), params.values);
  const page = rows.slice(0, limit);
  const names = await namesOf(ctx, page);
  const last = page.at(-1);
  return {
    items: page.map((row) => lineOf(ctx, row, names)),
    next: rows.length > limit && last ? encodeCursor(ORDER, { values: [last.exact], id: last.id }) : null,
  };
}

/** SQL of the lines of one page; apart so that its plan can be looked at. */
export const linesSql = (o: CauseFilter, limit: number, params: Params): string =>
  `select c.id, c.kind, c.label, ${instantText('c.at')} as at, c.at::text as exact, c.actor_kind, c.actor_id, a.name as actor_name, c.parent,
       c.undone_by, ${instantText('u.at')} as undone_at, ua.name as undone_name, s.parts
     from (${pageSql(o, limit, params)}) c
     left join users a on a.id = c.actor_id left join causes u on u.id = c.undone_by left join users ua on ua.id = u.actor_id
     cross join lateral (
       select json_agg(json_build_object('object', p.object, 'n', p.n, 'created', p.created, 'updated', p.updated, 'deleted', p.deleted, 'restored', p.restored, 'first', p.first)
           order by p.from_seq) as parts
       from (select x.object, count(*)::int as n, min(x.seq) as from_seq,
               count(distinct x.record_id) filter (where x.action = 'create')::int as created, count(distinct x.record_id) filter (where x.action = 'update')::int as updated,
               count(distinct x.record_id) filter (where x.action = 'delete')::int as deleted, count(distinct x.record_id) filter (where x.action = 'restore')::int as restored,
               (array_agg(x.record_id order by x.seq))[1:${NAMED}] as first
             from (select w.object, w.record_id, w.action, w.seq from changes w where ${OF_CAUSE} order by w.cause, w.seq limit ${LOOKED_AT + 1}) x group by x.object) p) s
     order by c.at desc, c.id desc`;

/**
 * SQL of one page of causes. Each filter has an index that lies in the order of the page: by actor and kind beside the causes, by
 * object (with kind or actor) in `cause_objects`, which the log keeps. What it says is held against the log once more, since rows of
 * the log may go with a sample.
 */
export function pageSql(o: CauseFilter, limit: number, params: Params): string {
  const after = o.cursor === undefined ? null : decodeCursor(ORDER, KEYS, o.cursor);
  const object = o.object === undefined ? null : params.add(o.object, 'text');
  const [t, id] = object ? ['b', 'cause'] : ['c', 'id'];
  const where = and([
    object && `b.object = ${object}`,
    o.actor === undefined ? null : `${t}.actor_id = ${params.add(o.actor, 'uuid')}`,
    o.kind === undefined ? null : `${t}.kind = ${params.add(o.kind, 'text')}`,
    o.parent === undefined ? null : `c.parent = ${params.add(o.parent, 'uuid')}`,
    after && `(${t}.at, ${t}.${id}) < (${params.add(after.values[0], 'timestamptz')}, ${params.add(after.id, 'uuid')})`,
    `exists (select 1 from changes w where ${OF_CAUSE}${object ? ` and w.object = ${object}` : ''})`,
  ]);
  const from = object ? 'cause_objects b join causes c on c.id = b.cause' : 'causes c';
  return `select c.* from ${from} where ${where} order by ${t}.at desc, ${t}.${id} desc limit ${limit}`;
}

function lineOf(ctx: Context, row: Row, names: ReadonlyMap<string, string>): CauseLine {
  const parts = (row.parts ?? []).filter((part) => reads(ctx, part.object));
  const records = new Map(parts.flatMap((part) => part.first.map((id) => [id, part.object] as const)));
  return {
    id: row.id,
    kind: row.kind,
    label: row.label,
    at: row.at,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name ?? (row.actor_kind === 'flow' ? row.label : null) },
    parent: row.parent,
    undone: row.undone_by === null ? null : { id: row.undone_by, at: row.undone_at ?? row.at, by: row.undone_name },
    parts: parts.map(({ object, created, updated, deleted, restored }) => ({ object, created, updated, deleted, restored })),
    counted: (row.parts ?? []).reduce((sum, part) => sum + part.n, 0) <= LOOKED_AT,
    records: [...records].flatMap(([id, object]) => {
      const name = names.get(id);
      return name === undefined ? [] : [{ object, id, name }];
    }),
  };
}

const reads = (ctx: Context, key: string): boolean => ctx.model.objects.has(key) && ctx.actor.rights.scope(key, 'read') !== 'none';

/** Names of the records that lines name, those in the trash included, as far as the reader may read them. */
async function namesOf(ctx: Context, rows: readonly Row[]): Promise<Map<string, string>> {
  const wanted = new Map<string, Set<string>>();
  for (const part of rows.flatMap((row) => row.parts ?? []))
    if (reads(ctx, part.object)) wanted.set(part.object, new Set([...(wanted.get(part.object) ?? []), ...part.first]));
  const names = new Map<string, string>();
  if (wanted.size === 0) return names;
  const params = new Params();
  const selects = [...wanted].map(([key, ids]) => recordNamesSql(ctx, ctx.model.object(key), [...ids], params));
  for (const row of await ctx.db.lists<{ id: string; name: string | null }>(selects.join(' union all '), params.values))
    if (row.name !== null) names.set(row.id, row.name);
  return names;
}

/** SQL giving id and name of records the actor may read, those in the trash included. */
export function recordNamesSql(ctx: Context, object: ModelObject, ids: readonly string[], params: Params): string {
  const title = object.fields.get(object.title);
  const name = title && mayReadField(ctx.actor, object, title) ? titleSql(object, 't') : 'null::text';
  const where = and([`t.id = any(${params.add(ids, 'uuid[]')})`, scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params)]);
  return `select t.id, ${name} as name from ${object.table} t where ${where}`;
}

/** A cause of up to so many records is rehearsed through the pipeline; of a larger one the log tells what would come of it. */
export const REHEARSED = 1000;

/**
 * What an undo would do, told by the log alone: quick for any size. A field that somebody changed since counts as a conflict even
 * where they set it back, so there may be fewer.
 */
export async function previewUndo(ctx: Context, id: string, only?: OneRecord): Promise<UndoReport> {
  const cause = await causeOf(ctx, id, only);
  const counts = await ctx.db.query<{ action: string; n: number }>(
    `select action, count(*)::int as n from (select distinct on (record_id) record_id, action from changes where cause = $1::uuid order by record_id, seq) x group by action`,
    [id],
  );
  const of = (action: string) => counts.find((row) => row.action === action)?.n ?? 0;
  const conflicts = await ctx.db.query<{ object: string; id: string; field: string; n: number }>(
    `select x.object, x.record_id as id, x.key as field, count(*) over ()::int as n from (
       select distinct c.object, c.record_id, k.key from changes c
       join changes d on d.record_id = c.record_id and d.seq > c.seq and d.cause <> c.cause
       cross join lateral jsonb_object_keys(c.after) k (key) where c.cause = $1::uuid and d.after ? k.key) x order by x.record_id limit 1000`,
    [id],
  );
  return {
    restored: of('update'),
    removed: of('create') + of('restore'),
    revived: of('delete'),
    conflicts: conflicts.map(({ object, id: record, field }) => ({ object, id: record, field, reason: 'changedSince' as const })),
    conflictCount: conflicts[0]?.n ?? 0,
    total: cause.records,
  };
}

const unreadable = (path: string, detail: string) => invalid('The list cannot be read.', [{ path, code: 'type', detail }]);
