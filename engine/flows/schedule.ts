import type { Trigger } from '#engine/declare/flow.ts';
import type { Context } from '#engine/record/context.ts';
import { conditionSql } from '#engine/record/read.ts';
import { type Db, within } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { addDays, dateIn, daysBetween, startOfDate } from '#kit/calendar.ts';
import { isPerigonError } from '#kit/errors.ts';
import { startRuns } from './start.ts';
import { flowActor, flowCause, type Versions } from './versions.ts';

type Schedule = Extract<Trigger, { on: 'schedule' }>;

/** Records that are started in one transaction. */
const CHUNK = 2000;

/** The first time behind `after` that a schedule names, in the company's zone. Pure. */
export function nextOccurrence(schedule: Schedule, after: Date, timeZone: string): Date {
  const today = dateIn(after, timeZone);
  for (let days = 0; days < 64; days++) {
    const date = addDays(today, days);
    if (!isDay(schedule, date)) continue;
    const at = timeOf(date, schedule.at, timeZone);
    if (at > after) return at;
  }
  throw new Error('A schedule that never comes.');
}

function isDay(schedule: Schedule, date: string): boolean {
  if (schedule.every === 'day') return true;
  // 1 January 2024 was a Monday.
  if (schedule.every === 'week') return ((daysBetween('2024-01-01', date) % 7) + 7) % 7 === (schedule.day ?? 1) - 1;
  const day = Number(date.slice(8));
  const last = addDays(date, 1).slice(8) === '01';
  return day === schedule.day || (last && day < (schedule.day ?? 1));
}

/** The instant at which a clock in the zone shows the time; one that a change of the hour leaves out comes an hour later. */
function timeOf(date: string, time: string, timeZone: string): Date {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const start = startOfDate(date, timeZone).getTime();
  const plain = new Date(start + (hours * 60 + minutes) * 60_000);
  // Where the offset moved between midnight and then, the clock shows another time: mend it by the difference.
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(plain);
  const [h = 0, m = 0] = shown.split(':').map(Number);
  const drift = hours * 60 + minutes - (h * 60 + m);
  return Math.abs(drift) <= 180 ? new Date(plain.getTime() + drift * 60_000) : plain;
}

/**
 * Starts what is due by the clock, a chunk of records a transaction: the place in the occurrence is saved with the runs it started.
 * Of times that passed while nothing ran only one is made up for. True while there is more.
 */
export async function tick(
  o: { db: Db; context(): Promise<Context>; log(message: string, error?: unknown): void },
  versions: Versions,
): Promise<boolean> {
  const base = await o.context();
  return o.db.transaction(async (tx) => {
    const [clock] = await tx.query<{ flow: string; version: number; nextAt: string; cause: string | null; after: string | null }>(
      `select c.flow, c.version, c.next_at as "nextAt", c.cause, c.after from flow_clocks c join flows f on f.id = c.flow and f.active and f.active_version = c.version and f.deleted_at is null
       where c.next_at <= now() order by c.next_at limit 1 for update of c skip locked`,
    );
    if (!clock) return false;
    const version = (await versions.of(tx, [clock]))(clock);
    const trigger = version?.shape.trigger;
    const object = version && base.model.objects.get(version.shape.object);
    if (!version || trigger?.on !== 'schedule' || !object) {
      await tx.query('delete from flow_clocks where flow = $1::uuid', [clock.flow]);
      return true;
    }
    const due = new Date(clock.nextAt);
    const over = () =>
      tx.query('update flow_clocks set next_at = $2::timestamptz, cause = null, after = null where flow = $1::uuid', [
        clock.flow,
        nextOccurrence(trigger, base.env.now > due ? base.env.now : due, base.env.timeZone).toISOString(),
      ]);
    try {
      const actor = await flowActor(tx, version);
      const cause = { ...flowCause(version.name, null), ...(clock.cause ? { id: clock.cause } : {}), kind: 'job' as const };
      const ctx: Context = { ...base, db: within(o.db, tx), actor, cause, once: undefined };
      const params = new Params();
      const condition = conditionSql(ctx, object, version.shape.when, 't', params);
      const after = clock.after === null ? '' : ` and t.id > ${params.add(clock.after, 'uuid')}`;
      const rows = await tx.query<{ id: string }>(
        `select t.id from ${object.table} t where ${condition}${after} order by t.id limit ${CHUNK}`,
        params.values,
      );
      await tx.query(
        `insert into causes (id, kind, label, actor_kind) values ($1::uuid, 'job', $2::text, 'flow') on conflict (id) do nothing`,
        [cause.id, version.name],
      );
      await startRuns(
        tx,
        version,
        rows.map(({ id }) => ({ record: id, origin: `schedule:${due.toISOString()}`, cause: cause.id, root: cause.id, depth: 0 })),
      );
      if (rows.length < CHUNK) await over();
      else
        await tx.query('update flow_clocks set cause = $2::uuid, after = $3::uuid where flow = $1::uuid', [
          clock.flow,
          cause.id,
          rows.at(-1)?.id,
        ]);
    } catch (error) {
      if (!isPerigonError(error)) throw error;
      o.log(`the flow “${version.name}” could not be started: ${error.message}`);
      await tx.query(
        'update flow_versions set problem = left($3::text, 1000), problem_at = now() where flow = $1::uuid and version = $2::int',
        [clock.flow, clock.version, error.errors[0]?.detail ?? error.message],
      );
      await over();
    }
    return true;
  });
}
