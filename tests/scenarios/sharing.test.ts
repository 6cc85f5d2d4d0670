import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { AccessAnswer } from '#engine/record/why.ts';
import { newId } from '#kit/ids.ts';
import { EventReader } from '#tests/harness/events.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** One record given to one colleague or team: what it opens, what it does not, and that nobody gives more than they hold. */
let inside: Inside;
let url: string;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
const teams: Record<string, string> = {};

const ask = async <T>(who: string, method: string, path: string, body?: unknown, status = 200): Promise<T> => {
  const answer = await inside.ask(method, `/api/v1${path}`, { key: keys[who], body });
  expect(answer.status, `${who} ${method} ${path} ${answer.text}`).toBe(status);
  return answer.body as T;
};
const create = async (plural: string, values: Record<string, unknown>, who = 'admin'): Promise<string> =>
  (await ask<{ id: string }>(who, 'POST', `/${plural}`, values, 201)).id;
const company = (name: string, owner: string) => create('parties', { kind: 'organisation', name, owner: users[owner] });
const share = (who: string, record: string, to: Record<string, unknown>, object = 'party', status = 201) =>
  ask<{ id: string; errors?: { path: string; code: string }[] }>(who, 'POST', '/shares', { object, record, ...to }, status);
const why = (who: string, path: string, verb: 'read' | 'update' | 'delete' = 'read') =>
  ask<AccessAnswer>('admin', 'GET', `${path}/access?user=${users[who]}`).then(({ verbs }) => verbs[verb]);
const items = <T = { id: string }>(who: string, path: string) =>
  ask<{ items: T[]; count?: { value: number } }>(who, 'GET', path).then((page) => page.items);

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  url = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
  const ctx = await inside.ctx();
  users.admin = ctx.actor.userId ?? '';
  keys.admin = (await createApiKey(ctx.db, { userId: users.admin, name: 'test' })).secret;
  for (const name of ['North', 'South']) teams[name.toLowerCase()] = await create('teams', { name });
  for (const [name, role, team] of [
    ['rita', 'salesRep', 'north'],
    ['remo', 'salesRep', 'north'],
    ['sven', 'salesRep', 'south'],
    ['sara', 'salesRep', 'south'],
    ['mona', 'salesManager', 'south'],
    ['olaf', 'readOnly', null],
    ['nobody', null, null],
  ] as const) {
    users[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: role ? [role] : [] });
    if (team) await ask('admin', 'PATCH', `/users/${users[name]}`, { team: teams[team] });
    keys[name] = (await createApiKey(ctx.db, { userId: users[name] ?? '', name: 'test' })).secret;
  }
});
afterAll(async () => {
  for (const reader of EventReader.opened) reader.close();
  await inside.stop();
});

