import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowPasswords } from '#engine/access/oidc-providers.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';
import { startOidcProvider, type TestProvider } from '#tests/harness/oidc.ts';

/** Sign-in by a provider: a real one beside Perigon, and what somebody might try at the seams. */
const SITE = 'http://crm.example';
const CALLBACK = `${SITE}/api/v1/sign-in/oidc/callback`;
const BROWSER = { host: 'crm.example', 'sec-fetch-site': 'same-origin', 'user-agent': 'Desk/1' };
let inside: Inside;
let provider: TestProvider;
let admin: string;
let id: string;
let repId: string;

const cookieOf = (headers: Record<string, unknown>, name: string): string =>
  [headers['set-cookie']]
    .flat()
    .map(String)
    .find((line) => line.startsWith(`${name}=`) && !line.startsWith(`${name}=;`))
    ?.split(';')[0] ?? '';
const ask = (method: string, url: string, o: { cookie?: string; body?: unknown } = {}) =>
  inside.ask(method, `/api/v1${url}`, { body: o.body, headers: { ...BROWSER, ...(o.cookie ? { cookie: o.cookie } : {}) } });

/** Begins a sign-in; gives where the browser is led and what it keeps. */
async function begin(back = ''): Promise<{ to: string; cookie: string }> {
  const answer = await ask('GET', `/sign-in/oidc/${id}/start${back && `?back=${encodeURIComponent(back)}`}`);
  expect(answer.status, answer.text).toBe(302);
  return { to: String(answer.headers['location']), cookie: cookieOf(answer.headers, 'perigon_oidc') };
}
/** Comes back from the provider; gives where Perigon leads and the session, if there is one. */
async function end(url: string, cookie: string): Promise<{ to: string; session: string; step: string }> {
  expect(url.startsWith(CALLBACK), url).toBe(true);
  const answer = await inside.ask('GET', url.slice(SITE.length), { headers: { host: 'crm.example', cookie } });
  expect(answer.status, answer.text).toBe(302);
  return {
    to: String(answer.headers['location']),
    session: cookieOf(answer.headers, 'perigon_session'),
    step: cookieOf(answer.headers, 'perigon_step'),
  };
}
async function signIn(as: string, back = ''): Promise<{ to: string; session: string; step: string }> {
  provider.now = as;
  const { to, cookie } = await begin(back);
  return end(await provider.walk(to), cookie);
}
const whoIs = async (session: string): Promise<string | undefined> =>
  ((await ask('GET', '/session', { cookie: session })).body as { user?: { email: string } }).user?.email;

beforeAll(async () => {
  process.env['PERIGON_PRIVATE_SIGN_IN'] = '1';
  inside = await insideProduct();
  const ctx = await inside.ctx();
  repId = await inside.product.addUser(ctx, { name: 'Rita Rep', email: 'rita@perigon.example', password: null, roles: ['salesRep'] });
  provider = await startOidcProvider([CALLBACK]);
  provider.accounts = {
    ana: { email: ADMIN.email, email_verified: true, name: 'Ana' },
    rita: { email: 'RITA@perigon.example', email_verified: true },
    unverified: { email: 'rita@perigon.example', email_verified: false },
    nobody: { email: 'x@elsewhere.example', email_verified: true },
    noMail: { name: 'No Mail' },
    neil: { email: 'neil@new.example', email_verified: true, name: 'Neil New' },
  };
  admin = cookieOf((await ask('POST', '/session', { body: { email: ADMIN.email, password: ADMIN.password } })).headers, 'perigon_session');
  const values = { name: 'Windmill ID', issuer: provider.issuer, clientId: provider.clientId, secret: provider.secret };
  const made = await ask('POST', '/sign-in/providers', { cookie: admin, body: values });
  expect(made.status, made.text).toBe(201);
  id = (made.body as { id: string }).id;
});
afterAll(async () => {
  delete process.env['PERIGON_PRIVATE_SIGN_IN'];
  await provider?.stop();
  await inside?.stop();
});

