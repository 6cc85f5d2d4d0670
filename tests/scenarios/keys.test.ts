import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { tellEndingKeys } from '#engine/notify/ending-keys.ts';
import { newId } from '#kit/ids.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** What keys may: as far as their scopes say and no further, by no door; and how they end. */
let inside: Inside;
let session: string;
let userId: string;
let party: string;
const OWN = { 'sec-fetch-site': 'same-origin' };
const keyWith = async (...scopes: string[]) => (await createApiKey(inside.product.db, { userId, name: scopes.join(), scopes })).secret;
const by = (key: string, method: string, url: string, body?: unknown, headers: Record<string, string> = {}) =>
  inside.ask(method, url.startsWith('/mcp') ? url : `/api/v1${url}`, { key, body, headers });
const own = (method: string, url: string, body?: unknown) =>
  inside.ask(method, `/api/v1${url}`, { body, headers: { cookie: session, ...OWN } });
const tool = (key: string, name: string, args: unknown) =>
  by(
    key,
    'POST',
    '/mcp',
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
    { accept: 'application/json, text/event-stream' },
  );
const changes = async () => (await inside.product.db.query<{ n: number }>('select count(*)::int as n from changes'))[0]?.n;

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  userId = (await inside.ctx()).actor.userId ?? '';
  const answer = await inside.ask('POST', '/api/v1/session', { body: { email: ADMIN.email, password: ADMIN.password } });
  session = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  party = ((await own('POST', '/parties', { name: 'Mill', kind: 'organisation' })).body as { id: string }).id;
});
afterAll(() => inside.stop());

