import { TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { openVault } from '#engine/access/vault.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';
import { temporaryFolder } from '#tests/harness/places.ts';

/** Codes of an authenticator app beside the password: set up, asked for, used once, lost, demanded. */
let inside: Inside;
let repId: string;
let adminId: string;
const REP = { email: 'rep@perigon.example', password: 'rep-password-1' };
const OWN = { 'sec-fetch-site': 'same-origin' };

const cookiesOf = (headers: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries([headers['set-cookie'] ?? []].flat().map((one) => String(one).split(';')[0]?.split('=') ?? []));
const cookie = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
const password = (who: { email: string; password: string }) =>
  inside.ask('POST', '/api/v1/session', { body: { email: who.email, password: who.password } });
/** The first step; the cookie for the second. */
async function begin(who: { email: string; password: string }): Promise<string> {
  const answer = await password(who);
  expect(answer.status, answer.text).toBe(202);
  expect(answer.body).toEqual({ needs: 'code' });
  const set = cookiesOf(answer.headers);
  expect(set['perigon_session']).toBeUndefined();
  return cookie({ perigon_step: set['perigon_step'] ?? '' });
}
const give = (step: string, code: string) =>
  inside.ask('POST', '/api/v1/session/code', { body: { code }, headers: { cookie: step, ...OWN } });
async function signIn(who: { email: string; password: string }): Promise<string> {
  const answer = await password(who);
  expect(answer.status, answer.text).toBe(200);
  return cookie({ perigon_session: cookiesOf(answer.headers)['perigon_session'] ?? '' });
}
const ask = async <T>(session: string, method: string, url: string, body?: unknown, status = 200): Promise<T> => {
  const answer = await inside.ask(method, `/api/v1${url}`, { body, headers: { cookie: session, ...OWN } });
  expect(answer.status, answer.text).toBe(status);
  return answer.body as T;
};
/** A code of the app `steps` from now. */
const codeOf = (uri: string, steps = 0): string => {
  const app = URI.parse(uri);
  if (!(app instanceof TOTP)) throw new Error(`Not of time: ${uri}`);
  return app.generate({ timestamp: Date.now() + steps * 30_000 });
};
async function setUp(session: string): Promise<{ uri: string; recovery: string[] }> {
  const { uri } = await ask<{ uri: string }>(session, 'POST', '/sign-in/factor');
  // The code of now: that of the next moment, which counts already, is left for signing in.
  const { recovery } = await ask<{ recovery: string[] }>(session, 'POST', '/sign-in/factor/confirm', { code: codeOf(uri) });
  return { uri, recovery };
}

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  adminId = ctx.actor.userId ?? '';
  repId = await inside.product.addUser(ctx, { name: 'Rita Rep', ...REP, roles: ['salesRep'] });
});
beforeEach(async () => {
  for (const table of ['sign_in_failures', 'second_factors', 'recovery_codes', 'sign_in_steps'])
    await inside.product.db.query(`delete from ${table}`);
});
afterAll(() => inside.stop());

