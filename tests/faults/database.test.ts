import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { type Answer, type Api, type Booted, bootProduct, setUp } from '../harness/product.ts';
import { Wire } from '../harness/wire.ts';

/** What a client is told while the database cannot be reached: that it is away, and when to come again. */
const AWAY = { status: 503, code: 'upstream', detail: 'The database is away for the moment. Try again shortly.' };

let wire: Wire;
let product: Booted;
let api: Api;
beforeEach(async () => {
  wire = await Wire.before(await bareDatabase());
  product = await bootProduct({ database: wire.url });
  api = await setUp(product);
});
afterEach(async () => {
  wire.set('open');
  wire.delayMs = 0;
  await product.stop();
  await wire.close();
});

const create = (name: string): Promise<Answer<{ id: string }>> => api.post('/api/v1/parties', { kind: 'organisation', name });
/** One request of each way to the database: by key, list, write, many. */
const asks = (id: string): (() => Promise<Answer>)[] => [
  () => api.get(`/api/v1/parties/${id}`),
  () => api.post('/api/v1/parties/query', { where: { field: 'name', op: 'startsWith', value: 'A' }, limit: 5 }),
  () => create('Away'),
  () => api.patch(`/api/v1/parties/${id}`, { name: 'Away' }),
  () => api.post('/api/v1/parties/batch', { operations: [{ op: 'create', values: { kind: 'person', name: 'Away' } }] }),
  () => api.get('/api/v1/search?q=away'),
];

/** As a patient client: again while the answer is that the database is away. */
async function patiently<T>(ask: () => Promise<Answer<T>>, withinMs: number): Promise<Answer<T>> {
  for (const until = Date.now() + withinMs; ; await sleep(100)) {
    const answer = await ask();
    if (answer.status !== 503 || Date.now() > until) return answer;
  }
}

test('away for ten seconds: a clear 503 at once, and all goes on by itself when it is back', async () => {
  const { body } = await create('Acme');
  const job = async (name: string) => {
    const { body: begun } = await api.post<{ id: string }>('/api/v1/parties/bulk', {
      where: { field: 'name', op: 'startsWith', value: 'A' },
      set: { industry: name },
    });
    return begun.id;
  };
  const waiting = await job('retail');
  wire.set('cut');
  const until = Date.now() + 10_000;
  let told = 0;
  while (Date.now() < until) {
    for (const ask of asks(body.id)) {
      const answer = await ask();
      expect(answer.body).toMatchObject(AWAY);
      expect(answer.headers.get('retry-after')).toBe('1');
      told++;
    }
    expect((await api.get('/readyz')).status).toBe(503);
    expect((await api.get('/healthz')).status).toBe(200);
    await sleep(200);
  }
  expect(told).toBeGreaterThan(30);
  expect(product.run.hasEnded).toBe(false);
  wire.set('open');
  for (const ask of asks(body.id)) expect((await patiently(ask, 10_000)).status).toBeLessThan(300);
  expect((await patiently(() => api.get('/readyz'), 10_000)).status).toBe(200);
  // What ran, what follows the log and what is told live find their way back, too.
  await expect.poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${waiting}`)).body.state, { timeout: 60_000 }).toBe('done');
  const after = await create('Zebra crossing');
  await expect.poll(async () => (await api.get('/api/v1/search?q=zebra')).text, { timeout: 60_000 }).toContain(after.body.id);
  // Nothing that was refused happened behind its asker's back.
  expect((await api.get<{ name: string }>(`/api/v1/parties/${body.id}`)).body.name).toBe('Away');
});

test('gone without a word: who waits is told within a quarter of a minute, and nothing hangs afterwards', async () => {
  const { body } = await create('Acme');
  wire.set('dead');
  const began = Date.now();
  const answers = await Promise.all(asks(body.id).map((ask) => ask()));
  for (const answer of answers) expect(answer.body).toMatchObject({ status: 503 });
  expect(Date.now() - began).toBeLessThan(60_000);
  wire.set('cut');
  wire.set('open');
  for (const ask of asks(body.id)) expect((await patiently(ask, 15_000)).status).toBeLessThan(300);
});

test('slow: everything is answered rightly, only later', async () => {
  const { body } = await create('Acme');
  wire.delayMs = 100;
  const answers = await Promise.all(asks(body.id).map((ask) => ask()));
  expect(answers.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
  wire.delayMs = 0;
  const { body: all } = await api.post<{ count: { value: number } }>('/api/v1/parties/query', {
    where: { field: 'name', op: 'eq', value: 'Away' },
    limit: 1,
    count: true,
  });
  expect(all.count.value).toBe(3);
});
