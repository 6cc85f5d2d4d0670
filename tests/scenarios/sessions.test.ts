import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProduct, type Product } from '#apps/server/product.ts';
import { createApiKey, setPassword } from '#engine/access/sign-in.ts';
import { forgetOldSignIns } from '#engine/access/sign-in-log.ts';
import { newId } from '#kit/ids.ts';
import { EventReader } from '#tests/harness/events.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';
import { temporaryFolder } from '#tests/harness/places.ts';

/** Where somebody is signed in, ended from elsewhere; and what was done about signing in. */
let inside: Inside;
let repId: string;
let adminId: string;
const REP = { email: 'rep@perigon.example', password: 'rep-password-1' };
const OWN = { 'sec-fetch-site': 'same-origin' };
const DESK = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0';

interface Session {
  id: string;
  agent: string;
  address: string;
  current: boolean;
}
interface Line {
  id: string;
  kind: string;
  user: { id: string; name: string } | null;
  by: { name: string } | null;
  address: string;
  agent: string;
}

async function signIn(who: { email: string; password: string }, headers: Record<string, string> = {}): Promise<string> {
  const answer = await inside.ask('POST', '/api/v1/session', {
    body: { email: who.email, password: who.password },
    headers: { 'user-agent': DESK, ...headers },
  });
  expect(answer.status, answer.text).toBe(200);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}
const ask = async <T>(cookie: string, method: string, url: string, status = 200): Promise<T> => {
  const answer = await inside.ask(method, `/api/v1${url}`, { headers: { cookie, ...OWN, 'user-agent': DESK } });
  expect(answer.status, answer.text).toBe(status);
  return answer.body as T;
};
const sessions = async (cookie: string, query = '') => (await ask<{ items: Session[] }>(cookie, 'GET', `/sign-in/sessions${query}`)).items;
const events = async (cookie: string, query = '') =>
  (await ask<{ items: Line[]; next: string | null }>(cookie, 'GET', `/sign-in/events${query}`)).items;
const lives = async (cookie: string, product: Product = inside.product) =>
  (await product.http.inject({ method: 'GET', url: '/api/v1/session', headers: { cookie } })).statusCode;

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  adminId = ctx.actor.userId ?? '';
  repId = await inside.product.addUser(ctx, { name: 'Rita Rep', ...REP, roles: ['salesRep'] });
});
afterAll(() => inside.stop());

describe('sessions', () => {
  it('are listed with this one marked, and ended one by one or all others at once', async () => {
    const [here, there, third] = [await signIn(REP), await signIn(REP, { 'user-agent': 'Phone/1' }), await signIn(REP)];
    const mine = await sessions(here);
    expect(mine.map(({ current }) => current)).toEqual([true, false, false]);
    expect(mine.every(({ address }) => address === '127.0.0.1')).toBe(true);
    expect(JSON.stringify(mine)).not.toMatch(/token|hash/);
    const phone = mine.find(({ agent }) => agent === 'Phone/1');
    await ask(here, 'DELETE', `/sign-in/sessions/${phone?.id}`, 204);
    expect([await lives(here), await lives(there), await lives(third)]).toEqual([200, 401, 200]);
    await ask(here, 'DELETE', `/sign-in/sessions/${phone?.id}`, 404);
    expect(await ask(here, 'DELETE', '/sign-in/sessions')).toEqual({ ended: 1 });
    expect([await lives(here), await lives(third)]).toEqual([200, 401]);
  });

  it('of others are for administrators alone', async () => {
    const [rep, admin] = [await signIn(REP), await signIn(ADMIN)];
    const [own] = await sessions(admin);
    await ask(rep, 'DELETE', `/sign-in/sessions/${own?.id}`, 404);
    await ask(rep, 'DELETE', `/sign-in/sessions/${newId()}`, 404);
    for (const user of [adminId, newId()]) {
      await ask(rep, 'GET', `/sign-in/sessions?user=${user}`, 403);
      await ask(rep, 'DELETE', `/sign-in/sessions?user=${user}`, 403);
      await ask(rep, 'GET', `/sign-in/events?user=${user}`, 403);
    }
    await ask(admin, 'GET', `/sign-in/sessions?user=${newId()}`, 404);
    expect((await sessions(admin, `?user=${repId}`)).every(({ current }) => !current)).toBe(true);
    await ask(admin, 'DELETE', `/sign-in/sessions?user=${repId}`);
    expect([await lives(rep), await lives(admin)]).toEqual([401, 200]);
    const [ended] = await events(admin, `?user=${repId}&limit=1`);
    expect(ended).toMatchObject({ kind: 'ended', user: { name: 'Rita Rep' }, by: { name: ADMIN.name } });
  });

  it('are nothing that a key may look after', async () => {
    const { db } = await inside.ctx();
    const { secret: key } = await createApiKey(db, { userId: adminId, name: 'test' });
    for (const [method, url] of [
      ['GET', '/sign-in/sessions'],
      ['DELETE', '/sign-in/sessions'],
      ['DELETE', `/sign-in/sessions/${newId()}`],
      ['GET', '/sign-in/events'],
    ] as const)
      expect((await inside.ask(method, `/api/v1${url}`, { key })).status).toBe(403);
  });

  it('begin under a token that nobody had before, and end what the browser held', async () => {
    const laid = await signIn(REP);
    const taken = await signIn(ADMIN, { cookie: laid, ...OWN });
    expect(taken).not.toBe(laid);
    expect([await lives(laid), await lives(taken)]).toEqual([401, 200]);
    // A token of the visitor's own making opens nothing and is not taken over.
    const forged = await signIn(REP, { cookie: 'perigon_session=chosen-by-somebody', ...OWN });
    expect(forged).not.toContain('chosen');
    expect(await lives('perigon_session=chosen-by-somebody')).toBe(401);
  });

  it('that are ended here are over on another server, its open stream too', async () => {
    const other = await openProduct({ url: inside.product.db.url, dataFolder: temporaryFolder(), connections: 2 });
    try {
      const url = await other.http.listen({ host: '127.0.0.1', port: 0 });
      const [rep, admin] = [await signIn(REP), await signIn(ADMIN)];
      const stream = await EventReader.open(url, { headers: { cookie: rep } });
      await stream.next((message) => message.event === 'hello');
      expect(await lives(rep, other)).toBe(200);
      await ask(admin, 'DELETE', `/sign-in/sessions?user=${repId}`);
      await stream.until(() => stream.ended);
      expect(await lives(rep, other)).toBe(401);
    } finally {
      await other.stop();
    }
  });
});

