import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { type CutPreview, inOrder } from '#engine/record/territories.ts';
import type { AccessAnswer } from '#engine/record/why.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Territories: rules put customers into them, by hand counts more, a new cut is seen before it is made and taken back whole. */
let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
const land: Record<string, string> = {};

const ask = async <T>(who: string, method: string, path: string, body?: unknown, status = 200): Promise<T> => {
  const answer = await inside.ask(method, `/api/v1${path}`, { key: keys[who], body });
  expect(answer.status, `${who} ${method} ${path} ${answer.text}`).toBe(status);
  return answer.body as T;
};
const create = async (plural: string, values: Record<string, unknown>): Promise<string> =>
  (await ask<{ id: string }>('admin', 'POST', `/${plural}`, values, 201)).id;
interface Party {
  id: string;
  version: number;
  territory: { id: string; name: string } | null;
  territoryPinned: boolean | null;
}
const read = (id: string) => ask<Party>('admin', 'GET', `/parties/${id}`);
const inCountry = (...codes: string[]) => ({ field: 'country', op: 'in', value: codes });
const done = async (id: string) => {
  await expect.poll(async () => (await ask<{ state: string }>('admin', 'GET', `/jobs/${id}`)).state, { timeout: 30_000 }).toBe('done');
};

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  users.admin = ctx.actor.userId ?? '';
  keys.admin = (await createApiKey(ctx.db, { userId: users.admin, name: 'test' })).secret;
  const rights = {
    objects: {
      party: { read: 'territory', update: 'territory' },
      invoice: { read: 'territory' },
      opportunity: { read: 'territory', create: 'all' },
      territory: { read: 'all' },
    },
  };
  await ask('admin', 'POST', '/roles', { name: 'Regional', key: 'regional', rights }, 201);
  for (const name of ['erna', 'sud', 'far']) {
    users[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: ['regional'] });
    keys[name] = (await createApiKey(ctx.db, { userId: users[name] ?? '', name: 'test' })).secret;
  }
  land.europe = await create('territories', { name: 'Europe', manager: users.erna, rule: inCountry('DE', 'FR', 'IT') });
  land.south = await create('territories', {
    name: 'South',
    parent: land.europe,
    members: [{ id: users.sud }],
    rule: inCountry('IT', 'ES'),
  });
  land.asia = await create('territories', { name: 'Asia', members: [{ id: users.far }], rule: inCountry('JP') });
});
afterAll(() => inside.stop());

