import type { Actor } from '#engine/access/actor.ts';
import { nextStep } from '#engine/declare/flow.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { meeting } from '#engine/record/meeting.ts';
import { followMerges } from '#engine/record/merges.ts';
import { rowFault } from '#engine/record/write.ts';
import { type Db, isDatabaseAway, isPassing, type Tx, within } from '#engine/store/db.ts';
import { invalid, isPerigonError, notFound, type PerigonError } from '#kit/errors.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import type { Child, Outcome, Ports, StepRun } from './doing.ts';
import { endLoops } from './loop.ts';
import { doStep, isOfDeleted } from './steps.ts';
import { type FlowVersion, flowCause } from './versions.ts';

/** Seconds until a run is tried again after a fault that may pass; then it failed, and stands so until somebody tries it again. */
const BACK_OFF = [10, 60, 600, 3600];
/** Faults that trying again does not mend. */
const LASTING = new Set(['invalid', 'denied', 'notFound', 'conflict']);

export interface Run extends StepRun {
  flow: string;
  version: number;
  object: string;
  step: string | null;
  steps: number;
  attempts: number;
  cause: string | null;
  /** The run that waits for the end of this one. */
  parent: string | null;
}

/** What is written of a run when its batch ends. */
interface Moved {
  id: string;
  state: string;
  step: string | null;
  entered: boolean;
  steps: number;
  /** Seconds until it goes on, or the moment; null where it does not by itself. */
  in: number | null;
  at: string | null;
  attempts: number;
  error: string | null;
  context: JsonObject | null;
  record: string;
  parent: string | null;
  /** Set where it waits for a condition: the fields that this reads, and whether it reads more than its record. */
  watches: readonly string[] | null;
  looks: boolean;
}

export interface Done {
  run: string;
  n: number;
  step: string;
  outcome: string;
  detail: Json;
  cause: string | null;
}

export interface BatchOptions {
  db: Db;
  ports: Ports;
  /** Whose rights a version has. */
  actorOf(version: FlowVersion): Promise<Actor>;
  /** A trial: nobody is waited for, time passes at once, approvals are given. */
  jump?: boolean;
  log(message: string, error?: unknown): void;
}

/** One batch on its way: groups of runs at the same step, one after the other, until all rest or the time is over. */
export class Batch {
  private readonly moved = new Map<string, Moved>();
  readonly done: Done[] = [];
  /** Runs of related records that a trial goes on with. */
  private children: Run[] = [];
  private readonly actors = new Map<string, Promise<Actor>>();
  private readonly db: Db;

  constructor(
    private readonly o: BatchOptions,
    private readonly tx: Tx,
    private readonly base: Context,
    private readonly versionOf: (run: Run) => FlowVersion | undefined,
  ) {
    this.db = within(o.db, tx);
  }

  async work(runs: readonly Run[], enough: () => boolean): Promise<void> {
    let queue = grouped(runs);
    for (let group = queue.shift(); group; group = queue.shift()) {
      // Those that are left stay as they are, for the next batch.
      if (this.moved.size > 0 && enough()) return;
      const on = await this.group(group);
      if (on.length > 0) queue = [...queue, ...grouped(on)];
    }
  }

  /** One step for a group; gives the runs that go on at once. */
  private async group(runs: readonly Run[]): Promise<Run[]> {
    const [first] = runs;
    if (!first) return [];
    const version = this.versionOf(first);
    const object = this.base.model.objects.get(first.object);
    if (!version || !object) {
      for (const run of runs) this.failed(run, invalid('What this flow is about is no longer there.'), null);
      return [];
    }
    if (first.step === null) {
      for (const run of runs) this.move(run, { state: 'done', step: null });
      return [];
    }
    let ctx: Context;
    try {
      const actor = await this.actorOf(version);
      ctx = { ...this.base, db: this.db, actor, cause: flowCause(version.name, first.cause), once: undefined };
    } catch (error) {
      if (!isPerigonError(error)) throw error;
      for (const run of runs) this.failed(run, error, null);
      return [];
    }
    const there = await this.there(ctx, version, object, runs);
    return this.attempt(ctx, version, object, there);
  }

  private actorOf(version: FlowVersion): Promise<Actor> {
    const key = `${version.flow} ${version.version}`;
    const held = this.actors.get(key) ?? this.o.actorOf(version);
    this.actors.set(key, held);
    return held;
  }

