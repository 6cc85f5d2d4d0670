import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { processRuns } from '#engine/store/data-folder.ts';
import { temporaryFolder } from '../harness/places.ts';
import { type Api, type Booted, bootProduct, freePort, killPostgres, postgresPid, setUp } from '../harness/product.ts';

const rounds = 10;
const writers = 6;
const victims = ['node', 'postgres', 'both'] as const;

/** What an outside client was told about one record, and what it asked for without hearing the end of it. */
interface Held {
  id: string;
  names: string[];
  acknowledged: number;
}

/**
 * Clients outside of the killed processes that create and rename parties and keep what was acknowledged. A request that broke off may or
 * may not have happened: its outcome is open, and both are right.
 */
class Writers {
  readonly held: Held[] = [];
  /** Names whose creation broke off. */
  readonly open = new Set<string>();
  refused = 0;
  unexpected: string[] = [];
  private going = true;
  private readonly loops: Promise<void>[];

  constructor(
    private readonly api: () => Api,
    private readonly label: string,
  ) {
    this.loops = Array.from({ length: writers }, (_, writer) => this.loop(writer));
  }

  async stop(): Promise<void> {
    this.going = false;
    await Promise.all(this.loops);
  }

  private async loop(writer: number): Promise<void> {
    for (let n = 0; this.going; n++) {
      const name = `Fault ${this.label} ${writer} ${n}`;
      const created = await this.send('POST', '/api/v1/parties', {
        kind: 'organisation',
        name,
        emails: [{ value: `f${this.label}.${writer}.${n}@example.org`, label: 'work', primary: true }],
      });
      if (created === 'open') {
        this.open.add(name);
        continue;
      }
      if (created === null) continue;
      const record: Held = { id: created, names: [name], acknowledged: 0 };
      this.held.push(record);
      if (n % 3 !== 0) continue;
      record.names.push(`${name} renamed`);
      const renamed = await this.send('PATCH', `/api/v1/parties/${record.id}`, { name: `${name} renamed` });
      if (renamed === 'open') continue;
      if (renamed === null) record.names.pop();
      else record.acknowledged = 1;
    }
  }

  /** The id when acknowledged, `open` when the answer never came, null when refused because the database was away. */
  private async send(method: string, where: string, body: unknown): Promise<string | 'open' | null> {
    try {
      const answer = await this.api().send<{ id: string }>(method, where, body);
      if (answer.status === 201 || answer.status === 200) return answer.body.id;
      if (answer.status === 503) {
        // The connection may have broken after the commit, so that a refusal leaves the outcome open, too.
        this.refused++;
        await sleep(50);
        return 'open';
      }
      this.unexpected.push(`${method} ${where}: ${answer.status} ${answer.text.slice(0, 300)}`);
      await sleep(50);
      return null;
    } catch {
      await sleep(50);
      return 'open';
    }
  }
}

/** Perigon on one data folder that is killed and started again, with the same session throughout. */
class Patient {
  product!: Booted;
  api!: Api;
  readonly dataFolder = temporaryFolder();
  private port = 0;
  private rounds = 0;

  async boot(): Promise<void> {
    this.port ||= await freePort();
    this.product = await bootProduct({ database: 'embedded', dataFolder: this.dataFolder, port: this.port });
    this.api ??= await setUp(this.product);
  }

  /** Kills without warning, and brings back what does not come back by itself. */
  async hurt(victim: (typeof victims)[number]): Promise<void> {
    const postgres = postgresPid(this.dataFolder);
    if (victim !== 'node') killPostgres(this.dataFolder, this.rounds++ % 2 === 0 ? 'first' : 'all');
    if (victim !== 'postgres') {
      await this.product.kill9();
      await this.boot();
      return;
    }
    const deadline = Date.now() + 30_000;
    for (;;) {
      const now = postgresPid(this.dataFolder);
      if (now && now !== postgres && processRuns(now) && (await this.isReady())) return;
      expect(Date.now(), `PostgreSQL came not back:\n${this.product.run.output}`).toBeLessThan(deadline);
      expect(this.product.run.hasEnded, this.product.run.output).toBe(false);
      await sleep(50);
    }
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await this.api.get('/readyz')).status === 200;
    } catch {
      return false;
    }
  }

  async ask<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    const keys = JSON.parse(fs.readFileSync(path.join(this.dataFolder, 'postgres', 'perigon.json'), 'utf8'));
    const client = new pg.Client({ connectionString: `postgresql://perigon:${keys.password}@127.0.0.1:${keys.port}/perigon` });
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end();
    }
  }
}

/** Every record has its place in the log and in the search, and the log names no record that is not there. */
async function expectWhole(patient: Patient): Promise<void> {
  const [found] = await patient.ask<Record<string, number>>(`
    select (select count(*)::int from parties p where not exists (
              select from changes c where c.record_id = p.id and c.action = 'create')) as "without log",
           (select count(*)::int from changes c where c.object = 'party' and c.action = 'create' and not exists (
              select from parties p where p.id = c.record_id)) as "log without record",
           (select count(*)::int from parties p where p.version <> (
              select max(c.version) from changes c where c.record_id = p.id)) as "version unlike log",
           (select count(*)::int from (select record_id, version from changes where object = 'party' group by 1, 2 having count(*) > 1) d) as "logged twice",
           (select count(*)::int from parties p where p.name like 'Fault %' and not exists (
              select from identifiers i where i.record_id = p.id)) as "without identifier"`);
  expect(found).toEqual({ 'without log': 0, 'log without record': 0, 'version unlike log': 0, 'logged twice': 0, 'without identifier': 0 });
  // The search rows of a bulk follow from the log, soon.
  const deadline = Date.now() + 60_000;
  for (;;) {
    const [missing] = await patient.ask<{ n: number }>(
      'select count(*)::int as n from parties p where not exists (select from search s where s.record_id = p.id and s.version = p.version)',
    );
    if (missing?.n === 0) return;
    expect(Date.now(), `${missing?.n} records cannot be searched`).toBeLessThan(deadline);
    await sleep(250);
  }
}

