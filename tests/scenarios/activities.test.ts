import ICAL from 'ical.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { Notice } from '#engine/notify/notices.ts';
import { sendReminders } from '#engine/notify/reminders.ts';
import { guardedFetch } from '#engine/outbox/guarded-fetch.ts';
import { addDays, dateIn } from '#kit/calendar.ts';
import { extendSeries, readSources } from '#modules/activities/index.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Tasks and meetings: when they are, who is reminded of them, how they repeat, and what of them stands in the timeline. */
let inside: Inside;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};
const today = (zone = 'Europe/Berlin') => dateIn(new Date(), zone);

const ask = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key: keys[who], body });
const good = async <T = Record<string, unknown>>(who: string, method: string, url: string, body?: unknown): Promise<T> => {
  const answer = await ask(who, method, url, body);
  expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};
const make = async (who: string, plural: string, values: object): Promise<string> =>
  (await good<{ id: string }>(who, 'POST', `/${plural}`, values)).id;
const listed = async (who: string, plural: string, where: unknown, sort: string[] = []) =>
  (await good<{ items: Record<string, unknown>[] }>(who, 'POST', `/${plural}/query`, { where, sort, limit: 500 })).items;
const undo = async (cause: unknown) => expect((await ask('admin', 'POST', `/causes/${cause}/undo`)).status).toBeLessThan(300);
const reminders = async (who: string) =>
  (await good<{ items: Notice[] }>(who, 'GET', '/notices')).items.filter(({ kind }) => kind === 'reminder');
const waiting = (record: string) =>
  inside.product.db.query<{ user: string; at: string }>(
    `select user_id as "user", to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at from reminders where record_id = $1::uuid and sent_at is null order by at`,
    [record],
  );

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  ids.admin = ctx.actor.userId ?? '';
  for (const name of ['rep', 'other', 'leaver'])
    ids[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: ['salesRep'] });
  for (const name of ['admin', 'rep', 'other', 'leaver'])
    keys[name] = (await createApiKey(ctx.db, { userId: ids[name] ?? '', name: 'test' })).secret;
  // Hours behind the company, and changing clocks on other days.
  await good('admin', 'PATCH', `/users/${ids.rep}`, { timeZone: 'America/Los_Angeles' });
  ids.party = await make('rep', 'parties', { name: 'Harbour' });
});
afterAll(() => inside.stop());

