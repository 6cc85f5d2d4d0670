import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProduct, type Product } from '#apps/server/product.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import { newCause } from '#engine/record/context.ts';
import { indexesOf } from '#engine/store/schema.ts';
import { bareDatabase } from '#tests/harness/bare.ts';
import { ADMIN } from '#tests/harness/inside.ts';

/** Two servers over one base, both written to and read from without a pause, while objects and fields come, change and go. */
const folders: string[] = [];
const servers: Product[] = [];
let url = '';
let key = '';

async function open(): Promise<Product> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'perigon-two-'));
  folders.push(dataFolder);
  const product = await openProduct({ url, dataFolder, connections: 4 });
  servers.push(product);
  return product;
}

beforeAll(async () => {
  url = await bareDatabase();
  const one = await open();
  await one.setUp({ company: 'Test', baseCurrency: 'EUR', language: 'en', timeZone: 'Europe/Berlin', admin: ADMIN });
  await one.start();
  await (await open()).start();
  const ctx = await one.commandContext(ADMIN.email, newCause('request'));
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const ask = async (server: Product | undefined, method: string, path: string, body?: unknown) => {
  const answer = await server?.http.inject({
    method: method as 'GET',
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  return {
    status: answer?.statusCode ?? 0,
    text: answer?.body ?? '',
    body: (answer?.body ? JSON.parse(answer.body) : null) as Record<string, unknown>,
  };
};
const good = async (server: Product | undefined, method: string, path: string, body?: unknown) => {
  const answer = await ask(server, method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body;
};

it('serves both servers’ clients without one failed request while the catalogue changes, and both know each change at once', async () => {
  const [one, two] = servers;
  const failed: string[] = [];
  let asked = 0;
  let going = true;
  const client = async (server: Product | undefined, n: number) => {
    const must = async (method: string, path: string, body?: unknown) => {
      asked++;
      const answer = await ask(server, method, path, body);
      if (answer.status >= 300) failed.push(`${method} ${path} ${answer.status} ${answer.text}`);
      return answer.body;
    };
    for (let i = 0; going; i++) {
      const { id } = (await must('POST', '/parties', { name: `Client ${n} ${i}`, description: 'x' })) as { id: string };
      await must('PATCH', `/parties/${id}`, { description: `y${i}` });
      await must('GET', `/parties/${id}`);
      await must('POST', '/parties/query', {
        where: { field: 'name', op: 'startsWith', value: `Client ${n}` },
        sort: ['-createdAt'],
        limit: 20,
        count: true,
      });
      await must('GET', `/parties/${id}/overview`);
      await must('POST', '/parties/batch', { operations: [{ op: 'update', id, values: { website: 'https://a.example' } }] });
      await must('DELETE', `/parties/${id}`);
    }
  };
  const clients = [client(one, 1), client(two, 2), client(one, 3), client(two, 4)];

  try {
    for (let round = 0; round < 5; round++) {
      const [here, there] = round % 2 === 0 ? [one, two] : [two, one];
      const field = `xField${round}`;
      await good(here, 'POST', '/catalogue/objects/party/fields', {
        key: field,
        field: { type: 'select', with: { options: [{ key: 'a' }, { key: 'b' }] }, index: true },
        words: { en: { label: `Field ${round}` } },
      });
      // At once, on the server that was not asked: written, found, summed.
      const made = (await good(there, 'POST', '/parties', { name: `With ${field}`, [field]: 'b' })) as { id: string };
      expect(await good(here, 'GET', `/parties/${made.id}`)).toMatchObject({ [field]: 'b' });
      expect(await good(there, 'POST', '/parties/query', { where: { field, op: 'eq', value: 'b' } })).toMatchObject({
        items: [{ id: made.id }],
      });

      const some = await good(there, 'POST', '/parties/batch', {
        operations: [
          { op: 'create', values: { name: 'Batch', [field]: 'a' } },
          { op: 'create', values: {} },
        ],
        partial: true,
      });
      expect(some).toMatchObject({ results: [{ ok: true }, { ok: false }] });

      const object = `xThing${round}`;
      await good(there, 'POST', '/catalogue/objects', {
        key: object,
        plural: `${object}s`,
        words: { en: { name: `Thing ${round}`, plural: `Things ${round}` } },
        party: true,
        owner: true,
      });
      const thing = (await good(here, 'POST', `/${object}s`, { xName: 'First', xCustomer: made.id })) as { id: string };
      expect(await good(there, 'GET', `/${object}s/${thing.id}`)).toMatchObject({ xName: 'First', xCustomer: { id: made.id } });

      await good(here, 'PATCH', `/catalogue/objects/party/fields/${field}`, {
        options: [{ key: 'b' }, { key: 'a', retired: true }, { key: 'c' }],
      });
      await good(there, 'PATCH', `/parties/${made.id}`, { [field]: 'c' });
      if (round % 2 === 1) {
        await good(there, 'PATCH', `/catalogue/objects/party/fields/${field}`, { retired: true });
        await good(there, 'PATCH', `/catalogue/objects/${object}`, { retired: true });
        expect((await ask(there, 'POST', `/${object}s`, { xName: 'Late', xCustomer: made.id })).status).toBe(403);
      }
    }
  } finally {
    going = false;
    await Promise.all(clients);
  }
  expect(failed).toEqual([]);
  expect(asked).toBeGreaterThan(100);
  expect(one?.model.version).toBe(two?.model.version);
  // The indexes are built beside all that, and said to be.
  await expect
    .poll(async () => JSON.stringify(await good(two, 'GET', '/catalogue')).includes('"building":true'), { timeout: 30_000 })
    .toBe(false);
});

it('changes at the same time on two servers follow one another', async () => {
  const made = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      ask(servers[i % 2], 'POST', '/catalogue/objects/case/fields', { field: { type: 'text' }, words: { en: { label: 'Same name' } } }),
    ),
  );
  expect(made.map(({ status, text }) => [status, status === 201 ? '' : text])).toEqual(made.map(() => [201, '']));
  expect(new Set(made.map(({ body }) => body.key)).size).toBe(6);
});

it('a server that starts finds everything, and finds again what a broken-off build left', async () => {
  const { db } = servers[0] as Product;
  const index = indexesOf((servers[0] as Product).model.object('party')).find(({ sql }) => sql.includes('x_field0'));
  const there = () => db.query(`select 1 as ok from pg_indexes where indexname = $1::text`, [index?.name]);
  expect(await there()).toHaveLength(1);
  // Options that were changed order anew: the index of the old order went when that of the new one served.
  await expect
    .poll(() => db.query(`select 1 as ok from pg_indexes where tablename = 'parties' and indexdef like '%x_field0%'`), { timeout: 30_000 })
    .toHaveLength(1);
  await db.query(`drop index ${index?.name}`);
  const third = await open();
  expect(third.model.object('party').fields.has('xField0')).toBe(true);
  expect(await there()).toHaveLength(1);
});
