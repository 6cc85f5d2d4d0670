import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { sweepRuns } from '#engine/flows/sweep.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** What a receiver outside of Perigon sees, and that it can check it by the published scheme alone. */
let inside: Inside;
let admin = '';
let receiver: Server;
let base = '';
let seen: { url: string; headers: IncomingHttpHeaders; body: Told; text: string }[] = [];
/** How the receiver answers: 204 unless something else stands here. */
let answers: number[] = [];
/** What is not answered, and whether anything is. */
let hanging: ServerResponse[] | null = null;
interface Told {
  id: string;
  type: string;
  seq: number;
  object: string;
  record: string;
  action: string;
  version: number;
  changes: Record<string, { from: unknown; to: unknown }>;
  actor: { kind: string };
}
type Body = Record<string, unknown> & { id: string; items: Record<string, unknown>[]; errors: { path: string; code: string }[] };
const ask = async (method: string, path: string, body?: unknown, key = admin) => {
  const answer = await inside.ask(method, `/api/v1${path}`, { key, body });
  return { status: answer.status, body: answer.body as Body, text: answer.text };
};
const create = async (plural: string, values: Record<string, unknown>): Promise<string> => {
  const made = await ask('POST', `/${plural}`, values);
  expect(made.status, made.text).toBe(201);
  return made.body.id;
};
const until = async <T>(what: () => T | Promise<T>): Promise<Exclude<T, false | null | undefined>> => {
  for (;;) {
    const found = await what();
    if (found) return found as Exclude<T, false | null | undefined>;
    await sleep(20);
  }
};
const due = (id: string) =>
  inside.product.db.query(
    `with rest as (update webhook_states set rest_until = null where webhook = $1::uuid) update outbox_open set next_at = now() where source = $1::uuid and state = 'waiting'`,
    [id],
  );