describe('a shared record', () => {
  it('opens itself and what is about it, on every surface, to the colleague and to nobody else', async () => {
    const party = await company('Quartz Works', 'rita');
    const invoice = await create('invoices', { number: 'S-1', customer: party, date: '2026-01-01' });
    const deal = await create('opportunities', { name: 'Quartz deal', customer: party, owner: users.rita });
    const file = (await ask<{ id: string }>('admin', 'POST', '/files?name=plan.txt', 'plan', 201)).id;
    await ask('admin', 'PATCH', `/parties/${party}`, { files: [file] });
    for (const path of [
      `/parties/${party}`,
      `/invoices/${invoice}`,
      `/opportunities/${deal}`,
      `/parties/${party}/overview`,
      `/files/${file}`,
    ])
      await ask('sven', 'GET', path, undefined, 404);
    await share('rita', party, { user: users.sven, reason: 'holiday' });

    for (const path of [`/invoices/${invoice}`, `/opportunities/${deal}`, `/parties/${party}/overview`, `/parties/${party}/history`])
      await ask('sven', 'GET', path);
    await ask('sven', 'GET', `/files/${file}`);
    expect((await items('sven', '/parties?name[contains]=quartz&count=true')).map(({ id }) => id)).toEqual([party]);
    expect((await items('sven', '/opportunities?customer.name[contains]=quartz')).map(({ id }) => id)).toEqual([deal]);
    expect((await ask<{ rows: { n: number }[] }>('sven', 'POST', '/parties/aggregate', { measures: { n: { op: 'count' } } })).rows).toEqual(
      [{ n: 1 }],
    );
    // What is about it follows behind.
    await expect
      .poll(async () => (await items('sven', '/search?q=quartz')).map(({ id }) => id), { timeout: 20_000 })
      .toEqual(expect.arrayContaining([party, deal]));
    expect((await inside.ask('GET', '/api/v1/parties/export?format=ndjson', { key: keys.sven })).text).toContain('Quartz Works');
    // To read only; the rest is what it was.
    await ask('sven', 'PATCH', `/parties/${party}`, { city: 'Bonn' }, 403);
    await ask('sara', 'GET', `/parties/${party}`, undefined, 404);
    expect(await items('sara', '/search?q=quartz')).toEqual([]);
    expect(await why('sven', `/parties/${party}`)).toMatchObject({ allowed: true, grounds: ['shared'] });
    expect(await why('sven', `/opportunities/${deal}`)).toMatchObject({ allowed: true, grounds: ['partyShared'] });
    expect(await why('sven', `/invoices/${invoice}`)).toMatchObject({ allowed: true, grounds: ['party'] });
    expect(await why('sven', `/parties/${party}`, 'update')).toMatchObject({ allowed: false });
    expect(await why('sara', `/parties/${party}`)).toMatchObject({ allowed: false });
  });

  it('may be given to change, never to delete, and to a team with those above it', async () => {
    const party = await company('Basalt Works', 'rita');
    await share('rita', party, { team: teams.south, level: 'write' });
    for (const who of ['sven', 'sara']) {
      await ask(who, 'PATCH', `/parties/${party}`, { city: who });
      expect(await why(who, `/parties/${party}`, 'update')).toMatchObject({ allowed: true, grounds: ['shared'] });
    }
    await ask('sven', 'DELETE', `/parties/${party}`, undefined, 403);
    // Another record is not opened by it, and children of others are to be read only.
    const task = await create('tasks', { subject: 'Call', party, owner: users.rita });
    await ask('sven', 'GET', `/tasks/${task}`);
    await ask('sven', 'PATCH', `/tasks/${task}`, { subject: 'x' }, 403);
    await expect.poll(async () => (await items('sven', '/search?q=basalt')).map(({ id }) => id), { timeout: 20_000 }).toContain(party);
  });

  it('shares a single opportunity without its customer', async () => {
    const party = await company('Slate Works', 'rita');
    const deal = await create('opportunities', { name: 'Slate deal', customer: party, owner: users.rita });
    await share('rita', deal, { user: users.sven }, 'opportunity');
    expect((await ask<{ customer: unknown }>('sven', 'GET', `/opportunities/${deal}`)).customer).toMatchObject({ name: null });
    await ask('sven', 'GET', `/parties/${party}`, undefined, 404);
    // What stands behind the hidden customer cannot be guessed through it.
    expect(await items('sven', '/opportunities?customer.name[contains]=slate')).toEqual([]);
    await expect.poll(async () => (await items('sven', '/search?q=slate')).map(({ id }) => id), { timeout: 20_000 }).toContain(deal);
  });

  it('ends when its day has come and when it is taken back, at once', async () => {
    const party = await company('Chalk Works', 'rita');
    const { id } = await share('rita', party, { user: users.sven, until: '2099-01-01T00:00:00Z' });
    await ask('sven', 'GET', `/parties/${party}`);
    const ctx = await inside.ctx();
    await ctx.db.query(`update shares set until = now() - interval '1 second' where id = $1::uuid`, [id]);
    await ask('sven', 'GET', `/parties/${party}`, undefined, 404);
    expect(await items('sven', '/search?q=chalk')).toEqual([]);
    expect(await items('sven', '/parties?name=Chalk Works')).toEqual([]);
    await ask('rita', 'PATCH', `/shares/${id}`, { until: null });
    await ask('sven', 'GET', `/parties/${party}`);
    const taken = await inside.ask('DELETE', `/api/v1/shares/${id}`, { key: keys.rita });
    expect(taken.status).toBe(204);
    await ask('sven', 'GET', `/parties/${party}`, undefined, 404);
    // History tells of it to who reads the record, and the act is undone like any other.
    const history = await items<{ action: string; about?: { object: string } }>('rita', `/parties/${party}/history`);
    expect(history.map(({ action, about }) => `${about?.object ?? ''} ${action}`)).toEqual([
      'share delete',
      'share update',
      'share create',
      ' create',
    ]);
    await ask('rita', 'POST', `/causes/${String(taken.headers['perigon-cause'])}/undo`, {});
    await ask('sven', 'GET', `/parties/${party}`);
  });

  it('tells the colleague: a notice, the live stream when it comes and when it goes', async () => {
    const party = await company('Flint Works', 'rita');
    const reader = await EventReader.open(url, { headers: { authorization: `Bearer ${keys.sven}` } });
    const third = await EventReader.open(url, { headers: { authorization: `Bearer ${keys.sara}` } });
    for (const one of [reader, third]) await one.next((message) => message.event === 'hello' || message.event === 'reset');
    const { id } = await share('rita', party, { user: users.sven });
    await reader.next(({ data }) => data.id === party && data.op === 'updated' && data.scope === true);
    await ask('rita', 'DELETE', `/shares/${id}`, undefined, 204);
    await reader.next(({ data }) => data.id === party && data.op === 'left');
    expect(JSON.stringify(third.messages)).not.toContain(party);
    await share('rita', party, { user: users.sven });
    await expect
      .poll(
        async () =>
          (await items<{ kind: string; object: string; record: { id: string } }>('sven', '/notices')).map(
            (one) => `${one.kind} ${one.record?.id}`,
          ),
        {
          timeout: 20_000,
        },
      )
      .toContain(`shared ${party}`);
  });

  it('goes to the one that stays when two records are merged, and back', async () => {
    const [one, other] = [await company('Agate', 'rita'), await company('Agate Works', 'rita')];
    await share('rita', other, { user: users.sven });
    await ask('sven', 'GET', `/parties/${one}`, undefined, 404);
    const merged = await ask<{ cause: string }>('admin', 'POST', '/merges', { object: 'party', survivor: one, loser: other });
    await ask('sven', 'GET', `/parties/${one}`);
    await ask('admin', 'POST', `/causes/${merged.cause}/undo`, {});
    await ask('sven', 'GET', `/parties/${one}`, undefined, 404);
    await ask('sven', 'GET', `/parties/${other}`);
  });
});

