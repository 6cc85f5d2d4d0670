import { type TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey, setPassword } from '#engine/access/sign-in.ts';
import { newId } from '#kit/ids.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Links that an administrator hands over: a first password, or a new one for that which was forgotten. */
let inside: Inside;
let admin: string;
const OWN = { 'sec-fetch-site': 'same-origin' };
let made = 0;

const sessionOf = (headers: Record<string, unknown>): string => {
  const cookies = [headers['set-cookie'] ?? []].flat().map(String);
  return cookies.find((one) => one.startsWith('perigon_session='))?.split(';')[0] ?? '';
};
const ask = (session: string, method: string, url: string, body?: unknown) =>
  inside.ask(method, `/api/v1${url}`, { body, headers: { cookie: session, ...OWN } });
async function person(password: string | null): Promise<{ id: string; email: string }> {
  const email = `person${++made}@perigon.example`;
  return { id: await inside.product.addUser(await inside.ctx(), { name: `Person ${made}`, email, password, roles: ['salesRep'] }), email };
}
async function linkFor(id: string): Promise<{ token: string; kind: string; expiresAt: string }> {
  const answer = await ask(admin, 'POST', '/sign-in/links', { user: id });
  expect(answer.status, answer.text).toBe(201);
  return answer.body as { token: string; kind: string; expiresAt: string };
}
const read = (token: string) => inside.ask('POST', '/api/v1/sign-in/links/read', { body: { token } });
const use = (token: string, password: string) => inside.ask('POST', '/api/v1/sign-in/links/use', { body: { token, password } });
const signIn = (email: string, password: string) => inside.ask('POST', '/api/v1/session', { body: { email, password } });

beforeAll(async () => {
  inside = await insideProduct();
  admin = sessionOf((await signIn(ADMIN.email, ADMIN.password)).headers);
});
afterAll(() => inside.stop());

describe('a link', () => {
  it('invites who has no password yet, lets them set one and in, once', async () => {
    const { id, email } = await person(null);
    const { token, kind, expiresAt } = await linkFor(id);
    expect(kind).toBe('invitation');
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect((await read(token)).body).toEqual({ name: `Person ${made}`, email, kind: 'invitation' });
    // A password that is refused does not use it up.
    expect((await use(token, 'short')).status).toBe(422);
    const done = await use(token, 'my-first-password');
    expect(done.status, done.text).toBe(200);
    expect((await ask(sessionOf(done.headers), 'GET', '/session')).body).toMatchObject({ user: { id } });
    expect((await signIn(email, 'my-first-password')).status).toBe(200);
    expect((await use(token, 'another-password')).status).toBe(404);
    expect((await read(token)).status).toBe(404);
  });

  it('gives a new password for one forgotten within the hour, and ends the sessions there were', async () => {
    const { id, email } = await person('forgotten-password');
    const before = sessionOf((await signIn(email, 'forgotten-password')).headers);
    const { token, kind, expiresAt } = await linkFor(id);
    expect(kind).toBe('reset');
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(3_600_000);
    // Until it is used everything is as it was.
    expect((await ask(before, 'GET', '/session')).status).toBe(200);
    expect((await use(token, 'a-new-password')).status).toBe(200);
    expect((await ask(before, 'GET', '/session')).status).toBe(401);
    expect((await signIn(email, 'forgotten-password')).status).toBe(401);
    const { items } = (await ask(admin, 'GET', `/sign-in/events?user=${id}`)).body as { items: { kind: string; by: unknown }[] };
    expect(items.find((line) => line.kind === 'link')).toMatchObject({ by: { name: ADMIN.name } });
    expect(items.find((line) => line.kind === 'password')).toMatchObject({ by: null });
  });

  it('is used once though it is used many times at the same moment', async () => {
    const { token } = await linkFor((await person(null)).id);
    const statuses = (await Promise.all([1, 2, 3, 4].map((n) => use(token, `password-number-${n}`)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 404, 404, 404]);
  });

  it('that is expired, replaced, taken back, of somebody gone or made up is refused in the same words', async () => {
    const { db } = inside.product;
    const [old, replaced, back, gone, off] = [
      await person(null),
      await person(null),
      await person(null),
      await person(null),
      await person(null),
    ];
    const tokens = [old, replaced, back, gone, off].map(async ({ id }) => (await linkFor(id)).token);
    const links = ['made-up', ...(await Promise.all(tokens))];
    await db.query(`update entry_links set expires_at = now() - interval '1 second' where user_id = $1::uuid`, [old.id]);
    const newer = await linkFor(replaced.id);
    expect((await ask(admin, 'DELETE', `/sign-in/links?user=${back.id}`)).status).toBe(204);
    expect((await ask(admin, 'DELETE', `/sign-in/links?user=${back.id}`)).status).toBe(404);
    expect((await ask(admin, 'DELETE', `/users/${gone.id}`)).status).toBeLessThan(300);
    expect((await ask(admin, 'PATCH', `/users/${off.id}`, { active: false })).status).toBe(200);
    const said = new Set<string>();
    for (const token of links)
      for (const answer of [await read(token), await use(token, 'taken-over-password')]) {
        expect(answer.status).toBe(404);
        said.add((answer.body as { detail: string }).detail);
      }
    expect(said.size).toBe(1);
    expect((await read(newer.token)).status).toBe(200);
  });

  it('is no way around the second factor', async () => {
    const { id, email } = await person('with-a-second-factor');
    const session = sessionOf((await signIn(email, 'with-a-second-factor')).headers);
    const { uri } = (await ask(session, 'POST', '/sign-in/factor')).body as { uri: string };
    const code = (URI.parse(uri) as TOTP).generate();
    expect((await ask(session, 'POST', '/sign-in/factor/confirm', { code })).status).toBe(200);
    const done = await use((await linkFor(id)).token, 'a-newer-password');
    expect([done.status, sessionOf(done.headers)]).toEqual([202, '']);
  });

  it('is made by administrators who sit there, for users that there are, and kept as a digest', async () => {
    const { id } = await person('a-sales-password');
    const { db } = inside.product;
    const rep = sessionOf((await signIn(`person${made}@perigon.example`, 'a-sales-password')).headers);
    for (const user of [id, newId(), 'me']) expect((await ask(rep, 'POST', '/sign-in/links', { user })).status).toBe(403);
    const ctx = await inside.ctx();
    const { secret: key } = await createApiKey(db, { userId: ctx.actor.userId ?? '', name: 'test' });
    expect((await inside.ask('POST', '/api/v1/sign-in/links', { key, body: { user: id } })).status).toBe(403);
    expect((await ask(admin, 'POST', '/sign-in/links', { user: newId() })).status).toBe(404);
    const { token } = await linkFor(id);
    expect(JSON.stringify(await db.query('select to_jsonb(l) from entry_links l'))).not.toContain(token);
    // A password set in the meantime leaves no other way to set one.
    await setPassword(db, id, 'a-sales-password');
    expect((await read(token)).status).toBe(404);
  });
});
