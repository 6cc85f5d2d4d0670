import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { View } from '#engine/record/views.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Saved views: one's own, shared ones, defaults, and what may not be learnt from them. */
let inside: Inside;
const keys: Record<string, string> = {};

const ask = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, url, { key: keys[who], body });
const names = async (who: string): Promise<string[]> =>
  ((await ask(who, 'GET', '/api/v1/views')).body as { items: View[] }).items.map((view) => view.name);
const save = async (who: string, body: object): Promise<View> => {
  const answer = await ask(who, 'POST', '/api/v1/views', body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as View;
};

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  keys.admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  for (const [name, role] of [
    ['rep', 'salesRep'],
    ['agent', 'agent'],
  ] as const) {
    const id = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
    keys[name] = (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
    keys[`${name}Reads`] = (await createApiKey(ctx.db, { userId: id, name: 'test', scopes: ['read'] })).secret;
  }
});
afterAll(() => inside.stop());

describe('saved views', () => {
  it('are their owner’s until they are shared, and are changed by their owner and administrators only', async () => {
    const mine = await save('rep', {
      object: 'party',
      name: '  Berlin  ',
      definition: {
        where: { all: [{ field: 'city', op: 'eq', value: 'Berlin' }] },
        sort: ['-createdAt'],
        columns: ['name', 'city'],
        widths: { city: 120 },
      },
    });
    expect(mine).toMatchObject({ name: 'Berlin', mine: true, shared: false, default: null, version: 1 });
    expect([await names('rep'), await names('admin'), await names('agent')]).toEqual([['Berlin'], [], []]);
    const address = `/api/v1/views/${mine.id}`;
    expect((await ask('agent', 'PATCH', address, { name: 'x' })).status).toBe(404);
    expect((await ask('admin', 'DELETE', address)).status).toBe(404);
    expect((await ask('repReads', 'PATCH', address, { name: 'x' })).status).toBe(403);

    const shared = (await ask('rep', 'PATCH', address, { shared: true, version: 1 })).body as View;
    expect(shared).toMatchObject({ shared: true, version: 2 });
    expect((await ask('rep', 'PATCH', address, { name: 'x', version: 1 })).status).toBe(412);
    expect([await names('admin'), await names('agent')]).toEqual([['Berlin'], ['Berlin']]);
    expect((await ask('agent', 'PATCH', address, { name: 'x' })).status).toBe(403);
    expect((await ask('agent', 'DELETE', address)).status).toBe(403);
    expect((await ask('admin', 'PATCH', address, { name: 'Berlin, all' })).body).toMatchObject({ name: 'Berlin, all', mine: false });

    expect((await ask('rep', 'DELETE', address)).status).toBe(204);
    expect(await names('admin')).toEqual([]);
    // What was deleted comes back under its id.
    expect(await save('rep', { id: mine.id, object: 'party', name: 'Berlin' })).toMatchObject({ id: mine.id });
    expect((await ask('rep', 'POST', '/api/v1/views', { id: mine.id, object: 'party', name: 'Berlin' })).status).toBe(409);
  });

  it('have one default a person, and one for everybody that administrators give', async () => {
    const one = await save('rep', { object: 'case', name: 'One', default: 'me' });
    const two = await save('rep', { object: 'case', name: 'Two', default: 'me' });
    const mine = ((await ask('rep', 'GET', '/api/v1/views')).body as { items: View[] }).items;
    expect([mine.find((view) => view.id === one.id)?.default, mine.find((view) => view.id === two.id)?.default]).toEqual([null, 'me']);
    expect((await ask('rep', 'PATCH', `/api/v1/views/${one.id}`, { default: 'everyone', shared: true })).status).toBe(403);
    expect((await ask('admin', 'POST', '/api/v1/views', { object: 'case', name: 'All', default: 'everyone' })).status).toBe(422);
    const all = await save('admin', { object: 'case', name: 'All', default: 'everyone', shared: true });
    const seen = ((await ask('agent', 'GET', '/api/v1/views')).body as { items: View[] }).items;
    expect(seen.find((view) => view.id === all.id)).toMatchObject({ default: 'everyone', mine: false });
  });

  it('do not tell what their reader may not see', async () => {
    const secret = await save('admin', {
      object: 'opportunity',
      name: 'Above two million',
      shared: true,
      definition: { where: { all: [{ field: 'amount', op: 'gt', value: { amount: '2000000', currency: 'EUR' } }] } },
    });
    // Agents do not see amounts: a condition on them would tell, so the view is not there.
    expect(await names('agent')).not.toContain('Above two million');
    expect((await ask('agent', 'PATCH', `/api/v1/views/${secret.id}`, { name: 'x' })).status).toBe(404);
    expect(await names('rep')).toContain('Above two million');
    const refused = await ask('agent', 'POST', '/api/v1/views', { object: 'opportunity', name: 'x', definition: { columns: ['amount'] } });
    const unknown = await ask('agent', 'POST', '/api/v1/views', { object: 'opportunity', name: 'x', definition: { columns: ['nosuch'] } });
    // But for the number that each request has.
    const told = ({ text }: { text: string }, name: string) => text.replaceAll(name, '#');
    expect([refused.status, told(refused, 'amount')]).toEqual([unknown.status, told(unknown, 'nosuch')]);
  });

  it('refuse what the object does not have, at its place', async () => {
    const answer = await ask('rep', 'POST', '/api/v1/views', {
      object: 'party',
      name: 'x',
      definition: { where: { field: 'nosuch', op: 'eq', value: 1 }, sort: ['-nosuch'], group: 'nosuch', figures: { nosuch: 'sum' } },
    });
    expect(answer.status).toBe(422);
    const paths = (answer.body as { errors: { path: string }[] }).errors.map(({ path }) => path);
    expect(paths.some((path) => path.startsWith('definition.where'))).toBe(true);
    expect(paths.some((path) => path.startsWith('definition.sort'))).toBe(true);
    expect(paths).toContain('definition.group');
    expect(paths).toContain('definition.figures');
    expect((await ask('rep', 'POST', '/api/v1/views', { object: 'party', name: '  ' })).status).toBe(422);
    expect((await ask('rep', 'PATCH', `/api/v1/views/${newId()}`, { name: 'x' })).status).toBe(404);
  });
});
