import { requireVerb, requireWritingKey } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import { recordNamesSql } from '#engine/record/causes.ts';
import type { Context } from '#engine/record/context.ts';
import { transact } from '#engine/record/transact.ts';
import type { Queryable } from '#engine/store/db.ts';
import { and, Params } from '#engine/store/sql.ts';
import { conflict, denied, invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import { endLoops } from './loop.ts';
import type { Decision } from './steps.ts';

export const RUN_STATES = ['due', 'waiting', 'approval', 'children', 'done', 'failed', 'stopped'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** A run as people see it; only of records they may read. */
export interface RunLine {
  id: string;
  flow: { id: string; name: string };
  version: number;
  object: string;
  record: { id: string; name: string | null };
  state: RunState;
  /** It would run but for the limit of its flow: it begins at `wakeAt`. */
  held: boolean;
  step: string | null;
  wakeAt: string | null;
  /** The condition that it waits for; `wakeAt` is then how long at most. */
  waitsFor: JsonObject | null;
  attempts: number;
  error: string | null;
  origin: string;
  cause: string | null;
  parent: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface RunStep {
  n: number;
  step: string;
  at: string;
  outcome: string;
  detail: Json;
  cause: string | null;
}

const at = (column: string) => instantText(`r.${column}`);
const COLUMNS = `r.id, json_build_object('id', r.flow, 'name', v.name) as flow, r.version, r.object, r.record_id as "recordId", r.state,
  r.state = 'due' and r.started_at is null and r.wake_at > now() as held, r.step, ${at('wake_at')} as "wakeAt",
  case when r.state = 'waiting' and r.watches is not null then v.shape->'steps'->r.step->'when' end as "waitsFor", r.attempts, r.error, r.origin, r.cause, r.parent,
  ${at('created_at')} as "createdAt", ${at('started_at')} as "startedAt", ${at('finished_at')} as "finishedAt"`;
type Row = Omit<RunLine, 'record'> & { recordId: string };

/** Runs belong to whoever may read flows; somebody who is asked to approve one sees that one. */
const readsFlows = (ctx: Context): void => requireVerb(ctx.actor, ctx.model.object('flow'), 'read');

/** A page of runs, newest first. */
export async function listRuns(
  ctx: Context,
  o: { flow?: string; record?: string; state?: RunState; cursor?: string; limit?: number },
): Promise<{ items: RunLine[]; next: string | null }> {
  readsFlows(ctx);
  for (const id of [o.flow, o.record, o.cursor]) if (id !== undefined && !isId(id)) throw invalid('The list cannot be read.');
  const limit = o.limit ?? 60;
  const params = new Params();
  const rest = [
    o.flow === undefined ? null : `r.flow = ${params.add(o.flow, 'uuid')}`,
    o.record === undefined ? null : `r.record_id = ${params.add(o.record, 'uuid')}`,
    o.cursor === undefined ? null : `r.id < ${params.add(o.cursor, 'uuid')}`,
  ];
  const max = params.add(limit + 1, 'int');
  // Of one flow each state is a range of its own in the index.
  const states = o.state !== undefined ? [o.state] : o.flow !== undefined && o.record === undefined ? RUN_STATES : [null];
  const branches = states.map(
    (state) =>
      `(select r.* from flow_runs r where ${and([...rest, state && `r.state = ${params.add(state, 'text')}`])} order by r.id desc limit ${max})`,
  );
  const rows = await ctx.db.lists<Row>(
    `select ${COLUMNS} from (${branches.join(' union all ')}) r join flow_versions v on v.flow = r.flow and v.version = r.version order by r.id desc limit ${max}`,
    params.values,
  );
  const page = rows.slice(0, limit);
  return { items: await named(ctx, page), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** Rows with the names of their records; those whose record one may not read are left out. */
async function named(ctx: Context, rows: readonly Row[]): Promise<RunLine[]> {
  const names = new Map<string, string | null>();
  for (const key of new Set(rows.map(({ object }) => object))) {
    const object = ctx.model.objects.get(key);
    if (!object || ctx.actor.rights.scope(key, 'read') === 'none') continue;
    const params = new Params();
    const ids = rows.filter((row) => row.object === key).map(({ recordId }) => recordId);
    const sql = recordNamesSql(ctx, object, ids, params);
    for (const row of await ctx.db.lists<{ id: string; name: string | null }>(sql, params.values)) names.set(row.id, row.name);
  }
  return rows
    .filter((row) => names.has(row.recordId))
    .map(({ recordId, ...row }) => ({ ...row, record: { id: recordId, name: names.get(recordId) ?? null } }));
}

/** One run with what it did so far. */
export async function readRun(ctx: Context, id: string): Promise<RunLine & { steps: RunStep[]; approvers: string[]; shape: JsonObject }> {
  if (!isId(id)) throw notFound();
  const [row] = await ctx.db.query<Row & { approvers: string[] | null; shape: JsonObject }>(
    `select ${COLUMNS}, r.context->'approvers' as approvers, v.shape from flow_runs r join flow_versions v on v.flow = r.flow and v.version = r.version where r.id = $1::uuid`,
    [id],
  );
  const asked = row?.approvers?.includes(ctx.actor.userId ?? '') === true;
  if (!row || (!asked && ctx.actor.rights.scope('flow', 'read') === 'none')) throw notFound();
  const { approvers, shape, ...line } = row;
  const [seen] = await named(ctx, [line]);
  if (!seen) throw notFound();
  const steps = await ctx.db.query<RunStep>(
    `select n, step, ${instantText('at')} as at, outcome, detail, cause from flow_run_steps where run = $1::uuid order by n limit 1000`,
    [id],
  );
  return { ...seen, steps, approvers: approvers ?? [], shape };
}

/** Runs that wait for the asker to decide, the longest waiting first: of one record, or all. */
export async function listApprovals(ctx: Context, record?: string): Promise<(RunLine & { text: string })[]> {
  if (ctx.actor.userId === null) return [];
  if (record !== undefined && !isId(record)) throw invalid('The list cannot be read.');
  const rows = await ctx.db.lists<Row & { text: string }>(
    `select ${COLUMNS}, coalesce(r.context->>'text', '') as text from flow_runs r join flow_versions v on v.flow = r.flow and v.version = r.version
     where r.state = 'approval' and r.context->'approvers' ? $1::text and r.context->'decision' is null and ($2::uuid is null or r.record_id = $2::uuid)
     order by r.id limit 200`,
    [ctx.actor.userId, record ?? null],
  );
  const texts = new Map(rows.map(({ id, text }) => [id, text]));
  const lines = await named(
    ctx,
    rows.map(({ text: _text, ...row }) => row),
  );
  return lines.map((line) => ({ ...line, text: texts.get(line.id) ?? '' }));
}

/** How many runs of a flow stand where, each counted up to `COUNTED`; and what else there is to know of how it is. */
export const COUNTED = 10_000;
export async function countRuns(ctx: Context, flow: string): Promise<JsonObject> {
  readsFlows(ctx);
  if (!isId(flow)) throw notFound();
  const counts = await ctx.db.lists<{ state: string; n: number; held: number }>(
    `select s.state, c.n, c.held from unnest($2::text[]) s(state) cross join lateral (
       select count(*)::int as n, (count(*) filter (where x.state = 'due' and x.started_at is null and x.wake_at > now()))::int as held
       from (select r.state, r.started_at, r.wake_at from flow_runs r where r.flow = $1::uuid and r.state = s.state limit ${COUNTED + 1}) x) c`,
    [flow, RUN_STATES],
  );
  const [more] = await ctx.db.lists<{ problem: string | null; edited: boolean | null; dead: number; open: number }>(
    `select (select v.problem from flow_versions v where v.flow = $1::uuid and v.problem is not null order by v.version desc limit 1) as problem,
       (select v.shape - 'layout' is distinct from f.definition::jsonb - 'layout' from flows f
        join flow_versions v on v.flow = f.id and v.version = f.active_version where f.id = $1::uuid and f.active) as edited,
       (select count(*)::int from outbox where source = $1::uuid and dead_at is not null) as dead,
       (select count(*)::int from outbox_open where source = $1::uuid) as open`,
    [flow],
  );
  return {
    states: Object.fromEntries(counts.map(({ state, n }) => [state, { value: Math.min(n, COUNTED), exact: n <= COUNTED }])),
    held: counts.reduce((sum, { held }) => sum + held, 0),
    problem: more?.problem ?? null,
    // Whether what is drawn is another thing than what runs; where it was moved about alone, it is not.
    edited: more?.edited ?? false,
    deliveries: { open: more?.open ?? 0, dead: more?.dead ?? 0 },
  };
}

const administers = (ctx: Context): void => {
  if (!ctx.actor.rights.may('administer')) throw denied('Only an administrator looks after flows.');
};

/** Tries failed runs again: one, or all of a flow. Gives how many. */
export async function retryRuns(ctx: Context, o: { run: string } | { flow: string }): Promise<number> {
  await mayTouch(ctx, o);
  const rows = await ctx.db.query(
    `update flow_runs set state = 'due', wake_at = now(), attempts = 0, error = null, finished_at = null
     where id in (select id from flow_runs where ${'run' in o ? 'id' : 'flow'} = $1::uuid and state = 'failed' order by id limit 5000) returning 1 as ok`,
    ['run' in o ? o.run : o.flow],
  );
  return rows.length;
}

/** Stops runs that have not ended: one with those it waits for, or all of a flow. What they did stays, and can be undone. */
export async function stopRuns(ctx: Context, o: { run: string } | { flow: string }): Promise<number> {
  await mayTouch(ctx, o);
  return transact(ctx, (tx) =>
    'flow' in o
      ? stopRunsOf(tx, [o.flow], 'Somebody stopped it.')
      : stopIn(tx, 'id = any($1::uuid[]) or parent = any($1::uuid[])', [o.run], 'Somebody stopped it.'),
  );
}

async function mayTouch(ctx: Context, o: { run: string } | { flow: string }): Promise<void> {
  readsFlows(ctx);
  administers(ctx);
  if ('run' in o) await readRun(ctx, o.run);
  else if (!isId(o.flow)) throw notFound();
}

/** Stops all runs of flows. */
export const stopRunsOf = (tx: Queryable, flows: readonly string[], why: string): Promise<number> =>
  stopIn(tx, 'flow = any($1::uuid[])', flows, why);

async function stopIn(tx: Queryable, which: string, ids: readonly string[], why: string): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `update flow_runs set state = 'stopped', wake_at = null, watches = null, looks = false, finished_at = now(), error = $2::text
     where (${which}) and state in ('due', 'waiting', 'approval', 'children') returning id`,
    [ids, why],
  );
  await endLoops(
    tx,
    rows.map(({ id }) => id),
  );
  return rows.length;
}

/** Decides a run that waits for an approval. Only whom it asks may. */
export async function decideRun(ctx: Context, id: string, verdict: Decision['verdict'], comment: string | null): Promise<void> {
  const run = await readRun(ctx, id);
  if (!run.approvers.includes(ctx.actor.userId ?? '')) throw denied('Somebody else is asked to decide this.');
  requireWritingKey(ctx.model, ctx.actor);
  const decision = { verdict, by: ctx.actor.userId, comment };
  const rows = await ctx.db.query(
    `update flow_runs set state = 'due', wake_at = now(), context = context || jsonb_build_object('decision', $2::jsonb)
     where id = $1::uuid and state = 'approval' and context->'decision' is null returning 1 as ok`,
    [id, JSON.stringify(decision)],
  );
  if (rows.length === 0) throw conflict('This was decided already, or its time is over.');
}