describe('a membership of the account team', () => {
  const day = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString();
  const join = (party: string, terms: Record<string, unknown>) =>
    ask('admin', 'PATCH', `/parties/${party}`, { accountTeam: [{ id: users.sven, role: 'service', ...terms }] });

  it('opens nothing before it begins and nothing from the moment it is over; what is about the customer goes with it', async () => {
    const party = await company('Feldspar Works', 'rita');
    const deal = await create('opportunities', { name: 'Feldspar deal', customer: party, owner: users.rita });
    const found = async () => (await items('sven', '/search?q=feldspar')).map(({ id }) => id).sort();
    for (const [terms, open] of [
      [{ since: day(1) }, false],
      [{ since: day(-1) }, true],
      [{ since: day(-2), until: day(-1) }, false],
      [{ until: day(1) }, true],
    ] as const) {
      await join(party, terms);
      const status = open ? 200 : 404;
      await ask('sven', 'GET', `/parties/${party}`, undefined, status);
      await ask('sven', 'GET', `/opportunities/${deal}`, undefined, status);
      expect((await items('sven', '/parties?name[contains]=feldspar')).length).toBe(open ? 1 : 0);
      expect(await why('sven', `/parties/${party}`)).toMatchObject({ allowed: open, grounds: open ? ['accountTeam'] : [] });
      await expect.poll(found, { timeout: 20_000 }).toEqual(open ? [party, deal].sort() : []);
    }
    expect((await why('sven', `/opportunities/${deal}`)).until).toMatch(/^20/);
    await join(party, {});
    expect((await why('sven', `/parties/${party}`)).until).toBeNull();
  });

  it('to read opens reading alone, to write what it always opened', async () => {
    const party = await company('Mica Works', 'rita');
    const deal = await create('opportunities', { name: 'Mica deal', customer: party, owner: users.rita });
    await join(party, { level: 'read' });
    for (const path of [`/parties/${party}`, `/opportunities/${deal}`]) {
      await ask('sven', 'GET', path);
      await ask('sven', 'PATCH', path, { description: 'x' }, 403);
      expect(await why('sven', path, 'update')).toMatchObject({ allowed: false });
    }
    expect((await share('sven', party, { user: users.sara }, 'party', 422)).errors).toMatchObject([{ code: 'scope' }]);
    await join(party, { level: 'write' });
    for (const path of [`/parties/${party}`, `/opportunities/${deal}`]) await ask('sven', 'PATCH', path, { description: 'y' });
  });
});

