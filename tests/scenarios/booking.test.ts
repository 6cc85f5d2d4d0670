import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { Notice } from '#engine/notify/notices.ts';
import { addDays, dateIn } from '#kit/calendar.ts';
import { instantIn } from '#kit/occurrences.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Booking pages: a guest books, moves and calls off; one time is given once; the public addresses under attack. */
let inside: Inside;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};
const ZONE = 'Europe/Berlin';
const ALL_DAY = Object.fromEntries(['1', '2', '3', '4', '5', '6', '7'].map((day) => [day, [['09:00', '12:00']]]));
/** A time of a day so many days from now, in Berlin. */
const at = (days: number, time: string): string => instantIn(`${addDays(dateIn(new Date(), ZONE), days)}T${time}:00`, ZONE).toISOString();

const ask = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key: keys[who], body });
const good = async <T = Record<string, unknown>>(who: string, method: string, url: string, body?: unknown): Promise<T> => {
  const answer = await ask(who, method, url, body);
  expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};
const make = async (who: string, plural: string, values: object): Promise<string> =>
  (await good<{ id: string }>(who, 'POST', `/${plural}`, values)).id;
const listed = async (plural: string, where: unknown, fields?: string[]) =>
  (
    await good<{ items: Record<string, unknown>[] }>('admin', 'POST', `/${plural}/query`, {
      where,
      limit: 500,
      ...(fields ? { fields } : {}),
    })
  ).items;

/** Guests come from many addresses; each test from one of its own. */
let visitor = 0;
const from = () => ({ remoteAddress: `10.0.${visitor >> 8}.${visitor & 255}` });
const guest = async (
  method: 'GET' | 'POST',
  url: string,
  o: { form?: Record<string, string>; json?: object; raw?: string; headers?: Record<string, string> } = {},
) => {
  const answer = await inside.product.http.inject({
    method,
    url,
    ...from(),
    headers: {
      ...(o.form || o.raw !== undefined
        ? { 'content-type': 'application/x-www-form-urlencoded' }
        : o.json
          ? { 'content-type': 'application/json' }
          : {}),
      ...o.headers,
    },
    ...(o.form
      ? { payload: new URLSearchParams(o.form).toString() }
      : o.json
        ? { payload: JSON.stringify(o.json) }
        : o.raw === undefined
          ? {}
          : { payload: o.raw }),
  });
  return {
    status: answer.statusCode,
    text: answer.body,
    headers: answer.headers,
    json: () => JSON.parse(answer.body) as Record<string, never>,
  };
};
const slots = async (slug: string, days = 14): Promise<string[]> =>
  ((await guest('GET', `/b/${slug}/slots?days=${days}`)).json() as unknown as { items: string[] }).items;
const tokenIn = (html: string): string => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? '';
/** A token of a page's form that is old enough to have been filled in by a person. */
const tokenOf = async (slug: string): Promise<string> => {
  const [first = ''] = await slots(slug);
  return tokenIn((await guest('GET', `/b/${slug}?start=${encodeURIComponent(first)}`)).text);
};
const aged = () => new Promise((resolve) => setTimeout(resolve, 1050));
const tokens: Record<string, string> = {};
const bookAt = (slug: string, start: string, more: Record<string, string> = {}) =>
  guest('POST', `/b/${slug}`, {
    json: { start, token: tokens[slug] ?? '', name: 'Gil Guest', email: `g${visitor}-${Math.random()}@guest.example`, ...more },
  });

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  ids.admin = ctx.actor.userId ?? '';
  for (const name of ['rep', 'other'])
    ids[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: ['salesRep'] });
  for (const name of ['admin', 'rep', 'other']) keys[name] = (await createApiKey(ctx.db, { userId: ids[name] ?? '', name: 'test' })).secret;
  const page = { hours: ALL_DAY, length: 30, step: 30, notice: 0, timeZone: ZONE };
  ids.talk = await make('rep', 'bookingPages', { ...page, title: 'First talk', slug: 'first-talk', place: 'Harbour 1' });
  ids.team = await make('admin', 'bookingPages', {
    ...page,
    title: 'Team talk',
    slug: 'team-talk',
    hosts: [{ id: ids.rep }, { id: ids.other }],
    bufferBefore: 15,
    bufferAfter: 15,
    mostPerDay: 3,
    questions: [{ text: 'What about?', required: true }],
  });
  ids.both = await make('admin', 'bookingPages', {
    ...page,
    title: 'All of us',
    slug: 'all-of-us',
    hosts: [{ id: ids.rep }, { id: ids.other }],
    assignment: 'all',
  });
  for (const slug of ['first-talk', 'team-talk', 'all-of-us']) tokens[slug] = await tokenOf(slug);
  await aged();
});
afterAll(() => inside.stop());

