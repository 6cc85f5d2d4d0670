import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { newId } from '#kit/ids.ts';
import { readSources } from '#modules/activities/index.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Calendars of colleagues side by side: what one may read is there, of everything else the time alone. */
interface Told {
  meetings: { id: string; subject: string; owner: { id: string } }[];
  tasks: { id: string; subject: string }[];
  people: { id: string; name: string; works: { start: string; end: string }[] }[];
  busy: { person: string; start: string; end: string; allDay: boolean }[];
  events: { title: string; calendar: string }[];
  more: boolean;
  timeZone: string;
}

let inside: Inside;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};
let cookie = '';
const SECRET = 'Zugzwang';
// A week of winter far ahead: Monday, 14 January 2030, in Berlin an hour before UTC.
const FROM = '2030-01-13T23:00:00.000Z';
const UNTIL = '2030-01-20T23:00:00.000Z';

const ask = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key: keys[who], body });
const good = async <T = Record<string, unknown>>(who: string, method: string, url: string, body?: unknown): Promise<T> => {
  const answer = await ask(who, method, url, body);
  expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};
const make = async (who: string, plural: string, values: object): Promise<string> =>
  (await good<{ id: string }>(who, 'POST', `/${plural}`, values)).id;
const team = (who: string, people?: string[], span = `from=${FROM}&until=${UNTIL}`) =>
  good<Told>(who, 'GET', `/calendar/team?${span}${people ? `&people=${people.join(',')}` : ''}`);
const free = async (who: string, people: string[], minutes = 60, from = FROM) =>
  (await good<{ items: string[] }>(who, 'GET', `/calendar/free?people=${people.join(',')}&minutes=${minutes}&from=${from}`)).items;
/** As somebody who signed in, not by a key. */
const staff = (method: string, url: string, body?: unknown) =>
  inside.ask(method, `/api/v1${url}`, { body, headers: { cookie, origin: 'http://localhost', host: 'localhost' } });

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  ids.admin = ctx.actor.userId ?? '';
  const made: Record<string, string> = { ada: 'salesRep', bo: 'salesRep', far: 'salesRep', blind: '' };
  for (const [name, role] of Object.entries(made)) {
    ids[name] = await inside.product.addUser(ctx, {
      name,
      email: `${name}@perigon.example`,
      password: name === 'ada' ? ADMIN.password : null,
      roles: role === '' ? [] : [role],
    });
    keys[name] = (await createApiKey(ctx.db, { userId: ids[name] ?? '', name: 'test' })).secret;
  }
  keys.admin = (await createApiKey(ctx.db, { userId: ids.admin, name: 'test' })).secret;
  keys.narrow = (await createApiKey(ctx.db, { userId: ids.admin, name: 'test', scopes: ['read:meetings', 'read:users'] })).secret;
  for (const [name, members] of [
    ['North', ['ada', 'bo']],
    ['South', ['far']],
  ] as const) {
    const id = await make('admin', 'teams', { name });
    for (const member of members) await good('admin', 'PATCH', `/users/${ids[member]}`, { team: id });
  }
  ids.theirs = await make('far', 'parties', { name: `${SECRET} Ltd` });
  ids.own = await make('ada', 'meetings', { subject: 'Stand-up', start: '2030-01-14T08:00:00Z', colleagues: [ids.bo] });
  ids.hidden = await make('far', 'meetings', { subject: SECRET, party: ids.theirs, place: SECRET, start: '2030-01-14T09:00:00Z' });
  ids.touching = await make('far', 'meetings', { subject: SECRET, start: '2030-01-14T10:00:00Z', end: '2030-01-14T10:30:00Z' });
  ids.whole = await make('far', 'meetings', { subject: SECRET, allDay: true, startsOn: '2030-01-16' });
  ids.call = await make('bo', 'tasks', { subject: 'Call the yard', kind: 'call', dueAt: '2030-01-15T12:00:00Z' });
  ids.farTask = await make('far', 'tasks', { subject: SECRET, dueAt: '2030-01-15T12:00:00Z' });
});
afterAll(() => inside.stop());