describe('a task', () => {
  it('is due on a day that is the same everywhere, or at a time whose day is the owner’s', async () => {
    const day = await make('rep', 'tasks', { subject: 'On a day', dueOn: '2027-03-14' });
    expect(await good('admin', 'GET', `/tasks/${day}`)).toMatchObject({ dueOn: '2027-03-14', dueAt: null });
    // Past midnight in Berlin, still the evening before in Los Angeles.
    const timed = await make('rep', 'tasks', { subject: 'At a time', dueAt: '2027-03-14T04:00:00Z' });
    expect(await good('rep', 'GET', `/tasks/${timed}`)).toMatchObject({ dueOn: '2027-03-13' });
    // Clocks go forward on the 14th: eight in the evening stays eight in the evening.
    await good('rep', 'PATCH', `/tasks/${timed}`, { dueOn: '2027-03-14' });
    expect(await good('rep', 'GET', `/tasks/${timed}`)).toMatchObject({ dueOn: '2027-03-14', dueAt: '2027-03-15T03:00:00.000Z' });
  });

  it('is about the customer of its deal', async () => {
    const opportunity = await make('rep', 'opportunities', { name: 'Crane', customer: ids.party });
    const task = await make('rep', 'tasks', { subject: 'Send the drawing', opportunity });
    expect(await good('rep', 'GET', `/tasks/${task}`)).toMatchObject({ party: { id: ids.party }, opportunity: { id: opportunity } });
  });

  it('reminds by the owner’s clock, also where clocks are changed in between', async () => {
    const task = await make('rep', 'tasks', { subject: 'The day before', dueOn: '2027-03-14', reminder: 'day' });
    expect(await waiting(task)).toEqual([{ user: ids.rep, at: '2027-03-13 17:00' }]);
    await good('rep', 'PATCH', `/tasks/${task}`, { dueOn: '2027-03-15' });
    expect(await waiting(task)).toEqual([{ user: ids.rep, at: '2027-03-14 16:00' }]);
    await good('admin', 'PATCH', `/users/${ids.rep}`, { timeZone: 'Asia/Tokyo' });
    expect(await waiting(task)).toEqual([{ user: ids.rep, at: '2027-03-14 00:00' }]);
    await good('admin', 'PATCH', `/users/${ids.rep}`, { timeZone: 'America/Los_Angeles' });
    await good('rep', 'POST', '/actions/completeTask', { ids: [task] });
    expect(await waiting(task)).toEqual([]);
  });

  it('reminds once, though several servers look at the same time', async () => {
    const dueAt = new Date(Date.now() + 5 * 60_000).toISOString();
    const task = await make('rep', 'tasks', { subject: 'Ring them', dueAt, reminder: 'minutes10' });
    await Promise.all([1, 2, 3, 4].map(() => sendReminders(inside.product.db)));
    expect((await reminders('rep')).filter(({ record }) => record?.id === task)).toHaveLength(1);
    // Neither a change of something else nor the same moment set again tells anew.
    await good('rep', 'PATCH', `/tasks/${task}`, { subject: 'Ring them now' });
    await good('rep', 'PATCH', `/tasks/${task}`, { reminder: 'onTime' });
    await good('rep', 'PATCH', `/tasks/${task}`, { reminder: 'minutes10' });
    await sendReminders(inside.product.db);
    expect((await reminders('rep')).filter(({ record }) => record?.id === task)).toHaveLength(1);
    expect(await reminders('other')).toEqual([]);
  });

  it('that repeats brings the next one when it is done, once, and takes it back with Undo', async () => {
    const begun = addDays(today('America/Los_Angeles'), -8);
    const task = await make('rep', 'tasks', {
      subject: 'Weekly report',
      party: ids.party,
      dueOn: begun,
      repeats: 'FREQ=WEEKLY',
      reminder: 'onTime',
    });
    const done = await ask('rep', 'POST', '/actions/completeTask', { ids: [task] });
    const row = () => listed('rep', 'tasks', { field: 'series', op: 'eq', value: task }, ['dueOn']);
    expect((await row()).map(({ dueOn, status }) => [dueOn, status])).toEqual([
      [begun, 'done'],
      [addDays(begun, 14), 'open'],
    ]);
    await undo(done.headers['perigon-cause']);
    expect((await row()).map(({ status }) => status)).toEqual(['open']);
    await good('rep', 'POST', '/actions/completeTask', { ids: [task] });
    await good('rep', 'PATCH', `/tasks/${task}`, { status: 'open' });
    await good('rep', 'POST', '/actions/completeTask', { ids: [task] });
    const [, next] = await row();
    expect(await row()).toHaveLength(2);
    // This one alone is moved; the row stays on its day.
    await good('rep', 'PATCH', `/tasks/${next?.id}`, { dueOn: addDays(begun, 16) });
    await good('rep', 'POST', '/actions/completeTask', { ids: [next?.id] });
    expect((await row()).at(-1)).toMatchObject({
      dueOn: addDays(begun, 21),
      status: 'open',
      owner: { id: ids.rep },
      party: { id: ids.party },
    });
    // Passed over, it moves on.
    await good('rep', 'POST', '/actions/skipTask', { ids: [(await row()).at(-1)?.id] });
    expect((await row()).at(-1)).toMatchObject({ dueOn: addDays(begun, 28), status: 'open' });
    // Ended, it is the last.
    await good('rep', 'PATCH', `/tasks/${(await row()).at(-1)?.id}`, { repeats: null });
    await good('rep', 'POST', '/actions/completeTask', { ids: [(await row()).at(-1)?.id] });
    expect((await row()).filter(({ status }) => status === 'open')).toEqual([]);
  });

  it('refuses what is no rule, and a rule without a day', async () => {
    expect((await ask('rep', 'POST', '/tasks', { subject: 'x', dueOn: today(), repeats: 'every monday' })).status).toBe(422);
    const none = await ask('rep', 'POST', '/tasks', { subject: 'x', repeats: 'FREQ=DAILY' });
    expect(none.status).toBe(422);
    expect((none.body as { errors: object[] }).errors).toMatchObject([{ path: 'dueOn', code: 'required' }]);
  });
});

