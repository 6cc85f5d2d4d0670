import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey, revokeApiKey } from '#engine/access/sign-in.ts';
import type { Change } from '#engine/live/changes.ts';
import { newCause } from '#engine/record/context.ts';
import { write } from '#engine/record/write.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** The laws of the feed: every committed change once, in order, none passed over while others write; nothing of what the reader may not know. */
let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
interface Page {
  items: Change[];
  next: number;
  more: boolean;
}
const feed = async (who: string, query: string) => {
  const answer = await inside.ask('GET', `/api/v1/changes?${query}`, { key: keys[who] });
  return { status: answer.status, text: answer.text, ...(answer.body as Page) };
};
/** All up to now: what any transaction of the whole PostgreSQL holds back comes a moment later. */
const all = async (who: string, after: number): Promise<Change[]> => {
  const found: Change[] = [];
  const end = await head();
  for (let at = after; ; ) {
    const page = await feed(who, `after=${at}&limit=70`);
    expect(page.status, page.text).toBe(200);
    found.push(...page.items);
    at = page.next;
    if (!page.more && at >= end) return found;
    if (!page.more) await new Promise((later) => setTimeout(later, 20));
  }
};
const make = async (plural: string, values: Record<string, unknown>): Promise<string> => {
  const answer = await inside.ask('POST', `/api/v1/${plural}`, { key: keys.admin, body: values });
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { id: string }).id;
};
const head = async () => (await inside.product.db.query<{ seq: number }>('select coalesce(max(seq), 0) as seq from changes'))[0]?.seq ?? 0;

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  keys.admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  for (const team of ['north', 'south']) {
    users[team] = await inside.product.addUser(ctx, { name: team, email: `${team}@perigon.example`, password: null, roles: ['salesRep'] });
    await inside.ask('PATCH', `/api/v1/users/${users[team]}`, { key: keys.admin, body: { team: await make('teams', { name: team }) } });
    keys[team] = (await createApiKey(ctx.db, { userId: users[team] ?? '', name: 'test' })).secret;
  }
  users.agent = await inside.product.addUser(ctx, { name: 'agent', email: 'agent@perigon.example', password: null, roles: ['agent'] });
  keys.agent = (await createApiKey(ctx.db, { userId: users.agent, name: 'test' })).secret;
});
afterAll(() => inside.stop());

it('passes over nothing and repeats nothing while others write and roll back beside', async () => {
  const ctx = await inside.ctx();
  const party = ctx.model.object('party');
  const made = await write(
    ctx,
    party,
    Array.from({ length: 8 }, (_, i) => ({ op: 'create' as const, values: { name: `Busy ${i}` } })),
  );
  const ids = made.map((one) => one.id ?? '');
  const before = await head();
  const heard: number[] = [];
  let at = before;
  let writing = true;
  const writers = Promise.all(
    Array.from({ length: 12 }, async (_, writer) => {
      for (let turn = 0; turn < 20; turn++) {
        const ops = [0, 1].map((next) => ({
          op: 'update' as const,
          id: ids[(writer * 7 + turn + next) % ids.length] ?? '',
          values: { description: `${writer} ${turn}` },
        }));
        await write({ ...ctx, cause: newCause('request') }, party, ops, { dryRun: turn % 5 === 4 });
      }
    }),
  ).finally(() => {
    writing = false;
  });
  for (let last = 0; writing || last < (await head()); last = at) {
    const page = await feed('admin', `after=${at}&limit=40&objects=party&wait=0.2`);
    heard.push(...page.items.map(({ seq }) => seq));
    at = page.next;
  }
  await writers;
  const written = await ctx.db.query<{ seq: number }>(`select seq from changes where seq > $1::bigint and object = 'party' order by seq`, [
    before,
  ]);
  expect(written.length).toBeGreaterThan(300);
  expect(heard).toEqual(written.map(({ seq }) => seq));
});

it('shows nothing of what the reader may not read: records, fields, objects', async () => {
  const before = await head();
  const party = await make('parties', { name: 'Northern', owner: users.north });
  const deal = await make('opportunities', {
    name: 'Deal',
    customer: party,
    owner: users.north,
    amount: { amount: '4711.08', currency: 'EUR' },
  });
  await inside.ask('DELETE', `/api/v1/parties/${await make('parties', { name: 'Gone', owner: users.north })}`, { key: keys.admin });
  const [north, south, agent] = [await all('north', before), await all('south', before), await all('agent', before)];
  expect(north.map(({ object, action }) => `${object} ${action}`)).toEqual(
    expect.arrayContaining(['party create', 'opportunity create', 'party delete']),
  );
  expect(JSON.stringify(south)).not.toContain(party);
  expect(JSON.stringify(south)).not.toContain(deal);
  expect(JSON.stringify(south)).not.toContain('Northern');
  expect(JSON.stringify(agent)).toContain(deal);
  expect(JSON.stringify(agent)).not.toContain('4711.08');
  const [forbidden, unknown] = [await feed('north', 'objects=flow'), await feed('north', 'objects=nosuch')];
  expect(forbidden.status).toBe(422);
  expect(forbidden.text).toBe(unknown.text);
});

it('waits for what comes, and not for whoever lost their key meanwhile', async () => {
  const before = await head();
  const waiting = feed('admin', `after=${before}&wait=20&objects=product`);
  await sleep(200);
  const product = await make('products', { name: 'Awaited' });
  expect((await waiting).items).toMatchObject([{ object: 'product', id: product, action: 'create' }]);

  const ctx = await inside.ctx();
  const key = await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'short' });
  keys.short = key.secret;
  const left = feed('short', `after=${await head()}&wait=30&objects=product`);
  await sleep(300);
  await revokeApiKey(ctx.db, ctx.actor.userId ?? '', key.id);
  expect((await left).items).toEqual([]);
});
