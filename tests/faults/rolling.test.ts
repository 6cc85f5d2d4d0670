import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Balancer } from '../harness/balancer.ts';
import { bareDatabase } from '../harness/bare.ts';
import { EventReader } from '../harness/events.ts';
import { type Api, type Booted, bootProduct, setUp } from '../harness/product.ts';

const CLIENTS = 6;
const BULK = 20_000;

/** What an outside client asked for and was told. */
class Load {
  readonly names = new Map<string, string>();
  readonly wrong: string[] = [];
  asked = 0;
  private going = true;
  private readonly loops: Promise<void>[];

  constructor(private readonly api: Api) {
    this.loops = Array.from({ length: CLIENTS }, (_, n) => this.client(n));
  }

  async stop(): Promise<void> {
    this.going = false;
    await Promise.all(this.loops);
  }

  private async must<T>(method: string, where: string, body?: unknown): Promise<T | null> {
    this.asked++;
    try {
      const answer = await this.api.send<T>(method, where, body);
      if (answer.status < 300) return answer.body;
      this.wrong.push(`${method} ${where}: ${answer.status} ${answer.text.slice(0, 200)}`);
    } catch (error) {
      this.wrong.push(`${method} ${where}: ${String(error)}`);
    }
    return null;
  }

  private async client(n: number): Promise<void> {
    for (let at = 0; this.going; at++) {
      const name = `Rolling ${n} ${at}`;
      const made = await this.must<{ id: string }>('POST', '/api/v1/parties', { kind: 'organisation', name });
      if (!made) continue;
      this.names.set(made.id, name);
      if (await this.must('PATCH', `/api/v1/parties/${made.id}`, { name: `${name}!` })) this.names.set(made.id, `${name}!`);
      const read = await this.must<{ name: string }>('GET', `/api/v1/parties/${made.id}`);
      if (read && read.name !== `${name}!`) this.wrong.push(`${name} was read as ${read.name}`);
      await this.must('POST', '/api/v1/parties/query', { where: { field: 'name', op: 'startsWith', value: name }, limit: 5 });
    }
  }
}

/**
 * Two servers for people and one for work behind a balancer, each of them taken down and brought back twice while clients write, a job
 * runs and a browser listens: no request fails, nothing acknowledged is lost, the job ends whole, every change is told.
 */
test('a rolling restart of three servers under load loses no request', { timeout: 240_000 }, async () => {
  const database = await bareDatabase();
  const boot = (role: string) => bootProduct({ database, args: ['--role', role], env: { PERIGON_DRAIN_SECONDS: '1' } });
  const balancer = await Balancer.open();
  const join = async (role: string): Promise<Booted> => {
    const server = await boot(role);
    if (role === 'web') balancer.add(server.url);
    return server;
  };
  const webs = [await join('web'), await join('web')];
  let worker = await join('worker');
  await sleep(200);
  const api = await setUp({ url: balancer.url });

  for (let at = 0; at < BULK; at += 5000) {
    const operations = Array.from({ length: 5000 }, (_, n) => ({ op: 'create', values: { name: `Bulk ${at + n}`, kind: 'organisation' } }));
    expect((await api.post('/api/v1/parties/batch', { operations })).status).toBe(200);
  }
  const told = new Set<string>();
  let listening = true;
  let lastId = '';
  /** Listens as a browser does: when a server goes it comes back, and says what it heard last. */
  const listener = (async () => {
    while (listening) {
      try {
        const reader = await EventReader.open(balancer.url, { headers: api.identity, ...(lastId ? { lastEventId: lastId } : {}) });
        while (!reader.ended && listening) await sleep(20);
        for (const { data } of reader.changes) for (const id of idsOf(data)) told.add(id);
        lastId = reader.lastId || lastId;
        reader.close();
      } catch {
        await sleep(50);
      }
    }
  })();
  await sleep(300);

  const load = new Load(api);
  const { body } = await api.post<{ id: string }>('/api/v1/parties/bulk', {
    where: { field: 'name', op: 'startsWith', value: 'Bulk ' },
    set: { industry: 'retail' },
  });
  for (let round = 0; round < 2; round++) {
    for (const [at, old] of webs.entries()) {
      // The new one comes before the old one goes, as a deployment does it.
      const next = await join('web');
      await sleep(300);
      await old.stop();
      balancer.remove(old.url);
      expect(old.run.exitCode, old.run.output).toBe(0);
      webs[at] = next;
    }
    const old = worker;
    worker = await boot('worker');
    await old.stop();
  }
  await load.stop();
  expect(balancer.broken).toEqual([]);
  expect(load.wrong).toEqual([]);
  expect(load.names.size).toBeGreaterThan(50);

  await expect.poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${body.id}`)).body.state, { timeout: 60_000 }).toBe('done');
  const sum = await api.post<{ rows: { n: number }[] }>('/api/v1/parties/aggregate', {
    where: { field: 'industry', op: 'eq', value: 'retail' },
    measures: { n: { op: 'count' } },
  });
  expect(sum.body.rows).toEqual([{ n: BULK }]);
  for (const [id, name] of load.names) expect((await api.get<{ name: string }>(`/api/v1/parties/${id}`)).body.name).toBe(name);

  // The last words are still on their way.
  await sleep(1_500);
  listening = false;
  await listener;
  expect([...load.names.keys()].filter((id) => !told.has(id))).toEqual([]);
  console.log(`${load.asked} requests while six servers went and six came: none failed; ${load.names.size} records, all told`);
  await balancer.close();
});

/** The records that a message speaks of. */
function idsOf(data: Record<string, unknown>): string[] {
  const ids = data['ids'] ?? data['id'] ?? data['record'];
  return typeof ids === 'string' ? [ids] : Array.isArray(ids) ? ids.filter((one): one is string => typeof one === 'string') : [];
}
