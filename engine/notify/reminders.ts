import type { Db, Queryable, Tx } from '#engine/store/db.ts';
import { addNotices } from './notices.ts';

/**
 * Reminders wait in a table of their own, written in the transaction that said when something is due. One is sent by the transaction
 * that marks it as sent, so it is told once: by one of several servers, and also when one of them is killed while it tells.
 */

/** How many are told in one transaction. */
const CHUNK = 500;
/** What was due while nothing ran is still told of for so long. */
const LATE = '3 days';

/**
 * Sets the reminders of records anew; what was told already is not told again. `due` is a select of record, user and moment over the
 * ids at `$2`, its further values from `$3` on; moments that have passed for long are left out.
 */
export async function setReminders(
  tx: Tx,
  object: string,
  ids: readonly string[],
  due: { sql: string; values: readonly unknown[] },
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query('delete from reminders where record_id = any($1::uuid[]) and sent_at is null', [ids]);
  await tx.query(
    `insert into reminders (object, record_id, user_id, at)
     select $1::text, d.record, d."user", d.at from (${due.sql}) d (record, "user", at) where d."user" is not null and d.at > now() - interval '${LATE}'
     on conflict (record_id, user_id, at) do nothing`,
    [object, ids, ...due.values],
  );
}

/** How long before it is due each word says, as SQL: whole days on the clock of the zone, hours and minutes as they pass. */
const leadSql = (reminder: string): { days: string; minutes: string } => ({
  days: `(case ${reminder} when 'day' then 1 when 'week' then 7 else 0 end)`,
  minutes: `(case ${reminder} when 'minutes10' then 10 when 'minutes30' then 30 when 'hour' then 60 else 0 end)`,
});

/** SQL: the moment of a reminder, from a local time in a zone. Days before are days of the calendar, whatever the clocks do in between. */
export function momentSql(local: string, zone: string, reminder: string): string {
  const { days, minutes } = leadSql(reminder);
  return `((${local} - make_interval(days => ${days})) at time zone ${zone}) - make_interval(mins => ${minutes})`;
}

/** Tells everybody whose reminder is due; gives whom. Several servers may do so at once. */
export async function sendReminders(db: Db): Promise<string[]> {
  const told = new Set<string>();
  for (;;) {
    const users = await db.transaction(async (tx) => {
      const rows = await tx.query<{ object: string; record: string; user: string }>(
        `with due as (select record_id, user_id, at from reminders where sent_at is null and at <= now() order by at limit ${CHUNK} for update skip locked)
         update reminders r set sent_at = now() from due where r.record_id = due.record_id and r.user_id = due.user_id and r.at = due.at
         returning r.object, r.record_id as record, r.user_id as "user"`,
      );
      await addNotices(
        tx,
        rows.map((row) => ({ ...row, kind: 'reminder', count: 1, actor: null, cause: null, job: null })),
      );
      return rows.map((row) => row.user);
    });
    for (const user of users) told.add(user);
    if (users.length < CHUNK) return [...told];
  }
}

/** Forgets what was told long ago. */
export const forgetOldReminders = (q: Queryable): Promise<unknown> =>
  q.query(`delete from reminders where sent_at < now() - interval '90 days'`);
