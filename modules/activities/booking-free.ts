import type { Context } from '#engine/record/context.ts';
import { isZone } from '#engine/record/zones.ts';
import type { Queryable } from '#engine/store/db.ts';
import { notFound } from '#kit/errors.ts';
import type { Question } from './booking-page.rules.ts';
import { type Availability, type DayHours, dayOf, freeOf, offered, type Taken, type WeekHours } from './slots.ts';

/** What a booking page is to whoever opens it. */
export interface BookingPage extends Availability {
  id: string;
  slug: string;
  title: string;
  intro: string | null;
  owner: string | null;
  place: string | null;
  link: string | null;
  assignment: 'roundRobin' | 'all';
  questions: readonly Question[];
  hosts: readonly { id: string; name: string }[];
}

const DAY_MS = 86_400_000;
const MINUTE = 60_000;
/** Nothing that is looked for began longer ago. */
const LONGEST_MEETING = '60 days';

export const noPage = () => notFound('There is no such page, or it takes no bookings now.');

/** A page that takes bookings, by its address or its id; who hosts it must still be here. */
export async function pageBy(q: Queryable, by: { slug: string } | { id: string }): Promise<BookingPage> {
  const [row] = await q.query<
    Omit<BookingPage, 'timeZone' | 'hours' | 'exceptions' | 'questions'> & {
      timeZone: string | null;
      hours: WeekHours | null;
      exceptions: DayHours[] | null;
      questions: Question[] | null;
    }
  >(
    `select p.id, p.slug, p.title, p.intro, p.owner_id as owner, p.place, p.link, p.assignment, p.length::int, p.step::int,
       coalesce(p.buffer_before, 0)::int as before, coalesce(p.buffer_after, 0)::int as after, coalesce(p.notice, 0)::int as notice,
       p.ahead_days::int as ahead, p.most_per_day::int as "perDay", p.time_zone as "timeZone", p.hours, p.exceptions, p.questions,
       (select coalesce(json_agg(json_build_object('id', u.id, 'name', u.name) order by u.name, u.id), '[]') from users u
        where u.deleted_at is null and u.active is not false and case when exists (select 1 from booking_pages_hosts l where l.from_id = p.id)
          then u.id in (select l.to_id from booking_pages_hosts l where l.from_id = p.id) else u.id = p.owner_id end) as hosts
     from booking_pages p where ${'slug' in by ? 'p.slug = $1::text' : 'p.id = $1::uuid'} and p.deleted_at is null and p.active`,
    ['slug' in by ? by.slug : by.id],
  );
  if (!row || row.hosts.length === 0) throw noPage();
  return {
    ...row,
    timeZone: row.timeZone && isZone(row.timeZone) ? row.timeZone : 'UTC',
    hours: row.hours ?? {},
    exceptions: row.exceptions ?? [],
    questions: row.questions ?? [],
  };
}

/** A beginning that can be booked, with the hosts who are free then. */
export interface Slot {
  at: number;
  hosts: readonly string[];
}

/** The beginnings between two instants at which the page can be booked; what a meeting itself takes is left out where it is to be moved. */
export async function freeSlots(
  q: Queryable,
  page: BookingPage,
  o: { from: number; until: number; now: number; except?: string },
): Promise<Slot[]> {
  const beginnings = offered(page, o);
  const [first, last] = [beginnings[0], beginnings.at(-1)];
  if (first === undefined || last === undefined) return [];
  const hosts = page.hosts.map(({ id }) => id);
  // A day more on each side: what is near still counts for buffers, and for the bookings of a day.
  const times = await timesOf(q, hosts, { from: first - DAY_MS, until: last + page.length * MINUTE + DAY_MS, except: o.except ?? null });
  const free = new Map<number, string[]>();
  for (const host of hosts) {
    const mine = times.filter((time) => time.host === host);
    const booked = new Map<string, number>();
    for (const time of mine)
      if (time.page === page.id) booked.set(dayOf(time.start, page.timeZone), (booked.get(dayOf(time.start, page.timeZone)) ?? 0) + 1);
    const taken: Taken[] = mine.map((time) => ({ start: time.start - time.before * MINUTE, end: time.end + time.after * MINUTE }));
    for (const at of freeOf(page, beginnings, taken, booked)) free.set(at, [...(free.get(at) ?? []), host]);
  }
  return beginnings.flatMap((at) => {
    const who = free.get(at) ?? [];
    return who.length > 0 && (page.assignment === 'roundRobin' || who.length === hosts.length) ? [{ at, hosts: who }] : [];
  });
}

interface Time extends Taken {
  host: string;
  before: number;
  after: number;
  page: string | null;
}

/** What hosts have between two instants: meetings, with what a booking keeps free around itself, and busy times of calendars they follow. */
function timesOf(q: Queryable, hosts: readonly string[], o: { from: number; until: number; except: string | null }): Promise<Time[]> {
  return q.query<Time>(
    `with near as (
       select m.id from meetings m where m.owner_id = any($1::uuid[]) and m.start < $3::timestamptz and m.start > $2::timestamptz - interval '${LONGEST_MEETING}'
       union select l.from_id from meetings_colleagues l where l.to_id = any($1::uuid[]))
     select w.host, extract(epoch from m.start)::float8 * 1000 as start, extract(epoch from m.end_)::float8 * 1000 as "end",
       coalesce(p.buffer_before, 0)::int as before, coalesce(p.buffer_after, 0)::int as after, m.booking_page_id as page
     from near n join meetings m on m.id = n.id
     cross join lateral (select m.owner_id as host union select l.to_id from meetings_colleagues l where l.from_id = m.id and l.role is distinct from 'declined') w
     left join booking_pages p on p.id = m.booking_page_id
     where w.host = any($1::uuid[]) and m.deleted_at is null and m.status in ('planned', 'held') and m.start < $3::timestamptz and m.end_ > $2::timestamptz
       and m.start > $2::timestamptz - interval '${LONGEST_MEETING}' and m.id is distinct from $4::uuid
     union all
     select e.user_id, extract(epoch from e.starts_at)::float8 * 1000, extract(epoch from e.ends_at)::float8 * 1000, 0, 0, null::uuid
     from calendar_events e where e.user_id = any($1::uuid[]) and e.busy and e.starts_at < $3::timestamptz and e.ends_at > $2::timestamptz`,
    [hosts, new Date(o.from).toISOString(), new Date(o.until).toISOString(), o.except],
  );
}

/** The next slots from an instant on. */
export async function nextSlots(ctx: Pick<Context, 'db' | 'env'>, page: BookingPage, from: number, most: number): Promise<number[]> {
  const slots = await freeSlots(ctx.db, page, { from, until: from + 14 * DAY_MS, now: ctx.env.now.getTime() });
  return slots.slice(0, most).map(({ at }) => at);
}
