import type { Context } from '#engine/record/context.ts';
import { meeting } from '#engine/record/meeting.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { isPerigonError } from '#kit/errors.ts';
import { isOfDeleted } from './steps.ts';
import { type FlowVersion, flowActor, flowCause, flowContext, type Versions } from './versions.ts';

/**
 * Runs that wait for a condition rest like all others. They are woken, that is looked at again where they stand, by what changed of
 * their record, and those whose condition goes by more than that by a walk over them.
 */

/**
 * Wakes runs whose record changed in a stretch of the log in something that their condition reads. None is missed: the batch that put
 * a run to rest before such a change could be seen has its transaction id from before, so the log is not settled up to the change
 * until that batch has ended (`engine/record/log.ts`). For the same reason runs that somebody holds just now are passed over: whoever
 * does began after the change, and sees it.
 */
export async function wakeChanged(tx: Tx, after: number, to: number): Promise<number> {
  const woken = await tx.query(
    `update flow_runs set wake_at = now() where id in (
       select w.id from flow_runs w where w.id in (
         select r.id from changes c join flow_runs r on r.record_id = c.record_id
         where exists (select 1 from flow_runs where watches is not null and state = 'waiting')
           and c.seq > $1::bigint and c.seq <= $2::bigint and r.watches is not null and r.state = 'waiting'
           and (c.action <> 'update' or r.watches = '{}' or c.after ?| r.watches))
       for update skip locked)
     returning 1 as ok`,
    [after, to],
  );
  return woken.length;
}

/** How often at most the walk begins anew, and over how many runs a statement goes. */
const EVERY_S = 60;
const CHUNK = 5000;
/** Of the time of one server at most this share goes into it. */
const SHARE = 1 / 20;

interface Waiting {
  id: string;
  flow: string;
  version: number;
  object: string;
  record: string;
  step: string;
}

/**
 * One stretch of the walk over runs whose condition goes by other records, by figures or by the clock: asks set-wise which of them
 * hold now and wakes those alone. One server does it at a time; where it is, is a row.
 */
export async function lookAround(o: { db: Db; context(): Promise<Context> }, versions: Versions): Promise<void> {
  const base = await o.context();
  await o.db.transaction(async (tx) => {
    const [place] = await tx.query<{ after: string | null }>(
      `select after from flow_looks where next_at <= now() and exists (select 1 from flow_runs where looks and state = 'waiting') for update skip locked`,
    );
    if (!place) return;
    const began = performance.now();
    const runs = await tx.query<Waiting>(
      `select id, flow, version, object, record_id as record, step from flow_runs
       where looks and state = 'waiting' and id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by id limit ${CHUNK}`,
      [place.after],
    );
    const versionOf = await versions.of(tx, runs);
    const met: string[] = [];
    for (const group of atSameStep(runs)) {
      const version = group[0] && versionOf(group[0]);
      if (version) met.push(...(await holding(tx, o.db, base, version, group)));
    }
    if (met.length > 0)
      await tx.query(
        `update flow_runs set wake_at = now() where id in (select id from flow_runs where id = any($1::uuid[]) and looks and state = 'waiting' for update skip locked)`,
        [met],
      );
    await tx.query(
      `update flow_looks set after = $1::uuid, began_at = case when $1::uuid is null then null else coalesce(began_at, now()) end,
         next_at = greatest(now() + make_interval(secs => $2::float8), case when $1::uuid is null then coalesce(began_at, now()) + interval '${EVERY_S} seconds' end)`,
      [runs.length < CHUNK ? null : (runs.at(-1)?.id ?? null), ((performance.now() - began) * (1 / SHARE - 1)) / 1000],
    );
  });
}

/** Runs whose condition holds now. Where it can no longer be asked the flow says why, and they wait on. */
async function holding(tx: Tx, db: Db, base: Context, version: FlowVersion, runs: readonly Waiting[]): Promise<string[]> {
  const [first] = runs;
  const step = first && version.shape.steps[first.step];
  const object = first && base.model.objects.get(first.object);
  if (step?.do !== 'wait' || !object) return [];
  try {
    const ctx = flowContext(base, db, tx, await flowActor(tx, version), flowCause(version.name, null));
    const ids = [...new Set(runs.map(({ record }) => record))];
    const met = await meeting(ctx, object, ids, step.when, { deleted: isOfDeleted(version.shape) });
    return runs.filter(({ record }) => met.has(record)).map(({ id }) => id);
  } catch (error) {
    if (!isPerigonError(error)) throw error;
    await tx.query(
      'update flow_versions set problem = left($3::text, 1000), problem_at = now() where flow = $1::uuid and version = $2::int',
      [version.flow, version.version, error.errors[0]?.detail ?? error.message],
    );
    return [];
  }
}

function atSameStep(runs: readonly Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>();
  for (const run of runs) {
    const key = `${run.flow} ${run.version} ${run.object} ${run.step}`;
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  return [...groups.values()];
}