  /** Runs whose record is there and may be read. Of a merged record the run goes on with the one that stayed; of a deleted one it stops. */
  private async there(ctx: Context, version: FlowVersion, object: ModelObject, runs: readonly Run[]): Promise<Run[]> {
    const deleted = isOfDeleted(version.shape);
    const found = await meeting(
      ctx,
      object,
      runs.map(({ record }) => record),
      undefined,
      { deleted },
    );
    const lost = runs.filter((run) => !found.has(run.record));
    if (lost.length === 0) return [...runs];
    const ids = lost.map(({ record }) => record);
    const merged = await followMerges(this.tx, object, ids);
    const live = new Set(
      (await this.tx.query<{ id: string }>(`select id from ${object.table} where id = any($1::uuid[]) and deleted_at is null`, [ids])).map(
        ({ id }) => id,
      ),
    );
    for (const run of lost) {
      const now = merged.get(run.record);
      if (now !== undefined && (await this.rename(run, now)))
        this.move(run, { state: 'due', step: run.step, entered: run.entered, in: 0, record: now, context: run.context });
      else if (live.has(run.record)) this.failed(run, notFound('The flow may not read this record.'), null);
      else
        this.move(run, {
          state: 'stopped',
          error: now === undefined ? 'The record was deleted.' : 'The record was merged into one that this flow has already.',
        });
    }
    return runs.filter((run) => found.has(run.record));
  }

  /** Whether a run may be about the record that its own was merged into; not where that one is in the flow for the same reason. */
  private async rename(run: Run, record: string): Promise<boolean> {
    const clash = await this.tx.query(
      'select 1 as ok from flow_runs o join flow_runs r on r.id = $1::uuid where o.flow = r.flow and o.origin = r.origin and o.record_id = $2::uuid',
      [run.id, record],
    );
    return clash.length === 0;
  }

  /** Does the step for the group in a savepoint; halves it where a record refuses. */
  private async attempt(ctx: Context, version: FlowVersion, object: ModelObject, runs: readonly Run[]): Promise<Run[]> {
    const [first] = runs;
    if (!first || first.step === null) return [];
    const id = first.step;
    let outcomes: Map<string, Outcome>;
    try {
      outcomes = await this.db.transaction((tx) =>
        doStep({
          tx,
          ctx,
          version,
          object,
          id,
          runs,
          ports: this.o.ports,
          deleted: isOfDeleted(version.shape),
          begin: (children, far, to) => this.begin(tx, runs, children, far, to),
        }),
      );
    } catch (error) {
      if (isDatabaseAway(error) || isPassing(error)) throw error;
      if (runs.length === 1) {
        this.failed(first, rowFault(error, writtenBy(version, id, ctx, object)) ?? error, ctx.cause.id);
        return [];
      }
      const middle = Math.ceil(runs.length / 2);
      return [
        ...(await this.attempt(ctx, version, object, runs.slice(0, middle))),
        ...(await this.attempt(ctx, version, object, runs.slice(middle))),
      ];
    }
    const step = version.shape.steps[id];
    const on: Run[] = [];
    for (const run of runs) {
      const outcome = outcomes.get(run.id) ?? { error: notFound() };
      if ('error' in outcome) this.failed(run, outcome.error, ctx.cause.id);
      else if ('rest' in outcome) {
        if (!outcome.still) this.note(run, outcome.rest, outcome.detail, ctx.cause.id);
        if (this.o.jump) on.push(...this.goOn(run, step ? nextStep(step, 'next') : null));
        else
          this.move(run, {
            state: outcome.rest,
            step: id,
            entered: true,
            at: outcome.until,
            context: outcome.context ?? null,
            watches: outcome.watched?.keys ?? null,
            looks: outcome.watched?.beyond ?? false,
          });
      } else {
        this.note(run, outcome.edge, outcome.detail, ctx.cause.id);
        on.push(...this.goOn(run, step ? nextStep(step, outcome.edge) : null));
      }
    }
    return [...on, ...this.children.splice(0)];
  }

  /** A run at its next step, or at its end. */
  private goOn(run: Run, next: string | null): Run[] {
    if (next === null) {
      this.move(run, { state: 'done', step: null });
      return [];
    }
    this.move(run, { state: 'due', step: next, in: 0 });
    return [{ ...run, step: next, entered: false, context: null, attempts: 0 }];
  }

  /** Gives related records runs of their own. */
  private async begin(tx: Tx, runs: readonly Run[], children: readonly Child[], far: ModelObject, to: string): Promise<void> {
    if (this.o.jump) {
      for (const child of children) {
        const parent = runs.find(({ id }) => id === child.parent);
        if (parent)
          this.children.push({ ...parent, ...child, object: far.key, step: to, entered: false, context: null, steps: 0, attempts: 0 });
      }
      return;
    }
    await tx.query(
      `insert into flow_runs (id, flow, version, object, record_id, step, wake_at, origin, cause, root, depth, parent)
       select x.id, r.flow, r.version, $2::text, x.record, $3::text, now(), x.origin, r.cause, r.root, r.depth, r.id
       from json_to_recordset($1::json) as x(id uuid, record uuid, parent uuid, origin text) join flow_runs r on r.id = x.parent`,
      [JSON.stringify(children), far.key, to],
    );
  }

