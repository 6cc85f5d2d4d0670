import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { bootProduct, setUp } from '../harness/product.ts';

const RECORDS = 300;

/** The server that tells is killed without a word while it does; whoever comes next tells the rest, each change under one id, in order. */
test('a webhook tells every change, whichever server dies on the way', { timeout: 240_000 }, async () => {
  const heard: { id: string; record: string; version: number }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { record, version } = JSON.parse(body) as { record: string; version: number };
      heard.push({ id: String(request.headers['webhook-id']), record, version });
      response.statusCode = 204;
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const database = await bareDatabase();
  const boot = () => bootProduct({ database, env: { PERIGON_PRIVATE_WEBHOOKS: '1' } });
  let server = await boot();
  let api = await setUp(server);
  const hook = await api.post<{ id: string }>('/api/v1/webhooks', {
    name: 'All',
    url: `http://127.0.0.1:${port}/`,
    objects: ['party'],
    actions: ['create', 'update'],
  });
  expect(hook.status, hook.text).toBe(201);
  const cookie = api.identity;
  const made = await api.post('/api/v1/parties/batch', {
    operations: Array.from({ length: RECORDS }, (_, n) => ({ op: 'create', values: { name: `Told ${n}` } })),
  });
  expect(made.status, made.text).toBe(200);
  const grown = await api.post('/api/v1/parties/bulk', {
    where: { field: 'name', op: 'startsWith', value: 'Told' },
    set: { employees: 7 },
  });
  expect(grown.status, grown.text).toBe(202);
  for (const share of [0.1, 0.6]) {
    while (new Set(heard.map(({ id }) => id)).size < RECORDS * 2 * share) await sleep(10);
    await server.kill9();
    server = await boot();
  }
  api = server.api();
  Object.assign(api.identity, { ...cookie, origin: server.url });
  while (new Set(heard.map(({ id }) => id)).size < RECORDS * 2) await sleep(50);
  receiver.close();
  const first = new Map<string, number[]>();
  const seen = new Set<string>();
  for (const { id, record, version } of heard) {
    if (seen.has(id)) continue;
    seen.add(id);
    first.set(record, [...(first.get(record) ?? []), version]);
  }
  expect(seen.size).toBe(RECORDS * 2);
  expect([...first.values()].every((versions) => versions.join() === '1,2')).toBe(true);
});