describe('a page', () => {
  it('is one’s own: nobody offers the time of others but who leads them', async () => {
    expect((await ask('rep', 'POST', '/bookingPages', { title: 'x', slug: 'x1', hosts: [{ id: ids.other }] })).text).toContain(
      'your own time',
    );
    expect((await ask('rep', 'POST', '/bookingPages', { title: 'x', slug: 'x1', owner: ids.other })).status).toBeGreaterThan(399);
    expect((await ask('other', 'GET', `/bookingPages/${ids.talk}`)).status).toBe(404);
    expect((await ask('other', 'PATCH', `/bookingPages/${ids.talk}`, { title: 'Mine' })).status).toBe(404);
  });

  it('refuses at the field what could not be read', async () => {
    const refused = async (values: object, path: string) => {
      const answer = await ask('rep', 'POST', '/bookingPages', { title: 'x', slug: 'good-one', ...values });
      expect(
        (answer.body as { errors: { path: string }[] }).errors.map((one) => one.path),
        answer.text,
      ).toContain(path);
    };
    await refused({ slug: 'Not a slug' }, 'slug');
    await refused({ slug: 'booking' }, 'slug');
    await refused({ slug: 'first-talk' }, 'slug');
    await refused({ hours: { 1: [['12:00', '09:00']] } }, 'hours');
    await refused(
      {
        hours: {
          1: [
            ['09:00', '12:00'],
            ['11:00', '13:00'],
          ],
        },
      },
      'hours',
    );
    await refused({ hours: { 8: [] } }, 'hours');
    await refused({ exceptions: [{ day: '2027-02-30', hours: [] }] }, 'exceptions');
    await refused({ timeZone: 'Mars/Base' }, 'timeZone');
    await refused({ questions: [{ text: '', required: true }] }, 'questions');
  });

  it('shows the same to everybody who asks for what is not there, was switched off or went', async () => {
    const off = await make('rep', 'bookingPages', { title: 'Off', slug: 'off', active: false });
    const never = await guest('GET', '/b/never-was');
    expect(never.status).toBe(404);
    expect((await guest('GET', '/b/off')).text).toBe(never.text);
    await good('rep', 'PATCH', `/bookingPages/${off}`, { active: true });
    expect((await guest('GET', '/b/off')).status).toBe(200);
    await good('rep', 'DELETE', `/bookingPages/${off}`);
    expect((await guest('GET', '/b/off')).text).toBe(never.text);
  });

  it('works without a script, in the guest’s zone and language, and lets nothing in', async () => {
    const [first = ''] = await slots('first-talk');
    const answer = await guest('GET', '/b/first-talk?zone=America/New_York', { headers: { 'accept-language': 'de-DE,de;q=0.9' } });
    expect(answer.text).toContain('<html lang="de"');
    expect(answer.text).toContain('30 Minuten');
    const there = new Intl.DateTimeFormat('de', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' }).format(
      new Date(first),
    );
    expect(answer.text).toContain(`>${there}<`);
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain('frame-ancestors *');
    expect(answer.headers['x-frame-options']).toBeUndefined();
    expect((await guest('GET', '/b/first-talk?zone=Mars/Base')).status).toBe(200);
  });

  it('offers no time of which a meeting, a buffer or a calendar that is followed takes a part', async () => {
    const meeting = await make('rep', 'meetings', { subject: 'Dentist', start: at(5, '10:10'), end: at(5, '10:20') });
    const source = 'b7c1a1de-0000-7000-8000-000000000001';
    await inside.product.db.query(
      `insert into calendar_events (source, user_id, uid, starts_at, ends_at, all_day, title, busy) values ($1, $2, 'x', $3, $4, false, 'Secret', true), ($1, $2, 'y', $5, $6, false, 'Free', false)`,
      [source, ids.rep, at(5, '11:00'), at(5, '11:30'), at(5, '09:00'), at(5, '09:30')],
    );
    const that = (await slots('first-talk')).filter((one) => one >= at(5, '00:00') && one < at(6, '00:00'));
    expect(that).toEqual([at(5, '09:00'), at(5, '09:30'), at(5, '10:30'), at(5, '11:30')]);
    const page = (await guest('GET', '/b/first-talk')).text;
    for (const secret of ['Dentist', 'Secret']) expect(page).not.toContain(secret);
    // Cancelled it takes nothing.
    await good('rep', 'PATCH', `/meetings/${meeting}`, { status: 'cancelled' });
    expect(await slots('first-talk')).toContain(at(5, '10:00'));
    await inside.product.db.query('delete from calendar_events where source = $1', [source]);
  });
});

