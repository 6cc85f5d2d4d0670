import { mayWriteField, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { defineAction } from '#engine/declare/action.ts';
import { runAction } from '#engine/record/action.ts';
import type { Context } from '#engine/record/context.ts';
import { transact } from '#engine/record/transact.ts';
import type { Queryable } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { denied } from '#kit/errors.ts';
import { chooseOwners, type Why } from '#modules/workspace/index.ts';
import { giveOut } from './lead-assignment.rules.ts';
import { openSql } from './score-leads.ts';

/** Gives open leads to whom the rules say, whoever has them now; those that no rule takes stay where they are. */
export const assignLeads = defineAction({ key: 'assignLeads', object: 'lead', verb: 'update', bulk: true, input: {} });

export const runAssignLeads = runAction(assignLeads, (ctx, _input, ids) =>
  transact(ctx, async (tx) => {
    const mine = await givable(tx, ctx, ids);
    const given = await giveOut(tx, ctx, [...mine.keys()]);
    return { changed: given.size, left: ids.length - given.size };
  }),
);

/** Those of some open leads that the actor may give to others, with their names. */
async function givable(q: Queryable, ctx: Context, ids: readonly string[]): Promise<Map<string, string>> {
  const object = ctx.model.object('lead');
  requireVerb(ctx.actor, object, 'update');
  const owner = object.fields.get('owner');
  if (!owner || !mayWriteField(ctx.actor, object, owner)) throw denied('Your roles do not let you give leads to others.');
  const params = new Params();
  const scopes = (['read', 'update'] as const).map((verb) => scopeCondition(ctx.model, ctx.actor, object, verb, 't', params));
  const rows = await q.query<{ id: string; name: string }>(
    `select t.id, t.name from leads t where t.id = any(${params.add([...ids], 'uuid[]')}) and ${openSql('t', params)}
       ${scopes.map((scope) => (scope ? `and ${scope}` : '')).join(' ')} order by t.id`,
    params.values,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export interface WouldGet {
  id: string;
  name: string;
  /** Null where no rule takes it, or nobody of those it names is there. */
  user: { id: string; name: string } | null;
  why: Why | null;
}

/** Who would get which of some leads if they were given out now. */
export async function previewAssignment(ctx: Context, ids: readonly string[]): Promise<WouldGet[]> {
  const mine = await givable(ctx.db, ctx, ids);
  const given = await chooseOwners(ctx.db, ctx, ctx.model.object('lead'), [...mine.keys()], { keep: false });
  return [...mine].map(([id, name]) => ({ id, name, user: given.get(id)?.user ?? null, why: given.get(id)?.why ?? null }));
}
