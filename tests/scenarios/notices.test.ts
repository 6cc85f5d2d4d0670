import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { Notice } from '#engine/notify/notices.ts';
import { mentioned } from '#engine/notify/notifier.ts';
import { newCause } from '#engine/record/context.ts';
import { write } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Who is told of what: records given to them by others, once an act, as far as they may read. */
let inside: Inside;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};

const ask = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, url, { key: keys[who], body });
const notices = async (who: string) => (await ask(who, 'GET', '/api/v1/notices')).body as { items: Notice[]; unread: number };
/** Waits until somebody has so many notices; the log is followed in the background. */
const told = async (who: string, many: number): Promise<Notice[]> => {
  for (let i = 0; i < 200; i++) {
    const { items } = await notices(who);
    if (items.length >= many) return items;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${who} was told of ${(await notices(who)).items.length}, not of ${many}`);
};
const make = async (who: string, plural: string, values: object): Promise<string> => {
  const answer = await ask(who, 'POST', `/api/v1/${plural}`, values);
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { id: string }).id;
};

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  ids.admin = ctx.actor.userId ?? '';
  for (const [name, role] of [
    ['rep', 'salesRep'],
    ['other', 'salesRep'],
  ] as const)
    ids[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
  for (const [name, userId] of Object.entries(ids)) keys[name] = (await createApiKey(ctx.db, { userId, name: 'test' })).secret;
});
afterAll(() => inside.stop());

describe('notices', () => {
  it('tell of a record that somebody else gave, and of nothing one did oneself', async () => {
    await make('rep', 'parties', { name: 'My own', owner: ids.rep });
    const given = await make('admin', 'parties', { name: 'Given', owner: ids.rep });
    const [notice] = await told('rep', 1);
    expect(notice).toMatchObject({
      kind: 'assigned',
      object: 'party',
      record: { id: given, title: 'Given' },
      count: 1,
      actor: { id: ids.admin, name: 'Ana Admin' },
      read: false,
    });
    expect((await notices('rep')).unread).toBe(1);
    expect((await notices('admin')).items).toEqual([]);
    expect((await ask('rep', 'POST', '/api/v1/notices/read', { ids: [notice?.id] })).status).toBe(204);
    expect((await notices('rep')).unread).toBe(0);
  });

  it('come once for one act, however many records it gave', async () => {
    const made = await Promise.all([1, 2, 3].map((n) => make('admin', 'parties', { name: `Lot ${n}` })));
    await ask('admin', 'POST', '/api/v1/actions/assignOwner', { object: 'party', owner: ids.rep, ids: made });
    const [notice] = await told('rep', 2);
    expect(notice).toMatchObject({ kind: 'assigned', count: 3 });
    expect(made).toContain(notice?.record?.id);
  });

  it('are gone with the right to read their record', async () => {
    const party = await make('admin', 'parties', { name: 'For a while', owner: ids.other });
    expect((await told('other', 1))[0]?.record?.title).toBe('For a while');
    await ask('admin', 'PATCH', `/api/v1/parties/${party}`, { owner: ids.admin });
    expect(await notices('other')).toEqual({ items: [], unread: 0 });
  });

  it('do not come for what a file brings, nor twice', async () => {
    const ctx = await inside.product.commandContext('ana@perigon.example', newCause('import'));
    await write(ctx, ctx.model.object('party'), [{ op: 'create', values: { name: 'From a file', owner: ids.other } }]);
    const last = await make('admin', 'parties', { name: 'By hand', owner: ids.other });
    const items = await told('other', 1);
    expect(items.map((item) => item.record?.id)).toEqual([last]);
  });

  it('tell of work that failed, to who asked for it', async () => {
    const ctx = await inside.ctx();
    const id = newId();
    await ctx.db.query(`insert into jobs (id, kind, payload, actor_kind, actor_id) values ($1::uuid, 'nosuch', '{}', 'staff', $2::uuid)`, [
      id,
      ids.admin,
    ]);
    const [notice] = await told('admin', 1);
    expect(notice).toMatchObject({ kind: 'job', job: { id, kind: 'nosuch', state: 'failed' } });
  });

  it('find the users that a text names', () => {
    const id = newId();
    expect(mentioned(`<p>Hello <span data-mention="${id}">Ana</span> and <span data-mention="x">no one</span></p>`)).toEqual([id]);
  });
});