describe('a meeting', () => {
  it('takes an hour unless said, keeps its length when moved, and a whole day is a day', async () => {
    const id = await make('rep', 'meetings', { subject: 'Visit', party: ids.party, start: '2027-05-03T17:00:00Z' });
    expect(await good('rep', 'GET', `/meetings/${id}`)).toMatchObject({ end: '2027-05-03T18:00:00.000Z', startsOn: '2027-05-03' });
    await good('rep', 'PATCH', `/meetings/${id}`, { start: '2027-05-04T16:00:00Z' });
    expect(await good('rep', 'GET', `/meetings/${id}`)).toMatchObject({ end: '2027-05-04T17:00:00.000Z' });
    expect((await ask('rep', 'PATCH', `/meetings/${id}`, { end: '2027-05-04T15:00:00Z' })).status).toBe(422);
    const fair = await make('rep', 'meetings', { subject: 'Fair', allDay: true, startsOn: '2027-03-13', endsOn: '2027-03-14' });
    expect(await good('admin', 'GET', `/meetings/${fair}`)).toMatchObject({
      startsOn: '2027-03-13',
      endsOn: '2027-03-14',
      start: '2027-03-13T08:00:00.000Z',
      end: '2027-03-15T07:00:00.000Z',
    });
    expect((await ask('rep', 'POST', '/meetings', { subject: 'x', start: '2027-01-01T10:00:00Z', others: ['no address'] })).status).toBe(
      422,
    );
  });

  it('is seen by whom it concerns, who are reminded as well unless they declined', async () => {
    const hidden = await make('admin', 'parties', { name: 'Hidden' });
    const start = new Date(Date.now() + 86_400_000).toISOString();
    const id = await make('admin', 'meetings', {
      subject: 'Board',
      party: hidden,
      start,
      colleagues: [{ id: ids.rep, role: 'accepted' }],
    });
    expect((await ask('rep', 'GET', `/meetings/${id}`)).status).toBe(200);
    expect((await ask('other', 'GET', `/meetings/${id}`)).status).toBe(404);
    expect((await waiting(id)).map(({ user }) => user).sort()).toEqual([ids.admin, ids.rep].sort());
    await good('rep', 'PATCH', `/meetings/${id}`, { colleagues: [{ id: ids.rep, role: 'declined' }] });
    expect((await waiting(id)).map(({ user }) => user)).toEqual([ids.admin]);
  });

  it('that was held stands once in the timeline, follows what is written later, and goes with Undo', async () => {
    const id = await make('rep', 'meetings', { subject: 'Look at the crane', party: ids.party, start: '2026-05-04T10:00:00Z' });
    const line = async () =>
      (
        await good<{ items: { object: string; title: string; detail: string | null }[] }>('rep', 'GET', `/parties/${ids.party}/timeline`)
      ).items.filter(({ title }) => title === 'Look at the crane');
    expect(await line()).toEqual([]);
    const held = await ask('rep', 'PATCH', `/meetings/${id}`, { status: 'held', notes: 'They want two.' });
    expect(await line()).toMatchObject([{ object: 'interaction', detail: 'They want two.' }]);
    await good('rep', 'PATCH', `/meetings/${id}`, { notes: 'They want three.' });
    expect(await line()).toMatchObject([{ detail: 'They want three.' }]);
    await good('rep', 'PATCH', `/meetings/${id}`, { status: 'planned' });
    expect(await line()).toEqual([]);
    await good('rep', 'PATCH', `/meetings/${id}`, { status: 'held' });
    expect(await line()).toHaveLength(1);
    expect(held.status).toBe(200);
  });

  it('that repeats is laid out by the clocks of its zone, and is changed alone or with all that follow', async () => {
    const soon = new Date(Date.parse(`${addDays(today(), 1)}T09:00:00Z`)).toISOString();
    const first = await make('rep', 'meetings', {
      subject: 'Weekly',
      start: soon,
      repeats: 'FREQ=WEEKLY;COUNT=40',
      timeZone: 'Europe/Berlin',
    });
    const row = () => listed('rep', 'meetings', { field: 'series', op: 'eq', value: first }, ['start']);
    const all = await row();
    expect(all).toHaveLength(40);
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
    const clocks = (rows: Record<string, unknown>[]) => [...new Set(rows.map(({ start }) => clock.format(new Date(String(start)))))];
    expect(clocks(all)).toHaveLength(1);
    // This one alone.
    await good('rep', 'PATCH', `/meetings/${all[3]?.id}`, { subject: 'Weekly, in the hall' });
    expect((await row()).filter(({ subject }) => subject === 'Weekly')).toHaveLength(39);
    // This and following, an hour later.
    const tenth = all[10];
    const later = new Date(Date.parse(String(tenth?.start)) + 3_600_000).toISOString();
    const changed = await ask('rep', 'POST', '/actions/changeFollowing', { ids: [tenth?.id], start: later, subject: 'Later' });
    expect(changed.body).toEqual({ changed: 30 });
    expect(clocks((await row()).slice(10))).toHaveLength(1);
    expect(clocks(await row())).toHaveLength(2);
    await undo(changed.headers['perigon-cause']);
    expect(clocks(await row())).toHaveLength(1);
    expect((await ask('rep', 'POST', '/actions/cancelFollowing', { ids: [tenth?.id] })).body).toEqual({ changed: 30 });
    expect((await row()).filter(({ status }) => status === 'planned')).toHaveLength(10);
    // Another rule from here on: what followed by the old one is gone.
    await good('rep', 'PATCH', `/meetings/${all[8]?.id}`, { repeats: 'FREQ=DAILY;COUNT=3' });
    expect((await row()).filter(({ status }) => status === 'planned')).toHaveLength(8 + 3);
  });

  it('without an end is laid out a year ahead, and goes on as time passes', async () => {
    const first = await make('rep', 'meetings', {
      subject: 'For ever',
      start: new Date().toISOString(),
      repeats: 'FREQ=MONTHLY;BYMONTHDAY=5',
    });
    const count = async () => (await listed('rep', 'meetings', { field: 'series', op: 'eq', value: first })).length;
    const laid = await count();
    expect(laid).toBeGreaterThan(11);
    const ctx = await inside.ctx();
    await extendSeries(ctx);
    expect(await count()).toBe(laid);
    const ahead = { ...ctx, env: { ...ctx.env, now: new Date(Date.now() + 90 * 86_400_000) } };
    await inside.product.db.query(`update meetings set series_at = series_at - interval '90 days' where series_id = $1::uuid`, [first]);
    await Promise.all([extendSeries(ahead), extendSeries(ahead)]);
    expect(await count()).toBeGreaterThan(laid);
  });
});