describe('a provider', () => {
  it('is shown on the way in, its secret nowhere', async () => {
    const open = await ask('GET', '/setup');
    expect(open.body).toEqual({ needed: false, passwords: true, providers: [{ id, name: 'Windmill ID' }] });
    const listed = await ask('GET', '/sign-in/providers', { cookie: admin });
    expect(listed.text).toContain('"hasSecret":true');
    expect(listed.text).not.toContain(provider.secret);
    const [row] = await inside.product.db.query<{ secret: Buffer }>('select secret from oidc_providers');
    expect(row?.secret.toString('latin1')).not.toContain(provider.secret);
  });

  it('is looked for when it is saved, and what is wrong stands at the field', async () => {
    const save = (body: object) => ask('POST', '/sign-in/providers', { cookie: admin, body: { name: 'x', clientId: 'x', ...body } });
    for (const issuer of ['nothing', 'ftp://x.example', `${provider.issuer}/nowhere`, 'http://127.0.0.1:9', `${provider.issuer}/?x=1`]) {
      const refused = await save({ issuer });
      expect(refused.status, issuer).toBe(422);
      expect((refused.body as { errors: { path: string }[] }).errors[0]?.path).toBe('issuer');
    }
    const domains = await save({ issuer: provider.issuer, admits: 'domains', domains: ['not a domain'] });
    expect((domains.body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(['domains', 'role']);
    // Another address does not get the secret that was given for this one.
    expect((await ask('PATCH', `/sign-in/providers/${id}`, { cookie: admin, body: { issuer: 'http://127.0.0.1:9' } })).text).toContain(
      '"secret"',
    );
  });

  it('lets a member in by a verified e-mail once, and afterwards as whom it knows them', async () => {
    const first = await signIn('rita', '/o/products?sort=name');
    expect(first.to).toBe('/o/products?sort=name');
    expect(await whoIs(first.session)).toBe('rita@perigon.example');
    provider.accounts.rita = { email: 'rita@married.example', email_verified: false };
    expect(await whoIs((await signIn('rita')).session)).toBe('rita@perigon.example');
    const log = await ask('GET', `/sign-in/events?user=${repId}`, { cookie: admin });
    expect((log.body as { items: { kind: string; way: string }[] }).items[0]).toMatchObject({ kind: 'in', way: 'Windmill ID' });
  });

  it('does not open what belongs to somebody else', async () => {
    const cases = { unverified: 'unverified', noMail: 'unverified', nobody: 'unknown' };
    for (const [as, problem] of Object.entries(cases))
      expect(await signIn(as), as).toEqual({ to: `/sign-in?problem=${problem}`, session: '', step: '' });
    // The address went to somebody else there; and letters that only look like it are another address.
    provider.accounts.heir = { email: 'rita@perigon.example', email_verified: true };
    expect((await signIn('heir')).to).toBe('/sign-in?problem=other');
    provider.accounts.alike = { email: 'ána@perigon.example', email_verified: true };
    expect((await signIn('alike')).to).toBe('/sign-in?problem=unverified');
    provider.accounts.kelvin = { email: 'ana@perigon.e\u212Aample', email_verified: true };
    expect((await signIn('kelvin')).to).toBe('/sign-in?problem=unverified');
    const log = (await ask('GET', '/sign-in/events', { cookie: admin })).body as { items: { kind: string }[] };
    expect(log.items.filter(({ kind }) => kind === 'refused').length).toBeGreaterThanOrEqual(5);
  });

  it('lets nobody in by an answer to another browser, an old one, or one that was tampered with', async () => {
    provider.now = 'rita';
    const [mine, other] = [await begin(), await begin()];
    const back = await provider.walk(mine.to);
    expect((await end(back, '')).to).toBe('/sign-in?problem=expired');
    expect((await end(back, other.cookie)).to).toBe('/sign-in?problem=expired');
    expect((await end(back, `${mine.cookie.slice(0, -4)}AAAA`)).to).toBe('/sign-in?problem=expired');
    // Another's code under one's own state: the verifier is not the one it was made for.
    const stolen = new URL(back);
    stolen.searchParams.set('state', new URL(other.to).searchParams.get('state') ?? '');
    expect((await end(stolen.href, other.cookie)).to).toBe('/sign-in?problem=failed');
    const tampered = new URL(await provider.walk(other.to));
    tampered.searchParams.set('iss', 'https://evil.example');
    expect((await end(tampered.href, other.cookie)).to).toBe('/sign-in?problem=failed');
    const good = await begin();
    const once = await provider.walk(good.to);
    expect((await end(once, good.cookie)).to).toBe('/');
    expect((await end(once, good.cookie)).to).toBe('/sign-in?problem=failed');
    const refused = new URL(CALLBACK);
    refused.searchParams.set('state', new URL(good.to).searchParams.get('state') ?? '');
    refused.searchParams.set('error', 'access_denied');
    expect((await end(refused.href, good.cookie)).to).toBe('/sign-in?problem=refused');
  });

  it('leads to no other site afterwards', async () => {
    for (const back of ['https://evil.example/', '//evil.example', '/\\evil.example', '/a\\b', 'javascript:alert(1)', '/\tx'])
      expect((await signIn('rita', back)).to, back).toBe('/');
  });

  it('makes members of a domain where that was said, with the role that was said', async () => {
    expect((await signIn('neil')).to).toBe('/sign-in?problem=unknown');
    const [role] = await inside.product.db.query<{ id: string }>(`select id from roles where key = 'readOnly'`);
    const body = { admits: 'domains', domains: ['@New.example'], role: role?.id };
    expect((await ask('PATCH', `/sign-in/providers/${id}`, { cookie: admin, body })).status).toBe(204);
    const { session } = await signIn('neil');
    expect((await ask('GET', '/session', { cookie: session })).body).toMatchObject({ user: { name: 'Neil New' }, roles: ['readOnly'] });
    expect((await signIn('nobody')).to).toBe('/sign-in?problem=unknown');
    provider.accounts.sub = { email: 'x@sub.new.example', email_verified: true };
    expect((await signIn('sub')).to).toBe('/sign-in?problem=unknown');
    // Who was sent away does not come back by the domain.
    const [neil] = await inside.product.db.query<{ id: string }>(`select id from users where email = 'neil@new.example'`);
    await inside.product.db.query(`update users set active = false where id = $1::uuid`, [neil?.id]);
    expect((await signIn('neil')).to).toBe('/sign-in?problem=inactive');
  });

  it('may stand for the second factor, or leave it to Perigon', async () => {
    await inside.product.db.query(
      `insert into second_factors (user_id, secret, confirmed_at, last_step) values ($1::uuid, ''::bytea, now(), 0)`,
      [repId],
    );
    expect((await signIn('rita')).step).toBe('');
    await ask('PATCH', `/sign-in/providers/${id}`, { cookie: admin, body: { asksFactor: false } });
    const asked = await signIn('rita', '/o/products');
    expect(asked).toMatchObject({ to: '/sign-in?step=code&back=%2Fo%2Fproducts', session: '' });
    expect(asked.step).not.toBe('');
    await inside.product.db.query('delete from second_factors where user_id = $1::uuid', [repId]);
  });

  it('may be the only way in, once an administrator has come by it; the command line opens passwords again', async () => {
    const rules = (cookie: string, passwords: boolean) => ask('PUT', '/sign-in/rules', { cookie, body: { passwords } });
    expect((await rules(admin, false)).status).toBe(409);
    const rep = (await signIn('rita')).session;
    expect((await rules(rep, false)).status).toBe(403);
    const vouched = (await signIn('ana')).session;
    expect((await rules(vouched, false)).status).toBe(204);
    const password = { email: ADMIN.email, password: ADMIN.password };
    expect((await ask('POST', '/session', { body: password })).status).toBe(403);
    expect((await ask('POST', '/sign-in/links', { cookie: vouched, body: { user: repId } })).status).toBe(409);
    expect((await ask('PATCH', `/sign-in/providers/${id}`, { cookie: vouched, body: { active: false } })).status).toBe(409);
    expect((await ask('DELETE', `/sign-in/providers/${id}`, { cookie: vouched })).status).toBe(409);
    await allowPasswords(inside.product.db, true);
    expect((await ask('POST', '/session', { body: password })).status).toBe(200);
  });

  it('is for administrators to set up, never for keys', async () => {
    const rep = (await signIn('rita')).session;
    for (const [method, url] of [
      ['GET', '/sign-in/providers'],
      ['DELETE', `/sign-in/providers/${id}`],
    ] as const)
      expect((await ask(method, url, { cookie: rep })).status).toBe(403);
  });

  it('at a private address is not asked unless that is allowed', async () => {
    delete process.env['PERIGON_PRIVATE_SIGN_IN'];
    const guarded = await insideProduct();
    try {
      const session = await guarded.ask('POST', '/api/v1/session', { body: { email: ADMIN.email, password: ADMIN.password } });
      const cookie = cookieOf(session.headers, 'perigon_session');
      for (const issuer of [provider.issuer, provider.issuer.replace('http:', 'https:'), 'https://localhost:9']) {
        const refused = await guarded.ask('POST', '/api/v1/sign-in/providers', {
          body: { name: 'x', clientId: 'x', issuer },
          headers: { cookie, 'sec-fetch-site': 'same-origin' },
        });
        expect(refused.status).toBe(422);
        expect(refused.text).toMatch(/private|https/);
      }
    } finally {
      await guarded.stop();
    }
  });
});
