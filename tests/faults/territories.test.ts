import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { type Api, bootProduct, freePort, setUp } from '../harness/product.ts';

const RECORDS = 4000;

/**
 * A server is killed without a word, twice, while it moves customers into the territories that new rules give them. Each customer is
 * moved once and in one version, and one undo of the whole act gives all of them and the rules back.
 */
test('a new cut of territories is made whole, whichever server dies on the way', { timeout: 240_000 }, async () => {
  const database = await bareDatabase();
  const port = await freePort();
  const boot = () => bootProduct({ database, port });
  let victim = await boot();
  const api = await setUp(victim);
  const made = await api.post('/api/v1/parties/batch', {
    operations: Array.from({ length: RECORDS }, (_, n) => ({
      op: 'create',
      values: { name: `Cut ${n}`, kind: 'organisation', country: n % 4 === 0 ? 'FR' : 'DE' },
    })),
  });
  expect(made.status).toBe(200);
  const [east, west] = [await land(api, 'East'), await land(api, 'West')];
  const cut = await api.post<{ id: string }>('/api/v1/territories/apply', {
    rules: [
      { id: east, rule: { field: 'country', op: 'eq', value: 'DE' } },
      { id: west, rule: { field: 'country', op: 'eq', value: 'FR' } },
    ],
  });
  expect(cut.status, cut.text).toBe(202);
  const cause = cut.headers.get('perigon-cause') ?? '';
  for (const share of [0.1, 0.5]) {
    await until(async () => (await moved(api)) >= RECORDS * share);
    await victim.kill9();
    victim = await boot();
  }
  await until(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${cut.body.id}`)).body.state === 'done');
  const job = (await api.get<{ result: { changed: number; failed: number } }>(`/api/v1/jobs/${cut.body.id}`)).body;
  expect(job.result).toMatchObject({ changed: RECORDS, failed: 0 });
  // It was killed on its way, not before or after.
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query<{ attempts: number }>('select attempts from jobs where id = $1', [cut.body.id]);
  await client.end();
  expect(rows[0]?.attempts).toBeGreaterThan(1);
  expect(await lying(api)).toEqual({ East: (RECORDS * 3) / 4, West: RECORDS / 4 });
  // Two versions: made, and moved once.
  const versions = await api.post<{ items: { version: number }[] }>('/api/v1/parties/query', { fields: ['version'], limit: 500 });
  expect(new Set(versions.body.items.map(({ version }) => version))).toEqual(new Set([2]));

  const undone = await api.post<{ id?: string }>(`/api/v1/causes/${cause}/undo`, {});
  expect(undone.status, undone.text).toBeLessThan(300);
  const ruleOf = async (id: string) => (await api.get<{ rule: unknown }>(`/api/v1/territories/${id}`)).body.rule;
  await until(async () => Object.keys(await lying(api)).length === 0 && (await ruleOf(east)) === null && (await ruleOf(west)) === null);
});

const land = async (api: Api, name: string): Promise<string> => {
  const { status, body, text } = await api.post<{ id: string }>('/api/v1/territories', { name });
  expect(status, text).toBe(201);
  return body.id;
};

/** How many customers lie in each territory, by its name. */
async function lying(api: Api): Promise<Record<string, number>> {
  const { body } = await api.post<{ rows: { territory: { name: string } | null; n: number }[] }>('/api/v1/parties/aggregate', {
    groupBy: ['territory'],
    measures: { n: { op: 'count' } },
  });
  return Object.fromEntries(body.rows.flatMap((row) => (row.territory ? [[row.territory.name, row.n] as const] : [])));
}

const moved = async (api: Api): Promise<number> => Object.values(await lying(api)).reduce((sum, n) => sum + n, 0);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}
