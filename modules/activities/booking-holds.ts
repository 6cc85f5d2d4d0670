import type { RuleBatch } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { TAKERS, takesAnew } from './taken-times.ts';

/**
 * That a time is booked once. Of bookings that overlap the database lets one in (`booking_holds_once`); against meetings of the hosts
 * themselves, which may overlap as they please, whoever books and whoever plans take the same lock of each host, one after the other.
 */

/** Has the calendars of these users to itself until the transaction ends. Always in one order, so that nobody waits in a circle. */
export const lockCalendars = (q: Queryable, users: readonly string[]): Promise<unknown> =>
  q.query(
    `select pg_advisory_xact_lock(k) from (select distinct hashtextextended(u::text, 47) as k from unnest($1::uuid[]) u order by 1) o`,
    [users],
  );

/** Whom a meeting takes time of, as far as it says so now. */
const whoOf = (item: RuleBatch['items'][number]): string[] => [
  ...(typeof item.get('owner') === 'string' ? [String(item.get('owner'))] : []),
  ...((item.get('colleagues') as { id: string }[] | null) ?? []).map(({ id }) => id),
];

/** Before meetings are written: waits for bookings of those of their people who can be booked. */
export async function awaitBookings({ tx, items }: RuleBatch): Promise<void> {
  const people = items.filter((item) => item.op !== 'delete' && takesAnew(item)).flatMap(whoOf);
  if (people.length === 0) return;
  const hosts = await tx.query<{ id: string }>(
    `select u.id from unnest($1::uuid[]) u (id) where exists (select 1 from booking_pages p where p.owner_id = u.id and p.deleted_at is null)
       or exists (select 1 from booking_pages_hosts l where l.to_id = u.id)`,
    [[...new Set(people)]],
  );
  if (hosts.length > 0)
    await lockCalendars(
      tx,
      hosts.map(({ id }) => id),
    );
}

/**
 * After booked meetings were written: what they hold is where they are, and nothing where they are off. A time that is taken is not
 * held: staff may plan as they please, and a booking that finds itself without is taken back (`booking.ts`).
 */
export async function keepHolds({ tx, items }: RuleBatch): Promise<void> {
  const booked = items.filter((item) => item.get('bookingPage') && takesAnew(item));
  if (booked.length === 0) return;
  const ids = booked.map(({ id }) => id);
  await tx.query('delete from booking_holds where meeting = any($1::uuid[])', [ids]);
  await tx.query(
    `insert into booking_holds (meeting, host, taken)
     select m.id, w.id, tstzrange(m.start - make_interval(mins => coalesce(p.buffer_before, 0)::int), m.end_ + make_interval(mins => coalesce(p.buffer_after, 0)::int))
     from meetings m join booking_pages p on p.id = m.booking_page_id
     cross join lateral (${TAKERS}) w
     where m.id = any($1::uuid[]) and m.deleted_at is null and m.status = 'planned' on conflict do nothing`,
    [ids],
  );
}

/** Whether a booking holds the time of so many hosts. */
export async function holdsFor(q: Queryable, meeting: string, hosts: number): Promise<boolean> {
  const [row] = await q.query<{ n: number }>('select count(*)::int as n from booking_holds where meeting = $1::uuid', [meeting]);
  return row?.n === hosts;
}
