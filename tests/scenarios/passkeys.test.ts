import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { Authenticator } from '#tests/harness/authenticator.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Passkeys: made, listed, used to come in and to prove oneself, lost; and what an attacker tries. */
let inside: Inside;
let adminId: string;
let repId: string;
const REP = { email: 'rep@perigon.example', password: 'rep-password-1' };
const HERE = 'http://crm.example';
const OWN = { 'sec-fetch-site': 'same-origin', host: 'crm.example' };
interface Options {
  challenge: string;
  rp: { id: string };
  rpId: string;
  user: { id: string };
}

const ask = (method: string, url: string, o: { cookie?: string; body?: unknown; host?: string } = {}) =>
  inside.ask(method, `/api/v1${url}`, {
    body: o.body,
    headers: { ...OWN, ...(o.host ? { host: o.host } : {}), ...(o.cookie ? { cookie: o.cookie } : {}) },
  });
const sessionOf = (answer: { headers: Record<string, unknown>; status: number; text: string }): string => {
  expect(answer.status, answer.text).toBe(200);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
};
const signIn = async (who: { email: string; password: string }) =>
  sessionOf(await ask('POST', '/session', { body: { email: who.email, password: who.password } }));
async function make(cookie: string, device: Authenticator, origin = HERE) {
  const options = (await ask('POST', '/sign-in/passkeys/options', { cookie })).body as Options;
  return ask('POST', '/sign-in/passkeys', { cookie, body: { name: 'My key', response: device.make(options, origin) } });
}
const begin = async (url = '/session/passkey/options', cookie?: string) => (await ask('POST', url, { cookie, body: {} })).body as Options;
const enter = async (device: Authenticator, options: Options, o: { origin?: string; verified?: boolean } = {}) =>
  ask('POST', '/session/passkey', { body: { passkey: device.give(options, o.origin ?? HERE, o) } });

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  adminId = ctx.actor.userId ?? '';
  repId = await inside.product.addUser(ctx, { name: 'Rita Rep', ...REP, roles: ['salesRep'] });
});
beforeEach(async () => {
  for (const table of ['passkeys', 'recovery_codes', 'sign_in_failures']) await inside.product.db.query(`delete from ${table}`);
});
afterAll(() => inside.stop());