describe('my day', () => {
  interface Day {
    today: string;
    [section: string]: unknown;
  }
  const day = (who: string) => good<Day>(who, 'GET', '/my-day');
  const lines = (of: Day, section: string) => (of[section] as { items: Record<string, unknown>[] }).items;

  it('has what is mine and due by my own clock, and nothing of others', async () => {
    const mine = await day('rep');
    const here = today('America/Los_Angeles');
    expect(mine.today).toBe(here);
    const late = await make('rep', 'tasks', { subject: 'Late', dueOn: addDays(here, -3), party: ids.party });
    const now = await make('rep', 'tasks', { subject: 'Now', dueOn: here });
    await make('rep', 'tasks', { subject: 'Not yet', dueOn: addDays(here, 1) });
    const promise = await make('rep', 'tasks', { subject: 'Promised', kind: 'promise', dueOn: addDays(here, 2), party: ids.party });
    const theirs = await make('other', 'tasks', { subject: 'Of another', dueOn: here });
    const meeting = await make('rep', 'meetings', { subject: 'All of today', allDay: true, startsOn: here, endsOn: here });
    const after = await day('rep');
    expect(lines(after, 'tasks').map(({ id }) => id)).toEqual(expect.arrayContaining([late, now]));
    expect(lines(after, 'tasks').map(({ subject }) => subject)).not.toContain('Not yet');
    expect(lines(after, 'promised').map(({ id }) => id)).toEqual([promise]);
    expect(lines(after, 'meetings').map(({ id }) => id)).toContain(meeting);
    expect(JSON.stringify(after)).not.toContain(theirs);
    await good('rep', 'POST', '/actions/completeTask', { ids: [late] });
    expect(lines(await day('rep'), 'tasks').map(({ id }) => id)).not.toContain(late);
  });

  it('tells of deals without a next step, and of customers nobody spoke with for long', async () => {
    const silent = await make('rep', 'opportunities', { name: 'Silent', customer: ids.party });
    const stepped = await make('rep', 'opportunities', { name: 'With a step', customer: ids.party, nextStep: 'Call' });
    const worked = await make('rep', 'opportunities', { name: 'With a task', customer: ids.party });
    await make('rep', 'tasks', { subject: 'Go on', opportunity: worked });
    const found = lines(await day('rep'), 'deals').map(({ id }) => id);
    expect(found).toContain(silent);
    expect(found).not.toContain(stepped);
    expect(found).not.toContain(worked);
    expect(lines(await day('rep'), 'customers')).toEqual([]);
    await inside.product.db.query(`update parties set created_at = now() - interval '60 days' where id = $1::uuid`, [ids.party]);
    expect((await ask('rep', 'GET', '/my-day?quietDays=0')).status).toBe(422);
  });

  it('belongs to somebody', async () => {
    expect((await inside.ask('GET', '/api/v1/my-day')).status).toBe(401);
  });
});

