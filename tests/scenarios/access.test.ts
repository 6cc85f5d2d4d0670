import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { AccessAnswer } from '#engine/record/why.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Why can Ana see this? The answer is what reading, changing and deleting then do. */
let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};

const ask = async <T>(who: string, method: string, url: string, body?: unknown, status = 200): Promise<T> => {
  const answer = await inside.ask(method, `/api/v1${url}`, { key: keys[who], body });
  expect(answer.status, `${who} ${method} ${url} ${answer.text}`).toBe(status);
  return answer.body as T;
};
const why = (who: string, url: string, user?: string) => ask<AccessAnswer>('admin', 'GET', `${url}/access?user=${users[user ?? who]}`);
const create = async (plural: string, values: Record<string, unknown>): Promise<string> =>
  (await ask<{ id: string }>('admin', 'POST', `/${plural}`, values, 201)).id;

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  users.admin = ctx.actor.userId ?? '';
  const north = await (async () => {
    keys.admin = (await createApiKey(ctx.db, { userId: users.admin ?? '', name: 'test' })).secret;
    return create('teams', { name: 'North' });
  })();
  for (const [name, role, team] of [
    ['rita', 'salesRep', north],
    ['remo', 'salesRep', north],
    ['rosa', 'salesRep', null],
    ['agnes', 'agent', null],
    ['nobody', null, null],
  ] as const) {
    const id = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: role ? [role] : [] });
    users[name] = id;
    if (team) await ask('admin', 'PATCH', `/users/${id}`, { team });
    keys[name] = (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
  }
});
afterAll(() => inside.stop());

describe('why somebody can see a record', () => {
  it('names the ground of every branch, for records that are owned and for what hangs on them', async () => {
    const party = await create('parties', { kind: 'organisation', name: 'Lantern Works', owner: users.rita });
    const url = `/parties/${party}`;
    expect((await why('admin', url)).verbs.read).toMatchObject({ allowed: true, scope: 'all', grounds: ['everything'] });
    expect(await why('rita', url)).toMatchObject({
      user: { name: 'rita' },
      roles: [{ key: 'salesRep' }],
      verbs: {
        read: { allowed: true, scope: 'team', grounds: ['owner', 'teamOwner'] },
        update: { allowed: true, scope: 'own', grounds: ['owner'] },
        delete: { allowed: false, scope: 'none', roles: [], grounds: [] },
      },
    });
    expect((await why('remo', url)).verbs).toMatchObject({
      read: { allowed: true, grounds: ['teamOwner'] },
      update: { allowed: false, scope: 'own', grounds: [] },
    });
    expect((await why('rosa', url)).verbs.read).toMatchObject({ allowed: false, scope: 'team', grounds: [] });
    expect((await why('nobody', url)).verbs.read).toMatchObject({ allowed: false, scope: 'none', roles: [] });
    expect((await why('agnes', url)).fields).toContainEqual({ field: 'annualRevenue', right: 'hidden' });

    const task = await create('tasks', { subject: 'Call', party, owner: users.admin });
    expect((await why('rita', `/tasks/${task}`)).verbs.read).toMatchObject({ allowed: true, grounds: ['partyOwner'] });
    const invoice = await create('invoices', { number: 'I-1', customer: party, date: '2026-01-01' });
    expect((await why('remo', `/invoices/${invoice}`)).verbs.read).toMatchObject({ allowed: true, grounds: ['party'] });
    await ask('admin', 'PATCH', url, { accountTeam: [{ id: users.rosa, role: 'service' }] });
    expect((await why('rosa', url)).verbs.read).toMatchObject({ allowed: true, grounds: ['accountTeam'] });
    expect((await why('rosa', `/tasks/${task}`)).verbs.read).toMatchObject({ allowed: true, grounds: ['partyAccountTeam'] });
  });

  it('says what then happens', async () => {
    const party = await create('parties', { kind: 'organisation', name: 'Marble Works', owner: users.rita });
    for (const who of ['admin', 'rita', 'remo', 'rosa', 'agnes', 'nobody']) {
      const { verbs } = await why(who, `/parties/${party}`);
      await ask(who, 'GET', `/parties/${party}`, undefined, verbs.read.allowed ? 200 : 404);
      await ask(who, 'PATCH', `/parties/${party}`, { city: who }, !verbs.read.allowed ? 404 : verbs.update.allowed ? 200 : 403);
    }
    const bare = await inside.ask('DELETE', `/api/v1/parties/${party}`, { key: keys.rita });
    expect(bare.status).toBe(403);
  });

  it('is asked about oneself by anybody, about others by administrators, of records one may read', async () => {
    const party = await create('parties', { kind: 'organisation', name: 'Basalt Works', owner: users.rita });
    expect(await ask<AccessAnswer>('rita', 'GET', `/parties/${party}/access`)).toMatchObject({ verbs: { read: { allowed: true } } });
    await ask('remo', 'GET', `/parties/${party}/access?user=${users.rita}`, undefined, 403);
    await ask('rosa', 'GET', `/parties/${party}/access`, undefined, 404);
    await ask('admin', 'GET', `/parties/${party}/access?user=${newId()}`, undefined, 422);
    await ask('admin', 'DELETE', `/users/${users.nobody}`, undefined, 204);
    expect(await ask<AccessAnswer>('admin', 'GET', `/parties/${party}/access?user=${users.nobody}`)).toMatchObject({
      active: false,
      verbs: { read: { allowed: false } },
    });
  });
});

