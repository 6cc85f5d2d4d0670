import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { type Api, bootProduct, setUp } from '../harness/product.ts';

const RECORDS = 2000;

interface Counts {
  states: Record<string, { value: number }>;
  deliveries: { open: number; dead: number };
}

/**
 * Two servers move the runs of one flow on; one is killed without a word, twice. Each record is written once and gets one task, no run
 * misses the change that it waits for, and the receiver, who sees some webhooks twice under one id, has one of each.
 */
test('what a flow does happens once, whichever server dies on the way', { timeout: 240_000 }, async () => {
  const received = new Map<string, { record: string; times: number }>();
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      const { record } = JSON.parse(body) as { record: string };
      received.set(id, { record, times: (received.get(id)?.times ?? 0) + 1 });
      response.statusCode = 204;
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;

  const database = await bareDatabase();
  const boot = () => bootProduct({ database, env: { PERIGON_PRIVATE_WEBHOOKS: '1' } });
  const steady = await boot();
  const api = await setUp(steady);
  const flow = await api.post<{ id: string }>('/api/v1/flows', {
    name: 'Once',
    definition: {
      object: 'party',
      trigger: { on: 'change', deeds: ['created'] },
      start: 'mark',
      steps: {
        mark: { do: 'set', values: { description: { text: '{{description}}+' } }, next: 'rest' },
        // Met while runs come to rest here, in one server or the other: none may miss it.
        rest: { do: 'wait', when: { field: 'employees', op: 'gte', value: 1 }, next: 'task' },
        task: { do: 'create', object: 'task', values: { subject: { text: 'Call {{name}}' }, party: { field: 'id' } }, next: 'out' },
        out: { do: 'webhook', url: `http://127.0.0.1:${port}/`, body: { name: { field: 'name' } } },
      },
    },
  });
  expect(flow.status, flow.text).toBe(201);
  expect((await api.post(`/api/v1/flows/${flow.body.id}/activate`, {})).status).toBe(200);

  let victim = await boot();
  const made = await api.post('/api/v1/parties/batch', {
    operations: Array.from({ length: RECORDS }, (_, n) => ({ op: 'create', values: { name: `Once ${n}`, description: '-' } })),
  });
  expect(made.status).toBe(200);
  const grown = await api.post('/api/v1/parties/bulk', {
    where: { field: 'name', op: 'startsWith', value: 'Once' },
    set: { employees: 7 },
  });
  expect(grown.status, grown.text).toBe(202);
  for (const share of [0.1, 0.5]) {
    await until(async () => ((await countsOf(api, flow.body.id)).states.done?.value ?? 0) >= RECORDS * share);
    await victim.kill9();
    victim = await boot();
  }
  await until(async () => (await countsOf(api, flow.body.id)).states.done?.value === RECORDS);
  await until(async () => (await countsOf(api, flow.body.id)).deliveries.open === 0);
  receiver.close();

  const { deliveries } = await countsOf(api, flow.body.id);
  expect(deliveries.dead).toBe(0);
  const marked = await api.post<{ rows: { description: string; n: number }[] }>('/api/v1/parties/aggregate', {
    groupBy: ['description'],
    measures: { n: { op: 'count' } },
  });
  expect(marked.body.rows).toEqual([{ description: '-+', n: RECORDS }]);
  const tasks = await api.post<{ rows: { n: number; of: number }[] }>('/api/v1/tasks/aggregate', {
    measures: { n: { op: 'count' }, of: { op: 'countDistinct', field: 'party' } },
  });
  expect(tasks.body.rows).toEqual([{ n: RECORDS, of: RECORDS }]);
  expect(received.size).toBe(RECORDS);
  expect(new Set([...received.values()].map(({ record }) => record)).size).toBe(RECORDS);
});

const countsOf = async (api: Api, flow: string): Promise<Counts> => (await api.get<Counts>(`/api/v1/flows/${flow}/counts`)).body;

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}
