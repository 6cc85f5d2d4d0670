import { authorOf } from '#engine/access/actor.ts';
import { requireVerb, requireWritingKey } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { meeting } from '#engine/record/meeting.ts';
import { conditionSql } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { type Tx, within } from '#engine/store/db.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { startRuns } from './start.ts';
import { activeVersion, activeVersions, type FlowVersion, flowActor, flowCause } from './versions.ts';

/** Starting flows by hand: what acts is the flow with the rights it has, but only on records that the asker reads. */

const SIZE = 2000;

/** Whether somebody may start a flow: administrators any, others those whose trigger names a role of theirs. */
const mayStart = (ctx: Context, { shape }: Pick<FlowVersion, 'shape'>): boolean =>
  ctx.actor.rights.may('administer') ||
  (shape.trigger.on === 'hand' && (shape.trigger.roles ?? []).some((role) => ctx.actor.roles.includes(role)));

/** A flow that the asker may start, with its object. */
export async function startable(ctx: Context, flow: string): Promise<{ version: FlowVersion; object: ModelObject }> {
  if (!isId(flow)) throw notFound();
  const version = await activeVersion(ctx.db, flow);
  const object = version && ctx.model.objects.get(version.shape.object);
  if (!version || !object || !mayStart(ctx, version)) throw notFound();
  requireVerb(ctx.actor, object, 'read');
  requireWritingKey(ctx.model, ctx.actor);
  return { version, object };
}

/** The flows that the asker may start by hand for records of an object. */
export async function startableFor(ctx: Context, object: string): Promise<{ id: string; name: string }[]> {
  const versions = await activeVersions(ctx.db, 'hand');
  return versions
    .filter((version) => version.shape.object === object && mayStart(ctx, version))
    .map(({ flow, name }) => ({ id: flow, name }));
}

/** Starts a flow for named records; those that the asker may not read or that do not meet its condition are passed over. */
export async function startByHand(ctx: Context, flow: string, ids: readonly string[]): Promise<{ started: number; skipped: number }> {
  if (ids.length > SIZE || !ids.every(isId))
    throw invalid(`Up to ${SIZE} ids of records.`, [{ path: 'ids', code: 'type', detail: 'Expected ids of records.' }]);
  const { version, object } = await startable(ctx, flow);
  return transact(ctx, async (tx) => {
    const own: Context = { ...ctx, db: within(ctx.db, tx) };
    const readable = await meeting(own, object, ids, undefined);
    const started = await startChunk(tx, ctx, version, object, [...readable]);
    return { started, skipped: new Set(ids).size - started };
  });
}

/** How far a walk over all records that meet a condition is. */
export interface StartState {
  after: string | null;
  started: number;
}

/** Starts a flow for all records that meet a condition, chunk by chunk; false when it was told to stop. */
export async function startAll(
  ctx: Context,
  flow: string,
  where: unknown,
  state: StartState,
  o: { save(tx: Tx, state: StartState): Promise<void>; cancelled(): boolean },
): Promise<boolean> {
  const { version, object } = await startable(ctx, flow);
  for (;;) {
    if (o.cancelled()) return false;
    const params = new Params();
    const condition = and([conditionSql(ctx, object, where, 't', params), state.after && `t.id > ${params.add(state.after, 'uuid')}`]);
    const rows = await ctx.db.query<{ id: string }>(
      `select t.id from ${object.table} t where ${condition} order by t.id limit ${SIZE}`,
      params.values,
    );
    if (rows.length === 0) return true;
    await ctx.db.transaction(async (tx) => {
      state.started += await startChunk(
        tx,
        ctx,
        version,
        object,
        rows.map(({ id }) => id),
      );
      state.after = rows.at(-1)?.id ?? state.after;
      await o.save(tx, state);
    });
  }
}

async function startChunk(tx: Tx, ctx: Context, version: FlowVersion, object: ModelObject, ids: readonly string[]): Promise<number> {
  const { cause, actor } = ctx;
  const acting: Context = {
    ...ctx,
    db: within(ctx.db, tx),
    actor: await flowActor(tx, version),
    cause: flowCause(version.name, cause.id),
    once: undefined,
  };
  const met = await meeting(acting, object, ids, version.shape.when);
  await tx.query(
    `insert into causes (id, kind, label, actor_kind, actor_id, parent) values ($1::uuid, $2::text, $3::text, $4::text, $5::uuid, $6::uuid) on conflict (id) do nothing`,
    [cause.id, cause.kind, cause.label ?? version.name, actor.kind, authorOf(actor), cause.parent],
  );
  return startRuns(
    tx,
    version,
    [...met].map((record) => ({ record, origin: `hand:${cause.id}`, cause: cause.id, root: cause.id, depth: 0 })),
  );
}
