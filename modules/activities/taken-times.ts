import type { Queryable } from '#engine/store/db.ts';
import type { Span } from '#kit/hours.ts';

/** Nothing that is looked for began longer ago. */
const LONGEST_MEETING = '60 days';

/** A time that somebody has no more, as booking pages, common times and the calendar of a team know it. */
export interface TakenTime extends Span {
  user: string;
  /** By which meeting; null where a calendar that they follow says so. */
  meeting: string | null;
  allDay: boolean;
  /** Minutes that a booking keeps free around itself. */
  before: number;
  after: number;
  page: string | null;
}

/**
 * What users have between two instants: meetings that they have not declined, and busy times of calendars that they follow. It asks no
 * rights and gives no words: whoever hands it on says "busy", and looks up what a reader may know of a meeting through the one door.
 */
export function takenTimes(
  q: Queryable,
  users: readonly string[],
  o: { from: number; until: number; except?: string | null; most?: number },
): Promise<TakenTime[]> {
  return q.query<TakenTime>(
    `with near as (
       select m.id from meetings m where m.owner_id = any($1::uuid[]) and m.start < $3::timestamptz and m.start > $2::timestamptz - interval '${LONGEST_MEETING}'
       union select l.from_id from meetings_colleagues l where l.to_id = any($1::uuid[]))
     select w.host as "user", m.id as meeting, extract(epoch from m.start)::float8 * 1000 as start, extract(epoch from m.end_)::float8 * 1000 as "end",
       m.all_day is true as "allDay", coalesce(p.buffer_before, 0)::int as before, coalesce(p.buffer_after, 0)::int as after, m.booking_page_id as page
     from near n join meetings m on m.id = n.id
     cross join lateral (select m.owner_id as host union select l.to_id from meetings_colleagues l where l.from_id = m.id and l.role is distinct from 'declined') w
     left join booking_pages p on p.id = m.booking_page_id
     where w.host = any($1::uuid[]) and m.deleted_at is null and m.status in ('planned', 'held') and m.start < $3::timestamptz and m.end_ > $2::timestamptz
       and m.start > $2::timestamptz - interval '${LONGEST_MEETING}' and m.id is distinct from $4::uuid
     union all
     select e.user_id, null::uuid, extract(epoch from e.starts_at)::float8 * 1000, extract(epoch from e.ends_at)::float8 * 1000, e.all_day, 0, 0, null::uuid
     from calendar_events e where e.user_id = any($1::uuid[]) and e.busy and e.starts_at < $3::timestamptz and e.ends_at > $2::timestamptz
     limit $5::bigint`,
    [users, new Date(o.from).toISOString(), new Date(o.until).toISOString(), o.except ?? null, o.most ?? null],
  );
}

/** A time with what is kept free around it. */
export const withBuffers = ({ start, end, before, after }: TakenTime): Span => ({
  start: start - before * 60_000,
  end: end + after * 60_000,
});