beforeAll(async () => {
  process.env.PERIGON_PRIVATE_WEBHOOKS = '1';
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      if (hanging && request.url === '/hangs') {
        hanging.push(response);
        return;
      }
      seen.push({ url: request.url ?? '', headers: request.headers, body: JSON.parse(text) as Told, text });
      response.statusCode = answers.shift() ?? 204;
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(async () => {
  receiver.close();
  await inside.stop();
});
beforeEach(() => {
  seen = [];
  answers = [];
});

/** Standard Webhooks: HMAC-SHA-256 over id, seconds and body under the decoded secret, five minutes of tolerance. */
function verified(secret: string, headers: IncomingHttpHeaders, text: string): boolean {
  const [id, seconds] = [headers['webhook-id'], Number(headers['webhook-timestamp'])];
  if (Math.abs(Date.now() / 1000 - seconds) > 300) return false;
  const mac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${id}.${seconds}.${text}`)
    .digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${mac}`);
}

it('tells each change once, signed, in the order of a record, and what fails again under its id', async () => {
  const id = await create('webhooks', { name: 'ERP', url: `${base}/erp`, objects: ['party'], actions: ['create', 'update', 'delete'] });
  const { secret } = (await ask('POST', `/webhooks/${id}/secret`)).body as unknown as { secret: string };
  answers = [503];
  const party = await create('parties', { name: 'Told' });
  await until(() => seen.length === 1);
  await ask('PATCH', `/parties/${party}`, { description: 'one' });
  await ask('PATCH', `/parties/${party}`, { description: 'two' });
  await ask('DELETE', `/parties/${party}`);
  await until(async () => (await ask('GET', `/outbox?source=${id}`)).body.items.length === 4);
  // Nothing overtakes what failed.
  expect(seen).toHaveLength(1);
  await until(async () => (await ask('GET', `/outbox?source=${id}&state=waiting`)).body.items.some(({ status }) => status === 503));
  await due(id);
  await until(() => seen.length === 5);
  expect(seen.map(({ body }) => body.type)).toEqual(['party.created', 'party.created', 'party.updated', 'party.updated', 'party.deleted']);
  expect(seen.map(({ body }) => body.version).slice(1)).toEqual([1, 2, 3, 4]);
  expect(seen[1]?.headers['webhook-id']).toBe(seen[0]?.headers['webhook-id']);
  expect(new Set(seen.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
  for (const one of seen) expect(verified(secret, one.headers, one.text)).toBe(true);
  expect(verified('whsec_bm90IGl0', seen[0]?.headers ?? {}, seen[0]?.text ?? '')).toBe(false);
  expect(seen[3]?.body).toMatchObject({
    object: 'party',
    record: party,
    changes: { description: { from: 'one', to: 'two' } },
    actor: { kind: 'apiKey' },
  });

  // Sent again: one by itself, and everything behind a position, under the same ids.
  const first = seen[0]?.body.id ?? '';
  await until(async () => (await ask('GET', `/outbox?source=${id}&state=sent`)).body.items.length === 4);
  seen = [];
  expect((await ask('POST', `/outbox/${first}/resend`)).status).toBe(204);
  await until(() => seen.length === 1);
  const replay = await ask('POST', `/webhooks/${id}/replay`, { after: 0 });
  expect(replay.status, replay.text).toBe(202);
  await until(() => seen.length === 5);
  expect(new Set(seen.map(({ body }) => body.id)).size).toBe(4);

  // Long after, nothing of it is kept.
  const { db } = inside.product;
  const kept = async () => {
    const [row] = await db.query<{ open: number; out: number; said: number }>(
      `select (select count(*)::int from outbox_open where source = $1::uuid) as open, (select count(*)::int from outbox where source = $1::uuid) as out,
         (select count(*)::int from outbox_bodies where record_id = $2::uuid) as said`,
      [id, party],
    );
    return row;
  };
  await until(async () => (await kept())?.open === 0);
  await sweepRuns(db);
  expect(await kept()).toMatchObject({ out: 4 });
  await sweepRuns(db, new Date(Date.now() + 100 * 86_400_000));
  expect(await kept()).toEqual({ open: 0, out: 0, said: 0 });
  await ask('DELETE', `/webhooks/${id}`);
});

it('tells only what meets its condition, and nothing that its maker may not read', async () => {
  const ctx = await inside.ctx();
  const role = await create('roles', {
    name: 'Half',
    key: 'half',
    rights: {
      objects: {
        party: { read: 'own', create: 'all', update: 'all' },
        webhook: { create: 'all', read: 'all', update: 'all' },
        user: { read: 'all', update: 'all' },
        role: { read: 'all', update: 'all' },
      },
      fields: { party: { description: 'hidden' } },
      may: ['administer'],
    },
  });
  const half = await inside.product.addUser(ctx, { name: 'Half', email: 'half@perigon.example', password: null, roles: ['half'] });
  expect(role).toBeTruthy();
  const { secret: key } = await createApiKey(ctx.db, { userId: half, name: 'half' });
  const made = await ask(
    'POST',
    '/webhooks',
    {
      name: 'Half',
      url: `${base}/half`,
      objects: ['party'],
      actions: ['create', 'update'],
      condition: { field: 'name', op: 'startsWith', value: 'Yes' },
    },
    key,
  );
  expect(made.status, made.text).toBe(201);
  const hidden = await ask(
    'POST',
    '/webhooks',
    { name: 'x', url: `${base}/x`, objects: ['party'], actions: ['create'], condition: { field: 'description', op: 'eq', value: 'x' } },
    key,
  );
  expect(hidden.status).toBe(422);
  // An object that does not know the field of its condition is not added behind it.
  const wider = await ask('PATCH', `/webhooks/${made.body.id}`, { objects: ['party', 'task'] });
  expect(wider.status, wider.text).toBe(422);
  await create('parties', { name: 'Yes, of another', description: 'secret' });
  await create('parties', { name: 'No', owner: half });
  const own = await create('parties', { name: 'Yes, own', owner: half, description: 'secret' });
  await until(() => seen.length > 0);
  await sleep(300);
  expect(seen.map(({ body }) => body.record)).toEqual([own]);
  expect(seen[0]?.text).not.toContain('secret');
  expect(seen[0]?.body.changes).toMatchObject({ name: { from: null, to: 'Yes, own' } });
  await ask('DELETE', `/webhooks/${made.body.id}`);
});

it('is tried with a test, switched off when the receiver is gone, and tells somebody', async () => {
  const id = await create('webhooks', { name: 'Gone', url: `${base}/gone`, objects: ['note'], actions: ['create'] });
  expect((await ask('POST', `/webhooks/${id}/test`)).status).toBe(202);
  await until(() => seen.length === 1);
  expect(seen[0]?.body.type).toBe('test');
  answers = [410];
  const party = await create('parties', { name: 'Of notes' });
  await create('notes', { subject: 'x', party });
  const off = await until(async () => {
    const { body } = await ask('GET', `/webhooks/${id}`);
    return body.active === false && body;
  });
  expect(off.problem).toContain('410');
  const notices = await until(async () => {
    const { items } = (await ask('GET', '/notices')).body;
    return items.some(({ kind }) => kind === 'webhook') && items;
  });
  expect(notices[0]).toMatchObject({ kind: 'webhook', record: { id, title: 'Gone' } });
  expect((await ask('POST', `/webhooks/${id}/replay`, { after: 0 })).status).toBe(409);
});

it('lets a receiver that hangs hold up nobody else, and keeps the connections of one that answers', async () => {
  const [objects, actions] = [['party'], ['create', 'update']];
  const hangs = await create('webhooks', { name: 'Hangs', url: `${base}/hangs`, objects, actions });
  const quick = await create('webhooks', { name: 'Quick', url: `${base}/quick`, objects, actions });
  const held: ServerResponse[] = [];
  hanging = held;
  const connected = new Set<unknown>();
  const count = (socket: unknown) => connected.add(socket);
  receiver.on('connection', count);
  const made: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { status, text, body } = await ask('POST', '/parties/batch', {
      operations: Array.from({ length: 200 }, (_, i) => ({ op: 'create', values: { name: `Many ${n * 200 + i}` } })),
    });
    expect(status, text).toBe(200);
    made.push(...(body as unknown as { results: { id: string }[] }).results.map(({ id }) => id));
  }
  await until(() => held.length > 0);
  expect(
    (await ask('POST', '/parties/bulk', { where: { field: 'name', op: 'startsWith', value: 'Many' }, set: { employees: 7 } })).status,
  ).toBe(202);
  await until(() => new Set(seen.map(({ body }) => body.id)).size === 2 * made.length);
  receiver.off('connection', count);
  // Each once and in order, for nothing was lost on the way.
  const versions = new Map<string, number[]>();
  for (const { body } of seen) versions.set(body.record, [...(versions.get(body.record) ?? []), body.version]);
  expect([...versions.values()].every((of) => of.join() === '1,2')).toBe(true);
  expect(connected.size).toBeLessThan(made.length / 4);
  // What is said of a change is kept once for both.
  expect(
    await inside.product.db.query(
      'select count(*)::int as told, count(distinct body)::int as said from outbox where source = any($1::uuid[])',
      [[hangs, quick]],
    ),
  ).toEqual([{ told: 4 * made.length, said: 2 * made.length }]);
  // What waits for the other is there still: nothing of it was given up.
  expect((await ask('GET', `/outbox?source=${hangs}&state=waiting&limit=500`)).body.items).toHaveLength(500);
  expect((await ask('GET', `/outbox?source=${hangs}&state=sent`)).body.items).toHaveLength(0);
  for (const id of [hangs, quick]) await ask('DELETE', `/webhooks/${id}`);
  hanging = null;
  for (const response of held) response.destroy();
  await until(async () => (await ask('GET', `/outbox?source=${hangs}&state=sending`)).body.items.length === 0);
});

it('is kept by administrators alone', async () => {
  const ctx = await inside.ctx();
  const rep = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  const { secret: key } = await createApiKey(ctx.db, { userId: rep, name: 'rep' });
  expect((await ask('GET', '/webhooks', undefined, key)).status).toBe(404);
  expect((await ask('POST', '/webhooks', { name: 'x', url: base, objects: ['party'], actions: ['create'] }, key)).status).toBe(404);
  expect((await ask('POST', '/webhooks', { name: 'x', url: base, objects: ['nosuch'], actions: ['create'] })).body.errors).toMatchObject([
    { path: 'objects', code: 'unknownObject' },
  ]);
});