describe('calendars', () => {
  const feed = (path: string) => inside.ask('GET', path);
  const later = () => inside.product.db.query(`update calendar_feeds set read_at = now() - interval '1 minute'`);

  it('go out under a secret address that ends when it is made anew, taken back, or its owner leaves', async () => {
    const meeting = await make('rep', 'meetings', { subject: 'In the calendar', start: new Date(Date.now() + 86_400_000).toISOString() });
    const whole = await make('rep', 'meetings', { subject: 'A whole day', allDay: true, startsOn: addDays(today(), 3) });
    const task = await make('rep', 'tasks', { subject: 'Due in the calendar', dueOn: addDays(today(), 2) });
    const theirs = await make('other', 'meetings', { subject: 'Not theirs', start: new Date(Date.now() + 86_400_000).toISOString() });
    const { path } = await good<{ path: string }>('rep', 'POST', '/calendar/feed');
    const answer = await feed(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/calendar');
    const events = new ICAL.Component(ICAL.parse(answer.text)).getAllSubcomponents('vevent').map((one) => new ICAL.Event(one));
    const found = (id: string) => events.find(({ uid }) => uid.startsWith(id));
    expect(found(meeting)?.summary).toBe('In the calendar');
    expect(found(whole)?.startDate.toString()).toBe(addDays(today(), 3));
    expect(found(task)?.startDate.isDate).toBe(true);
    expect(found(theirs)).toBeUndefined();
    // Not again and again within a moment.
    expect((await feed(path)).status).toBe(429);
    await later();
    const anew = await good<{ path: string }>('rep', 'POST', '/calendar/feed');
    expect((await feed(path)).status).toBe(404);
    expect((await feed(anew.path)).status).toBe(200);
    await good('rep', 'DELETE', '/calendar/feed');
    expect((await feed(anew.path)).status).toBe(404);
    // What stands in the base opens nothing.
    const last = await good<{ path: string }>('leaver', 'POST', '/calendar/feed');
    const [row] = await inside.product.db.query<{ hash: string }>(`select encode(secret_hash, 'hex') as hash from calendar_feeds`);
    expect(last.path).not.toContain(row?.hash);
    await good('admin', 'PATCH', `/users/${ids.leaver}`, { active: false });
    expect((await feed(last.path)).status).toBe(404);
    await good('admin', 'PATCH', `/users/${ids.leaver}`, { active: true });
    const one = await ask('rep', 'GET', `/meetings/${meeting}/calendar`);
    expect(one.text).toContain('SUMMARY:In the calendar');
    expect((await ask('rep', 'GET', `/meetings/${theirs}/calendar`)).status).toBe(404);
  });

  it('come in from addresses outside, are read again only where they changed, and stay the reader’s own', async () => {
    for (const url of ['http://calendars.example/a.ics', 'file:///etc/passwd', 'https://user:word@calendars.example/', 'no address'])
      expect((await ask('rep', 'POST', '/calendar/sources', { url })).status).toBe(422);
    const { id } = await good<{ id: string }>('rep', 'POST', '/calendar/sources', {
      url: 'webcal://calendars.example/a.ics',
      name: 'Private',
    });
    const from = new Date(Date.now() - 86_400_000).toISOString();
    const until = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const stamp = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().replace(/[-:]|\.\d+/g, '');
    const text = [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'BEGIN:VEVENT',
      'UID:x',
      `DTSTART:${stamp(1)}`,
      `DTEND:${stamp(2)}`,
      'SUMMARY:Dentist',
      'END:VEVENT',
      'END:VCALENDAR',
    ].join('\r\n');
    const asked: Record<string, string>[] = [];
    let answer = () => new Response(text, { headers: { etag: '"1"' } });
    const read = async () => {
      await inside.product.db.query('update calendar_sources set next_at = now()');
      await readSources(await inside.ctx(), async (_url, options) => {
        asked.push(options.headers as Record<string, string>);
        return answer();
      });
    };
    const events = (who: string) => good<{ items: object[] }>(who, 'GET', `/calendar/events?from=${from}&until=${until}`);
    await read();
    expect((await events('rep')).items).toMatchObject([{ title: 'Dentist', calendar: 'Private', busy: true }]);
    expect((await events('other')).items).toEqual([]);
    expect((await good<{ events: object[] }>('rep', 'GET', '/my-day')).events.length).toBeLessThanOrEqual(1);
    answer = () => new Response(null, { status: 304 });
    await read();
    expect(asked.at(-1)?.['if-none-match']).toBe('"1"');
    expect((await events('rep')).items).toHaveLength(1);
    answer = () => new Response('<html>gone</html>');
    await read();
    const [source] = (await good<{ items: { problem: string | null }[] }>('rep', 'GET', '/calendar/sources')).items;
    expect(source?.problem).toBeTruthy();
    expect((await events('rep')).items).toHaveLength(1);
    expect((await ask('other', 'DELETE', `/calendar/sources/${id}`)).status).toBe(404);
    await good('rep', 'DELETE', `/calendar/sources/${id}`);
    expect((await events('rep')).items).toEqual([]);
    // An address inside the network is not asked, whatever it is called.
    await good('rep', 'POST', '/calendar/sources', { url: 'https://127.0.0.1/a.ics' });
    await inside.product.db.query('update calendar_sources set next_at = now()');
    await readSources(await inside.ctx(), guardedFetch({ privateToo: false }));
    expect((await good<{ items: { problem: string | null }[] }>('rep', 'GET', '/calendar/sources')).items[0]?.problem).toMatch(/private/);
  });
});
