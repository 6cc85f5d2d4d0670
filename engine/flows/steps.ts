import type { Predicate } from '#engine/declare/condition.ts';
import { instantText } from '#engine/declare/field.ts';
import { type FlowShape, filled, pathsOf, type Step } from '#engine/declare/flow.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { watchedOf } from '#engine/declare/watched-condition.ts';
import { readActionInput } from '#engine/record/action.ts';
import type { Context } from '#engine/record/context.ts';
import { meeting } from '#engine/record/meeting.ts';
import { type Outgoing, queueOut } from '#engine/record/outbox.ts';
import { type WriteOp, type WriteResult, writeIn } from '#engine/record/write.ts';
import { relativeInstant, startOfDate } from '#kit/calendar.ts';
import { invalid, notFound } from '#kit/errors.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import type { Doing, FlowNotice, Outcome, StepRun } from './doing.ts';
import { loopOver } from './loop.ts';
import { peopleFor, plain, type Reading, readPaths, valuesFor } from './values.ts';

type Outcomes = Map<string, Outcome>;
type Of<K extends Step['do']> = Extract<Step, { do: K }>;

/** Does a step for all runs of a group at once; gives what became of each. A fault of one record may throw: the caller halves the group. */
export async function doStep(d: Doing): Promise<Outcomes> {
  const step = d.version.shape.steps[d.id];
  if (!step) throw invalid('This version of the flow has no such step.');
  switch (step.do) {
    case 'set':
      return set(d, step);
    case 'create':
      return create(d, step);
    case 'act':
      return act(d, step);
    case 'assign':
      return assign(d, step);
    case 'notify':
      return notify(d, step);
    case 'wait':
      return wait(d, step);
    case 'branch':
      return branch(d, step);
    case 'approve':
      return approve(d, step);
    case 'webhook':
      return webhook(d, step);
    case 'loop':
      return loopOver(d, step);
  }
}

const ids = (runs: readonly StepRun[]): string[] => runs.map(({ record }) => record);

/** What a step reads, for every run; a run whose record the flow may not read fails. */
async function read(d: Doing, step: Step, then: (run: StepRun, reading: Reading) => Outcome | Promise<Outcome>): Promise<Outcomes> {
  const readings = await readPaths(d.ctx, d.object, ids(d.runs), pathsOf(step), { deleted: d.deleted });
  const outcomes: Outcomes = new Map();
  for (const run of d.runs) {
    const reading = readings.get(run.record);
    outcomes.set(run.id, reading ? await then(run, reading) : { error: notFound() });
  }
  return outcomes;
}

const written = (result: WriteResult | undefined, detail?: (result: Extract<WriteResult, { ok: true }>) => Json): Outcome =>
  result === undefined || !result.ok
    ? { error: result?.error ?? notFound() }
    : { edge: 'next', ...(detail ? { detail: detail(result) } : {}) };

/** Writes one operation per run; runs that were given none have their outcome already. */
async function writeFor(
  d: Doing,
  object: ModelObject,
  ops: ReadonlyMap<string, WriteOp>,
  outcomes: Outcomes,
  detail: (result: Extract<WriteResult, { ok: true }>) => Json,
): Promise<Outcomes> {
  const list = [...ops];
  const results =
    list.length === 0
      ? []
      : await writeIn(
          d.tx,
          d.ctx,
          object,
          list.map(([, op]) => op),
          { partial: true },
        );
  for (const [i, [run]] of list.entries()) outcomes.set(run, written(results[i], detail));
  return outcomes;
}

async function set(d: Doing, step: Of<'set'>): Promise<Outcomes> {
  const ops = new Map<string, WriteOp>();
  const outcomes = await read(d, step, (run, reading) => {
    const values = valuesFor(d.ctx, step.values, reading, (key) => d.object.fields.get(key)?.type);
    ops.set(run.id, { op: 'update', id: run.record, values });
    return { edge: 'next' };
  });
  return writeFor(d, d.object, ops, outcomes, ({ changed }) => ({ changed }));
}

async function create(d: Doing, step: Of<'create'>): Promise<Outcomes> {
  const object = d.ctx.model.objects.get(step.object);
  if (!object) throw invalid(`There is no object “${step.object}” any more.`);
  const ops = new Map<string, WriteOp>();
  const outcomes = await read(d, step, (run, reading) => {
    const values = valuesFor(d.ctx, step.values, reading, (key) => object.fields.get(key)?.type);
    ops.set(run.id, { op: 'create', values });
    return { edge: 'next' };
  });
  return writeFor(d, object, ops, outcomes, ({ id }) => ({ object: object.key, created: id }));
}

