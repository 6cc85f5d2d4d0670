import { mayReadField, mayWriteField } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable } from '#engine/store/db.ts';
import { denied, invalid } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import { type BulkState, checkBulk, countBulk, runBulk } from './bulk.ts';
import type { Context } from './context.ts';
import { readOne } from './read.ts';

/**
 * What a member of staff leaves behind goes to a successor: their parties and, by what the objects declare under `handOver`, the
 * work that is still open. Each object is one bulk change; all of them share a cause, so one undo gives everything back. Who wrote
 * something down stays its author.
 */
export interface HandOver {
  from: string;
  to: string;
}

export interface HandOverState {
  /** No record behind this id is touched. */
  upTo: string;
  /** By object, in the order of the walk. */
  walks: Record<string, BulkState>;
}

/** What the actor may hand over, parties first: whoever takes over sees by them what the rest is about. */
export function handedOver(ctx: Context): ModelObject[] {
  const able = [...ctx.model.objects.values()].filter((object) => {
    const owner = object.owner ? object.fields.get(object.owner) : undefined;
    if (!object.handOver || !owner) return false;
    if (ctx.actor.rights.scope(object.key, 'read') === 'none' || ctx.actor.rights.scope(object.key, 'update') === 'none') return false;
    return mayReadField(ctx.actor, object, owner) && mayWriteField(ctx.actor, object, owner);
  });
  return able.sort((a, b) => Number(b.key === 'party') - Number(a.key === 'party'));
}

/** The records of an object that a user leaves behind. */
const leftBy = (object: ModelObject, user: string) => ({ all: [{ field: object.owner, op: 'eq', value: user }, object.handOver] });

/** How many records of each kind a user would leave behind, as far as the actor may hand them over. */
export async function holdsOf(
  ctx: Context,
  userId: string,
): Promise<{ user: { id: string; name: string }; holds: { object: string; count: number }[] }> {
  const { json } = await readOne(ctx, ctx.model.object('user'), userId, ['name']);
  const { id, name } = JSON.parse(json) as { id: string; name: string };
  const holds = await Promise.all(
    handedOver(ctx).map(async (object) => ({ object: object.key, count: await countBulk(ctx, object, leftBy(object, id)) })),
  );
  return { user: { id, name }, holds };
}

/** Refuses what cannot be handed over: to nobody, to the same person, to one who no longer works here, or without the right. */
export async function checkHandOver(ctx: Context, change: HandOver): Promise<void> {
  await readOne(ctx, ctx.model.object('user'), change.from, ['id']);
  const objects = handedOver(ctx);
  if (!objects.some((object) => object.key === 'party')) throw denied('Your roles do not let you hand customers over.');
  const refuse = (detail: string) => invalid('This cannot be handed over.', [{ path: 'to', code: 'successor', detail }]);
  if (!isId(change.to)) throw refuse('Choose who takes over.');
  if (change.to === change.from) throw refuse('Choose somebody else.');
  const [user] = await ctx.db.query<{ ok: number }>(
    'select 1 as ok from users where id = $1::uuid and deleted_at is null and active is not false',
    [change.to],
  );
  if (!user) throw refuse('Choose somebody who works here.');
  for (const object of objects) checkBulk(ctx, object, leftBy(object, change.from), { set: { [object.owner ?? '']: change.to } });
}

export const beginHandOver = (): HandOverState => ({ upTo: newId(), walks: {} });

/** Walks on from `state`; false when it was told to stop. */
export async function runHandOver(
  ctx: Context,
  change: HandOver,
  state: HandOverState,
  o: { save(tx: Queryable | null, state: HandOverState): Promise<void>; cancelled(): boolean },
): Promise<boolean> {
  for (const object of handedOver(ctx)) {
    const walk = state.walks[object.key] ?? { after: null, upTo: state.upTo, changed: 0, unchanged: 0, failed: 0, problems: [] };
    state.walks[object.key] = walk;
    const whole = await runBulk(ctx, object, leftBy(object, change.from), { set: { [object.owner ?? '']: change.to } }, walk, {
      save: (tx, next) => o.save(tx, { ...state, walks: { ...state.walks, [object.key]: next } }),
      cancelled: o.cancelled,
    });
    if (!whole) return false;
  }
  return true;
}