describe('a second factor', () => {
  it('is set up with a first code, and asked for from then on', async () => {
    const session = await signIn(REP);
    const { uri, secret } = await ask<{ uri: string; secret: string }>(session, 'POST', '/sign-in/factor');
    expect(uri).toMatch(/^otpauth:\/\/totp\/Perigon:rep%40perigon\.example\?/);
    expect(uri).toContain(secret);
    // Not confirmed, it does not count.
    await signIn(REP);
    await ask(session, 'POST', '/sign-in/factor/confirm', { code: 'no-code' }, 422);
    const { recovery } = await ask<{ recovery: string[] }>(session, 'POST', '/sign-in/factor/confirm', { code: codeOf(uri) });
    expect(new Set(recovery).size).toBe(10);
    await ask(session, 'POST', '/sign-in/factor', undefined, 409);
    const step = await begin(REP);
    const done = await give(step, codeOf(uri, 1));
    expect(done.status, done.text).toBe(200);
    const entered = cookie({ perigon_session: cookiesOf(done.headers)['perigon_session'] ?? '' });
    expect(await ask(entered, 'GET', '/sign-in/factor')).toMatchObject({ since: expect.any(String), recovery: 10, demanded: false });
  });

  it('takes each code once, and none that is older than one taken', async () => {
    const { uri } = await setUp(await signIn(REP));
    const used = codeOf(uri, 1);
    expect((await give(await begin(REP), used)).status).toBe(200);
    expect((await give(await begin(REP), used)).status).toBe(401);
    expect((await give(await begin(REP), codeOf(uri, 0))).status).toBe(401);
  });

  it('takes each code once though it is given many times at the same moment', async () => {
    const { uri } = await setUp(await signIn(REP));
    const steps = [await begin(REP), await begin(REP), await begin(REP), await begin(REP)];
    const code = codeOf(uri, 1);
    const statuses = (await Promise.all(steps.map((step) => give(step, code)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('lets a recovery code in once, however it is written', async () => {
    const { recovery } = await setUp(await signIn(REP));
    const [first = '', second = ''] = recovery;
    expect((await give(await begin(REP), first)).status).toBe(200);
    expect((await give(await begin(REP), first)).status).toBe(401);
    const done = await give(await begin(REP), second.toUpperCase().replaceAll('-', ' '));
    expect(done.status).toBe(200);
    const session = cookie({ perigon_session: cookiesOf(done.headers)['perigon_session'] ?? '' });
    expect(await ask(session, 'GET', '/sign-in/factor')).toMatchObject({ recovery: 8 });
  });

  it('opens nothing without the first step, after it was used, or with a step of somebody else', async () => {
    const { uri } = await setUp(await signIn(REP));
    expect((await give('perigon_step=made-up', codeOf(uri, 1))).status).toBe(401);
    expect((await inside.ask('POST', '/api/v1/session/code', { body: { code: codeOf(uri, 1) } })).status).toBe(401);
    const admin = await setUp(await signIn(ADMIN));
    expect((await give(await begin(ADMIN), codeOf(uri, 1))).status).toBe(401);
    const step = await begin(ADMIN);
    expect((await give(step, codeOf(admin.uri, 1))).status).toBe(200);
    expect((await give(step, admin.recovery[0] ?? '')).status).toBe(401);
    // A first step is no session.
    expect(
      (await inside.ask('GET', '/api/v1/session', { headers: { cookie: step.replace('perigon_step', 'perigon_session') } })).status,
    ).toBe(401);
  });

  it('cannot be tried out: five codes a step, and a right password does not begin the count anew', async () => {
    const { recovery } = await setUp(await signIn(REP));
    const step = await begin(REP);
    for (let i = 0; i < 5; i++) expect((await give(step, `wrong-${i}`)).status).toBe(401);
    expect((await give(step, recovery[0] ?? '')).status).toBe(401);
    const next = await begin(REP);
    for (let i = 0; i < 5; i++) await give(next, `wrong-${i}`);
    // Ten failures: the right password is not even looked at.
    expect((await password(REP)).status).toBe(429);
    expect((await password({ ...REP, password: 'wrong' })).status).toBe(429);
  });

  it('counts codes for the account, from wherever they come', async () => {
    const { recovery } = await setUp(await signIn(REP));
    const step = await begin(REP);
    await inside.product.db.query(`insert into sign_in_failures (subject) select $1::text from generate_series(1, 20)`, [`code ${repId}`]);
    expect((await give(step, recovery[0] ?? '')).status).toBe(429);
    // Nobody else's sign-in is any slower.
    await signIn(ADMIN);
  });

  it('lies sealed in the base: for its user, under the key of the data folder', async () => {
    const { uri } = await setUp(await signIn(REP));
    const { db } = inside.product;
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    const text = JSON.stringify(await db.query('select to_jsonb(f) from second_factors f'));
    expect(text).not.toContain(secret);
    const bytes = (URI.parse(uri) as TOTP).secret.hex.toLowerCase();
    expect(text).not.toContain(bytes);
    // Moved to somebody else it opens nothing.
    await setUp(await signIn(ADMIN));
    await db.query(
      'update second_factors set secret = (select secret from second_factors where user_id = $1::uuid) where user_id = $2::uuid',
      [repId, adminId],
    );
    expect((await give(await begin(ADMIN), codeOf(uri, 1))).status).toBe(401);
    const [one, other] = [openVault(temporaryFolder()), openVault(temporaryFolder())];
    const sealed = one.seal(Buffer.from('secret'), 'a');
    expect([one.open(sealed, 'a')?.toString(), one.open(sealed, 'b'), other.open(sealed, 'a')]).toEqual(['secret', null, null]);
    sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1);
    expect(one.open(sealed, 'a')).toBeNull();
    const given = 'a secret of thirty-two characters';
    expect(
      openVault('/nowhere', given)
        .open(openVault('/elsewhere', given).seal(Buffer.from('x'), 'a'), 'a')
        ?.toString(),
    ).toBe('x');
    expect(() => openVault('/nowhere', 'short')).toThrow('32');
  });

  it('is taken away by oneself, and by administrators from who lost it', async () => {
    const session = await signIn(REP);
    await setUp(session);
    await ask(session, 'POST', '/sign-in/factor/remove', { user: adminId }, 403);
    await ask(session, 'POST', '/sign-in/factor/remove', {}, 204);
    await signIn(REP);
    await setUp(session);
    const admin = await signIn(ADMIN);
    expect(await ask(admin, 'GET', `/sign-in/factor?user=${repId}`)).toMatchObject({ since: expect.any(String) });
    await ask(admin, 'POST', '/sign-in/factor/remove', { user: repId }, 204);
    await signIn(REP);
    const { items } = await ask<{ items: { kind: string; by: unknown }[] }>(admin, 'GET', `/sign-in/events?user=${repId}&limit=2`);
    expect(items[1]).toMatchObject({ kind: 'noFactor', by: { name: ADMIN.name } });
  });

  it('asks for the password only so often', async () => {
    const session = await signIn(REP);
    for (let i = 0; i < 10; i++) await ask(session, 'POST', '/sign-in/proof', { password: `guess-${i}` }, 422);
    await ask(session, 'POST', '/sign-in/proof', { password: REP.password }, 429);
  });

  it('is nothing that a key may touch', async () => {
    const { secret: key } = await createApiKey(inside.product.db, { userId: adminId, name: 'test' });
    for (const [method, url, body] of [
      ['GET', '/sign-in/factor', undefined],
      ['POST', '/sign-in/factor', {}],
      ['POST', '/sign-in/factor/confirm', { code: '123456' }],
      ['POST', '/sign-in/factor/remove', {}],
      ['PUT', '/sign-in/rules', { secondFactor: true }],
    ] as const)
      expect((await inside.ask(method, `/api/v1${url}`, { key, body })).status).toBe(403);
  });

  it('may be demanded of everybody: until it is there a session opens nothing else', async () => {
    const rep = await signIn(REP);
    const admin = await signIn(ADMIN);
    await ask(rep, 'PUT', '/sign-in/rules', { secondFactor: true }, 403);
    await ask(admin, 'PUT', '/sign-in/rules', { secondFactor: true }, 409);
    await setUp(admin);
    await ask(rep, 'GET', '/parties');
    await ask(admin, 'PUT', '/sign-in/rules', { secondFactor: true }, 204);
    expect(await ask(rep, 'GET', '/session')).toMatchObject({ needsFactor: true });
    await ask(rep, 'GET', '/parties', undefined, 404);
    await ask(rep, 'POST', '/parties', { name: 'Not yet' }, 404);
    await ask(admin, 'GET', '/parties');
    await setUp(rep);
    expect(await ask(rep, 'GET', '/session')).toMatchObject({ needsFactor: false });
    await ask(rep, 'GET', '/parties');
    await ask(admin, 'PUT', '/sign-in/rules', { secondFactor: false }, 204);
  });
});
