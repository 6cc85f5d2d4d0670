import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openProduct } from '#apps/server/product.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { MANY } from '#engine/live/feed.ts';
import { newCause } from '#engine/record/context.ts';
import { write } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';
import { EventReader } from '#tests/harness/events.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';
import { temporaryFolder } from '#tests/harness/places.ts';
import { bootProduct, setUp } from '#tests/harness/product.ts';

/**
 * The laws of the live stream: every committed change once and in the order of its record; nothing of what the reader may
 * not know, not even that it exists; nothing lost over a broken connection.
 */
let inside: Inside;
let url: string;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
const teams: Record<string, string> = {};

const open = (who: string, o: { after?: number | string; lastEventId?: string; follow?: boolean } = {}) =>
  EventReader.open(url, { headers: { authorization: `Bearer ${keys[who]}` }, ...o });
const started = async (who: string, o: { after?: number | string; lastEventId?: string } = {}) => {
  const reader = await open(who, o);
  await reader.next((message) => message.event === 'hello' || message.event === 'reset');
  return reader;
};
const api = async (method: string, path: string, body?: unknown, who = 'admin') => {
  const answer = await inside.ask(method, path, { key: keys[who], body });
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body as { id: string; version: number };
};
const create = (plural: string, values: Record<string, unknown>) => api('POST', `/api/v1/${plural}`, values);

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  url = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
  keys.admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  teams.north = (await create('teams', { name: 'North' })).id;
  teams.south = (await create('teams', { name: 'South' })).id;
  for (const [who, role, team] of [
    ['north', 'salesRep', 'north'],
    ['north2', 'salesRep', 'north'],
    ['south', 'salesRep', 'south'],
    ['agent', 'agent', 'north'],
    ['noRole', null, 'north'],
  ] as const) {
    users[who] = await inside.product.addUser(ctx, {
      name: `User ${who}`,
      email: `${who}@perigon.example`,
      password: null,
      roles: role ? [role] : [],
    });
    await api('PATCH', `/api/v1/users/${users[who]}`, { team: teams[team] });
    keys[who] = (await createApiKey(ctx.db, { userId: users[who] ?? '', name: 'test' })).secret;
  }
});
afterEach(() => {
  for (const reader of EventReader.opened) reader.close();
});
afterAll(() => inside.stop());

