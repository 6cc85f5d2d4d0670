import type { Actor } from '#engine/access/actor.ts';
import { mayReadField, requireVerb } from '#engine/access/policy.ts';
import { flowFindings } from '#engine/declare/flow-findings.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { recordNamesSql } from '#engine/record/causes.ts';
import type { Context } from '#engine/record/context.ts';
import { conditionSql } from '#engine/record/read.ts';
import { isPassing, type Tx } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { denied, invalid } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { isObject, type Json, type JsonObject } from '#kit/json.ts';
import { Batch, type Done, type Run } from './batch.ts';
import type { Ports } from './doing.ts';
import { type Start, startsOf } from './past.ts';
import { readFlow } from './shape.ts';
import { type FlowVersion, flowCause, flowContext } from './versions.ts';

/** Starts that are looked for, records that are tried, and those that are shown one by one. */
const MOST = 2000;
const SHOWN = 50;
/** Records tried in one transaction, which is rolled back: short, for it holds what it touches. */
const CHUNK = 100;
const TIME_MS = 8000;

export interface TrialStep {
  step: string;
  outcome: string;
  detail: Json;
  /** What it would have written, field by field. */
  changes: { object: string; action: string; fields: JsonObject }[];
}

export interface Trial {
  /** How often it would have started, and of how many of those there was time to see what comes of them. */
  starts: number;
  tried: number;
  /** Set where there were more starts than are looked for, or no more time: nothing older was looked at. */
  since: string | null;
  /** By step: how often each outcome, and the first faults. */
  steps: { [step: string]: { outcomes: { [outcome: string]: number }; faults: string[] } };
  items: { record: { id: string; name: string | null }; at: string | null; steps: TrialStep[] }[];
}

class Rollback extends Error {}

/**
 * What a drawing would have done with the records of a span, before it is switched on: the very steps are done, by whoever asks, in
 * transactions that are rolled back. Nothing is written and nothing leaves; waits pass at once, approvals are given.
 */
export async function tryFlow(ctx: Context, ports: Ports, input: { definition: unknown; from: string; to: string }): Promise<Trial> {
  requireVerb(ctx.actor, ctx.model.object('flow'), 'read');
  if (!ctx.actor.rights.may('administer')) throw denied('Only an administrator tries flows.');
  const shape = readFlow(input.definition, 'definition');
  const findings = flowFindings(ctx.model, shape, ctx.env);
  if (findings.length > 0)
    throw invalid(
      'The flow cannot be tried yet.',
      findings.map(({ step, path, code, detail }) => ({
        path: [...(step === null ? [] : ['steps', step]), path].filter(Boolean).join('.'),
        code,
        detail,
      })),
    );
  const object = ctx.model.object(shape.object);
  const version: FlowVersion = { flow: newId(), version: 0, name: 'Trial', shape, by: ctx.actor.userId, fromSeq: 0 };
  const began = performance.now();
  const acting: Context = { ...ctx, actor: { ...ctx.actor, kind: 'flow' } };
  const { starts, since } =
    shape.trigger.on === 'change'
      ? await startsOf(acting, object, version, { ...input, most: MOST, until: began + TIME_MS / 2 })
      : await today(acting, object, version);
  // Each record once, as it is now; the newest first.
  const records = [...new Map([...starts].reverse().map((start) => [start.record, start])).values()].reverse();
  const trial: Trial = { starts: starts.length, tried: 0, since, steps: {}, items: [] };
  for (let at = 0; at < records.length && performance.now() < began + TIME_MS; at += CHUNK)
    await tryChunk(acting, ports, version, object, records.slice(at, at + CHUNK), trial);
  await name(ctx, object, trial);
  return trial;
}

/** Of a flow that no change starts: the records that meet its condition now. */
async function today(ctx: Context, object: ModelObject, { shape }: FlowVersion): Promise<{ starts: Start[]; since: null }> {
  const params = new Params();
  const condition = conditionSql(ctx, object, shape.when, 't', params);
  const rows = await ctx.db.lists<{ id: string }>(
    `select t.id from ${object.table} t where ${condition} order by t.id desc limit ${MOST}`,
    params.values,
  );
  return { starts: rows.map(({ id }) => ({ record: id, at: '' })), since: null };
}