describe('territories', () => {
  it('are asked the deepest first, then by rank, then by name', () => {
    const one = (id: string, parent: string | null, rank: number | null = null) => ({ id, name: id, parent, rank, rule: {} });
    const order = inOrder([one('a', null), one('b', 'a'), one('c', 'a', 1), one('d', 'b'), { ...one('e', 'd'), rule: null }]);
    expect(order.map(({ id }) => id)).toEqual(['d', 'c', 'b', 'a']);
  });

  it('take customers in by their rules as they are written, in one version, and leave alone what was chosen by hand', async () => {
    const rome = await create('parties', { name: 'Rome', country: 'IT' });
    expect(await read(rome)).toMatchObject({ version: 1, territory: { name: 'South' } });
    await ask('admin', 'PATCH', `/parties/${rome}`, { country: 'DE' });
    expect(await read(rome)).toMatchObject({ version: 2, territory: { name: 'Europe' } });
    await ask('admin', 'PATCH', `/parties/${rome}`, { country: 'US' });
    expect((await read(rome)).territory).toBeNull();
    await ask('admin', 'PATCH', `/parties/${rome}`, { territory: land.asia });
    expect(await read(rome)).toMatchObject({ territory: { name: 'Asia' }, territoryPinned: true });
    await ask('admin', 'PATCH', `/parties/${rome}`, { country: 'IT' });
    expect(await read(rome)).toMatchObject({ territory: { name: 'Asia' } });
    await ask('admin', 'PATCH', `/parties/${rome}`, { territoryPinned: false });
    expect(await read(rome)).toMatchObject({ territory: { name: 'South' }, territoryPinned: false });
  });

  it('open what lies in them to members, and to those above; what is about it, too', async () => {
    const party = await create('parties', { name: 'Milano Works', country: 'IT' });
    const invoice = await create('invoices', { number: 'T-1', customer: party, date: '2026-01-01' });
    const deal = await create('opportunities', { name: 'Milano deal', customer: party, owner: users.admin });
    for (const who of ['erna', 'sud']) {
      for (const path of [`/parties/${party}`, `/invoices/${invoice}`, `/opportunities/${deal}`, `/parties/${party}/overview`])
        await ask(who, 'GET', path);
      await ask(who, 'PATCH', `/parties/${party}`, { description: who });
      await expect
        .poll(async () => (await ask<{ items: { id: string }[] }>(who, 'GET', '/search?q=milano')).items.map(({ id }) => id), {
          timeout: 20_000,
        })
        .toEqual(expect.arrayContaining([party, deal]));
      expect((await ask<AccessAnswer>('admin', 'GET', `/parties/${party}/access?user=${users[who]}`)).verbs.read.grounds).toEqual([
        'territory',
      ]);
      expect((await ask<AccessAnswer>('admin', 'GET', `/opportunities/${deal}/access?user=${users[who]}`)).verbs.read.grounds).toEqual([
        'partyTerritory',
      ]);
    }
    for (const path of [`/parties/${party}`, `/invoices/${invoice}`, `/opportunities/${deal}`])
      await ask('far', 'GET', path, undefined, 404);
    expect((await ask<{ items: unknown[] }>('far', 'GET', '/search?q=milano')).items).toEqual([]);
    expect((await ask<{ items: unknown[] }>('far', 'GET', '/parties?name=Milano Works')).items).toEqual([]);
  });

  it('are cut anew: seen before, done as one act, and taken back whole', async () => {
    const berlin = await create('parties', { name: 'Berlin Works', country: 'DE' });
    const paris = await create('parties', { name: 'Paris Works', country: 'FR' });
    const pinned = await create('parties', { name: 'Bonn Works', country: 'DE', territory: land.asia });
    await create('opportunities', { name: 'Paris deal', customer: paris, owner: users.admin });
    await inside.figured();
    const rules = [
      { id: land.south, rule: inCountry('IT', 'ES', 'FR') },
      { id: land.europe, rule: inCountry('IT') },
    ];
    const preview = await ask<CutPreview>('admin', 'POST', '/territories/preview', { rules });
    expect(preview.first.map(({ id, from, to }) => [id, from, to])).toEqual([
      [berlin, land.europe, null],
      [paris, land.europe, land.south],
    ]);
    expect(preview.total).toBe(2);
    expect(preview.moves).toContainEqual({ from: land.europe, to: land.south, count: 1, openOpportunities: 1, revenue: '0' });
    // Nothing has moved by looking.
    expect((await read(paris)).territory?.name).toBe('Europe');
    const answer = await inside.ask('POST', '/api/v1/territories/apply', { key: keys.admin, body: { rules } });
    expect(answer.status, answer.text).toBe(202);
    await done((answer.body as { id: string }).id);
    expect((await read(paris)).territory?.name).toBe('South');
    expect((await read(berlin)).territory).toBeNull();
    expect((await read(pinned)).territory?.name).toBe('Asia');
    await ask('admin', 'POST', `/causes/${String(answer.headers['perigon-cause'])}/undo`, {});
    expect((await read(paris)).territory?.name).toBe('Europe');
    expect(await read(berlin)).toMatchObject({ territory: { name: 'Europe' }, territoryPinned: null });
    expect(await ask('admin', 'GET', `/territories/${land.south}`)).toMatchObject({ rule: inCountry('IT', 'ES') });
  });

  it('have rules over the own fields of a customer only, form a tree, and are cut by who may change them all', async () => {
    const refused = async (values: Record<string, unknown>, code: string) =>
      expect(
        (await ask<{ errors: { code: string }[] }>('admin', 'PATCH', `/territories/${land.europe}`, values, 422)).errors[0]?.code,
      ).toBe(code);
    await refused({ rule: { field: 'parent.country', op: 'eq', value: 'DE' } }, 'condition');
    await refused({ rule: { field: 'openCases', op: 'gt', value: 1 } }, 'condition');
    await refused({ rule: { field: 'territory', op: 'isEmpty' } }, 'condition');
    await refused({ rule: { field: 'nosuch', op: 'eq', value: 1 } }, 'condition');
    await refused({ parent: land.south }, 'circle');
    await ask('admin', 'DELETE', `/territories/${land.europe}`, undefined, 422);
    for (const what of ['preview', 'apply']) await ask('erna', 'POST', `/territories/${what}`, { rules: [] }, 403);
    await ask('admin', 'POST', '/territories/preview', { rules: [{ id: land.south, rule: { field: 'nosuch', op: 'eq', value: 1 } }] }, 422);
  });
});
