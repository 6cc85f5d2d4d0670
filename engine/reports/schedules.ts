import { systemAs } from '#engine/access/actor.ts';
import type { Trigger } from '#engine/declare/flow.ts';
import { nextOccurrence } from '#engine/flows/schedule.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { conflict, denied, notFound } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';

/**
 * Reports that go out by the clock. A moment that is due becomes a row a recipient and one job, in the transaction that sets the next
 * moment: whatever breaks, each recipient is told once. Of moments that passed while nothing ran the latest one alone is made up for.
 */

type Schedule = Extract<Trigger, { on: 'schedule' }>;
export interface Timing {
  every: Schedule['every'];
  day: number | null;
  at: string;
}

/** No moment lies further from the one before. */
const LONGEST_MS = 32 * 86_400_000;
const MOST_RECIPIENTS = 1000;
/** What waits for longer has been given up. */
const WAITS = '1 hour';

/** The first moment behind another one, in the company's zone. Pure. */
export const nextMoment = ({ every, day, at }: Timing, after: Date, timeZone: string): Date =>
  nextOccurrence({ on: 'schedule', every, at, ...(day === null ? {} : { day }) } as Schedule, after, timeZone);

/** The latest moment that has come, of one that was due. Pure. */
export function latestMoment(timing: Timing, due: Date, now: Date, timeZone: string): Date {
  let latest = due;
  let from = new Date(Math.max(due.getTime(), now.getTime() - LONGEST_MS));
  for (;;) {
    const next = nextMoment(timing, from, timeZone);
    if (next > now) return latest;
    latest = next;
    from = next;
  }
}

interface Doors {
  db: Db;
  context(): Promise<Context>;
}

/** Begins what is due. Several servers may do so at once. */
export async function tickSchedules(o: Doors): Promise<void> {
  while (await tickOne(o));
}

async function tickOne(o: Doors): Promise<boolean> {
  const system = await o.context();
  const { now, timeZone } = system.env;
  return o.db.transaction(async (tx) => {
    const [row] = await tx.query<Timing & { id: string; name: string; nextAt: string }>(
      `select id, name, every, day, at, next_at as "nextAt" from report_schedules
       where active and deleted_at is null and next_at <= $1::timestamptz order by next_at limit 1 for update skip locked`,
      [now.toISOString()],
    );
    if (!row) return false;
    await beginDelivery(tx, row, latestMoment(row, new Date(row.nextAt), now, timeZone));
    const values = { nextAt: nextMoment(row, now, timeZone).toISOString() };
    await writeIn(tx, system, system.model.object('reportSchedule'), [{ op: 'update', id: row.id, values }], { trusted: true });
    tx.afterCommit(system.wrote);
    return true;
  });
}

/** Writes down who gets a moment's files, and asks for them to be made; gives how many. */
async function beginDelivery(tx: Tx, schedule: { id: string; name: string }, moment: Date): Promise<number> {
  const users = await tx.query<{ id: string }>(
    `with recursive below as (
       select t.id from report_schedules_teams l join teams t on t.id = l.to_id and t.deleted_at is null where l.from_id = $1::uuid
       union select t.id from teams t join below b on t.parent_id = b.id and t.deleted_at is null)
     select to_id as id from report_schedules_users where from_id = $1::uuid
     union select u.id from users u where u.team_id in (select id from below) and u.deleted_at is null and u.active is not false
     order by id limit ${MOST_RECIPIENTS}`,
    [schedule.id],
  );
  await tx.query(
    `insert into report_deliveries (id, schedule, user_id, moment)
     select x.id, $1::uuid, x."user", $2::timestamptz from json_to_recordset($3::json) as x(id uuid, "user" uuid)
     on conflict (schedule, user_id, moment) do nothing`,
    [schedule.id, moment.toISOString(), JSON.stringify(users.map(({ id }) => ({ id: newId(), user: id })))],
  );
  await enqueueJob(tx, {
    kind: 'deliver',
    label: schedule.name,
    payload: { schedule: schedule.id, moment: moment.toISOString() },
    actor: systemAs('reports'),
    total: users.length,
  });
  return users.length;
}

/** Delivers now what somebody planned; gives to how many. */
export async function deliverNow(ctx: Context, id: string): Promise<number> {
  const { json } = await readOne(ctx, ctx.model.object('reportSchedule'), id, ['name', 'owner']);
  const { name, owner } = JSON.parse(json) as { name: string; owner: { id: string } | null };
  if (!ctx.actor.rights.may('export')) throw denied('Your roles do not let you take data out.');
  // It goes out as its owner planned it: nobody else sends it in their name.
  if (owner?.id !== ctx.actor.userId && !ctx.actor.rights.may('administer')) throw denied('Whoever planned it delivers it.');
  return ctx.db.transaction(async (tx) => {
    const [held] = await tx.query<{ busy: boolean }>(
      `select exists (select 1 from report_deliveries d where d.schedule = s.id and d.state = 'waiting' and d.at > now() - interval '${WAITS}') as busy
       from report_schedules s where s.id = $1::uuid and s.deleted_at is null for update`,
      [id],
    );
    if (!held) throw notFound();
    if (held.busy) throw conflict('It is being delivered already.');
    return beginDelivery(tx, { id, name }, new Date());
  });
}
