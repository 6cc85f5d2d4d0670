import { systemAs } from '#engine/access/actor.ts';
import { addNotices, type NoticeKind } from '#engine/notify/notices.ts';
import { type Context, newCause } from '#engine/record/context.ts';
import { resolveParty } from '#engine/record/resolve.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import { type Tx, within } from '#engine/store/db.ts';
import { conflict, invalid, notFound, type Problem } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type BookingPage, freeSlots, nextSlots, pageBy } from './booking-free.ts';
import { holdsFor, lockCalendars } from './booking-holds.ts';
import { calendarText } from './calendar-text.ts';

/**
 * What a guest does: books a time, moves it, calls it off. It is done by Perigon, not by whoever owns the page: the customer is found
 * by their e-mail address or made, what is known of them stays as it is, and the answer is the same either way.
 */

export interface Guest {
  name: string;
  email: string;
  /** In the order of the page's questions. */
  answers: readonly string[];
}

/** A meeting that a guest booked, as they may see it. */
export interface Booking {
  meeting: string;
  page: string;
  title: string;
  start: string;
  end: string;
  host: string;
  place: string | null;
  link: string | null;
  status: string;
  version: number;
  changedAt: string;
}

const ADDRESS = /^[^\s@<>",;:\\()[\]]{1,64}@[^\s@<>"]{1,190}\.[^\s@<>".]{2,}$/;
const MINUTE = 60_000;

/** What is wrong with what a guest wrote, at its field. */
export function problemsOf(page: BookingPage, guest: Guest): Problem[] {
  const problems: Problem[] = [];
  const name = guest.name.trim();
  if (name === '') problems.push({ path: 'name', code: 'required', detail: 'A name is needed.' });
  else if (name.length > 200) problems.push({ path: 'name', code: 'tooLong', detail: 'At most 200 characters.' });
  if (!ADDRESS.test(guest.email.trim())) problems.push({ path: 'email', code: 'email', detail: 'This is not an e-mail address.' });
  page.questions.forEach(({ required }, i) => {
    const answer = (guest.answers[i] ?? '').trim();
    if (required && answer === '') problems.push({ path: `answer${i}`, code: 'required', detail: 'An answer is needed.' });
    else if (answer.length > 2000) problems.push({ path: `answer${i}`, code: 'tooLong', detail: 'At most 2,000 characters.' });
  });
  return problems;
}

/** Somebody was first, or the time is not offered: with the next that are free. */
const taken = async (ctx: Context, page: BookingPage, start: number) =>
  conflict('This time was taken meanwhile. Choose another one.', [{ path: 'start', code: 'taken', detail: 'This time is taken.' }], {
    next: (await nextSlots(ctx, page, Math.max(start, ctx.env.now.getTime()), 6)).map((at) => new Date(at).toISOString()),
  });

/** Thrown inside the transaction, so that nothing of it stays. */
class Taken extends Error {}

async function exclusively<T>(ctx: Context, page: BookingPage, start: number, work: (tx: Tx, own: Context) => Promise<T>): Promise<T> {
  const actor = systemAs('booking');
  const cause = newCause('booking', page.title);
  try {
    return await transact({ db: ctx.db, wrote: ctx.wrote }, (tx) =>
      work(tx, { ...ctx, db: within(ctx.db, tx), actor, cause, once: undefined }),
    );
  } catch (error) {
    if (error instanceof Taken) throw await taken(ctx, page, start);
    throw error;
  }
}

/** Who of the hosts is free at exactly this time; throws where not enough are. The calendars of the hosts are locked before. */
async function hostsAt(tx: Tx, ctx: Context, page: BookingPage, start: number, except?: string): Promise<readonly string[]> {
  await lockCalendars(
    tx,
    page.hosts.map(({ id }) => id),
  );
  const slots = await freeSlots(tx, page, { from: start, until: start + 1, now: ctx.env.now.getTime(), ...(except ? { except } : {}) });
  const slot = slots.find(({ at }) => at === start);
  if (!slot) throw new Taken();
  return slot.hosts;
}

/** Whose turn it is: who was booked least in the last thirty days and ahead, then who comes first. */
async function whoseTurn(tx: Tx, page: BookingPage, free: readonly string[]): Promise<string> {
  const [row] = await tx.query<{ host: string }>(
    // Of each host the meetings of a month back and those ahead; of the page it would be all that were ever booked.
    `select h.host from unnest($1::uuid[]) h (host)
     cross join lateral (select count(*) as n, max(m.created_at) as last from (select x.booking_page_id, x.status, x.created_at from meetings x
         where x.owner_id = h.host and x.deleted_at is null and x.start > now() - interval '30 days' offset 0) m
       where m.booking_page_id = $2::uuid and m.status <> 'cancelled') b
     order by b.n, b.last nulls first, h.host limit 1`,
    [free, page.id],
  );
  return row?.host ?? free[0] ?? '';
}

/** Books a time. Of several who want the same one gets it; the others are told what is free next. */
export async function book(ctx: Context, page: BookingPage, start: number, guest: Guest): Promise<Booking> {
  const problems = problemsOf(page, guest);
  if (problems.length > 0) throw invalid('The booking cannot be accepted.', problems);
  const id = newId();
  return exclusively(ctx, page, start, async (tx, own) => {
    const free = await hostsAt(tx, own, page, start);
    const together = page.assignment === 'all';
    const owner = together ? (free.find((host) => host === page.owner) ?? free[0] ?? '') : await whoseTurn(tx, page, free);
    const colleagues = together ? free.filter((host) => host !== owner) : [];
    const party = await partyOf(tx, own, guest, owner);
    const name = guest.name.trim();
    const answers = page.questions.map(({ text }, i) => `${text}\n${(guest.answers[i] ?? '').trim() || '–'}`);
    await writeIn(
      tx,
      own,
      own.model.object('meeting'),
      [
        {
          op: 'create',
          id,
          values: {
            subject: `${page.title}: ${name}`.slice(0, 300),
            start: new Date(start).toISOString(),
            end: new Date(start + page.length * MINUTE).toISOString(),
            party,
            owner,
            colleagues: colleagues.map((host) => ({ id: host, role: 'accepted' })),
            guests: [{ id: party, role: 'accepted' }],
            others: [guest.email.trim()],
            place: page.place,
            link: page.link,
            timeZone: page.timeZone,
            description: [`${name}, ${guest.email.trim()}`, ...answers].join('\n\n'),
            bookingPage: page.id,
          },
        },
      ],
      { trusted: true },
    );
    if (!(await holdsFor(tx, id, 1 + colleagues.length))) throw new Taken();
    // They came to us: a touch of its own, whatever becomes of the meeting.
    await writeIn(tx, own, own.model.object('interaction'), [
      {
        op: 'create',
        values: {
          party,
          at: own.env.now.toISOString(),
          channel: 'web',
          direction: 'inbound',
          kind: 'event',
          subject: page.title,
          agent: owner,
        },
      },
    ]);
    await tell(tx, own, 'booked', id, [owner, ...colleagues]);
    return bookingIn(tx, id);
  });
}

/** The customer who has this address: of several the one that is known best; nobody has it, a new one. */
async function partyOf(tx: Tx, ctx: Context, guest: Guest, owner: string): Promise<string> {
  const email = guest.email.trim();
  // Two bookings of somebody new at one moment make one customer.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1::text, 48))', [email.toLowerCase()]);
  const { party, candidates } = await resolveParty(ctx, [{ kind: 'email', value: email }]);
  const known = party ?? candidates[0];
  if (known) return known.id;
  const id = newId();
  await writeIn(tx, ctx, ctx.model.object('party'), [
    { op: 'create', id, values: { kind: 'person', name: guest.name.trim(), roles: ['prospect'], emails: [{ value: email }], owner } },
  ]);
  return id;
}

/** Tells hosts of what a guest did. */
async function tell(tx: Tx, ctx: Context, kind: NoticeKind, meeting: string, hosts: readonly string[]): Promise<void> {
  await addNotices(
    tx,
    hosts.map((user) => ({ user, kind, object: 'meeting', record: meeting, count: 1, actor: null, cause: ctx.cause.id, job: null })),
  );
}

const gone = () => notFound('There is no such booking any more.');

async function bookingIn(q: Pick<Tx, 'query'>, id: string): Promise<Booking> {
  const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const [row] = await q.query<Booking>(
    `select m.id as meeting, m.booking_page_id as page, p.title, ${iso('m.start')} as start, ${iso('m.end_')} as "end", m.place, m.link, m.status,
       coalesce((select u.name from users u where u.id = m.owner_id), '') as host, m.version::int, ${iso('m.updated_at')} as "changedAt"
     from meetings m join booking_pages p on p.id = m.booking_page_id where m.id = $1::uuid and m.deleted_at is null`,
    [id],
  );
  if (!row) throw gone();
  return row;
}

/** What a guest booked. */
export const bookingOf = (ctx: Pick<Context, 'db'>, id: string): Promise<Booking> => bookingIn(ctx.db, id);

/** Whether a guest may still change it: planned, and not begun. */
export const isOpen = (booking: Booking, now: Date): boolean => booking.status === 'planned' && Date.parse(booking.start) > now.getTime();

async function openIn(tx: Tx, ctx: Context, id: string): Promise<Booking & { people: string[]; owner: string | null }> {
  const [held] = await tx.query<{ owner: string | null; people: string[] }>(
    `select m.owner_id as owner, array(select l.to_id from meetings_colleagues l where l.from_id = m.id) as people from meetings m where m.id = $1::uuid for update`,
    [id],
  );
  const booking = await bookingIn(tx, id);
  if (!held || !isOpen(booking, ctx.env.now)) throw conflict('This booking can no longer be changed.');
  return { ...booking, owner: held.owner, people: [...(held.owner ? [held.owner] : []), ...held.people] };
}

/** Moves a booking to another time that is free; the host stays the same where they are free then. */
export async function moveBooking(ctx: Context, id: string, start: number): Promise<Booking> {
  const page = await pageBy(ctx.db, { id: (await bookingOf(ctx, id)).page });
  return exclusively(ctx, page, start, async (tx, own) => {
    const was = await openIn(tx, own, id);
    const free = await hostsAt(tx, own, page, start, id);
    const owner = was.owner && free.includes(was.owner) ? was.owner : await whoseTurn(tx, page, free);
    await writeIn(tx, own, own.model.object('meeting'), [
      {
        op: 'update',
        id,
        values: { start: new Date(start).toISOString(), end: new Date(start + page.length * MINUTE).toISOString(), owner },
      },
    ]);
    const people = page.assignment === 'all' ? was.people : [owner];
    if (!(await holdsFor(tx, id, new Set([owner, ...was.people.filter((one) => one !== was.owner)]).size))) throw new Taken();
    await tell(tx, own, 'bookingMoved', id, [...new Set([...people, ...was.people])]);
    return bookingIn(tx, id);
  });
}

/** Calls a booking off; its time is free again. */
export async function cancelBooking(ctx: Context, id: string): Promise<Booking> {
  const booking = await bookingOf(ctx, id);
  const own = { ...ctx, actor: systemAs('booking'), cause: newCause('booking', booking.title), once: undefined };
  return transact({ db: ctx.db, wrote: ctx.wrote }, async (tx) => {
    const was = await openIn(tx, own, id);
    await writeIn(tx, own, own.model.object('meeting'), [{ op: 'update', id, values: { status: 'cancelled' } }]);
    await tell(tx, own, 'bookingCancelled', id, was.people);
    return bookingIn(tx, id);
  });
}

/** A booking as a calendar of its own, with the way to change it. */
export const bookingCalendar = (booking: Booking, manage: string): string =>
  calendarText({
    name: booking.title,
    entries: [
      {
        uid: `${booking.meeting}@perigon`,
        version: booking.version,
        changedAt: booking.changedAt,
        title: booking.host ? `${booking.title}: ${booking.host}` : booking.title,
        description: manage,
        place: booking.place,
        url: booking.link,
        status: booking.status === 'cancelled' ? 'CANCELLED' : 'CONFIRMED',
        when: { start: booking.start, end: booking.end },
      },
    ],
  });
