import { scopeCondition } from '#engine/access/policy.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { and, Params } from '#engine/store/sql.ts';
import { bindContext, type Context, sqlContext } from './context.ts';

/** Those of the records that are there, that the actor may read, and that meet a condition: one statement for all of them. */
export async function meeting(
  ctx: Context,
  object: ModelObject,
  ids: readonly string[],
  where: Predicate | undefined,
  o: { deleted?: boolean } = {},
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const params = new Params();
  const list = params.add(ids, 'uuid[]');
  const condition = and([
    `t.id = any(${list})`,
    o.deleted ? null : 't.deleted_at is null',
    scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
    where ? toSql(bindPredicate(bindContext(ctx), object, where), 't', sqlContext(ctx, params)) : null,
  ]);
  const rows = await ctx.db.query<{ id: string }>(`select t.id from ${object.table} t where ${condition}`, params.values);
  return new Set(rows.map(({ id }) => id));
}