/** An action once for all runs that give it the same input, where it takes many records; else one by one. */
async function act(d: Doing, step: Of<'act'>): Promise<Outcomes> {
  const action = d.ports.actions.get(step.action);
  if (!action) throw invalid(`There is no action “${step.action}” any more.`);
  const groups = new Map<string, { input: JsonObject; runs: StepRun[] }>();
  const outcomes = await read(d, step, (run, reading) => {
    const input = valuesFor(d.ctx, step.input, reading, (key) => action.declaration.input[key]?.type) as JsonObject;
    const key = action.declaration.bulk ? JSON.stringify(input) : run.id;
    const group = groups.get(key) ?? { input, runs: [] };
    group.runs.push(run);
    groups.set(key, group);
    return { edge: 'next' };
  });
  const ctx: Context = { ...d.ctx, cause: { ...d.ctx.cause } };
  for (const { input, runs } of groups.values()) {
    const { input: values, ids: records } = readActionInput(ctx, action, { ...input, ids: ids(runs) });
    const result = await action.run(ctx, values, records);
    for (const run of runs) outcomes.set(run.id, { edge: 'next', detail: runs.length === 1 ? plain(result) : { of: runs.length } });
  }
  return outcomes;
}

/** Gives records to the users of the step in turn; who is no longer active is passed over. */
async function assign(d: Doing, step: Of<'assign'>): Promise<Outcomes> {
  const field = step.field ?? d.object.owner;
  if (field === undefined) throw invalid('These records have no owner.');
  const active = new Set(
    (
      await d.tx.query<{ id: string }>('select id from users where id = any($1::uuid[]) and deleted_at is null and active is not false', [
        step.users,
      ])
    ).map(({ id }) => id),
  );
  const users = step.users.filter((id) => active.has(id));
  if (users.length === 0) throw invalid('Nobody of those whom this step gives records to is active any more.');
  const [turn] = await d.tx.query<{ n: number }>(
    `insert into flow_turns (flow, step, n) values ($1::uuid, $2::text, $3::bigint)
     on conflict (flow, step) do update set n = flow_turns.n + excluded.n returning n`,
    [d.version.flow, d.id, d.runs.length],
  );
  const first = (turn?.n ?? d.runs.length) - d.runs.length;
  const outcomes: Outcomes = new Map();
  const given = new Map<string, string>();
  const ops = new Map<string, WriteOp>();
  d.runs.forEach((run, i) => {
    const user = users[(first + i) % users.length] ?? '';
    given.set(run.record, user);
    ops.set(run.id, { op: 'update', id: run.record, values: { [field]: user } });
  });
  return writeFor(d, d.object, ops, outcomes, ({ id, changed }) => ({ to: given.get(id) ?? null, changed }));
}

async function notify(d: Doing, step: Of<'notify'>): Promise<Outcomes> {
  const notices: FlowNotice[] = [];
  const outcomes = await read(d, step, (run, reading) => {
    const users = peopleFor(step.to, reading);
    notices.push(...noticesOf(d, 'flow', users, step.text, run, reading));
    return { edge: 'next', detail: { told: users } };
  });
  await d.ports.notify(d.tx, notices);
  return outcomes;
}

const noticesOf = (
  d: Doing,
  kind: FlowNotice['kind'],
  users: readonly string[],
  text: string,
  run: StepRun,
  reading: Reading,
): FlowNotice[] =>
  users.map((user) => ({
    user,
    kind,
    object: d.object.key,
    record: run.record,
    cause: d.ctx.cause.id,
    text: filled(text, (path) => reading.named[path] ?? '').slice(0, 500),
  }));

async function wait(d: Doing, step: Of<'wait'>): Promise<Outcomes> {
  if (step.when !== undefined) return waitUntilSo(d, step, step.when);
  const { now, timeZone } = d.ctx.env;
  return read(d, step, (run, reading) => {
    if (run.entered) return { edge: 'next' };
    const until = wakeAt(step, step.until === undefined ? null : reading.stored[step.until], now, timeZone);
    return until === null || until <= now ? { edge: 'next' } : { rest: 'waiting', until: until.toISOString() };
  });
}

/** Until when a run waits; null where the field it waits for is empty, so that it goes on. Pure. */
export function wakeAt(step: Of<'wait'>, value: unknown, now: Date, timeZone: string): Date | null {
  if (step.for) return relativeInstant(step.for, now, timeZone);
  if (typeof value !== 'string') return null;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? startOfDate(value, timeZone) : new Date(value);
  return step.shift ? relativeInstant(step.shift, at, timeZone) : at;
}

