import { deepStrictEqual } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { batched, good, turnsOf } from './asking.ts';
import type { Bench } from './bench.ts';
import type { Row } from './rows.ts';

/**
 * What a guest waits for: the free times of a page with three hosts whose calendars have filled for years, and booking one.
 *
 * The public addresses count who calls how often (`engine/access/public-guard.ts`), and a bench calls oftener than a person. Nothing is
 * opened for it: it counts along, and before each turn the bench, to whom the base belongs, takes its own calls out of the count, as they
 * go by themselves after half an hour. A form's stamp is asked for as a browser does, and is a second old before the first is sent.
 */
const SLUG = 'bench';
const HOSTS = ['Bench host one', 'Bench host two', 'Bench host three'];
/** Meetings that each host has had, as the one who called them or as a colleague. */
const PAST = 2000;
const DAY_MS = 86_400_000;
const WEEK = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [['09:00', '17:00']]]));
const day = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

interface Held {
  page: string;
  hosts: string[];
}

/** The page, its hosts and what they have had; made by the first row that asks. */
async function bookingBase(bench: Bench): Promise<Held> {
  const { rows } = await bench.floor.query<Held>(
    `select p.id as page, array(select l.to_id from booking_pages_hosts l where l.from_id = p.id order by l.to_id) as hosts
     from booking_pages p where p.slug = $1 and p.deleted_at is null`,
    [SLUG],
  );
  if (rows[0]) return rows[0];
  const hosts: string[] = [];
  for (const name of HOSTS) hosts.push((await good<{ id: string }>(bench, 'POST', '/api/v1/users', { name })).id);
  const minutes = 30 * 60_000;
  await batched(
    bench,
    'meetings',
    Array.from({ length: PAST * hosts.length }, (_, i) => {
      const start = new Date(Date.now() - 2 * DAY_MS - Math.floor(i / hosts.length) * 8 * 3_600_000);
      const [host, other] = [hosts[i % hosts.length], hosts[(i + 1) % hosts.length]];
      return {
        op: 'create',
        values: {
          subject: `Bench ${i}`,
          start: start.toISOString(),
          end: new Date(start.getTime() + minutes).toISOString(),
          owner: host,
          colleagues: [{ id: other, role: 'accepted' }],
        },
      };
    }),
  );
  const { id } = await good<{ id: string }>(bench, 'POST', '/api/v1/bookingPages', {
    title: 'Bench',
    slug: SLUG,
    hosts: hosts.map((host) => ({ id: host })),
    aheadDays: 365,
    notice: 0,
    timeZone: 'Europe/Berlin',
    hours: WEEK,
  });
  await bench.floor.query('analyze meetings; analyze meetings_colleagues; analyze meeting_times');
  return { page: id, hosts };
}

/** What the guard has counted of this bench, which is all that it has counted in this base. */
const uncounted = (bench: Bench) => bench.floor.query('delete from public_calls');

const freeTimes: Row = {
  name: 'booking, free times',
  goal: 'three hosts, fourteen days',
  floor: 'booking-free',
  same: (product, floor) => deepStrictEqual(floor.items, product.items),
  prepare: async (bench) => {
    await bookingBase(bench);
    return async (i) => {
      await uncounted(bench);
      const from = day(1 + (i % 40));
      return { path: `/b/${SLUG}/slots?from=${from}&days=14&zone=Europe/Berlin`, values: [SLUG, from, 14] };
    };
  },
};

const bookOne: Row = {
  name: 'booking, one booked',
  floor: 'booking-book',
  prepare: async (bench) => {
    const { page } = await bookingBase(bench);
    await emptied(bench, page);
    const times: string[] = [];
    for (let from = 1; from < 330; from += 28) {
      await uncounted(bench);
      times.push(...(await good<{ items: string[] }>(bench, 'GET', `/b/${SLUG}/slots?from=${day(from)}&days=28&zone=Europe/Berlin`)).items);
    }
    const html = await bench.ask('GET', `/b/${SLUG}?start=${encodeURIComponent(times[0] ?? '')}`);
    const token = /name="token" value="([^"]+)"/.exec(html.text)?.[1];
    if (!token) throw new Error(`The page has no form: ${html.status}`);
    await sleep(1100);
    const guests = (
      await bench.floor.query<{ email: string; name: string }>(
        `select p.name, i.value as email from identifiers i join parties p on p.id = i.record_id and p.deleted_at is null
         where i.object = 'party' and i.kind = 'email' and i.is_primary order by i.record_id limit 500`,
      )
    ).rows;
    // Every other is the floor's, so that neither finds the other's in its way.
    const start = (i: number) => times[i % times.length] ?? '';
    return async (i) => {
      await uncounted(bench);
      const guest = guests[i % guests.length];
      return {
        method: 'POST',
        path: `/b/${SLUG}`,
        body: { start: start(2 * i), token, name: guest?.name, email: guest?.email },
        values: [page, start(2 * i + 1), guest?.name, guest?.email],
      };
    };
  },
};

/** Takes away what earlier runs booked, so that a kept base does not run out of times. */
async function emptied(bench: Bench, page: string): Promise<void> {
  const { rows } = await bench.floor.query<{ id: string }>(`select id from meetings where booking_page_id = $1 and deleted_at is null`, [
    page,
  ]);
  await batched(
    bench,
    'meetings',
    rows.map(({ id }) => ({ op: 'delete', id })),
  );
  const free = 16 * 5 * 47;
  if (2 * turnsOf(bench) > free) throw new Error(`At most ${free / 2} rounds of bookings: there are no more times in a year.`);
}

export const bookingRows: readonly Row[] = [freeTimes, bookOne];