describe.sequential('killed without warning', () => {
  const patient = new Patient();
  afterAll(async () => {
    await patient.product?.stop();
  });
  let counted = 0;

  test(`${rounds} rounds during writes: nothing acknowledged is lost, no record is half-written`, async () => {
    await patient.boot();
    let acknowledged = 0;
    let left = 0;
    for (let round = 0; round < rounds; round++) {
      const victim = victims[round % victims.length] ?? 'both';
      const clients = new Writers(() => patient.api, `${round}`);
      await sleep(600 + Math.random() * 600);
      await patient.hurt(victim);
      const before = clients.held.length;
      await sleep(400);
      await clients.stop();
      expect(clients.unexpected).toEqual([]);
      expect(clients.held.length, `no write after the ${victim} came back`).toBeGreaterThan(before);

      const stored = new Map(
        (await patient.ask<{ id: string; name: string }>('select id, name from parties where name like $1', [`Fault ${round} %`])).map(
          (row) => [row.id, row.name],
        ),
      );
      for (const record of clients.held) {
        const name = stored.get(record.id);
        expect(name, `round ${round}, ${victim}: ${record.names[0]} was acknowledged and is gone`).toBeDefined();
        // The last acknowledged name, or one that was asked for later without an answer.
        expect(record.names.slice(record.acknowledged)).toContain(name);
        stored.delete(record.id);
      }
      for (const name of stored.values()) expect(clients.open, `${name} is there and nobody asked for it`).toContain(name);
      expect(new Set(stored.values()).size).toBe(stored.size);
      acknowledged += clients.held.length;
      left += stored.size;
      await expectWhole(patient);
      // The same through the public door.
      const sample = clients.held.at(-1);
      if (sample) expect((await patient.api.get<{ name: string }>(`/api/v1/parties/${sample.id}`)).status).toBe(200);
    }
    counted = acknowledged + left;
    console.log(`${rounds} rounds: ${acknowledged} records acknowledged, all there; ${left} more whose answer broke off are whole`);
    const [row] = await patient.ask<{ n: number }>("select count(*)::int as n from parties where name like 'Fault %'");
    expect(row?.n).toBe(counted);
  });

  test(`${rounds} rounds during an import: it goes on where it stopped, and every row is there once`, async () => {
    // The test before has stopped it, in order.
    await patient.boot();
    const size = 20_000;
    let broken = 0;
    for (let round = 0; round < rounds; round++) {
      const victim = victims[round % victims.length] ?? 'both';
      const rows = Array.from({ length: size }, (_, n) => `I${round}-${n},Import ${round} ${n},organisation,i${round}.${n}@example.org`);
      const form = new FormData();
      form.append('object', 'party');
      form.append('mode', 'create');
      form.append(
        'map',
        JSON.stringify({
          object: 'party',
          columns: {
            id: { field: 'externalId', system: 'fault' },
            name: { field: 'name' },
            kind: { field: 'kind' },
            email: { field: 'emails.value' },
          },
        }),
      );
      form.append('file', new Blob([`id,name,kind,email\n${rows.join('\n')}\n`], { type: 'text/csv' }), `round-${round}.csv`);
      const begun = await patient.api.send<{ id: string }>('POST', '/api/v1/imports', form);
      expect(begun.status, begun.text).toBe(202);
      const where = `/api/v1/imports/${begun.body.id}`;
      // Anywhere in the middle of it.
      while ((await progress(patient, where)).done === 0) await sleep(10);
      await sleep(Math.random() * 500);
      const atKill = await progress(patient, where);
      if (atKill.done < size) broken++;
      await patient.hurt(victim);

      const deadline = Date.now() + 120_000;
      let now = await progress(patient, where);
      // What was counted before is not done again.
      expect(now.done).toBeGreaterThanOrEqual(atKill.done);
      while (!['done', 'failed', 'cancelled'].includes(now.state)) {
        expect(Date.now(), `the import stays at ${JSON.stringify(now)}`).toBeLessThan(deadline);
        await sleep(100);
        now = await progress(patient, where);
      }
      expect(now).toMatchObject({ state: 'done', created: size, updated: 0, skipped: 0, failed: 0 });
      const [row] = await patient.ask<{ n: number; names: number }>(
        'select count(*)::int as n, count(distinct name)::int as names from parties where name like $1',
        [`Import ${round} %`],
      );
      expect(row).toEqual({ n: size, names: size });
      await expectWhole(patient);
    }
    console.log(`${rounds} imports of ${size} rows, ${broken} of them broken off in the middle: ${rounds * size} records, each once`);
    expect(broken).toBeGreaterThan(rounds / 2);
  });
});

interface Progress {
  state: string;
  done: number;
  created: number;
}

/** How far an import is; asked again while the database is away. */
async function progress(patient: Patient, where: string): Promise<Progress> {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await patient.api.get<Progress>(where);
      if (answer.status === 200) return answer.body;
      if (answer.status !== 503 || tries > 100) throw new Error(`${where} answered ${answer.status}: ${answer.text}`);
    } catch (error) {
      if (!(error instanceof TypeError) || tries > 100) throw error;
    }
    await sleep(100);
  }
}