  private note(run: Run, outcome: string, detail: Json | undefined, cause: string | null): void {
    run.steps++;
    this.done.push({ run: run.id, n: run.steps, step: run.step ?? '', outcome, detail: detail ?? null, cause });
  }

  private move(run: Run, to: Partial<Moved> & { state: string }): void {
    this.moved.set(run.id, {
      id: run.id,
      step: run.step,
      entered: false,
      steps: run.steps,
      in: null,
      at: null,
      attempts: 0,
      error: null,
      context: null,
      record: run.record,
      parent: run.parent,
      watches: null,
      looks: false,
      ...to,
    });
  }

  private failed(run: Run, error: unknown, cause: string | null): void {
    const known: PerigonError | null = isPerigonError(error) ? error : null;
    if (!known) this.o.log(`a step of a flow failed (run ${run.id})`, error);
    const text = known ? wordsOf(known) : 'A fault of Perigon; the log has the details.';
    const again = known && LASTING.has(known.code) ? undefined : BACK_OFF[run.attempts];
    this.note(run, again === undefined ? 'failed' : 'again', text.slice(0, 1000), cause);
    this.move(run, {
      state: again === undefined ? 'failed' : 'due',
      step: run.step,
      entered: run.entered,
      in: again ?? null,
      attempts: run.attempts + 1,
      error: text.slice(0, 1000),
      context: run.context,
    });
  }

  /** Writes where all runs now are and what they did: with the effects, or not at all. */
  async keep(): Promise<void> {
    const moved = [...this.moved.values()];
    if (moved.length === 0) return;
    await this.tx.query(
      `update flow_runs r set state = x.state, step = x.step, entered = x.entered, steps = x.steps, attempts = x.attempts, error = x.error, context = x.context,
         record_id = x.record, watches = x.watches, looks = x.looks, wake_at = coalesce(x.at, now() + make_interval(secs => x.in)), started_at = coalesce(r.started_at, now()),
         finished_at = case when x.state in ('done', 'failed', 'stopped') then now() end
       from json_to_recordset($1::json) as x(id uuid, state text, step text, entered boolean, steps integer, attempts integer, error text, context jsonb,
         record uuid, at timestamptz, "in" double precision, watches text[], looks boolean) where r.id = x.id`,
      [JSON.stringify(moved)],
    );
    if (this.done.length > 0)
      await this.tx.query(
        `insert into flow_run_steps (run, n, step, outcome, detail, cause) select x.run, x.n, x.step, x.outcome, x.detail, x.cause
         from json_to_recordset($1::json) as x(run uuid, n integer, step text, outcome text, detail jsonb, cause uuid)`,
        [JSON.stringify(this.done)],
      );
    await endLoops(
      this.tx,
      moved
        .filter(({ state, parent }) => parent !== null && (state === 'done' || state === 'failed' || state === 'stopped'))
        .map(({ id }) => id),
    );
  }
}

/** What a refusal says, each fault with its field. */
const wordsOf = ({ message, errors }: PerigonError): string =>
  [
    ...(errors.some(({ detail }) => detail === message) ? [] : [message]),
    ...errors.map(({ path, detail }) => (path ? `${path}: ${detail}` : detail)),
  ]
    .slice(0, 6)
    .join(' ');

/** Whose records a step writes, to say in their words what the database refused. */
function writtenBy({ shape }: FlowVersion, id: string, ctx: Context, object: ModelObject): ModelObject {
  const step = shape.steps[id];
  return (step?.do === 'create' ? ctx.model.objects.get(step.object) : undefined) ?? object;
}

/** Runs at the same step of the same version, begun by the same act, each record once: others of a record come in a later group. */
function grouped(runs: readonly Run[]): Run[][] {
  const groups = new Map<string, Run[]>();
  const seen = new Map<string, number>();
  for (const run of runs) {
    const key = `${run.flow} ${run.version} ${run.object} ${run.step} ${run.entered} ${run.cause}`;
    const nth = (seen.get(`${key} ${run.record}`) ?? 0) + 1;
    seen.set(`${key} ${run.record}`, nth);
    const group = groups.get(`${key} ${nth}`);
    if (group) group.push(run);
    else groups.set(`${key} ${nth}`, [run]);
  }
  return [...groups.values()];
}
