import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openProduct, type Product } from '#apps/server/product.ts';
import { forgetOldDevices } from '#engine/access/devices.ts';
import { forgetOldTries } from '#engine/access/tries.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';
import { temporaryFolder } from '#tests/harness/places.ts';

/** Failed tries make whoever makes them wait, and nobody else: a colleague in a browser of theirs comes in whatever others try. */
let inside: Inside;
const REP = { email: 'rep@perigon.example', password: 'rep-password-1' };

interface Tried {
  status: number;
  text: string;
  body: { seconds?: number; detail?: string };
  headers: Record<string, unknown>;
  device: string;
}
/** A sign-in from an address, with what the browser holds. */
async function tryIn(
  who: { email: string; password: string },
  o: { address?: string; device?: string; on?: Product } = {},
): Promise<Tried> {
  const answer = await (o.on ?? inside.product).http.inject({
    method: 'POST',
    url: '/api/v1/session',
    remoteAddress: o.address ?? '198.51.100.1',
    headers: { 'content-type': 'application/json', ...(o.device ? { cookie: o.device } : {}) },
    payload: JSON.stringify({ email: who.email, password: who.password }),
  });
  const cookies = [answer.headers['set-cookie'] ?? []].flat().map((one) => String(one).split(';')[0] ?? '');
  return {
    status: answer.statusCode,
    text: answer.body,
    body: JSON.parse(answer.body) as Tried['body'],
    headers: answer.headers,
    device: cookies.find((one) => one.startsWith('perigon_device=')) ?? '',
  };
}
const wrong = (who: { email: string }, o: Parameters<typeof tryIn>[1] = {}) => tryIn({ email: who.email, password: 'guessed' }, o);
/** The last failures lie so much further back. */
const pass = (seconds: number) =>
  inside.product.db.query('update sign_in_failures set at = at - make_interval(secs => $1::int)', [seconds]);
/** A browser in which somebody was signed in. */
async function known(who: { email: string; password: string }, device?: string): Promise<string> {
  const answer = await tryIn(who, { address: '192.0.2.1', device });
  expect(answer.status, answer.text).toBe(200);
  expect(answer.device).toMatch(/^perigon_device=[\w-]{43}$/);
  return answer.device;
}

beforeAll(async () => {
  inside = await insideProduct();
  await inside.product.addUser(await inside.ctx(), { name: 'Rita Rep', ...REP, roles: ['salesRep'] });
});
beforeEach(async () => {
  for (const table of ['sign_in_failures', 'sign_in_devices']) await inside.product.db.query(`delete from ${table}`);
});
afterAll(() => inside.stop());