/**
 * Runs whose record meets the condition go on; the others rest until something of what it reads changed, and at the latest until
 * their time is over. What holds now counts: a condition that held in between, while nobody looked, did not.
 */
async function waitUntilSo(d: Doing, step: Of<'wait'>, when: Predicate): Promise<Outcomes> {
  const met = await meeting(d.ctx, d.object, ids(d.runs), when, { deleted: d.deleted });
  const watched = watchedOf(d.ctx.model, d.object, when);
  const { now, timeZone } = d.ctx.env;
  const latest = step.timeout === undefined ? null : relativeInstant(step.timeout.after, now, timeZone).toISOString();
  // By the clock that said they are due: by another a run could come back at once, for as long as the two differ.
  const [clock] = await d.tx.query<{ now: string }>(`select ${instantText('now()')} as now`);
  return new Map(
    d.runs.map((run): [string, Outcome] => {
      if (met.has(run.record)) return [run.id, { edge: 'next' }];
      const until = run.entered ? ((run.context?.until as string | null | undefined) ?? null) : latest;
      if (until !== null && clock !== undefined && Date.parse(until) <= Date.parse(clock.now)) return [run.id, { edge: 'timeout' }];
      return [run.id, { rest: 'waiting', until, context: { until }, watched, still: run.entered }];
    }),
  );
}

async function branch(d: Doing, step: Of<'branch'>): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  let left = [...d.runs];
  for (const one of step.branches) {
    const met = await meeting(d.ctx, d.object, ids(left), one.when, { deleted: d.deleted });
    for (const run of left) if (met.has(run.record)) outcomes.set(run.id, { edge: `branch:${one.id}` });
    left = left.filter((run) => !met.has(run.record));
  }
  for (const run of left) outcomes.set(run.id, { edge: 'else' });
  return outcomes;
}

/** Who decided what on a run that waits for it, kept in its context. */
export interface Decision {
  verdict: 'approve' | 'refuse';
  by: string;
  comment: string | null;
}

async function approve(d: Doing, step: Of<'approve'>): Promise<Outcomes> {
  const { now, timeZone } = d.ctx.env;
  const notices: FlowNotice[] = [];
  const outcomes = await read(d, step, (run, reading): Outcome => {
    if (run.entered) {
      const decision = run.context?.decision as Decision | undefined;
      if (decision) return { edge: decision.verdict === 'approve' ? 'next' : 'refused', detail: { ...decision } };
      return { edge: 'timeout' };
    }
    const approvers = peopleFor(step.by, reading);
    if (approvers.length === 0) return { error: invalid('Nobody is there to approve this.') };
    notices.push(...noticesOf(d, 'approval', approvers, step.text, run, reading));
    return {
      rest: 'approval',
      until: step.timeout ? relativeInstant(step.timeout.after, now, timeZone).toISOString() : null,
      context: { approvers, text: filled(step.text, (path) => reading.named[path] ?? '').slice(0, 500) },
      detail: { asked: approvers },
    };
  });
  await d.ports.notify(d.tx, notices);
  return outcomes;
}

async function webhook(d: Doing, step: Of<'webhook'>): Promise<Outcomes> {
  const out: { run: StepRun; thing: Outgoing }[] = [];
  const outcomes = await read(d, step, (run, reading) => {
    out.push({
      run,
      thing: {
        kind: 'webhook',
        target: filled(step.url, (path) => encodeURIComponent(reading.named[path] ?? '')),
        payload: {
          flow: { id: d.version.flow, name: d.version.name, version: d.version.version },
          run: run.id,
          object: d.object.key,
          record: run.record,
          data: valuesFor(d.ctx, step.body ?? {}, reading, () => 'date') as JsonObject,
        },
        source: d.version.flow,
        object: d.object.key,
        record: run.record,
        cause: d.ctx.cause.id,
      },
    });
    return { edge: 'next' };
  });
  const made = await queueOut(
    d.tx,
    out.map(({ thing }) => thing),
  );
  for (const [i, { run }] of out.entries()) outcomes.set(run.id, { edge: 'next', detail: { outbox: made[i] ?? null } });
  return outcomes;
}

/** Whether a flow is about records that were deleted. */
export const isOfDeleted = ({ trigger }: FlowShape): boolean => trigger.on === 'change' && trigger.deeds.includes('deleted');