describe('a booking', () => {
  it('is a meeting of the host with the customer, told to the host, in the timeline, and one act', async () => {
    visitor++;
    const start = at(6, '09:00');
    const answer = await bookAt('first-talk', start, { name: '<b>Nora</b> Neumann', email: 'Nora@Guest.example' });
    expect(answer.status, answer.text).toBe(201);
    const [party] = await listed('parties', { field: 'name', op: 'eq', value: '<b>Nora</b> Neumann' });
    expect(party).toMatchObject({ kind: 'person', owner: { id: ids.rep } });
    const [meeting] = await listed('meetings', { field: 'bookingPage', op: 'eq', value: ids.talk });
    expect(meeting).toMatchObject({ start, owner: { id: ids.rep }, party: { id: party?.id }, place: 'Harbour 1', status: 'planned' });
    const touches = await listed('interactions', { field: 'party', op: 'eq', value: party?.id });
    expect(touches).toMatchObject([{ channel: 'web', direction: 'inbound', subject: 'First talk' }]);
    const told = (await good<{ items: Notice[] }>('rep', 'GET', '/notices')).items.filter(({ kind }) => kind === 'booked');
    expect(told).toMatchObject([{ record: { id: meeting?.id } }]);
    const manage = (answer.json() as unknown as { manage: string }).manage;
    const page = await guest('GET', manage);
    expect(page.text).toContain('Harbour 1');
    expect(page.text).not.toContain('Nora');
    const file = await guest('GET', `${manage}/calendar`);
    expect(file.headers['content-type']).toContain('text/calendar');
    expect(file.text).toContain('BEGIN:VEVENT');
    expect(await slots('first-talk')).not.toContain(start);
  });

  it('of a known address changes nothing of what is known, and answers as for anybody', async () => {
    visitor++;
    const known = await make('admin', 'parties', {
      kind: 'person',
      name: 'Kim Known',
      emails: [{ value: 'kim@known.example' }],
      owner: ids.other,
    });
    const one = await bookAt('first-talk', at(6, '09:30'), { name: 'Somebody Else', email: ' KIM@known.example ' });
    const other = await bookAt('first-talk', at(6, '10:00'), { name: 'Somebody New', email: 'new@known.example' });
    const bare = (text: string) => text.replace(/"manage":"[^"]+"/, '').replace(/"(start|end)":"[^"]+"/g, '');
    expect([one.status, bare(one.text)]).toEqual([other.status, bare(other.text)]);
    expect(await good('admin', 'GET', `/parties/${known}`)).toMatchObject({ name: 'Kim Known', owner: { id: ids.other }, version: 1 });
    const [meeting] = await listed('meetings', { field: 'party', op: 'eq', value: known });
    expect(meeting).toMatchObject({ start: at(6, '09:30'), description: expect.stringContaining('Somebody Else') });
  });

  it('by the form comes to a page of its own, with what is wrong at its field before', async () => {
    visitor++;
    const start = at(7, '09:00');
    const form = {
      start,
      zone: 'America/New_York',
      token: tokens['team-talk'] ?? '',
      name: 'Fay "Form" <i>',
      email: 'nonsense',
      answer0: '',
    };
    const wrong = await guest('POST', '/b/team-talk', { form });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('aria-describedby="w-email"');
    expect(wrong.text).toContain('aria-describedby="w-answer0"');
    expect(wrong.text).toContain('value="Fay &quot;Form&quot; &lt;i&gt;"');
    const right = await guest('POST', '/b/team-talk', { form: { ...form, email: 'fay@guest.example', answer0: 'Looms & <script>' } });
    expect(right.status, right.text).toBe(303);
    const page = await guest('GET', String(right.headers.location));
    expect(page.text).toContain('It is booked.');
    const [meeting] = await listed('meetings', { field: 'bookingPage', op: 'eq', value: ids.team });
    expect(meeting?.description).toContain('What about?\nLooms & <script>');
  });

  it('keeps its buffers free, goes round the hosts, and fills a day', async () => {
    visitor++;
    const day = (list: string[]) => list.filter((one) => one >= at(9, '00:00') && one < at(10, '00:00'));
    expect(day(await slots('team-talk'))).toHaveLength(6);
    const start = at(9, '10:00');
    const first = await bookAt('team-talk', start, { answer0: 'a' });
    const second = await bookAt('team-talk', start, { answer0: 'a' });
    expect([first.status, second.status], second.text).toEqual([201, 201]);
    const hosts = (
      await listed('meetings', {
        all: [
          { field: 'bookingPage', op: 'eq', value: ids.team },
          { field: 'start', op: 'eq', value: start },
        ],
      })
    ).map(({ owner }) => (owner as { id: string }).id);
    expect(new Set(hosts)).toEqual(new Set([ids.rep, ids.other]));
    // A quarter of an hour after it, and one before the next: half past ten is gone for both.
    expect(day(await slots('team-talk'))).toEqual([at(9, '09:00'), at(9, '11:00'), at(9, '11:30')]);
    await good('admin', 'PATCH', `/bookingPages/${ids.team}`, { mostPerDay: 1 });
    expect(day(await slots('team-talk'))).toEqual([]);
    await good('admin', 'PATCH', `/bookingPages/${ids.team}`, { mostPerDay: 3 });
  });

  it('with all hosts needs all of them, and takes the time of each', async () => {
    visitor++;
    const start = at(10, '11:00');
    await make('other', 'meetings', { subject: 'Away', start: at(10, '09:00'), end: at(10, '10:00') });
    const that = (await slots('all-of-us')).filter((one) => one >= at(10, '00:00') && one < at(11, '00:00'));
    expect(that).toEqual([at(10, '10:00'), at(10, '10:30'), at(10, '11:00'), at(10, '11:30')]);
    expect((await bookAt('all-of-us', start)).status).toBe(201);
    expect(await slots('first-talk')).not.toContain(start);
    const [meeting] = await listed('meetings', { field: 'bookingPage', op: 'eq', value: ids.both }, ['owner', 'colleagues']);
    expect(
      [meeting?.owner, ...((meeting?.colleagues as unknown[] | undefined) ?? [])].map((one) => (one as { id: string }).id).sort(),
    ).toEqual([ids.rep, ids.other].sort());
  });
});