describe('a passkey', () => {
  it('is made by who is in, listed, lets in without password and code, and is removed', async () => {
    const device = new Authenticator();
    const session = await signIn(REP);
    const made = await make(session, device);
    expect(made.status, made.text).toBe(201);
    expect((made.body as { recovery: string[] }).recovery).toHaveLength(10);
    const entered = sessionOf(await enter(device, await begin()));
    expect((await ask('GET', '/session', { cookie: entered })).body).toMatchObject({ user: { id: repId }, needsFactor: false });
    const { items } = (await ask('GET', '/sign-in/passkeys', { cookie: entered })).body as { items: { id: string; usedAt: string }[] };
    expect(items).toMatchObject([{ name: 'My key', usedAt: expect.any(String) }]);
    expect(JSON.stringify(items)).not.toMatch(/public|credential/i);
    // A second one is no first second factor.
    expect((await make(session, new Authenticator())).body).toMatchObject({ recovery: [] });
    expect((await ask('DELETE', `/sign-in/passkeys/${items[0]?.id}`, { cookie: session })).status).toBe(204);
    expect((await enter(device, await begin())).status).toBe(401);
    const { items: log } = (await ask('GET', '/sign-in/events?user=me&limit=20', { cookie: session })).body as {
      items: { kind: string }[];
    };
    expect(log.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['passkey', 'noPasskey']));
  });

  it('means that the password alone no longer lets in; a recovery code does with it', async () => {
    const made = await make(await signIn(REP), new Authenticator());
    const { recovery } = made.body as { recovery: string[] };
    const first = await ask('POST', '/session', { body: REP });
    expect(first.status, first.text).toBe(202);
    const step = String(first.headers['set-cookie']).split(';')[0] ?? '';
    expect((await ask('POST', '/session/code', { cookie: step, body: { code: recovery[0] } })).status).toBe(200);
  });

  it('proves who sits there, and only whose it is', async () => {
    const [device, other] = [new Authenticator(), new Authenticator()];
    const session = await signIn(REP);
    await make(session, device);
    await make(await signIn(ADMIN), other);
    await inside.product.db.query(`update sessions set proved_at = proved_at - interval '11 minutes'`);
    const prove = async (by: Authenticator, options: Options) =>
      (await ask('POST', '/sign-in/proof', { cookie: session, body: { passkey: by.give(options, HERE) } })).status;
    expect((await ask('GET', '/sign-in/proof', { cookie: session })).body).toEqual({ password: true, code: true, passkey: true });
    expect(await prove(other, await begin('/sign-in/proof/options', session))).toBe(422);
    // What was asked to come in proves nothing, and the other way round.
    expect(await prove(device, await begin())).toBe(422);
    expect((await enter(device, await begin('/sign-in/proof/options', session))).status).toBe(401);
    expect((await ask('POST', '/sign-in/factor', { cookie: session })).status).toBe(403);
    expect(await prove(device, await begin('/sign-in/proof/options', session))).toBe(204);
    expect((await ask('POST', '/sign-in/factor', { cookie: session })).status).toBe(200);
  });

  it('opens once for each asking, in time, at this address, and by its owner alone', async () => {
    const device = new Authenticator();
    await make(await signIn(REP), device);
    const options = await begin();
    const signed = device.give(options, HERE);
    const given = () => ask('POST', '/session/passkey', { body: { passkey: signed } });
    expect((await Promise.all([given(), given(), given()])).map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect((await given()).status).toBe(401);
    expect((await enter(device, { ...(await begin()), challenge: 'bXktb3du' })).status).toBe(401);
    expect((await enter(device, await begin(), { origin: 'http://crm.example.evil' })).status).toBe(401);
    expect((await enter(device, { ...(await begin()), rpId: 'evil.example' })).status).toBe(401);
    expect((await enter(device, await begin(), { verified: false })).status).toBe(401);
    const late = await begin();
    await inside.product.db.query('update passkey_challenges set expires_at = now()');
    expect((await enter(device, late)).status).toBe(401);
    // Somebody else's key under the name of this one.
    const forged = new Authenticator();
    const response = { ...forged.give(await begin(), HERE), id: device.id, rawId: device.id };
    expect((await ask('POST', '/session/passkey', { body: { passkey: response } })).status).toBe(401);
    // A copy of it counts from where the copy was made.
    await inside.product.db.query('update passkeys set counter = 1000');
    expect((await enter(device, await begin())).status).toBe(401);
  });

  it('is made only for what was asked, by who asked, at this address', async () => {
    const [rep, admin] = [await signIn(REP), await signIn(ADMIN)];
    const device = new Authenticator();
    expect((await make(rep, device, 'http://evil.example')).status).toBe(422);
    const options = (await ask('POST', '/sign-in/passkeys/options', { cookie: rep })).body as Options;
    const body = { name: 'x', response: device.make(options, HERE) };
    expect((await ask('POST', '/sign-in/passkeys', { cookie: admin, body })).status).toBe(422);
    expect((await ask('POST', '/sign-in/passkeys', { cookie: rep, body })).status).toBe(201);
    expect((await ask('POST', '/sign-in/passkeys', { cookie: rep, body })).status).toBe(422);
    expect((await make(admin, device)).status).toBe(409);
  });

  it('opens nothing for who has left; administrators take those of who lost them away with all the rest', async () => {
    const device = new Authenticator();
    await make(await signIn(REP), device);
    const { db } = inside.product;
    await db.query('update users set active = false where id = $1::uuid', [repId]);
    expect((await enter(device, await begin())).status).toBe(401);
    await db.query('update users set active = true where id = $1::uuid', [repId]);
    const admin = await signIn(ADMIN);
    expect((await ask('POST', '/sign-in/factor/remove', { cookie: admin, body: { user: repId } })).status).toBe(204);
    expect((await enter(device, await begin())).status).toBe(401);
    await signIn(REP);
  });

  it('is nothing that a key may touch', async () => {
    const { secret: key } = await createApiKey(inside.product.db, { userId: adminId, name: 'test' });
    for (const [method, url] of [
      ['GET', '/sign-in/passkeys'],
      ['POST', '/sign-in/passkeys/options'],
      ['POST', '/sign-in/proof/options'],
    ] as const)
      expect((await inside.ask(method, `/api/v1${url}`, { key })).status).toBe(403);
  });
});
