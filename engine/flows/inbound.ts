import { createHash, timingSafeEqual } from 'node:crypto';
import type { Match, Trigger } from '#engine/declare/flow.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { meeting } from '#engine/record/meeting.ts';
import { identifierOf } from '#engine/record/resolve.ts';
import { Once, transact } from '#engine/record/transact.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import { type Tx, within } from '#engine/store/db.ts';
import { conflict, invalid, limited, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { isObject } from '#kit/json.ts';
import { startRuns } from './start.ts';
import { digestOf } from './switch.ts';
import { activeVersion, type FlowVersion, flowActor } from './versions.ts';

type Inbound = Extract<Trigger, { on: 'inbound' }>;

/** Calls a minute that a flow takes unless it says otherwise. */
const PER_MINUTE = 60;

/** What came of a call from outside. */
export interface Received {
  record: string;
  created: boolean;
  /** Whether the flow runs for it: its condition may not be met. */
  started: boolean;
}

/**
 * Takes what another program posts to the secret address of a flow: finds the record or makes it, writes the mapped fields and starts a
 * run, in one transaction, under the flow's rights. Whoever does not know the secret learns nothing, not even that the flow is there.
 */
export async function receive(ctx: Context, flow: string, secret: string, body: unknown, key: string | null): Promise<Received> {
  const version = isId(flow) ? await activeVersion(ctx.db, flow) : null;
  const trigger = version?.shape.trigger;
  const [held] = isId(flow)
    ? await ctx.db.query<{ secret: string }>(`select secret from flow_secrets where flow = $1::uuid and kind = 'inbound'`, [flow])
    : [];
  const given = Buffer.from(digestOf(secret));
  const known = Buffer.from(held?.secret ?? digestOf(''));
  if (!timingSafeEqual(given, known) || !held || !version || trigger?.on !== 'inbound') throw notFound('There is no such address.');
  await pace(ctx, flow, trigger.perMinute ?? PER_MINUTE);
  if (!isObject(body)) throw invalid('Expected a JSON object.');
  const object = ctx.model.objects.get(version.shape.object);
  if (!object) throw notFound('There is no such address.');
  const cause = { ...ctx.cause, label: version.name };
  const actor = await flowActor(ctx.db, version);
  const once =
    key === null
      ? undefined
      : new Once(key.slice(0, 200), `flow ${flow}`, createHash('sha256').update(JSON.stringify(body)).digest('base64'));
  return transact({ db: ctx.db, once, wrote: ctx.wrote }, (tx) =>
    take(tx, { ...ctx, db: within(ctx.db, tx), actor, cause, once: undefined }, version, trigger, object, body),
  );
}

/** Refuses calls above so many a minute, and says when to come back. */
async function pace(ctx: Context, flow: string, most: number): Promise<void> {
  const [row] = await ctx.db.query<{ n: number; left: number }>(
    `with old as (delete from flow_inbound where flow = $1::uuid and minute < now() - interval '10 minutes')
     insert into flow_inbound (flow, minute, n) values ($1::uuid, date_trunc('minute', now()), 1)
     on conflict (flow, minute) do update set n = flow_inbound.n + 1 returning n, ceil(60 - extract(second from now()))::int as left`,
    [flow],
  );
  if ((row?.n ?? 0) > most) throw limited('More calls than this address takes in a minute.', row?.left ?? 60);
}

async function take(
  tx: Tx,
  ctx: Context,
  version: FlowVersion,
  trigger: Inbound,
  object: ModelObject,
  body: Record<string, unknown>,
): Promise<Received> {
  const values: Record<string, unknown> = {};
  for (const [field, path] of Object.entries(trigger.fields)) {
    const value = at(body, path);
    if (value !== undefined) values[field] = value;
  }
  const found = trigger.match ? await find(tx, ctx, object, trigger.match, body) : null;
  const { match } = trigger;
  if (!found && match?.by === 'id') throw notFound();
  if (!found && match?.by === 'externalId') values.externalIds ??= [{ system: match.system, value: String(at(body, match.path)) }];
  const op: WriteOp = found ? { op: 'update', id: found, values } : { op: 'create', values };
  const [result] = await writeIn(tx, ctx, object, [op]);
  if (!result?.ok) throw result?.error ?? notFound();
  await tx.query(
    `insert into causes (id, kind, label, actor_kind, actor_id, parent) values ($1::uuid, $2::text, $3::text, $4::text, null, null) on conflict (id) do nothing`,
    [ctx.cause.id, ctx.cause.kind, ctx.cause.label, ctx.actor.kind],
  );
  const met = await meeting(ctx, object, [result.id], version.shape.when);
  const { id } = ctx.cause;
  const started = await startRuns(
    tx,
    version,
    [...met].map((record) => ({ record, origin: `inbound:${id}`, cause: id, root: id, depth: 0 })),
  );
  return { record: result.id, created: !found, started: started > 0 };
}

/** The record that a call names; null where there is none yet. Names that mean several are refused: nobody is changed by chance. */
async function find(tx: Tx, ctx: Context, object: ModelObject, match: Match, body: Record<string, unknown>): Promise<string | null> {
  const given = at(body, match.path);
  if ((typeof given !== 'string' && typeof given !== 'number') || given === '')
    throw invalid('The record cannot be told.', [
      { path: match.path, code: 'required', detail: 'A value is needed to find the record by.' },
    ]);
  const value = String(given);
  const ids =
    match.by === 'id'
      ? isId(value)
        ? [value]
        : []
      : (
          await (match.by === 'externalId'
            ? tx.query<{ id: string }>(
                'select record_id as id from external_ids where object = $1::text and system = $2::text and value = $3::text',
                [object.key, match.system, value],
              )
            : tx.query<{ id: string }>(
                'select distinct record_id as id from identifiers where object = $1::text and kind = $2::text and value = $3::text limit 20',
                [object.key, match.by, identifierOf(ctx, match.by, value)],
              ))
        ).map(({ id }) => id);
  const readable = [...(await meeting(ctx, object, ids, undefined))];
  if (readable.length > 1)
    throw conflict('Several records have this value.', [
      { path: match.path, code: 'ambiguous', detail: 'Several records have this value.' },
    ]);
  return readable[0] ?? null;
}

/** The value a dotted path leads to in what was posted. Pure. */
export function at(body: unknown, path: string): unknown {
  let current: unknown = body;
  for (const key of path.split('.')) {
    if (Array.isArray(current) && /^\d+$/.test(key)) current = current[Number(key)];
    else if (isObject(current) && Object.hasOwn(current, key)) current = current[key];
    else return undefined;
  }
  return current;
}