describe('the log of sign-ins', () => {
  it('tells who came in, failed and left, to themselves and to administrators', async () => {
    const rep = await signIn(REP);
    await inside.ask('POST', '/api/v1/session', { body: { ...REP, password: 'wrong-one' }, headers: { 'user-agent': 'Guess/1' } });
    await ask(rep, 'DELETE', '/session', 204);
    const again = await signIn(REP);
    const mine = await events(again);
    expect(mine.slice(0, 4).map(({ kind }) => kind)).toEqual(['in', 'out', 'wrong', 'in']);
    expect(mine[2]).toMatchObject({ user: { id: repId }, agent: 'Guess/1', address: '127.0.0.1', by: null });
    expect(mine.every(({ user }) => user?.id === repId)).toBe(true);
    const admin = await signIn(ADMIN);
    const all = await events(admin, '?limit=100');
    expect(new Set(all.map(({ user }) => user?.name))).toContain(ADMIN.name);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(mine.map(({ id }) => id)));
    expect((await events(admin, '?user=me')).every(({ user }) => user?.id === adminId)).toBe(true);
  });

  it('keeps nothing of what was typed where an account was meant that is not', async () => {
    const typed = 'my-password-by-mistake';
    const answer = await inside.ask('POST', '/api/v1/session', { body: { email: typed, password: 'x' } });
    expect(answer.status).toBe(401);
    const admin = await signIn(ADMIN);
    const line = (await events(admin)).find(({ kind }) => kind === 'wrong');
    expect(line?.user).toBeNull();
    expect(JSON.stringify(await inside.product.db.query('select to_jsonb(s) from sign_ins s'))).not.toContain(typed);
  });

  it('tells once that somebody tried too often, however long they go on', async () => {
    const guess = () => inside.ask('POST', '/api/v1/session', { body: { ...REP, password: 'guessed' } });
    const answers: number[] = [];
    for (let i = 0; i < 16; i++) answers.push((await guess()).status);
    expect(answers.slice(-5)).toEqual([429, 429, 429, 429, 429]);
    const limited = async () => (await events(await signIn(ADMIN), `?user=${repId}&limit=100`)).filter(({ kind }) => kind === 'limited');
    expect(await limited()).toHaveLength(1);
    await inside.product.db.query('delete from sign_in_failures');
  });

  it('tells of a password that was set, and by whom', async () => {
    const admin = await signIn(ADMIN);
    const set = await inside.ask('POST', `/api/v1/users/${repId}/password`, {
      body: { password: REP.password },
      headers: { cookie: admin, ...OWN },
    });
    expect(set.status).toBe(204);
    expect(await events(admin, `?user=${repId}&limit=1`)).toMatchObject([{ kind: 'password', by: { name: ADMIN.name } }]);
  });

  it('is paged without losing or repeating a line', async () => {
    const admin = await signIn(ADMIN);
    const whole = (await events(admin, '?limit=100')).map(({ id }) => id);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: Line[]; next: string | null } = await ask(
        admin,
        'GET',
        `/sign-in/events?limit=3${cursor && `&cursor=${cursor}`}`,
      );
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(paged).toEqual(whole);
    await ask(admin, 'GET', '/sign-in/events?cursor=nonsense', 422);
  });

  it('is kept for 400 days', async () => {
    const { db } = inside.product;
    await setPassword(db, repId, REP.password);
    await signIn(REP);
    await db.query(`update sign_ins set at = now() - interval '401 days' where user_id = $1::uuid and kind = 'wrong'`, [repId]);
    await forgetOldSignIns(db);
    const admin = await signIn(ADMIN);
    const kinds = (await events(admin, `?user=${repId}&limit=100`)).map(({ kind }) => kind);
    expect(kinds).toContain('in');
    expect(kinds).not.toContain('wrong');
  });
});