describe('the live stream', () => {
  it('tells every committed change once and in the order of its record, whoever writes beside', async () => {
    const ctx = await inside.ctx();
    const party = ctx.model.object('party');
    const made = await write(
      ctx,
      party,
      Array.from({ length: 8 }, (_, i) => ({ op: 'create' as const, values: { name: `Busy ${i}` } })),
    );
    const ids = made.map((one) => one.id ?? '');
    const reader = await started('admin');
    const before = (await ctx.db.query<{ seq: number }>('select coalesce(max(seq), 0) as seq from changes'))[0]?.seq ?? 0;
    // Some transactions wait for rows with their id taken early, some roll back, some write two records.
    await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        for (let turn = 0; turn < 25; turn++) {
          const own = { ...ctx, cause: newCause('request') };
          const id = ids[(writer * 7 + turn) % ids.length] ?? '';
          const other = ids[(writer * 7 + turn + 1) % ids.length] ?? '';
          const ops = [id, ...(turn % 3 === 0 ? [other] : [])].map((one) => ({
            op: 'update' as const,
            id: one,
            values: { description: `${writer} ${turn}` },
          }));
          await write(own, party, ops, { dryRun: turn % 5 === 4 });
        }
      }),
    );
    const written = await ctx.db.query<{ seq: number; id: string }>(
      'select seq, record_id as id from changes where seq > $1::bigint order by seq',
      [before],
    );
    expect(written.length).toBeGreaterThan(300);
    const heard = () => reader.changes.filter((message) => Number(message.data.seq) > before);
    await reader.until(() => heard().length >= written.length, 20_000);
    await sleep(100);
    expect(heard().map((message) => message.data.seq)).toEqual(written.map((row) => row.seq));
    expect(heard().map((message) => message.data.id)).toEqual(written.map((row) => row.id));
    const versions = new Map<string, number>();
    for (const { data } of heard()) {
      const last = versions.get(String(data.id));
      if (last !== undefined) expect(data.version).toBe(last + 1);
      versions.set(String(data.id), Number(data.version));
    }
    expect(reader.changes.at(-1)?.data.by).toEqual({ id: ctx.actor.userId, name: ADMIN.name });
    reader.close();
  });

  it('tells a rep of another team nothing, not even that something exists', async () => {
    const [admin, south, none] = [await started('admin'), await started('south'), await started('noRole')];
    const mine = await create('parties', { name: 'Northern', owner: users.north });
    const children: { id: string }[] = [];
    children.push(await create('opportunities', { name: 'Deal', customer: mine.id, owner: users.north }));
    children.push(await create('invoices', { number: 'L-1', customer: mine.id, date: '2026-01-01' }));
    children.push(await create('interactions', { party: mine.id, at: '2026-01-01T00:00:00Z', channel: 'phone', agent: users.north }));
    children.push(await create('notes', { subject: 'x', party: mine.id, author: users.north }));
    await api('PATCH', `/api/v1/parties/${mine.id}`, { description: 'changed' });
    await api('DELETE', `/api/v1/parties/${mine.id}`);
    // What is told last shows that all before it was decided.
    const everyones = await create('products', { name: 'For everyone' });
    await south.next((message) => message.data.id === everyones.id);
    await admin.next((message) => message.data.id === everyones.id);
    await none.until(() => true);
    const text = JSON.stringify(south.messages);
    for (const { id } of [mine, ...children]) {
      expect(JSON.stringify(admin.messages)).toContain(id);
      expect(text).not.toContain(id);
    }
    expect(south.changes.filter(({ data }) => data.object !== 'product')).toEqual([]);
    expect(none.changes).toEqual([]);
    // Replay is read under the same eyes.
    const again = await open('south', { after: 0 });
    await again.next((message) => message.data.id === everyones.id);
    for (const { id } of [mine, ...children]) expect(JSON.stringify(again.messages)).not.toContain(id);
    for (const reader of [admin, south, none, again]) reader.close();
  });

  it('tells who loses a record that it left, and who gains it that it came, and no third', async () => {
    const [north, north2, south, agent] = [await started('north'), await started('north2'), await started('south'), await started('agent')];
    const party = await create('parties', { name: 'Wanderer', owner: users.north });
    const invoice = await create('invoices', { number: 'L-2', customer: party.id, date: '2026-01-01' });
    await north2.next((message) => message.data.id === invoice.id);
    // What came before the handing over is decided for everyone: who is told late is told by what they may read then.
    const everyones = await create('products', { name: 'Before the handing over' });
    for (const reader of [north, south, agent]) await reader.next((message) => message.data.id === everyones.id);
    await api('PATCH', `/api/v1/parties/${party.id}`, { owner: users.south });
    const left = await north2.next((message) => message.data.id === party.id && message.data.op === 'left');
    expect(Object.keys(left.data).sort()).toEqual(['id', 'object', 'op', 'seq']);
    await north.next((message) => message.data.id === party.id && message.data.op === 'left');
    const came = await south.next((message) => message.data.id === party.id);
    expect(came.data).toMatchObject({ op: 'updated', scope: true, changed: ['owner'] });
    // An agent sees every party before and after: for them it is a change as any other.
    await agent.next((message) => message.data.id === party.id && message.data.op === 'updated');
    expect(agent.changes.some(({ data }) => data.op === 'left')).toBe(false);
    // From now on it does not concern those who lost it; the account team brings one of them back and lets them go.
    await api('PATCH', `/api/v1/parties/${party.id}`, { description: 'theirs now' });
    await api('PATCH', `/api/v1/parties/${party.id}`, { accountTeam: [{ id: users.north, role: 'service' }] });
    await north.next((message) => message.data.id === party.id && JSON.stringify(message.data.changed) === '["accountTeam"]');
    await api('PATCH', `/api/v1/parties/${party.id}`, { accountTeam: [] });
    await north.until(() => north.changes.filter(({ data }) => data.id === party.id && data.op === 'left').length === 2);
    expect(north2.changes.filter(({ data }) => data.id === party.id).map(({ data }) => data.op)).toEqual(['created', 'left']);
    // An invoice follows its party: handed to another customer it leaves with that.
    const theirs = await create('parties', { name: 'Northern again', owner: users.north });
    await api('PATCH', `/api/v1/invoices/${invoice.id}`, { customer: theirs.id });
    await south.next((message) => message.data.id === invoice.id && message.data.op === 'left');
    for (const reader of [north, north2, south, agent]) reader.close();
  });

  it('tells of what the clock alone gives and takes: shares and memberships that run out or begin, on every server, after a break too', async () => {
    const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();
    const named = async (name: string) => (await create('parties', { name, owner: users.north })).id;
    const [shared, team, ending, coming, never, cut] = (await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(named))) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const about = (reader: EventReader, id: string) => reader.changes.filter(({ data }) => data.id === id).map(({ data }) => data.op);
    const [south, admin] = [await started('south'), await started('admin')];
    const away = await started('south');
    const other = await openProduct({ url: inside.product.db.url, dataFolder: temporaryFolder(), connections: 2 });
    try {
      const otherUrl = await other.http.listen({ host: '127.0.0.1', port: 0 });
      const there = await EventReader.open(otherUrl, { headers: { authorization: `Bearer ${keys.south}` } });
      await there.next((message) => message.event === 'hello');
      const give = (record: string, to: Record<string, unknown>) => create('shares', { object: 'party', record, ...to, until: soon(8000) });
      await give(shared, { user: users.south });
      await give(team, { team: teams.south });
      await api('PATCH', `/api/v1/parties/${ending}`, { accountTeam: [{ id: users.south, until: soon(8000) }] });
      await api('PATCH', `/api/v1/parties/${coming}`, { accountTeam: [{ id: users.south, since: soon(8000) }] });
      await api('PATCH', `/api/v1/parties/${never}`, { accountTeam: [{ id: users.south, since: soon(86_400_000) }] });
      await give(cut, { user: users.south });
      await away.next((message) => message.data.id === cut);
      const { lastId } = away;
      away.close();
      for (const reader of [south, there]) {
        for (const id of [shared, team, ending])
          await reader.next((message) => message.data.id === id && message.data.op === 'left', 30_000);
        const came = await reader.next((message) => message.data.id === coming, 30_000);
        expect(came.data).toEqual({ object: 'party', id: coming, op: 'updated', changed: [], scope: true });
      }
      // Who was away meanwhile hears of it when they come back.
      const back = await EventReader.open(url, { headers: { authorization: `Bearer ${keys.south}` }, lastEventId: lastId });
      await back.next((message) => message.data.id === cut && message.data.op === 'left');
      // A membership that was still to come goes without a word, and to whom it was not given nothing is said.
      await api('PATCH', `/api/v1/parties/${never}`, { accountTeam: [] });
      const last = await create('parties', { name: 'last', owner: users.south });
      for (const reader of [south, admin]) await reader.next((message) => message.data.id === last.id);
      expect(about(south, never)).toEqual([]);
      expect(admin.changes.some(({ data }) => data.op === 'left')).toBe(false);
    } finally {
      await other.stop();
    }
  });

  it('never names a hidden field', async () => {
    const [admin, agent] = [await started('admin'), await started('agent')];
    const party = await create('parties', { name: 'Rich', annualRevenue: { amount: '5', currency: 'EUR' } });
    const deal = await create('opportunities', { name: 'Deal', customer: party.id, amount: { amount: '1', currency: 'EUR' } });
    await api('PATCH', `/api/v1/opportunities/${deal.id}`, { amount: { amount: '2', currency: 'EUR' }, name: 'Deal!' });
    const seen = await admin.next((message) => message.data.id === deal.id && message.data.op === 'updated');
    expect(seen.data.changed).toContain('amount');
    const told = await agent.next((message) => message.data.id === deal.id && message.data.op === 'updated');
    expect(told.data.changed).toContain('name');
    expect(JSON.stringify(agent.messages)).not.toMatch(/amount|annualRevenue|probability|lostReason/);
    for (const reader of [admin, agent]) reader.close();
  });

  it('goes on where a broken connection ended, and says `reset` where it cannot', async () => {
    const first = await started('admin');
    const one = await create('parties', { name: 'Before' });
    await first.next((message) => message.data.id === one.id);
    const { lastId } = first;
    first.close();
    const missed = [await create('parties', { name: 'Missed 1' }), await create('parties', { name: 'Missed 2' })];
    // The header of a browser that comes back weighs more than the address it began with.
    const second = await started('admin', { after: 0, lastEventId: lastId });
    await second.next((message) => message.data.id === missed[1]?.id);
    const after = await create('parties', { name: 'After' });
    await second.next((message) => message.data.id === after.id);
    expect(second.changes.map(({ data }) => data.id)).toEqual([...missed.map(({ id }) => id), after.id]);
    expect(second.messages[0]).toMatchObject({ event: 'hello', id: lastId });
    second.close();
    for (const absurd of ['99999999999', 'yesterday', '-3']) {
      const reset = await started('admin', { after: absurd });
      expect(reset.messages[0]?.event).toBe('reset');
      expect(reset.changes).toEqual([]);
      reset.close();
    }
    // What the log does not keep any more cannot be told.
    const { db } = inside.product;
    await db.query('delete from changes where seq <= 10');
    const forgotten = await started('admin', { after: 5 });
    expect(forgotten.messages[0]?.event).toBe('reset');
    expect((await started('admin', { after: 10 })).messages[0]?.event).toBe('hello');
    const finite = await open('admin', { after: lastId, follow: false });
    await finite.until(() => finite.ended);
    expect(finite.changes.length).toBe(3);
  });

  it('tells many records of one cause as one', async () => {
    const [admin, south] = [await started('admin'), await started('south')];
    const ctx = await inside.ctx();
    const party = ctx.model.object('party');
    await write(
      ctx,
      party,
      Array.from({ length: MANY + 50 }, (_, i) => ({ op: 'create' as const, values: { name: `Bulk ${i}`, owner: users.north } })),
    );
    const many = await admin.next((message) => message.data.op === 'many');
    expect(many.data).toMatchObject({ object: 'party', cause: ctx.cause.id });
    expect(admin.changes.filter(({ data }) => data.cause === ctx.cause.id).length).toBe(1);
    const hint = await south.next((message) => message.data.op === 'many');
    expect(Object.keys(hint.data).sort()).toEqual(['object', 'op', 'seq']);
    for (const reader of [admin, south]) reader.close();
  });

  it('ends with the session, and starts anew when rights change', async () => {
    const signedIn = await inside.ask('POST', '/api/v1/session', { body: { email: ADMIN.email, password: ADMIN.password } });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const reader = await EventReader.open(url, { headers: { cookie } });
    await reader.next((message) => message.event === 'hello');
    await inside.ask('DELETE', '/api/v1/session', { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    await reader.until(() => reader.ended);
    const refused = await EventReader.open(url, { headers: { cookie } });
    expect(refused.response.status).toBe(401);

    // A key that is revoked is out as well, on the streams that it opened.
    const ownKeys = async () => (await inside.ask('GET', '/api/v1/keys', { key: keys.south })).body as { items: { id: string }[] };
    const { secret } = await createApiKey((await inside.ctx()).db, { userId: users.south ?? '', name: 'soon revoked' });
    const byKey = await EventReader.open(url, { headers: { authorization: `Bearer ${secret}` } });
    await byKey.next((message) => message.event === 'hello');
    const other = await started('south');
    await api('DELETE', `/api/v1/keys/${(await ownKeys()).items[0]?.id}`, undefined, 'south');
    await byKey.until(() => byKey.ended);
    expect(other.ended).toBe(false);
    expect((await EventReader.open(url, { headers: { authorization: `Bearer ${secret}` } })).response.status).toBe(401);
    other.close();

    const rep = await started('north2');
    const party = await create('parties', { name: 'South only', owner: users.south });
    await api('PATCH', `/api/v1/users/${users.north2}`, { team: teams.south });
    await rep.next((message) => message.event === 'reset');
    await api('PATCH', `/api/v1/parties/${party.id}`, { description: 'now mine to see' });
    await rep.next((message) => message.data.id === party.id);
    await api('PATCH', `/api/v1/users/${users.north2}`, { active: false });
    await rep.until(() => rep.ended);
  });

  it('shows who is at a record to those who are there, until they go', async () => {
    const [admin, north, south] = [await started('admin'), await started('north'), await started('south')];
    const party = await create('parties', { name: 'Meeting point', owner: users.north });
    const present = (who: string, state: string, id = party.id) =>
      inside.ask('POST', '/api/v1/presence', { key: keys[who], body: { object: 'party', id, state } });
    expect((await present('north', 'viewing')).body).toEqual({ here: [{ id: users.north, name: 'User north', state: 'viewing' }] });
    const both = await present('admin', 'editing');
    expect((both.body as { here: { name: string }[] }).here.map(({ name }) => name)).toEqual(['User north', ADMIN.name]);
    await north.next((message) => message.event === 'presence' && JSON.stringify(message.data).includes('"editing"'));
    // A stranger is told that there is no such record, exactly as of one that never was; and nobody hears of them.
    const [real, never] = [await present('south', 'viewing'), await present('south', 'viewing', newId())];
    expect([real.status, real.body]).toEqual([404, never.body]);
    await present('admin', 'left');
    await north.next(
      (message) =>
        message.event === 'presence' &&
        JSON.stringify(message.data.here) === JSON.stringify([{ id: users.north, name: 'User north', state: 'viewing' }]) &&
        message.at > 0,
    );
    expect(JSON.stringify(north.messages)).not.toContain('User south');
    expect(south.messages.some((message) => message.event === 'presence')).toBe(false);
    for (const reader of [admin, north, south]) reader.close();
  });

  it('limits the streams of one user, and hands out headers that no proxy holds back', async () => {
    await sleep(200);
    const readers = await Promise.all(Array.from({ length: 20 }, () => open('agent')));
    expect(readers.map((reader) => reader.response.status)).toEqual(Array(20).fill(200));
    const more = await open('agent');
    expect(more.response.status).toBe(429);
    const head = await fetch(`${url}/api/v1/events`, { method: 'HEAD', headers: { authorization: `Bearer ${keys.south}` } });
    expect(head.status).toBe(200);
    const { text } = await inside.ask('GET', '/metrics');
    expect(text).toContain('perigon_live_streams 20');
    const { headers } = readers[0]?.response ?? new Response();
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-encoding')).toBeNull();
    for (const reader of readers) reader.close();
  });

  it('reaches over to other servers of the company within a moment', async () => {
    const other = await openProduct({
      url: inside.product.db.url,
      dataFolder: temporaryFolder(),
      connections: 2,
    });
    try {
      const otherUrl = await other.http.listen({ host: '127.0.0.1', port: 0 });
      const there = await EventReader.open(otherUrl, { headers: { authorization: `Bearer ${keys.admin}` } });
      await there.next((message) => message.event === 'hello');
      const party = await create('parties', { name: 'Written here' });
      const began = performance.now();
      const seen = await there.next((message) => message.data.id === party.id);
      // Well under the second that the poll alone would take.
      expect(seen.at - began).toBeLessThan(800);
      const body = { object: 'party', id: party.id, state: 'viewing' };
      await inside.ask('POST', '/api/v1/presence', { key: keys.admin, body });
      await there.next((message) => message.event === 'presence');
      const began2 = performance.now();
      await other.stop();
      expect(performance.now() - began2).toBeLessThan(3000);
      await there.until(() => there.ended);
    } finally {
      await other.stop().catch(() => undefined);
    }
  });

  it('lets the server stop in time with streams open', async () => {
    const product = await bootProduct();
    const administrator = await setUp(product);
    const readers = await Promise.all(Array.from({ length: 10 }, () => EventReader.open(product.url, { headers: administrator.identity })));
    for (const reader of readers) await reader.next((message) => message.event === 'hello', 30_000);
    expect(await product.stop()).toBeLessThan(5000);
    expect(product.run.exitCode).toBe(0);
    for (const reader of readers) await reader.until(() => reader.ended);
  });

  it('goes on by itself when its connections to the database break', async () => {
    const reader = await started('admin');
    const { db } = inside.product;
    await db.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
    await sleep(300);
    const made = await inside.ask('POST', '/api/v1/parties', { key: keys.admin, body: { name: 'After the break' } });
    // The first request may meet the broken line; what is written is told.
    const party = made.status === 201 ? (made.body as { id: string }) : await create('parties', { name: 'After the break' });
    await reader.next((message) => message.data.id === party.id, 10_000);
    expect(reader.ended).toBe(false);
  });

  it('tells the owner of a job how it goes, and nobody else', async () => {
    const ctx = await inside.ctx();
    const [admin, agent] = [await started('admin'), await started('agent')];
    const id = await enqueueJob(ctx.db, { kind: 'export', label: 'All parties', actor: ctx.actor });
    const job = await admin.next((message) => message.event === 'job');
    expect(job.data).toEqual({ id, kind: 'export', state: 'queued', label: 'All parties', done: 0, total: null });
    await api('POST', `/api/v1/jobs/${id}/cancel`);
    await admin.next((message) => message.event === 'job' && message.data.state === 'cancelled');
    expect(agent.messages.some((message) => message.event === 'job')).toBe(false);
  });
});
