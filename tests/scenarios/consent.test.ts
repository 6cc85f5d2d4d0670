import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { belongingsOf } from '#engine/record/belongings.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** What customers allow, with proof: written down, never overwritten, asked before they are written to. */
let inside: Inside;
let key: string;
const call = (method: string, url: string, body?: unknown, as = key) => inside.ask(method, `/api/v1${url}`, { key: as, body });
const person = async (name: string): Promise<string> =>
  ((await call('POST', '/parties', { kind: 'person', name, personName: { family: name } })).body as { id: string }).id;
const say = async (party: string, values: object, as = key) => {
  const made = await call('POST', '/consents', { party, purpose: 'newsletter', channel: 'email', how: 'form', ...values }, as);
  return { status: made.status, text: made.text, ...(made.body as { id: string }) };
};
const may = async (parties: string[], purpose: string, channel: string, as = key) =>
  (
    (await call('POST', '/consents/check', { parties, purpose, channel }, as)).body as {
      items: { allowed: boolean; consent: string | null }[];
    }
  ).items.map(({ allowed }) => allowed);

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
});
afterAll(() => inside?.stop());

describe('consent', () => {
  it('is asked before somebody is written to: what was never said is not allowed, the last word counts', async () => {
    const [one, other] = [await person('Ina'), await person('Olaf')];
    expect(await may([one, other], 'newsletter', 'email')).toEqual([false, false]);
    const given = await say(one, {
      at: '2026-01-01T10:00:00Z',
      wording: 'Yes, send me the newsletter.',
      wordingVersion: '2026-01',
      source: '203.0.113.7',
    });
    expect(given.status, given.text).toBe(201);
    expect(await may([other, one], 'newsletter', 'email')).toEqual([false, true]);
    expect(await may([one], 'newsletter', 'sms')).toEqual([false]);
    await say(one, { decision: 'withdrawn', purpose: 'all', channel: 'all', how: 'phone' });
    expect(await may([one], 'newsletter', 'email')).toEqual([false]);
    const held = (await call('GET', `/parties/${one}/consents`)).body as { items: { purpose: string; allowed: boolean }[] };
    expect(held.items.map(({ purpose, allowed }) => [purpose, allowed])).toEqual([
      ['all', false],
      ['newsletter', false],
    ]);
    // Said earlier, though written down later: it does not count against the later word.
    await say(one, { at: '2026-01-02T10:00:00Z' });
    expect(await may([one], 'newsletter', 'email')).toEqual([false]);
  });

  it('stays as it is: neither changed nor deleted, by nobody, and never ahead of time', async () => {
    const one = await person('Uta');
    const { id } = await say(one, { wording: 'As it was shown.' });
    expect((await call('PATCH', `/consents/${id}`, { decision: 'withdrawn' })).status).toBe(422);
    expect((await call('PATCH', `/consents/${id}`, { party: await person('Another') })).status).toBe(422);
    expect((await call('DELETE', `/consents/${id}`)).status).toBe(422);
    expect((await say(one, { at: '2999-01-01T00:00:00Z' })).status).toBe(422);
    expect((await call('GET', `/consents/${id}`)).text).toContain('As it was shown.');
  });

  it('follows its customer into a merge, and is among all that is held about them', async () => {
    const [survivor, loser] = [await person('Max Twice'), await person('Max Twice')];
    await say(loser, {});
    const { db, model } = inside.product;
    const held = [...(await belongingsOf(db, model, loser)).records].find(([object]) => object.key === 'consent');
    expect(held?.[1].length).toBe(1);
    const merged = await call('POST', '/merges', { object: 'party', survivor, loser });
    expect([200, 201], merged.text).toContain(merged.status);
    expect(await may([survivor], 'newsletter', 'email')).toEqual([true]);
  });

  it('is told to who may read it; others learn of none', async () => {
    const one = await person('Secret Subscriber');
    await say(one, {});
    const ctx = await inside.ctx();
    const make = async (role: string) => {
      const id = await inside.product.addUser(ctx, { name: role, email: `${role}@perigon.example`, password: null, roles: [role] });
      return (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
    };
    const [agent, rep] = [await make('agent'), await make('salesRep')];
    expect(await may([one], 'newsletter', 'email', agent)).toEqual([true]);
    expect((await say(one, { channel: 'phone' }, agent)).status).toBe(201);
    expect((await call('GET', `/parties/${one}/consents`, undefined, rep)).status).toBe(404);
  });
});
