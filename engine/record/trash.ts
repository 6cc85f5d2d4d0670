import { requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { decodeCursor, encodeCursor } from '#engine/store/page.ts';
import { titleSql } from '#engine/store/projection.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Context } from './context.ts';
import { type WriteResult, write } from './write.ts';

/** Records that were deleted: they stay, out of every list, until they are brought back. */
export interface Trashed {
  object: string;
  id: string;
  name: string | null;
  deletedAt: string;
  deletedBy: { id: string; name: string | null } | null;
  /** The act that deleted it, to be undone as a whole. */
  cause: string | null;
  /** Deleted because it was merged into this record: it comes back by undoing the merge. */
  mergedInto: string | null;
}

/** How pages of it go on: behind the instant and the id of the last one. */
const ORDER = ['trash:-at'];
const KEYS = { keys: [{ kind: 'instant' as const }] };

/** A page of what lies in the trash and the actor might bring back, latest first. */
export async function listTrash(
  ctx: Context,
  o: { object?: string; q?: string; cursor?: string; limit?: number },
): Promise<{ items: Trashed[]; next: string | null }> {
  const limit = Math.min(Math.max(o.limit ?? 50, 1), 200);
  const params = new Params();
  const after = o.cursor === undefined ? null : decodeCursor(ORDER, KEYS, o.cursor);
  const objects = [...ctx.model.objects.values()].filter(
    (object) =>
      (o.object === undefined || object.key === o.object) &&
      ctx.actor.rights.scope(object.key, 'read') !== 'none' &&
      ctx.actor.rights.scope(object.key, 'delete') !== 'none',
  );
  if (objects.length === 0) return { items: [], next: null };
  const selects = objects.map((object) => {
    const title = object.fields.get(object.title);
    const name = title && ctx.actor.rights.field(object.key, title.key) !== 'hidden' ? titleSql(object, 't') : 'null::text';
    const where = and([
      't.deleted_at is not null',
      after && `(t.deleted_at, t.id) < (${params.add(after.values[0], 'timestamptz')}, ${params.add(after.id, 'uuid')})`,
      o.q ? `perigon_fold(${name}) like '%' || perigon_fold(${params.add(o.q.replace(/[\\%_]/g, '\\$&'), 'text')}) || '%'` : null,
      scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
      scopeCondition(ctx.model, ctx.actor, object, 'delete', 't', params),
    ]);
    return `(select '${object.key}' as object, t.id, ${name} as name, t.deleted_at, t.updated_by_id as by_id from ${object.table} t where ${where} order by t.deleted_at desc, t.id desc limit ${limit + 1})`;
  });
  const rows = await ctx.db.lists<{
    object: string;
    id: string;
    name: string | null;
    at: string;
    exact: string;
    by_id: string | null;
    by_name: string | null;
    cause: string | null;
    survivor: string | null;
  }>(
    `select x.object, x.id, x.name, ${instantText('x.deleted_at')} as at, x.deleted_at::text as exact, x.by_id, u.name as by_name, m.survivor,
       (select c.cause from changes c where c.record_id = x.id and c.action = 'delete' order by c.seq desc limit 1) as cause
     from (select * from (${selects.join(' union all ')}) y order by deleted_at desc, id desc limit ${limit + 1}) x
     left join users u on u.id = x.by_id left join merges m on m.loser = x.id order by x.deleted_at desc, x.id desc`,
    params.values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => ({
      object: row.object,
      id: row.id,
      name: row.name,
      deletedAt: row.at,
      deletedBy: row.by_id === null ? null : { id: row.by_id, name: row.by_name },
      cause: row.cause,
      mergedInto: row.survivor,
    })),
    next: rows.length > limit && last ? encodeCursor(ORDER, { values: [last.exact], id: last.id }) : null,
  };
}

/** Brings records back; each by itself, so that one whose name in another system was taken meanwhile holds up no other. */
export async function restoreFromTrash(ctx: Context, object: ModelObject, ids: readonly string[]): Promise<WriteResult[]> {
  requireVerb(ctx.actor, object, 'delete');
  const bad = ids.findIndex((id) => !isId(id));
  if (bad >= 0)
    throw invalid('A record cannot be named so.', [{ path: `ids.${bad}`, code: 'type', detail: 'Expected the id of a record.' }]);
  return write(
    ctx,
    object,
    ids.map((id) => ({ op: 'restore', id })),
    { partial: true },
  );
}