describe('whoever shares', () => {
  it('must be able to change the record of their own right; what they cannot read is not there', async () => {
    const party = await company('Onyx Works', 'rita');
    const hidden = await share('sven', party, { user: users.sven }, 'party', 422);
    const absent = await share('sven', newId(), { user: users.sven }, 'party', 422);
    expect(hidden.errors).toEqual(absent.errors);
    // Read by the team, changed by its owner only.
    await ask('remo', 'GET', `/parties/${party}`);
    expect((await share('remo', party, { user: users.sara }, 'party', 422)).errors).toMatchObject([{ path: 'record', code: 'scope' }]);
    // A share to write is not a right to share: neither anew, nor to prolong or take back one's own.
    const { id } = await share('rita', party, { user: users.sven, level: 'write' });
    await ask('sven', 'PATCH', `/parties/${party}`, { city: 'Bonn' });
    expect((await share('sven', party, { user: users.sara }, 'party', 422)).errors).toMatchObject([{ code: 'scope' }]);
    await ask('sven', 'GET', `/shares/${id}`);
    for (const change of [{ until: '2099-01-01T00:00:00Z' }, { level: 'read' }, { record: newId() }])
      await ask('sven', 'PATCH', `/shares/${id}`, change, 403);
    await ask('sven', 'DELETE', `/shares/${id}`, undefined, 403);
    await ask('sara', 'GET', `/shares/${id}`, undefined, 404);
    expect(await items('sara', `/shares?record=${party}`)).toEqual([]);
  });

  it('cannot turn a share to another record or person, nor share what is not shared one by one', async () => {
    const [mine, theirs] = [await company('Pyrite', 'sven'), await company('Galena', 'rita')];
    const { id } = await share('sven', mine, { user: users.sara });
    for (const change of [{ record: theirs }, { user: users.mona }, { object: 'opportunity' }]) {
      const refused = await ask<{ errors: { code: string }[] }>('sven', 'PATCH', `/shares/${id}`, change, 422);
      expect(refused.errors.map(({ code }) => code)).toContain('fixed');
    }
    expect((await share('sven', mine, { user: users.sara }, 'party', 409)).errors).toMatchObject([{ path: 'user', code: 'taken' }]);
    expect((await share('sven', mine, {}, 'party', 422)).errors).toMatchObject([{ code: 'grantee' }]);
    expect((await share('sven', mine, { user: users.nobody }, 'party', 422)).errors).toMatchObject([{ path: 'user', code: 'roles' }]);
    expect((await share('sven', mine, { user: users.olaf, level: 'write' }, 'party', 422)).errors).toMatchObject([{ code: 'roles' }]);
    expect((await share('sven', mine, { user: users.mona, until: '2020-01-01T00:00:00Z' }, 'party', 422)).errors).toMatchObject([
      { code: 'past' },
    ]);
    expect((await share('admin', users.rita ?? '', { user: users.sara }, 'user', 422)).errors).toMatchObject([{ code: 'unknownObject' }]);
    expect((await share('admin', mine, { user: users.sara }, 'share', 422)).errors).toMatchObject([{ code: 'unknownObject' }]);
    // By the door for many as by the one for one.
    const batch = await ask<{ failed: number }>('sven', 'POST', '/shares/batch', {
      partial: true,
      operations: [{ op: 'create', values: { object: 'party', record: theirs, user: users.sven } }],
    });
    expect(batch.failed).toBe(1);
    await ask('sven', 'GET', `/parties/${theirs}`, undefined, 404);
  });
});
