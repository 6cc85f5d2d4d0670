import { type TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProduct } from '#apps/server/product.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import { newId } from '#kit/ids.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';
import { temporaryFolder } from '#tests/harness/places.ts';

/**
 * The law of dangerous acts: who sits there must have proved within ten minutes that it is them. Every route that says so refuses a
 * session whose proof is older, and a key that is narrowed to something else; what is dangerous of a record is refused by every door.
 */
let inside: Inside;
let adminId: string;
let repId: string;
let roleId: string;
const OWN = { 'sec-fetch-site': 'same-origin' };

/** Acts that ask for a proof. Who adds one adds it here, too, and thinks about what else should be here. */
const DANGEROUS = [
  'DELETE /api/v1/oauth/clients/{id}',
  'DELETE /api/v1/sample',
  'DELETE /api/v1/sign-in/passkeys/{id}',
  'DELETE /api/v1/sign-in/providers/{id}',
  'PATCH /api/v1/oauth/clients/{id}',
  'PATCH /api/v1/sign-in/providers/{id}',
  'POST /api/v1/backups',
  'POST /api/v1/flows/{id}/secret',
  'POST /api/v1/keys',
  'POST /api/v1/oauth/clients',
  'POST /api/v1/oauth/clients/{id}/secret',
  'POST /api/v1/personal-data/erasures',
  'POST /api/v1/personal-data/exports',
  'POST /api/v1/retention/runs',
  'POST /api/v1/sign-in/factor',
  'POST /api/v1/sign-in/factor/remove',
  'POST /api/v1/sign-in/links',
  'POST /api/v1/sign-in/passkeys/options',
  'POST /api/v1/sign-in/providers',
  'POST /api/v1/users/{id}/password',
  'POST /api/v1/webhooks/{id}/secret',
  'PUT /api/v1/sign-in/rules',
];

async function signIn(): Promise<string> {
  const answer = await inside.ask('POST', '/api/v1/session', { body: { email: ADMIN.email, password: ADMIN.password } });
  expect(answer.status, answer.text).toBe(200);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}
/** Eleven minutes pass for every session. */
const later = () => inside.product.db.query(`update sessions set proved_at = proved_at - interval '11 minutes'`);
async function stale(): Promise<string> {
  const session = await signIn();
  await later();
  return session;
}
const ask = (cookie: string, method: string, url: string, body?: unknown, headers: Record<string, string> = {}) =>
  inside.ask(method, `/api/v1${url}`, { body, headers: { cookie, ...OWN, ...headers } });
const codes = (answer: { body: unknown }) => ((answer.body as { errors?: { code: string }[] }).errors ?? []).map(({ code }) => code);
const refused = (answer: { status: number; body: unknown; text: string }, what: string) => {
  expect(answer.status, `${what} ${answer.text}`).toBe(403);
  expect(codes(answer), what).toEqual(['proofNeeded']);
};
const roles = async (id: string) =>
  (await inside.product.db.query<{ to_id: string }>('select to_id from users_roles where from_id = $1::uuid', [id])).length;

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  adminId = ctx.actor.userId ?? '';
  repId = await inside.product.addUser(ctx, { name: 'Rita Rep', email: 'rep@perigon.example', password: null, roles: [] });
  const [role] = await ctx.db.query<{ id: string }>(`select id from roles where key = 'salesRep'`);
  roleId = role?.id ?? '';
});
afterAll(() => inside.stop());