async function tryChunk(
  ctx: Context,
  ports: Ports,
  version: FlowVersion,
  object: ModelObject,
  starts: readonly Start[],
  trial: Trial,
): Promise<void> {
  const runs = starts.map(
    ({ record }): Run => ({
      id: newId(),
      record,
      entered: false,
      context: null,
      flow: version.flow,
      version: 0,
      object: object.key,
      step: version.shape.start,
      steps: 0,
      attempts: 0,
      cause: null,
    }),
  );
  const actor: Actor = ctx.actor;
  try {
    await ctx.db.transaction(async (tx) => {
      // Nobody waits for a trial for long, and it for nobody.
      await tx.query(`set local lock_timeout = '300ms'`);
      const base = { ...flowContext(ctx, ctx.db, tx, actor, flowCause(version.name, null)), wrote: () => undefined };
      const batch = new Batch({ db: ctx.db, ports, actorOf: async () => actor, jump: true, log: () => undefined }, tx, base, () => version);
      const until = performance.now() + 800;
      await batch.work(runs, () => performance.now() > until);
      count(trial, batch.done);
      trial.tried += runs.length;
      const shown = runs.slice(0, Math.max(0, SHOWN - trial.items.length));
      const steps = await written(tx, ctx, shown, batch.done);
      for (const [i, run] of shown.entries())
        trial.items.push({ record: { id: run.record, name: null }, at: starts[i]?.at || null, steps: steps.get(run.id) ?? [] });
      throw new Rollback();
    });
  } catch (error) {
    // Records that somebody else writes at this very moment are left out.
    if (!(error instanceof Rollback) && !isPassing(error)) throw error;
  }
}

function count(trial: Trial, done: readonly Done[]): void {
  for (const { step, outcome, detail } of done) {
    const held = trial.steps[step] ?? { outcomes: {}, faults: [] };
    held.outcomes[outcome] = (held.outcomes[outcome] ?? 0) + 1;
    if (
      (outcome === 'failed' || outcome === 'again') &&
      typeof detail === 'string' &&
      held.faults.length < 3 &&
      !held.faults.includes(detail)
    )
      held.faults.push(detail);
    trial.steps[step] = held;
  }
}

/** What the steps of runs did, with what they wrote, as far as the asker may know the fields. */
async function written(tx: Tx, ctx: Context, runs: readonly Run[], done: readonly Done[]): Promise<Map<string, TrialStep[]>> {
  const own = done.filter(({ run }) => runs.some(({ id }) => id === run));
  const rows = await tx.query<{
    object: string;
    id: string;
    cause: string;
    action: string;
    before: JsonObject | null;
    after: JsonObject | null;
  }>('select object, record_id as id, cause, action, before, after from changes where cause = any($1::uuid[]) order by seq', [
    [...new Set(own.map(({ cause }) => cause))],
  ]);
  const byCause = new Map<string, typeof rows>();
  for (const row of rows) byCause.set(`${row.cause} ${row.id}`, [...(byCause.get(`${row.cause} ${row.id}`) ?? []), row]);
  const steps = new Map<string, TrialStep[]>();
  for (const { run, step, outcome, detail, cause } of own) {
    const record = runs.find(({ id }) => id === run)?.record;
    const made = isObject(detail) && typeof detail.created === 'string' ? detail.created : null;
    const changes = [record, made].flatMap((id) => byCause.get(`${cause} ${id}`) ?? []);
    steps.set(run, [
      ...(steps.get(run) ?? []),
      {
        step,
        outcome,
        detail: made === null ? detail : null,
        changes: changes.map((row) => ({ object: row.object, action: row.action, fields: fieldsOf(ctx, row) })),
      },
    ]);
  }
  return steps;
}

function fieldsOf(ctx: Context, row: { object: string; before: JsonObject | null; after: JsonObject | null }): JsonObject {
  const object = ctx.model.objects.get(row.object);
  return Object.fromEntries(
    Object.entries(row.after ?? {})
      .filter(([key, value]) => {
        const field = object?.fields.get(key);
        return object && field && value !== null && mayReadField(ctx.actor, object, field);
      })
      .map(([key, value]) => [key, { from: row.before?.[key] ?? null, to: value ?? null }]),
  );
}

async function name(ctx: Context, object: ModelObject, trial: Trial): Promise<void> {
  if (trial.items.length === 0) return;
  const params = new Params();
  const sql = recordNamesSql(
    ctx,
    object,
    trial.items.map(({ record }) => record.id),
    params,
  );
  const names = new Map((await ctx.db.lists<{ id: string; name: string | null }>(sql, params.values)).map((row) => [row.id, row.name]));
  trial.items = trial.items.filter(({ record }) => names.has(record.id));
  for (const item of trial.items) item.record.name = names.get(item.record.id) ?? null;
}
