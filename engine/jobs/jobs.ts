import type pg from 'pg';
import type { Actor } from '#engine/access/actor.ts';
import { hasProved } from '#engine/access/proof.ts';
import { instantText } from '#engine/declare/field.ts';
import type { Cause, Context } from '#engine/record/context.ts';
import { LIVE_CHANNEL } from '#engine/store/channel.ts';
import { type Db, DISK_FULL, isDatabaseAway, isDiskFull, type Queryable } from '#engine/store/db.ts';
import { asOf, type Origin, type Watcher } from '#engine/store/origin.ts';
import { isPerigonError, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';

/**
 * Long work: a row in `jobs` and an advisory lock while some server runs it. The lock goes with the connection, so a job
 * whose server was killed is free at once and the next server takes it over with its saved progress. That, and progress
 * that lives in the same transaction as its effect, is why this is not a queue library (decision 0004).
 */
export interface Job {
  id: string;
  kind: string;
  label: string | null;
  payload: JsonObject;
  progress: JsonObject;
  done: number;
  total: number | null;
  causeId: string | null;
  actorKind: Actor['kind'];
  actorId: string | null;
  /** Whether its asker had just proved to be who they are. */
  proved: boolean;
  /** What its asker's key was narrowed to. */
  scopes: string[] | null;
  attempts: number;
}

export interface JobRun {
  job: Job;
  /** Acting as the job's actor, under the job's cause. */
  ctx: Context;
  dataFolder: string;
  /** Saves position and counters, inside the transaction of the chunk's effect where one is given. */
  save(tx: Queryable | null, o: { progress?: JsonObject; done?: number; total?: number }): Promise<void>;
  cancelled(): boolean;
}

/** Runs a job of one kind; its result is what the asker reads. Must go on from `job.progress`. */
export type JobHandler = (run: JobRun) => Promise<JsonObject>;

/** Puts a job into the queue, in the caller's transaction if it has one. */
export async function enqueueJob(
  q: Queryable,
  o: { kind: string; label?: string | null; payload?: JsonObject; actor: Actor; causeId?: string | null; total?: number | null },
): Promise<string> {
  const id = newId();
  await q.query(
    `insert into jobs (id, kind, label, payload, actor_kind, actor_id, cause, total, proved, scopes)
     values ($1::uuid, $2::text, $3::text, $4::jsonb, $5::text, $6::uuid, $7::uuid, $8::bigint, $9::boolean, $10::text[])`,
    [
      id,
      o.kind,
      o.label ?? null,
      JSON.stringify(o.payload ?? {}),
      o.actor.kind,
      o.actor.userId,
      o.causeId ?? null,
      o.total ?? null,
      hasProved(o.actor),
      o.actor.scopes ?? null,
    ],
  );
  await q.query(`select pg_notify('perigon_jobs', '')`);
  await tellOwner(q, id);
  return id;
}

/** Tells the owner's open pages how a job stands, with the caller's transaction if it has one; they ask for its outcome themselves. */
const tellOwner = (q: Queryable, id: string) =>
  q.query(
    `select pg_notify($2::text, json_build_object('actor', actor_id, 'job', json_build_object(
       'id', id, 'kind', kind, 'state', state, 'label', left(label, 200), 'done', done, 'total', total))::text)
     from jobs where id = $1::uuid and actor_id is not null`,
    [id, LIVE_CHANNEL],
  );

export interface JobStatus {
  id: string;
  kind: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  label: string | null;
  done: number;
  total: number | null;
  result: JsonObject | null;
  error: string | null;
  cause: string | null;
  createdAt: string;
  finishedAt: string | null;
}

const STATUS = `id, kind, state, label, done, total, result, error, cause, ${instantText('created_at')} as "createdAt", ${instantText('finished_at')} as "finishedAt"`;

/** A job as its asker sees it; another's job is not there. */
export async function jobStatus(ctx: Pick<Context, 'db' | 'actor'>, id: string): Promise<JobStatus> {
  if (!isId(id)) throw notFound();
  const [row] = await ctx.db.query<JobStatus>(`select ${STATUS} from jobs where id = $1::uuid and ($2::boolean or actor_id = $3::uuid)`, [
    id,
    seesAll(ctx.actor),
    ctx.actor.userId,
  ]);
  if (!row) throw notFound();
  return row;
}

/** Waits until a job has ended. */
export async function followJob(ctx: Pick<Context, 'db' | 'actor'>, id: string): Promise<JobStatus> {
  for (;;) {
    const job = await jobStatus(ctx, id);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The actor's last jobs, newest first. */
export const listJobs = (ctx: Pick<Context, 'db' | 'actor'>, o: { mine: boolean; limit?: number }): Promise<JobStatus[]> =>
  ctx.db.query<JobStatus>(`select ${STATUS} from jobs where ($1::boolean or actor_id = $2::uuid) order by created_at desc limit $3::int`, [
    !o.mine && seesAll(ctx.actor),
    ctx.actor.userId,
    o.limit ?? 50,
  ]);

/** Asks a job to stop at its next step; what is done stays, and its cause can be undone. */
export async function cancelJob(ctx: Pick<Context, 'db' | 'actor'>, id: string): Promise<JobStatus> {
  await jobStatus(ctx, id);
  await ctx.db.query(
    `update jobs set cancel_requested = true, state = case when state = 'queued' then 'cancelled' else state end, finished_at = case when state = 'queued' then now() else finished_at end where id = $1::uuid and state in ('queued', 'running')`,
    [id],
  );
  await tellOwner(ctx.db, id);
  return jobStatus(ctx, id);
}

const seesAll = (actor: Actor) => actor.kind === 'system' || actor.rights.may('administer');

export interface JobRunnerOptions {
  db: Db;
  handlers: ReadonlyMap<string, JobHandler>;
  dataFolder: string;
  /** The context a job runs in: its actor with today's rights. */
  contextFor(job: Job, cause: Cause | null): Promise<Context>;
  log(message: string, error?: unknown): void;
  watch?: Required<Watcher>;
  /** Told when a job has ended, with how long this server worked at it. */
  ended?(job: Job, state: JobStatus['state'], took: number): Promise<void>;
  /** How many jobs run at once. */
  width?: number;
}

const LOCK_CLASS = 0x6a6f62;

/** Takes and runs jobs until stopped. One connection of its own holds the locks and listens. */
export class JobRunner {
  private client: pg.Client | null = null;
  private stopping = false;
  private readonly running = new Set<Promise<void>>();
  private readonly cancelled = new Set<string>();
  private readonly held = new Set<string>();
  private wake: () => void = () => undefined;
  private loop: Promise<void> | null = null;
  constructor(private readonly o: JobRunnerOptions) {}

  start(): void {
    this.loop = this.run();
  }

  /** Stops taking jobs and lets running ones stop at their next step; their progress is saved, so they go on later. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await Promise.race([Promise.allSettled([...this.running, this.loop]), new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
    await this.client?.end().catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        const client = await this.connection();
        const took = this.running.size < (this.o.width ?? 2) && (await this.take(client));
        await this.seeCancellations();
        if (!took) await this.sleep(1000);
      } catch (error) {
        if (!isDatabaseAway(error)) this.o.log('the job runner met a fault', error);
        await this.client?.end().catch(() => undefined);
        this.client = null;
        await this.sleep(500);
      }
    }
  }

  private async connection(): Promise<pg.Client> {
    if (this.client) return this.client;
    const client = await this.o.db.connect();
    client.on('notification', () => this.wake());
    client.on('end', () => {
      if (this.client === client) this.client = null;
    });
    await client.query('listen perigon_jobs');
    this.held.clear();
    this.client = client;
    return client;
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async seeCancellations(): Promise<void> {
    if (this.held.size === 0) return;
    const rows = await this.o.db.query<{ id: string }>('select id from jobs where id = any($1::uuid[]) and cancel_requested', [
      [...this.held],
    ]);
    for (const row of rows) this.cancelled.add(row.id);
  }

  /** Takes the oldest job that is queued, or running with nobody holding its lock. */
  private async take(client: pg.Client): Promise<boolean> {
    const rows = (
      await client.query<{ id: string }>(
        `select id from jobs where state in ('queued', 'running') and not id = any($1::uuid[]) order by created_at limit 20`,
        [[...this.held]],
      )
    ).rows;
    for (const { id } of rows) {
      const lock = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1::int, hashtext($2::text)) as ok', [LOCK_CLASS, id]);
      if (!lock.rows[0]?.ok) continue;
      const taken = await client.query<Job & { actor_kind: Actor['kind'] }>(
        `update jobs set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()) where id = $1::uuid and state in ('queued', 'running')
         returning id, kind, label, payload, progress, done, total, cause as "causeId", actor_kind as "actorKind", actor_id as "actorId", proved, scopes, attempts`,
        [id],
      );
      const job = taken.rows[0];
      if (!job) {
        await client.query('select pg_advisory_unlock($1::int, hashtext($2::text))', [LOCK_CLASS, id]);
        continue;
      }
      this.held.add(id);
      const origin: Origin = { kind: 'job', id, name: job.kind, user: job.actorId };
      const work = asOf(origin, () => this.perform(job, origin)).finally(async () => {
        this.running.delete(work);
        this.held.delete(id);
        this.cancelled.delete(id);
        if (this.client === client)
          await client.query('select pg_advisory_unlock($1::int, hashtext($2::text))', [LOCK_CLASS, id]).catch(() => undefined);
        this.wake();
      });
      this.running.add(work);
      return true;
    }
    return false;
  }

  private async perform(job: Job, origin: Origin): Promise<void> {
    const began = performance.now();
    this.o.watch?.began(origin);
    const outcome: { state: JobStatus['state'] } = { state: 'queued' };
    const finish = async (state: JobStatus['state'], result: JsonObject | null, error: string | null) => {
      outcome.state = state;
      await this.o.db.query(
        `update jobs set state = $2::text, result = coalesce($3::jsonb, result), error = $4::text, finished_at = now() where id = $1::uuid`,
        [job.id, state, result ? JSON.stringify(result) : null, error],
      );
      await tellOwner(this.o.db, job.id);
      await this.o.ended?.(job, state, performance.now() - began);
    };
    try {
      await tellOwner(this.o.db, job.id);
      const handler = this.o.handlers.get(job.kind);
      if (!handler) {
        await finish('failed', null, `This version of Perigon does not know jobs of the kind “${job.kind}”.`);
        return;
      }
      const cause = job.causeId ? await this.causeOf(job) : null;
      const ctx = await this.o.contextFor(job, cause);
      const result = await handler({
        job,
        ctx,
        dataFolder: this.o.dataFolder,
        save: async (tx, { progress, done, total }) => {
          await (tx ?? this.o.db).query(
            'update jobs set progress = coalesce($2::jsonb, progress), done = coalesce($3::bigint, done), total = coalesce($4::bigint, total) where id = $1::uuid',
            [job.id, progress ? JSON.stringify(progress) : null, done ?? null, total ?? null],
          );
          await tellOwner(tx ?? this.o.db, job.id);
        },
        cancelled: () => this.stopping || this.cancelled.has(job.id),
      });
      if (this.stopping && !this.cancelled.has(job.id) && result.unfinished === true) return;
      await finish(this.cancelled.has(job.id) && result.unfinished === true ? 'cancelled' : 'done', result, null);
    } catch (error) {
      if (isDatabaseAway(error)) return;
      if (!isPerigonError(error)) this.o.log('a job failed', error);
      const why = isPerigonError(error) ? error.message : isDiskFull(error) ? DISK_FULL : 'A fault of Perigon; the log has the details.';
      await finish('failed', null, why).catch(() => undefined);
    } finally {
      this.o.watch?.ended(origin, { ms: performance.now() - began, status: outcome.state, failed: outcome.state === 'failed' });
    }
  }

  private async causeOf(job: Job): Promise<Cause> {
    const [row] = await this.o.db.query<{ kind: Cause['kind']; label: string | null; parent: string | null }>(
      'select kind, label, parent from causes where id = $1::uuid',
      [job.causeId],
    );
    const kind = typeof job.payload.causeKind === 'string' ? (job.payload.causeKind as Cause['kind']) : 'job';
    const parent = typeof job.payload.causeParent === 'string' ? job.payload.causeParent : null;
    return { id: job.causeId ?? '', kind: row?.kind ?? kind, label: row?.label ?? job.label, parent: row?.parent ?? parent };
  }
}