describe('what roles open', () => {
  const rep = async () => (await ask<{ items: { id: string; rights: object }[] }>('admin', 'GET', '/roles?key=salesRep')).items[0];

  it('is for administrators to say, also to who may write roles and users by the letter of their own role', async () => {
    const rights = { objects: { '*': { create: 'all', read: 'all', update: 'all', delete: 'all' } } };
    const { id } = await ask<{ id: string }>('admin', 'POST', '/roles', { name: 'Office', key: 'office', rights }, 201);
    const admins = (await ask<{ items: { id: string }[] }>('admin', 'GET', '/roles?key=administrator')).items[0]?.id;
    const ctx = await inside.ctx();
    users.otto = await inside.product.addUser(ctx, { name: 'otto', email: 'otto@perigon.example', password: null, roles: ['office'] });
    keys.otto = (await createApiKey(ctx.db, { userId: users.otto, name: 'test' })).secret;
    const refused = async (method: string, url: string, body: unknown) => {
      const { errors } = await ask<{ errors: { code: string }[] }>('otto', method, url, body, 422);
      expect(errors.map(({ code }) => code)).toEqual(['administer']);
    };
    await refused('PATCH', `/roles/${id}`, { rights: { ...rights, may: ['administer'] } });
    await refused('POST', '/roles', { name: 'More', key: 'more', rights });
    await refused('PATCH', `/users/${users.otto}`, { roles: [{ id: admins }] });
    await refused('POST', '/users', { name: 'Straw', roles: [{ id: admins }] });
    await ask('otto', 'PATCH', `/users/${users.otto}`, { jobTitle: 'Office' });
    await ask('otto', 'PATCH', `/roles/${id}`, { description: 'Office' });
  });

  it('is understood before it counts, and shuts no administrator out', async () => {
    const role = await rep();
    const code = async (body: unknown) =>
      (await ask<{ errors: { code: string }[] }>('admin', 'PATCH', `/roles/${role?.id}`, { rights: body }, 422)).errors.map(
        (one) => one.code,
      );
    for (const bad of [
      {},
      { objects: { party: { read: 'everything' } } },
      { objects: { party: { see: 'all' } } },
      { objects: {}, fields: { party: { name: 'secret' } } },
      { objects: {}, may: ['everything'] },
    ])
      expect(await code(bad)).toEqual(['rights']);
    expect(await code({ objects: { '*': { read: 'all' } }, may: ['administer'] })).toEqual(['lockOut']);
    expect(
      await code({ objects: { '*': { read: 'all', update: 'all' } }, fields: { role: { rights: 'hidden' } }, may: ['administer'] }),
    ).toEqual(['lockOut']);
    const admin = (await ask<{ items: { id: string; rights: object }[] }>('admin', 'GET', '/roles?key=administrator')).items[0];
    const last = await ask<{ errors: { code: string }[] }>(
      'admin',
      'PATCH',
      `/roles/${admin?.id}`,
      { rights: { ...admin?.rights, may: [] } },
      422,
    );
    expect(last.errors.map((one) => one.code)).toEqual(['lastAdministrator']);
    await ask('admin', 'DELETE', `/roles/${admin?.id}`, undefined, 422);
  });
});
