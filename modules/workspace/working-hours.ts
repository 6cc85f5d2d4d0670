import type { Context } from '#engine/record/context.ts';
import { isZone } from '#engine/record/zones.ts';
import type { Queryable } from '#engine/store/db.ts';
import { isWeekHours, OFFICE_HOURS, type WeekHours } from '#kit/hours.ts';

/**
 * When somebody works: their own hours, else the company's, else nine to five from Monday to Friday, on the clocks of their zone. What
 * booking pages begin with, what calendars shade and where times are looked for.
 */
interface WorkingHours {
  hours: WeekHours;
  timeZone: string;
}

const COMPANY = `(select value from settings where key = 'workingHours')`;

/** The working hours of each of these users; the company's for nobody. */
export async function workingHoursOf(
  q: Queryable,
  ctx: Pick<Context, 'env'>,
  users: readonly string[],
): Promise<(user: unknown) => WorkingHours> {
  const rows = await q.query<{ id: string | null; hours: unknown; zone: string | null }>(
    `select u.id, coalesce(u.working_hours, ${COMPANY}) as hours, u.time_zone as zone from users u where u.id = any($1::uuid[])
     union all select null, ${COMPANY}, null`,
    [[...new Set(users)]],
  );
  const held = new Map(
    rows.map(({ id, hours, zone }): [string | null, WorkingHours] => [
      id,
      { hours: isWeekHours(hours) ? hours : OFFICE_HOURS, timeZone: zone && isZone(zone) ? zone : ctx.env.timeZone },
    ]),
  );
  const company = held.get(null) ?? { hours: OFFICE_HOURS, timeZone: ctx.env.timeZone };
  return (user) => (typeof user === 'string' ? held.get(user) : undefined) ?? company;
}

/** The company's own working hours; null where nobody has said any. */
export async function companyHours(q: Queryable): Promise<WeekHours | null> {
  const [row] = await q.query<{ hours: unknown }>(`select ${COMPANY} as hours`);
  return isWeekHours(row?.hours) ? row.hours : null;
}

/** Keeps the company's working hours, or forgets them; where it is said what they were, only while they are still that: else false. */
export async function keepCompanyHours(q: Queryable, hours: WeekHours | null, was?: WeekHours | null): Promise<boolean> {
  const [now, before] = [hours, was].map((one) => (one ? JSON.stringify(one) : null));
  const said = was !== undefined;
  // Of those who are there at once one finds what it was: each way is one statement.
  if (said && before === null && now === null) return (await companyHours(q)) === null;
  if (now === null)
    return (
      (
        await q.query(`delete from settings where key = 'workingHours' and ($1::jsonb is null or value = $1::jsonb) returning key`, [
          before,
        ])
      ).length > 0 || !said
    );
  const rows =
    said && before !== null
      ? await q.query(`update settings set value = $1::jsonb where key = 'workingHours' and value = $2::jsonb returning key`, [now, before])
      : await q.query(
          `insert into settings (key, value) values ('workingHours', $1::jsonb)
           on conflict (key) do ${said ? 'nothing' : 'update set value = excluded.value'} returning key`,
          [now],
        );
  return rows.length > 0;
}