describe('one time', () => {
  it('is given once, though twenty want it at the same moment; the others are told what is free', async () => {
    visitor++;
    const start = at(11, '09:30');
    const answers = await Promise.all(Array.from({ length: 20 }, () => bookAt('first-talk', start)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
    const lost = answers.find(({ status }) => status === 409)?.json() as unknown as { detail: string; next: string[] };
    expect(lost.detail).toContain('taken meanwhile');
    expect(lost.next[0]).toBe(at(11, '10:00'));
    const there = await listed('meetings', {
      all: [
        { field: 'owner', op: 'eq', value: ids.rep },
        { field: 'start', op: 'eq', value: start },
      ],
    });
    expect(there).toHaveLength(1);
    // Those who lost left nothing behind.
    const [held] = await inside.product.db.query<{ n: number }>(
      'select count(*)::int as n from booking_holds where host = $1::uuid and taken @> $2::timestamptz',
      [ids.rep, start],
    );
    expect(held?.n).toBe(1);
  });

  it('is refused by the database itself, whoever would write it', async () => {
    const hold = (taken: string) =>
      inside.product.db.query(`insert into booking_holds (meeting, host, taken) values (gen_random_uuid(), $1::uuid, $2::tstzrange)`, [
        ids.admin,
        taken,
      ]);
    await hold('[2030-01-01T10:00Z,2030-01-01T11:00Z)');
    await hold('[2030-01-01T11:00Z,2030-01-01T12:00Z)');
    await expect(hold('[2030-01-01T10:59Z,2030-01-01T11:01Z)')).rejects.toMatchObject({ code: '23P01' });
    await inside.product.db.query('delete from booking_holds where host = $1::uuid', [ids.admin]);
  });

  it('goes to the host’s own meeting or to the guest, never to both', async () => {
    visitor++;
    for (const time of ['10:00', '10:30', '11:00', '11:30']) {
      const start = at(12, time);
      const [, booked] = await Promise.all([
        make('rep', 'meetings', { subject: 'Own', start, end: new Date(Date.parse(start) + 1_800_000).toISOString() }),
        bookAt('first-talk', start),
      ]);
      const there = await listed('meetings', {
        all: [
          { field: 'owner', op: 'eq', value: ids.rep },
          { field: 'start', op: 'eq', value: start },
        ],
      });
      // Who plans may overlap a booking that was there first; a booking never overlaps what was planned first.
      const [mine, theirs] = [there.find(({ bookingPage }) => !bookingPage), there.find(({ bookingPage }) => bookingPage)];
      expect(mine).toBeDefined();
      expect(booked.status === 201).toBe(theirs !== undefined);
    }
    await make('rep', 'meetings', { subject: 'Own', start: at(13, '09:00'), end: at(13, '09:30') });
    expect((await bookAt('first-talk', at(13, '09:00'))).status).toBe(409);
  });
});

describe('moving and calling off', () => {
  it('frees the time, by the guest’s own link', async () => {
    visitor++;
    const [start, to] = [at(8, '09:00'), at(8, '11:00')];
    const { manage } = (await bookAt('first-talk', start)).json() as unknown as { manage: string };
    const page = await guest('GET', `${manage}?move=1&start=${encodeURIComponent(to)}`);
    const token = tokenIn(page.text);
    await aged();
    const moved = await guest('POST', manage, { form: { act: 'move', start: to, token } });
    expect(moved.status, moved.text).toBe(303);
    const free = await slots('first-talk');
    expect(free).toContain(start);
    expect(free).not.toContain(to);
    const later = String(moved.headers.location).split('?')[0] ?? '';
    // To a time that is not offered, or in the past, it is not moved.
    for (const wrong of [at(8, '20:00'), '2020-01-01T10:00:00.000Z'])
      expect((await guest('POST', later, { json: { act: 'move', start: wrong, token } })).status).toBe(409);
    const off = await guest('POST', later, { form: { act: 'cancel', token } });
    expect(off.status).toBe(303);
    expect((await guest('GET', String(off.headers.location))).text).toContain('It is cancelled.');
    expect(await slots('first-talk')).toContain(to);
    expect((await guest('POST', later, { json: { act: 'cancel', token } })).status).toBe(409);
    const kinds = (await good<{ items: Notice[] }>('rep', 'GET', '/notices')).items.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['bookingMoved', 'bookingCancelled']));
  });

  it('by the host frees it as well', async () => {
    visitor++;
    const start = at(8, '10:00');
    const { manage } = (await bookAt('first-talk', start)).json() as unknown as { manage: string };
    const [meeting] = await listed('meetings', {
      all: [
        { field: 'bookingPage', op: 'eq', value: ids.talk },
        { field: 'start', op: 'eq', value: start },
      ],
    });
    await good('rep', 'PATCH', `/meetings/${meeting?.id}`, { start: at(8, '10:30') });
    expect(await slots('first-talk')).toContain(start);
    await good('rep', 'PATCH', `/meetings/${meeting?.id}`, { status: 'cancelled' });
    expect(await slots('first-talk')).toContain(at(8, '10:30'));
    expect((await guest('GET', manage)).text).toContain('It is cancelled.');
    await good('rep', 'DELETE', `/meetings/${meeting?.id}`);
    expect((await guest('GET', manage)).status).toBe(404);
  });
});

