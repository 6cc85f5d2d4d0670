import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { temporaryFolder } from '../harness/places.ts';
import { bootProduct, freePort, setUp } from '../harness/product.ts';

const ANSWERS = 200;
const AT_ONCE = 8;
const SLOTS = 12;

interface Told {
  status: number;
  text: string;
}

/** A call of somebody outside, from an address of their own; null where no answer came. */
function outside(port: number, method: string, path: string, from: number, body?: unknown): Promise<Told | null> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        localAddress: `127.1.${from >> 8}.${from & 255 || 254}`,
        method,
        path,
        headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', () => resolve(null));
      },
    );
    call.on('error', () => resolve(null));
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/**
 * While strangers answer a web form and book times, and the forecasts of a year are reckoned, the server is killed without a word, twice.
 * Whoever hears nothing asks again. Each answer is one whole lead, each time is given once, each week is taken once; what follows from
 * the log (scores, owners) is caught up with.
 */
test('what strangers send is there whole and once, whenever the server dies', { timeout: 180_000 }, async () => {
  const database = await bareDatabase();
  const port = await freePort();
  // The key by which stamps are sealed lies in the data folder.
  const dataFolder = temporaryFolder();
  const boot = () => bootProduct({ database, port, dataFolder });
  let victim = await boot();
  const api = await setUp(victim);
  const ok = async <T>(path: string, body: unknown): Promise<T> => {
    const answer = await api.post<T>(path, body);
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.body;
  };
  const me = (await api.get<{ user: { id: string } }>('/api/v1/session')).body.user.id;
  await ok('/api/v1/assignmentRules', { name: 'All', way: 'fixed', members: [me] });
  const form = await ok<{ id: string }>('/api/v1/leadForms', {
    name: 'Ask',
    language: 'en',
    consentText: 'Write to me.',
    consentPurpose: 'marketing',
  });
  const { slug } = (await api.get<{ slug: string }>(`/api/v1/leadForms/${form.id}`)).body;
  const allDay = Object.fromEntries(['1', '2', '3', '4', '5', '6', '7'].map((day) => [day, [['08:00', '18:00']]]));
  await ok('/api/v1/bookingPages', {
    title: 'Talk',
    slug: 'talk',
    hours: allDay,
    length: 30,
    step: 30,
    notice: 0,
    timeZone: 'Europe/Berlin',
  });
  const day = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
  await ok('/api/v1/opportunities/batch', {
    operations: Array.from({ length: 300 }, (_, n) => ({
      op: 'create',
      values: { name: `Deal ${n}`, openedOn: day(400 - n), closeDate: day(-n), amount: { amount: '100', currency: 'EUR' } },
    })),
  });

  // Stamps and tokens of pages that were opened before; they hold over a restart.
  const { stamp } = JSON.parse((await outside(port, 'GET', `/f/${slug}`, 1))?.text ?? '{}') as { stamp: string };
  const { items: slots } = JSON.parse((await outside(port, 'GET', '/b/talk/slots?days=7', 1))?.text ?? '{}') as { items: string[] };
  expect(slots.length).toBeGreaterThan(SLOTS);
  const page = (await outside(port, 'GET', `/b/talk?start=${encodeURIComponent(slots[0] ?? '')}`, 1))?.text ?? '';
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  await sleep(2_100);

  let accepted = 0;
  let repeated = 0;
  const unexpected: string[] = [];
  /** Asks until an answer is heard that says how it ended. */
  const patiently = async (path: string, from: number, body: unknown, ends: readonly number[]): Promise<number> => {
    for (let tries = 0; tries < 400; tries++) {
      const told = await outside(port, 'POST', path, from, body);
      if (told && ends.includes(told.status)) return told.status;
      if (told && told.status !== 503) {
        unexpected.push(`${path} ${told.status} ${told.text.slice(0, 200)}`);
        return told.status;
      }
      repeated++;
      await sleep(50);
    }
    return 0;
  };
  const asks = Array.from({ length: ANSWERS }, (_, n) => async () => {
    const values = { stamp, name: `Asks ${n}`, email: `asks${n}@form.example`, message: `Question ${n}`, consent: 'on' };
    if ((await patiently(`/f/${slug}`, 100 + n, values, [200])) === 200) accepted++;
  });
  const booked = new Map<string, string[]>();
  // Two guests want each time: one gets it, the other is told that it is taken.
  const books = Array.from({ length: SLOTS * 2 }, (_, n) => async () => {
    const start = slots[n % SLOTS] ?? '';
    const email = `guest${n}@book.example`;
    const status = await patiently('/b/talk', 1000 + n, { start, token, name: `Guest ${n}`, email }, [201, 409]);
    if (status === 201) booked.set(start, [...(booked.get(start) ?? []), email]);
  });
  const taking = ok<{ job: string }>('/api/v1/forecast/take', {});
  const todo = asks.flatMap((ask, i) => (i % 8 === 0 && books[i / 8] ? [ask, books[i / 8] as () => Promise<void>] : [ask]));
  const worker = async (): Promise<void> => {
    for (let next = todo.shift(); next; next = todo.shift()) await next();
  };
  const workers = Array.from({ length: AT_ONCE }, worker);
  const { job } = await taking;
  for (const share of [0.2, 0.6]) {
    while (accepted < ANSWERS * share && unexpected.length === 0) await sleep(5);
    await victim.kill9();
    victim = await boot();
  }
  await Promise.all(workers);
  expect(unexpected).toEqual([]);
  expect(repeated).toBeGreaterThan(0);
  expect(accepted).toBe(ANSWERS);

  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const ask = async <T extends pg.QueryResultRow>(text: string): Promise<T[]> => (await client.query<T>(text)).rows;
  const [forms] = await ask(`
    select count(*)::int as leads, count(distinct l.party_id)::int as parties, count(distinct l.message)::int as messages,
      (select count(*)::int from parties p where p.name like 'Asks %') as made,
      (select count(*)::int from interactions i join parties p on p.id = i.party_id where p.name like 'Asks %') as touches,
      (select count(*)::int from consents c join parties p on p.id = c.party_id where p.name like 'Asks %') as consents,
      (select count(*)::int from identifiers i where i.value like '%@form.example') as addresses
    from leads l where l.deleted_at is null`);
  expect(forms).toEqual({
    leads: ANSWERS,
    parties: ANSWERS,
    messages: ANSWERS,
    made: ANSWERS,
    touches: ANSWERS,
    consents: ANSWERS,
    addresses: ANSWERS,
  });
  // Given out with each answer; scored by whoever follows the log.
  await expect
    .poll(
      async () =>
        (await ask(`select count(*)::int as n from leads where owner_id = '${me}' and assigned_by_id is not null and score is not null`))[0]
          ?.n,
      {
        timeout: 30_000,
      },
    )
    .toBe(ANSWERS);

  const meetings = await ask<{ at: string; n: number; guest: string }>(
    `select to_char(m.start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, count(*) over (partition by m.start)::int as n, i.value as guest
     from meetings m join meetings_guests a on a.from_id = m.id join identifiers i on i.record_id = a.to_id and i.kind = 'email'
     where m.deleted_at is null and m.booking_page_id is not null`,
  );
  expect(new Set(meetings.map(({ n }) => n))).toEqual(new Set([1]));
  expect(meetings.map(({ at }) => at).sort()).toEqual(slots.slice(0, SLOTS).sort());
  for (const [start, guests] of booked) expect(guests, start).toEqual([meetings.find(({ at }) => at === start)?.guest]);

  await expect.poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${job}`)).body.state, { timeout: 60_000 }).toBe('done');
  const [weeks] = await ask(
    `select count(distinct date_trunc('week', taken_on))::int as weeks, count(distinct taken_on)::int as days, count(*)::int - count(distinct key)::int as twice
     from forecast_snapshots where weekly and deleted_at is null`,
  );
  expect(weeks).toEqual({ weeks: 53, days: 53, twice: 0 });
  const again = await ok<{ job: string }>('/api/v1/forecast/take', {});
  await expect
    .poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${again.job}`)).body.state, { timeout: 60_000 })
    .toBe('done');
  expect((await api.get<{ result: unknown }>(`/api/v1/jobs/${again.job}`)).body.result).toEqual({ weeks: 0 });
  await client.end();
});