describe('dangerous acts', () => {
  it('are those of the list, and refuse a session whose proof is old, before anything else is looked at', async () => {
    const { paths } = (await inside.ask('GET', '/api/openapi.json')).body as {
      paths: Record<string, Record<string, { 'x-proof'?: boolean }>>;
    };
    const flagged = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => (operation['x-proof'] ? [`${method.toUpperCase()} ${path}`] : [])),
    );
    expect(flagged.sort()).toEqual(DANGEROUS);
    const session = await stale();
    const { secret } = await createApiKey(inside.product.db, { userId: adminId, name: 'writes', scopes: ['write'] });
    for (const act of DANGEROUS) {
      const [method = '', path = ''] = act.split(' ');
      const url = path.replace('{id}', newId());
      refused(await inside.ask(method, url, { headers: { cookie: session, ...OWN } }), act);
      const byKey = await inside.ask(method, url, { key: secret });
      expect(byKey.status, `${act} ${byKey.text}`).toBe(403);
      expect(codes(byKey), act).toEqual([]);
    }
  });

  it('that write records are refused by every door', async () => {
    const session = await stale();
    const user = `/users/${repId}`;
    refused(await ask(session, 'PATCH', user, { roles: [roleId] }), 'roles');
    refused(await ask(session, 'PATCH', user, { email: 'mine@perigon.example' }), 'email');
    refused(await ask(session, 'POST', '/users', { name: 'New', email: 'new@perigon.example', roles: [roleId] }), 'invitation');
    const [role] = await inside.product.db.query<{ rights: unknown }>('select rights from roles where id = $1::uuid', [roleId]);
    refused(await ask(session, 'PATCH', `/roles/${roleId}`, { rights: { ...(role?.rights as object), may: ['export'] } }), 'rights');
    refused(await ask(session, 'DELETE', `/roles/${roleId}`), 'role');
    refused(await ask(session, 'POST', '/webhooks', { name: 'x', url: 'https://x.example', objects: ['party'] }), 'webhook');
    const until = new Date(Date.now() + 3_600_000).toISOString();
    refused(await ask(session, 'POST', '/embeds', { name: 'x', report: 'openDeals', until }), 'public link');
    for (const partial of [false, true])
      refused(
        await ask(session, 'POST', '/users/batch', { partial, operations: [{ op: 'update', id: repId, values: { roles: [roleId] } }] }),
        'batch',
      );
    const bulk = await ask(session, 'POST', '/users/bulk', { where: { field: 'id', op: 'eq', value: repId }, set: { roles: [roleId] } });
    expect(bulk.status, bulk.text).toBe(202);
    const { id } = bulk.body as { id: string };
    await expect
      .poll(async () => ((await ask(session, 'GET', `/jobs/${id}`)).body as { state: string }).state, { timeout: 30_000 })
      .toMatch(/done|failed/);
    const tool = await inside.ask('POST', '/mcp', {
      headers: { cookie: session, ...OWN, accept: 'application/json, text/event-stream' },
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'update', arguments: { object: 'user', id: repId, values: { roles: [roleId] } } },
      },
    });
    expect(tool.text).toMatch(/isError|error/);
    expect(await roles(repId)).toBe(0);
    // What is not dangerous goes on.
    expect((await ask(session, 'PATCH', user, { jobTitle: 'Seller' })).status).toBe(200);
  });

  it('are let through after a proof, and their undoing asks for one as well', async () => {
    const session = await stale();
    refused(await ask(session, 'PATCH', `/users/${repId}`, { roles: [roleId] }), 'before');
    expect((await ask(session, 'POST', '/sign-in/proof', { password: 'wrong' })).status).toBe(422);
    refused(await ask(session, 'PATCH', `/users/${repId}`, { roles: [roleId] }), 'after a wrong password');
    expect((await ask(session, 'POST', '/sign-in/proof', { password: ADMIN.password })).status).toBe(204);
    const done = await ask(session, 'PATCH', `/users/${repId}`, { roles: [roleId] });
    expect(done.status, done.text).toBe(200);
    const again = await stale();
    const cause = String(done.headers['perigon-cause']);
    expect((await ask(again, 'POST', `/causes/${cause}/undo`)).status).toBe(403);
    expect(await roles(repId)).toBe(1);
    const { items } = (await ask(session, 'GET', '/sign-in/events?user=me&limit=10')).body as { items: { kind: string }[] };
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['proved', 'wrong']));
  });

  it('take a code of the second factor as a proof, once', async () => {
    const session = await signIn();
    expect((await ask(session, 'GET', '/sign-in/proof')).body).toEqual({ password: true, code: false, passkey: false });
    expect((await ask(session, 'POST', '/sign-in/proof', { code: '123456' })).status).toBe(422);
    const app = URI.parse(((await ask(session, 'POST', '/sign-in/factor')).body as { uri: string }).uri) as TOTP;
    expect((await ask(session, 'POST', '/sign-in/factor/confirm', { code: app.generate() })).status).toBe(200);
    expect((await ask(session, 'GET', '/sign-in/proof')).body).toEqual({ password: true, code: true, passkey: false });
    await later();
    const code = app.generate({ timestamp: Date.now() + 30_000 });
    expect((await ask(session, 'POST', '/sign-in/proof', { code })).status).toBe(204);
    expect((await ask(session, 'POST', '/sign-in/proof', { code })).status).toBe(422);
    expect((await ask(session, 'POST', '/sign-in/factor/remove', {})).status).toBe(204);
  });

  it('are let through on another server at once, though it remembers how things stood before', async () => {
    const other = await openProduct({ url: inside.product.db.url, dataFolder: temporaryFolder(), connections: 2 });
    try {
      const session = await stale();
      const make = () =>
        other.http.inject({
          method: 'POST',
          url: '/api/v1/keys',
          headers: { cookie: session, ...OWN, 'content-type': 'application/json' },
          payload: JSON.stringify({ name: 'x' }),
        });
      expect((await make()).statusCode).toBe(403);
      expect((await ask(session, 'POST', '/sign-in/proof', { password: ADMIN.password })).status).toBe(204);
      expect((await make()).statusCode).toBe(201);
    } finally {
      await other.stop();
    }
  });

  it('are nothing that a key proves', async () => {
    const { secret: key } = await createApiKey(inside.product.db, { userId: adminId, name: 'all' });
    for (const method of ['GET', 'POST'])
      expect(
        (await inside.ask(method, '/api/v1/sign-in/proof', { key, body: method === 'POST' ? { password: 'x' } : undefined })).status,
      ).toBe(403);
  });
});
