import type { RuleBatch, RuleItem } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import type { Span } from '#kit/hours.ts';

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
 * SQL of it; apart so that its plan can be looked at. `offset 0`: person by person. Left to choose, the planner takes what everybody has
 * between the two instants and throws away the others'.
 */
export const TAKEN_SQL = `select t.user_id as "user", m.id as meeting, extract(epoch from m.start)::float8 * 1000 as start, extract(epoch from m.end_)::float8 * 1000 as "end",
     m.all_day is true as "allDay", coalesce(p.buffer_before, 0)::int as before, coalesce(p.buffer_after, 0)::int as after, m.booking_page_id as page
   from unnest($1::uuid[]) u (id)
   cross join lateral (select * from meeting_times x where x.user_id = u.id and x.taken && tstzrange($2::timestamptz, $3::timestamptz) offset 0) t
   join meetings m on m.id = t.meeting left join booking_pages p on p.id = m.booking_page_id
   where t.meeting is distinct from $4::uuid
   union all
   select e.user_id, null::uuid, extract(epoch from e.starts_at)::float8 * 1000, extract(epoch from e.ends_at)::float8 * 1000, e.all_day, 0, 0, null::uuid
   from calendar_events e where e.user_id = any($1::uuid[]) and e.busy and e.starts_at < $3::timestamptz and e.ends_at > $2::timestamptz
   limit $5::bigint`;

/**
 * What users have between two instants: meetings that they have not declined, and busy times of calendars that they follow. It asks no
 * rights and gives no words: whoever hands it on says "busy", and looks up what a reader may know of a meeting through the one door.
 */
export function takenTimes(
  q: Queryable,
  users: readonly string[],
  o: { from: number; until: number; except?: string | null; most?: number },
): Promise<TakenTime[]> {
  const values = [[...new Set(users)], new Date(o.from).toISOString(), new Date(o.until).toISOString(), o.except ?? null, o.most ?? null];
  return q.query<TakenTime>(TAKEN_SQL, values);
}

/** A time with what is kept free around it. */
export const withBuffers = ({ start, end, before, after }: TakenTime): Span => ({
  start: start - before * 60_000,
  end: end + after * 60_000,
});

const COUNTS = ['start', 'end', 'status', 'owner', 'colleagues'] as const;

/** Whether a meeting that is written takes other time than before, or that of others. */
export const takesAnew = (item: RuleItem): boolean =>
  item.op === 'delete' || item.op === 'restore' || COUNTS.some((key) => item.changes(key));

/** SQL of those whose time the meeting `m` takes. */
export const TAKERS = `select m.owner_id as id where m.owner_id is not null
  union select l.to_id from meetings_colleagues l where l.from_id = m.id and l.role is distinct from 'declined'`;

/**
 * After meetings were written: whose time they take, and which. It stands apart (`meeting_times`), since whether somebody takes part and
 * when it is are said in two places, and no index answers both at once.
 */
export async function keepTimes({ tx, items }: RuleBatch): Promise<void> {
  const ids = items.filter(takesAnew).map(({ id }) => id);
  if (ids.length === 0) return;
  await tx.query('delete from meeting_times where meeting = any($1::uuid[])', [ids]);
  await tx.query(
    `insert into meeting_times (meeting, user_id, taken)
     select m.id, w.id, tstzrange(m.start, m.end_) from meetings m
     cross join lateral (${TAKERS}) w
     where m.id = any($1::uuid[]) and m.deleted_at is null and m.status in ('planned', 'held') and m.end_ > m.start`,
    [ids],
  );
}
