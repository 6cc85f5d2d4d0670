import type { Context } from '#engine/record/context.ts';
import { isZone } from '#engine/record/zones.ts';
import type { Queryable } from '#engine/store/db.ts';
import { notFound } from '#kit/errors.ts';
import type { WeekHours } from '#kit/hours.ts';
import type { Question } from './booking-page.rules.ts';
import { type Availability, type DayHours, dayOf, freeOf, offered } from './slots.ts';
import { takenTimes, withBuffers } from './taken-times.ts';

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

export const noPage = () => notFound('There is no such page, or it takes no bookings now.');

/** As what is unique is indexed, and then to the letter. */
const BY_SLUG = `(perigon_fold(p.slug) collate "C") = perigon_fold($1::text) and p.slug = $1::text`;

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
       (select coalesce(json_agg(json_build_object('id', u.id, 'name', u.name) order by u.name, u.id), '[]')
        from (select l.to_id as id from booking_pages_hosts l where l.from_id = p.id
          union all select p.owner_id where not exists (select 1 from booking_pages_hosts l where l.from_id = p.id)) w
        join users u on u.id = w.id and u.deleted_at is null and u.active is not false) as hosts
     from booking_pages p where ${'slug' in by ? BY_SLUG : 'p.id = $1::uuid'} and p.deleted_at is null and p.active`,
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
  const times = await takenTimes(q, hosts, { from: first - DAY_MS, until: last + page.length * MINUTE + DAY_MS, except: o.except ?? null });
  const free = new Map<number, string[]>();
  for (const host of hosts) {
    const mine = times.filter((time) => time.user === host);
    const booked = new Map<string, number>();
    for (const time of mine)
      if (time.page === page.id) booked.set(dayOf(time.start, page.timeZone), (booked.get(dayOf(time.start, page.timeZone)) ?? 0) + 1);
    for (const at of freeOf(page, beginnings, mine.map(withBuffers), booked)) free.set(at, [...(free.get(at) ?? []), host]);
  }
  return beginnings.flatMap((at) => {
    const who = free.get(at) ?? [];
    return who.length > 0 && (page.assignment === 'roundRobin' || who.length === hosts.length) ? [{ at, hosts: who }] : [];
  });
}

/** The next slots from an instant on. */
export async function nextSlots(ctx: Pick<Context, 'db' | 'env'>, page: BookingPage, from: number, most: number): Promise<number[]> {
  const slots = await freeSlots(ctx.db, page, { from, until: from + 14 * DAY_MS, now: ctx.env.now.getTime() });
  return slots.slice(0, most).map(({ at }) => at);
}
