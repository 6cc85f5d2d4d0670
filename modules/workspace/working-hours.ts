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

/** Keeps the company's working hours, or forgets them. */
export async function keepCompanyHours(q: Queryable, hours: WeekHours | null): Promise<void> {
  if (hours === null) await q.query(`delete from settings where key = 'workingHours'`);
  else
    await q.query(
      `insert into settings (key, value) values ('workingHours', $1::jsonb) on conflict (key) do update set value = excluded.value`,
      [JSON.stringify(hours)],
    );
}