describe('a key', () => {
  it('that reads changes nothing, by any route of any object, by no tool and no undo', async () => {
    const key = await keyWith('read');
    const cause = String((await own('PATCH', `/parties/${party}`, { description: 'Stands' })).headers['perigon-cause']);
    const before = await changes();
    const { paths } = (await inside.ask('GET', '/api/openapi.json')).body as {
      paths: Record<string, Record<string, { security: { key?: string[] }[] }>>;
    };
    let tried = 0;
    for (const [path, methods] of Object.entries(paths))
      for (const [method, operation] of Object.entries(methods)) {
        const scopes = operation.security.flatMap(({ key: needed }) => needed ?? []);
        if (operation.security.length === 0 || method === 'get' || path === '/mcp' || scopes.every((one) => one.startsWith('read:')))
          continue;
        const url = path
          .replace('/api/v1', '')
          .replace('{id}', party)
          .replace(/\{\w+\}/g, newId());
        const answer = await by(key, method.toUpperCase(), url, {});
        expect([403, 404, 422], `${method} ${path} ${answer.status} ${answer.text}`).toContain(answer.status);
        if (scopes.length > 0) expect(answer.status, `${method} ${path} ${answer.text}`).toBe(403);
        tried++;
      }
    expect(tried).toBeGreaterThan(100);
    expect((await by(key, 'POST', `/causes/${cause}/undo`)).status).toBe(403);
    for (const [name, args] of [
      ['update', { object: 'party', id: party, values: { description: 'Gone' } }],
      ['create', { object: 'note', values: { subject: 'x', party } }],
    ] as const)
      expect((await tool(key, name, args)).text, name).toMatch(/"isError":true|denied/);
    expect(await changes()).toBe(before);
    expect((await by(key, 'GET', `/parties/${party}`)).body).toMatchObject({ description: 'Stands' });
    expect((await tool(key, 'read', { object: 'party', id: party })).text).toContain('Stands');
    for (const url of ['/parties/query', '/parties/aggregate'])
      expect((await by(key, 'POST', url, url.endsWith('query') ? {} : { measures: { n: { op: 'count' } } })).status).toBe(200);
  });

  it('of one object reads and writes that one alone, and what it began goes on no further', async () => {
    const key = await keyWith('write:parties');
    expect((await by(key, 'PATCH', `/parties/${party}`, { description: 'Mine' })).status).toBe(200);
    expect((await by(key, 'GET', '/cases')).status).toBe(404);
    expect((await by(key, 'POST', '/notes', { subject: 'x', party })).status).toBe(404);
    expect((await by(key, 'GET', '/users')).status).toBe(404);
    const bulk = await by(key, 'POST', '/parties/bulk', { where: { field: 'name', op: 'eq', value: 'Mill' }, set: { description: 'All' } });
    expect(bulk.status, bulk.text).toBe(202);
    const { id } = bulk.body as { id: string };
    await expect.poll(async () => ((await own('GET', `/jobs/${id}`)).body as { state: string }).state, { timeout: 30_000 }).toBe('done');
    const [job] = await inside.product.db.query<{ scopes: string[] }>('select scopes from jobs where id = $1::uuid', [id]);
    expect(job?.scopes).toEqual(['write:parties']);
  });

  it('needs each special act by its name', async () => {
    const writes = await keyWith('read', 'write');
    for (const [method, url] of [
      ['POST', '/imports'],
      ['GET', '/imports'],
      ['GET', '/parties/export?format=csv'],
      ['POST', '/exports'],
      ['GET', '/backups'],
      ['GET', '/outbox'],
      ['POST', '/personal-data/exports'],
      ['POST', '/backups'],
    ] as const)
      expect((await by(writes, method, url, method === 'POST' ? {} : undefined)).status, `${method} ${url}`).toBe(403);
    expect((await by(await keyWith('read', 'export'), 'GET', '/parties/export?format=csv')).status).toBe(200);
    expect((await by(await keyWith('import'), 'GET', '/imports')).status).toBe(200);
    expect((await by(await keyWith('admin'), 'GET', '/backups')).status).toBe(200);
    // None of the three lets in where records are.
    for (const scope of ['import', 'export', 'admin']) expect((await by(await keyWith(scope), 'GET', '/parties')).status).toBe(404);
  });

  it('that writes neither makes administrators nor looks after other keys; one that administers may', async () => {
    const [writes, administers] = [await keyWith('write'), await keyWith('write', 'admin')];
    const rep = await inside.product.addUser(await inside.ctx(), { name: 'Rita', email: 'r@perigon.example', password: null, roles: [] });
    const [role] = await inside.product.db.query<{ id: string }>(`select id from roles where key = 'administrator'`);
    const give = (key: string) => by(key, 'PATCH', `/users/${rep}`, { roles: [role?.id] });
    expect((await give(writes)).status).toBeGreaterThanOrEqual(400);
    for (const [method, url] of [
      ['GET', '/keys'],
      ['DELETE', `/keys/${newId()}`],
      ['POST', '/keys'],
    ] as const)
      expect((await by(writes, method, url, method === 'POST' ? { name: 'x' } : undefined)).status, method).toBe(403);
    expect((await give(administers)).status).toBe(200);
    expect((await by(administers, 'GET', '/keys')).status).toBe(200);
    expect((await by(administers, 'POST', '/keys', { name: 'more' })).status).toBe(403);
  });

  it('of somebody else is seen and revoked by who administers, at a browser alone', async () => {
    const { db } = inside.product;
    const rep = await inside.product.addUser(await inside.ctx(), {
      name: 'Rolf',
      email: 'rolf@perigon.example',
      password: 'rolf-password-1',
      roles: ['salesRep'],
    });
    const [theirs, kept] = [
      await createApiKey(db, { userId: rep, name: 'Lost laptop' }),
      await createApiKey(db, { userId: rep, name: 'Shop' }),
    ];
    const mine = await createApiKey(db, { userId, name: 'Mine' });
    const listed = await own('GET', `/keys?user=${rep}`);
    expect((listed.body as { items: { name: string }[] }).items.map(({ name }) => name).sort()).toEqual(['Lost laptop', 'Shop']);
    expect(listed.text).not.toContain('perigon_');
    // Neither a key that administers nor its owner gets at those of others.
    const administers = await keyWith('write', 'admin');
    expect((await by(administers, 'GET', `/keys?user=${rep}`)).status).toBe(403);
    expect((await by(administers, 'DELETE', `/keys/${theirs.id}`)).status).toBe(404);
    expect((await by(kept.secret, 'GET', `/keys?user=${userId}`)).status).toBe(403);
    expect((await by(kept.secret, 'DELETE', `/keys/${mine.id}`)).status).toBe(404);
    expect((await own('DELETE', `/keys/${theirs.id}`)).status).toBe(204);
    expect((await own('DELETE', `/keys/${theirs.id}`)).status).toBe(404);
    expect((await by(theirs.secret, 'GET', '/parties')).status).toBe(401);
    expect((await by(kept.secret, 'GET', '/parties')).status).toBe(200);
    const [told] = ((await own('GET', `/sign-in/events?user=${rep}&limit=5`)).body as { items: { kind: string; by: unknown }[] }).items;
    expect(told).toMatchObject({ kind: 'noKey', by: { id: userId } });
  });

  it('ends after a year unless somebody says otherwise, and then says so', async () => {
    const made = await own('POST', '/keys', { name: 'Shop', scopes: ['parties:read', 'read:cases'] });
    expect(made.status, made.text).toBe(201);
    const { secret, scopes, expiresAt } = made.body as { secret: string; scopes: string[]; expiresAt: string };
    expect(scopes).toEqual(['read:cases', 'read:parties']);
    const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(365);
    expect(((await own('POST', '/keys', { name: 'Ever', expiresAt: null })).body as { expiresAt: unknown }).expiresAt).toBeNull();
    expect((await own('POST', '/keys', { name: 'x', expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(422);
    expect((await own('POST', '/keys', { name: 'x', scopes: ['read:nothing'] })).status).toBe(422);
    expect((await own('POST', '/keys', { name: 'x', scopes: ['everything'] })).status).toBe(422);
    const { secret: ended } = await createApiKey(inside.product.db, { userId, name: 'old', expiresAt: '2021-02-03T00:00:00Z' });
    const answer = await by(ended, 'GET', '/parties');
    expect(answer.status).toBe(401);
    expect((answer.body as { detail: string }).detail).toContain('This key expired on 2021-02-03');
    expect((await by(secret, 'GET', '/parties')).status).toBe(200);
    const kinds = ((await own('GET', '/sign-in/events?user=me&limit=5')).body as { items: { kind: string }[] }).items;
    expect(kinds.map(({ kind }) => kind)).toContain('key');
  });

  it('that ends within a week is told to its maker, once', async () => {
    const { db } = inside.product;
    await db.query('delete from notices');
    const { id } = await createApiKey(db, { userId, name: 'Ends soon' });
    await createApiKey(db, { userId, name: 'For today', expiresAt: new Date(Date.now() + 86_400_000).toISOString() });
    await db.query(
      `update api_keys set expires_at = now() + interval '6 days', created_at = now() - interval '1 year' where id = $1::uuid`,
      [id],
    );
    expect(await tellEndingKeys(db)).toEqual([userId]);
    expect(await tellEndingKeys(db)).toEqual([]);
    const { items } = (await own('GET', '/notices')).body as { items: { kind: string; text: string }[] };
    expect(items).toMatchObject([{ kind: 'key', text: 'Ends soon' }]);
  });
});