describe('calendars side by side', () => {
  it('show what I may read, of my team at first, in one answer', async () => {
    const told = await team('ada');
    expect(told.people.map(({ name }) => name)).toEqual(['ada', 'bo']);
    expect(told.meetings).toMatchObject([{ id: ids.own, subject: 'Stand-up', owner: { id: ids.ada } }]);
    expect(told.tasks).toMatchObject([{ id: ids.call, subject: 'Call the yard' }]);
    expect(told.busy).toEqual([]);
    expect(told.more).toBe(false);
    expect(told.people[0]?.works[0]).toEqual({ start: '2030-01-14T08:00:00.000Z', end: '2030-01-14T16:00:00.000Z' });
    expect(told.people[0]?.works).toHaveLength(5);
  });

  it('tell of what I may not read the time and nothing else, and not how much it is', async () => {
    const answer = await ask('ada', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}&people=${ids.ada},${ids.far}`);
    const told = answer.body as Told;
    expect(told.busy).toEqual([
      { person: ids.far, start: '2030-01-15T23:00:00.000Z', end: '2030-01-16T23:00:00.000Z', allDay: true },
      // Two that touch are one.
      { person: ids.far, start: '2030-01-14T09:00:00.000Z', end: '2030-01-14T10:30:00.000Z', allDay: false },
    ]);
    for (const word of [SECRET, ids.hidden, ids.touching, ids.whole, ids.farTask, ids.theirs]) expect(answer.text).not.toContain(word);
    expect((await team('far', [ids.far ?? ''])).meetings).toHaveLength(3);
    // Invited, I read it; declined, it is no time of mine any more.
    await good('far', 'PATCH', `/meetings/${ids.touching}`, { colleagues: [ids.ada] });
    const invited = await team('ada', [ids.far ?? '', ids.ada ?? '']);
    expect(invited.meetings.map(({ id }) => id)).toContain(ids.touching);
    expect(invited.busy.filter(({ allDay }) => !allDay)).toMatchObject([{ end: '2030-01-14T10:00:00.000Z' }]);
    await good('far', 'PATCH', `/meetings/${ids.touching}`, { colleagues: [] });
  });

  it('never give words of a calendar that somebody else follows', async () => {
    await good('far', 'POST', '/calendar/sources', { url: 'https://calendars.example/far.ics', name: `${SECRET} at home` });
    const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', `UID:${SECRET}`, 'DTSTART:20300118T090000Z', 'DTEND:20300118T100000Z']
      .concat(`SUMMARY:${SECRET}`, 'END:VEVENT', 'BEGIN:VEVENT', 'UID:two', 'DTSTART:20300118T120000Z', 'DTEND:20300118T130000Z')
      .concat('TRANSP:TRANSPARENT', 'SUMMARY:Free', 'END:VEVENT', 'END:VCALENDAR');
    const now = new Date('2030-01-10T00:00:00Z');
    const ctx = await inside.ctx();
    await readSources({ ...ctx, env: { ...ctx.env, now } }, async () => new Response(text.join('\r\n')));
    const others = await ask('admin', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}&people=${ids.far}`);
    expect((others.body as Told).busy).toEqual([
      { person: ids.far, start: '2030-01-18T09:00:00.000Z', end: '2030-01-18T10:00:00.000Z', allDay: false },
    ]);
    expect((others.body as Told).events).toEqual([]);
    expect(
      others.text.replaceAll(`"subject":"${SECRET}"`, '').replaceAll(`${SECRET} Ltd`, '').replaceAll(`"place":"${SECRET}"`, ''),
    ).not.toContain(SECRET);
    const own = await team('far', [ids.far ?? '']);
    expect(own.events).toMatchObject([{ title: SECRET, calendar: `${SECRET} at home` }, { title: 'Free' }]);
    expect(own.busy).toEqual([]);
  });

  it('are closed to who may not read meetings, to narrowed keys, and bounded', async () => {
    expect((await ask('blind', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}`)).status).toBe(404);
    expect((await ask('narrow', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}`)).status).toBe(403);
    expect((await ask('none', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}`)).status).toBe(401);
    expect((await ask('ada', 'GET', `/calendar/team?from=${FROM}&until=2031-01-01T00:00:00Z`)).status).toBe(422);
    expect((await ask('ada', 'GET', `/calendar/team?from=${UNTIL}&until=${FROM}`)).status).toBe(422);
    expect((await ask('ada', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}&people=${SECRET}`)).status).toBe(422);
    const many = Array.from({ length: 21 }, () => newId()).join(',');
    expect((await ask('ada', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}&people=${many}`)).status).toBe(422);
    // An id that is nobody's is nobody.
    expect((await team('ada', [newId(), ids.hidden ?? ''])).people).toEqual([]);
  });

  it('say nothing at all of meetings to a role that may not know when they are, and no words where whose they are is hidden', async () => {
    const role = async (fields: Record<string, string>) =>
      make('admin', 'roles', {
        key: `r${newId().slice(-6)}`,
        name: 'Role',
        rights: { objects: { user: { read: 'all' }, meeting: { read: 'all' } }, fields: { meeting: fields } },
      });
    const told = async (fields: Record<string, string>) => {
      const id = await make('admin', 'users', { name: 'Kept from it', roles: [await role(fields)] });
      keys.kept = (await createApiKey((await inside.ctx()).db, { userId: id, name: 'test' })).secret;
      return ask('kept', 'GET', `/calendar/team?from=${FROM}&until=${UNTIL}&people=${ids.far}`);
    };
    const timeless = await told({ start: 'hidden' });
    expect(timeless.status, timeless.text).toBe(200);
    expect((timeless.body as Told).busy).toEqual([]);
    expect(timeless.text).not.toContain(SECRET);
    const ownerless = await told({ owner: 'hidden' });
    expect((ownerless.body as Told).meetings).toEqual([]);
    expect((ownerless.body as Told).busy.length).toBeGreaterThan(1);
    expect(ownerless.text).not.toContain(SECRET);
  });

  it('remember whom I chose, for me alone', async () => {
    await good('ada', 'PUT', '/calendar/team', { people: [ids.far, ids.ada] });
    expect((await team('ada')).people.map(({ name }) => name)).toEqual(['far', 'ada']);
    expect((await team('bo')).people.map(({ name }) => name)).toEqual(['bo', 'ada']);
    expect((await ask('ada', 'PUT', '/calendar/team', { people: [newId()] })).status).toBe(422);
    expect((await team('ada')).people.map(({ name }) => name)).toEqual(['far', 'ada']);
    await good('ada', 'PUT', '/calendar/team', { people: [] });
    expect((await team('ada')).people.map(({ name }) => name)).toEqual(['ada', 'bo']);
  });
});

describe('working hours', () => {
  const hours = { '1': [['07:00', '12:00']], '2': [['13:00', '15:00']] };
  beforeAll(async () => {
    const answer = await inside.ask('POST', '/api/v1/session', { body: { email: 'ada@perigon.example', password: ADMIN.password } });
    cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  });

  it('are mine to say, else the company’s, else nine to five', async () => {
    expect((await staff('GET', '/working-hours')).body).toMatchObject({ own: null, company: null, timeZone: 'Europe/Berlin' });
    const set = await staff('PUT', '/working-hours', { hours });
    expect(set.body).toMatchObject({ own: hours, hours });
    expect(set.headers['perigon-cause']).toBeTruthy();
    expect((await team('bo', [ids.ada ?? ''])).people[0]?.works).toEqual([
      { start: '2030-01-14T06:00:00.000Z', end: '2030-01-14T11:00:00.000Z' },
      { start: '2030-01-15T12:00:00.000Z', end: '2030-01-15T14:00:00.000Z' },
    ]);
    // What a booking page begins with.
    const page = await make('ada', 'bookingPages', { title: 'Talk', slug: 'talk-with-ada' });
    expect(await good('ada', 'GET', `/bookingPages/${page}`)).toMatchObject({ hours });
    expect((await staff('PUT', '/working-hours', { hours: { '1': [['12:00', '09:00']] } })).status).toBe(422);
    expect((await staff('PUT', '/working-hours/company', { hours })).status).toBe(403);
    expect((await ask('ada', 'PUT', '/working-hours', { hours: null })).status).toBe(403);
    expect((await ask('admin', 'PATCH', `/users/${ids.bo}`, { workingHours: { x: 1 } })).status).toBe(422);
    await good('admin', 'POST', `/causes/${set.headers['perigon-cause']}/undo`);
    expect((await staff('GET', '/working-hours')).body).toMatchObject({ own: null });
  });

  it('of the company are put back as they were, unless somebody changed them since', async () => {
    const answer = await inside.ask('POST', '/api/v1/session', { body: { email: ADMIN.email, password: ADMIN.password } });
    const own = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    const put = (body: unknown) =>
      inside.ask('PUT', '/api/v1/working-hours/company', { body, headers: { cookie: own, origin: 'http://localhost', host: 'localhost' } });
    const later = { '3': [['10:00', '18:00']] };
    const company = async (): Promise<unknown> => ((await staff('GET', '/working-hours')).body as { company: unknown }).company;
    expect((await put({ hours })).body).toMatchObject({ company: hours });
    // Back to nothing, and from nothing, each once.
    expect([(await put({ hours: null, was: hours })).status, await company()]).toEqual([200, null]);
    expect([(await put({ hours: null, was: hours })).status, await company()]).toEqual([409, null]);
    expect([(await put({ hours, was: null })).status, await company()]).toEqual([200, hours]);
    expect([(await put({ hours: later, was: null })).status, await company()]).toEqual([409, hours]);
    expect([(await put({ hours: later, was: hours })).status, await company()]).toEqual([200, later]);
    expect([(await put({ hours, was: hours })).status, await company()]).toEqual([409, later]);
    expect((await put({ hours, was: { '1': [['12:00', '09:00']] } })).status).toBe(422);
    expect((await put({ hours: null })).status).toBe(200);
    expect(await company()).toBe(null);
  });
});

describe('a time that suits all', () => {
  it('is one at which nobody has anything, within the hours of each', async () => {
    const people = [ids.ada ?? '', ids.far ?? ''];
    // Ada from nine to ten in Berlin, the other from ten to half past eleven.
    expect((await free('ada', people)).slice(0, 3)).toEqual([
      '2030-01-14T10:30:00.000Z',
      '2030-01-14T11:30:00.000Z',
      '2030-01-14T12:30:00.000Z',
    ]);
    // The whole day is taken, and so is an hour of the calendar that they follow.
    const all = await free('ada', people, 480);
    expect(all.some((at) => at.startsWith('2030-01-16'))).toBe(false);
    expect(all.some((at) => at.startsWith('2030-01-18'))).toBe(false);
    await good('admin', 'PATCH', `/users/${ids.far}`, { awayUntil: '2030-01-17' });
    expect((await free('ada', people))[0]).toBe('2030-01-18T08:00:00.000Z');
    expect((await ask('ada', 'GET', `/calendar/free?people=${ids.ada}&minutes=5`)).status).toBe(422);
    expect((await ask('narrow', 'GET', `/calendar/free?people=${ids.ada}`)).status).toBe(403);
  });
});