describe('failed tries', () => {
  it('of an attacker from everywhere lock nobody out of a browser that is theirs', async () => {
    const device = await known(REP);
    for (let i = 0; i < 12; i++) await wrong(REP, { address: `203.0.113.${i}` });
    expect((await tryIn(REP, { address: '203.0.113.99' })).status).toBe(429);
    expect((await tryIn(REP, { device, address: '203.0.113.99' })).status).toBe(200);
    // The attacker's own browser, though somebody else is known in it, is a stranger to this account.
    expect((await tryIn(REP, { device: await known(ADMIN) })).status).toBe(429);
    expect((await tryIn(REP, { device: 'perigon_device=made-up' })).status).toBe(429);
  });

  it('make a browser that is not known wait, longer each time, and say for how long', async () => {
    for (let i = 0; i < 10; i++) expect((await wrong(REP)).status).toBe(401);
    const first = await tryIn(REP);
    expect(first.status).toBe(429);
    expect(first.body.seconds).toBeGreaterThan(20);
    expect(first.body.seconds).toBeLessThanOrEqual(30);
    expect(Number(first.headers['retry-after'])).toBe(first.body.seconds);
    expect(first.body.detail).toMatch(/Try again in \d+ seconds/);
    await pass(31);
    expect((await wrong(REP)).status).toBe(401);
    const second = await wrong(REP);
    expect(second.status).toBe(429);
    expect(second.body.seconds).toBeGreaterThan(50);
    await pass(61);
    const rightful = await tryIn(REP);
    expect(rightful.status).toBe(200);
    // From now on the browser has tries of its own, and what strangers tried goes on counting.
    expect((await tryIn(REP, { device: rightful.device })).status).toBe(200);
    expect((await wrong(REP, { device: rightful.device })).status).toBe(401);
  });

  it('in a known browser are its own: they wear on nobody else, and end with the right password', async () => {
    const [device, other] = [await known(REP), await known(REP)];
    for (let i = 0; i < 10; i++) expect((await wrong(REP, { device })).status).toBe(401);
    expect((await tryIn(REP, { device })).status).toBe(429);
    expect((await tryIn(REP, { device: other })).status).toBe(200);
    expect((await tryIn(REP)).status).toBe(200);
    await pass(31);
    const back = await tryIn(REP, { device });
    expect(back.status).toBe(200);
    for (let i = 0; i < 10; i++) expect((await wrong(REP, { device: back.device })).status).toBe(401);
  });

  it('over many accounts from one network are slowed too, the addresses of a line of version 6 together', async () => {
    const device = await known(REP);
    const address = (i: number) => `2001:db8:7:7::${(i + 1).toString(16)}`;
    for (let i = 0; i < 50; i++) expect((await wrong({ email: `user${i}@perigon.example` }, { address: address(i) })).status).toBe(401);
    expect((await wrong({ email: 'another@perigon.example' }, { address: address(77) })).status).toBe(429);
    expect((await tryIn(ADMIN, { address: address(78) })).status).toBe(429);
    // Who sits in that network with a browser of theirs comes in, and so do all others.
    expect((await tryIn(REP, { address: address(79), device })).status).toBe(200);
    expect((await tryIn(ADMIN, { address: '2001:db8:7:8::1' })).status).toBe(200);
  });

  it('do not tell whether there is such an account, however its address is written', async () => {
    const answers = async (email: string) => {
      const all: string[] = [];
      for (let i = 0; i < 12; i++) {
        const { status, text } = await wrong({ email: i % 2 ? email : email.toUpperCase() }, { address: `203.0.113.${i}` });
        all.push(`${status} ${text.replace(/\d+/g, '')}`);
      }
      return all;
    };
    expect(await answers(REP.email)).toEqual(await answers('nobody@perigon.example'));
    const held = JSON.stringify(await inside.product.db.query('select subject from sign_in_failures'));
    expect(held).not.toMatch(/rep@|nobody@/i);
  });

  it('are no more at the same moment than one after the other, and known to every server', async () => {
    const other = await openProduct({ url: inside.product.db.url, dataFolder: temporaryFolder(), connections: 4 });
    try {
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, i) => wrong(REP, { address: `203.0.113.${i}`, on: i % 2 ? other : inside.product })),
      );
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
      expect((await tryIn(REP, { on: other })).status).toBe(429);
      const device = await known(ADMIN);
      expect((await tryIn(ADMIN, { on: other, device })).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it('are removed when they count no more; so are browsers that nobody came back with', async () => {
    const device = await known(REP);
    await wrong(REP);
    await forgetOldTries(inside.product.db);
    const count = async (table: string) => (await inside.product.db.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n;
    expect(await count('sign_in_failures')).toBeGreaterThan(0);
    await pass(3 * 3600);
    await forgetOldTries(inside.product.db);
    expect(await count('sign_in_failures')).toBe(0);
    await inside.product.db.query(`update sign_in_devices set used_at = used_at - interval '401 days'`);
    for (let i = 0; i < 10; i++) await wrong(REP);
    expect((await tryIn(REP, { device })).status).toBe(429);
    await forgetOldDevices(inside.product.db);
    expect(await count('sign_in_devices')).toBe(0);
  });

  it('in a browser in which somebody laid a token of their own gain them nothing', async () => {
    const laid = await known(ADMIN);
    const mine = await known(REP, laid);
    expect(mine).not.toBe(laid);
    for (let i = 0; i < 10; i++) await wrong(REP);
    expect((await tryIn(REP, { device: laid })).status).toBe(429);
    expect((await tryIn(REP, { device: mine })).status).toBe(200);
  });
});