describe('who means ill', () => {
  it('makes no link, and opens none that was made for something else', async () => {
    visitor++;
    const { manage } = (await bookAt('first-talk', at(4, '09:00'))).json() as unknown as { manage: string };
    const secret = manage.split('/').at(-1) ?? '';
    const never = await guest('GET', '/b/booking/none');
    expect(never.status).toBe(404);
    const flipped = `${secret.slice(0, -2)}${secret.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const forged of [flipped, secret.slice(0, 60), tokens['first-talk'] ?? '', 'a'.repeat(70)]) {
      expect((await guest('GET', `/b/booking/${forged}`)).text, forged).toBe(never.text);
      expect((await guest('POST', `/b/booking/${forged}`, { form: { act: 'cancel', token: tokens['first-talk'] ?? '' } })).status).toBe(
        404,
      );
    }
    // The form of another page or booking does not cancel this one.
    const other = (await bookAt('first-talk', at(4, '09:30'))).json() as unknown as { manage: string };
    const theirs = tokenIn((await guest('GET', other.manage)).text);
    await aged();
    for (const token of [theirs, tokens['first-talk'] ?? '', '', 'x'.repeat(60)])
      expect((await guest('POST', manage, { form: { act: 'cancel', token } })).status).toBe(422);
    expect((await guest('GET', manage)).text).toContain('Move');
  });

  it('books nothing with a form that is forged, of another page, too quick, or filled in by a program', async () => {
    visitor++;
    const start = at(4, '10:00');
    const [first = ''] = await slots('first-talk');
    const quick = tokenIn((await guest('GET', `/b/first-talk?start=${encodeURIComponent(first)}`)).text);
    for (const more of [
      { token: '' },
      { token: 'A'.repeat(60) },
      { token: tokens['team-talk'] ?? '' },
      { token: quick },
      { website_url: 'https://spam.example' },
    ] as Record<string, string>[])
      expect((await bookAt('first-talk', start, more)).status, JSON.stringify(more)).toBe(422);
    expect(await slots('first-talk')).toContain(start);
  });

  it('books no time that is not offered', async () => {
    visitor++;
    for (const start of [at(4, '10:10'), at(4, '22:00'), at(-1, '10:00'), at(90, '10:00'), 'soon', '+275760-09-13T00:00:00.000Z'])
      expect((await bookAt('first-talk', start)).status, start).toBeGreaterThanOrEqual(400);
  });

  it('sends too much, or what is no form, and gets nowhere', async () => {
    visitor++;
    expect((await guest('POST', '/b/first-talk', { raw: `name=${'x'.repeat(40_000)}` })).status).toBe(422);
    expect((await bookAt('first-talk', at(4, '10:30'), { name: 'x'.repeat(500) })).status).toBe(422);
    expect((await guest('POST', '/b/first-talk', { raw: '{"a":', headers: { 'content-type': 'application/json' } })).status).toBe(422);
    expect((await guest('POST', '/b/first-talk', { raw: 'x', headers: { 'content-type': 'text/xml' } })).status).toBe(422);
    // A zero byte, and half of a character.
    const odd = await bookAt('first-talk', at(4, '10:30'), { name: 'A\u0000b \ud800' });
    expect(odd.status, odd.text).toBe(201);
  });

  it('from another site posts nothing', async () => {
    visitor++;
    const form = { start: at(4, '11:00'), token: tokens['first-talk'] ?? '', name: 'x', email: 'x@x.example' };
    expect((await guest('POST', '/b/first-talk', { form, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  });

  it('is held to so many calls a minute, others are not', async () => {
    visitor++;
    const answers: number[] = [];
    for (let i = 0; i < 32; i++) answers.push((await bookAt('first-talk', 'soon')).status);
    // The minute may turn over on the way.
    for (let i = 0; i < 32 && !answers.includes(429); i++) answers.push((await bookAt('first-talk', 'soon')).status);
    expect(answers).toContain(429);
    visitor++;
    expect((await bookAt('first-talk', 'soon')).status).toBe(422);
  });
});
