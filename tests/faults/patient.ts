import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { processRuns } from '#engine/store/data-folder.ts';
import { temporaryFolder } from '../harness/places.ts';
import { type Answer, type Api, type Booted, bootProduct, freePort, killPostgres, postgresPid, setUp } from '../harness/product.ts';

/** So often each deed is broken off: whoever is killed twice each. `PERIGON_FAULT_ROUNDS=20`, as a build has it, takes eight minutes more. */
export const rounds = Number(process.env['PERIGON_FAULT_ROUNDS'] ?? 6);

/** Who is killed: in turn Perigon, its PostgreSQL, both. */
export const victims = ['node', 'postgres', 'both'] as const;
export type Victim = (typeof victims)[number];
export const victimOf = (round: number): Victim => victims[round % victims.length] ?? 'both';

/** Perigon on one data folder that is killed and started again, with the same session throughout. */
export class Patient {
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
  async hurt(victim: Victim): Promise<void> {
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

  /** Asks as a patient client: again while the database or the server is away. */
  async patiently<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    for (let tries = 0; ; tries++) {
      try {
        const answer = await ask();
        if (answer.status !== 503 || tries > 200) return answer;
      } catch (error) {
        if (!(error instanceof TypeError) || tries > 200) throw error;
      }
      await sleep(100);
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
export async function expectWhole(patient: Patient): Promise<void> {
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
    const missing = await patient.ask<{ name: string; version: number; found: number | null }>(
      `select p.name, p.version, s.version as found from parties p left join search s on s.record_id = p.id
       where p.deleted_at is null and s.version is distinct from p.version limit 20`,
    );
    if (missing.length === 0) return;
    expect(Date.now(), `these cannot be searched: ${JSON.stringify(missing)}`).toBeLessThan(deadline);
    await sleep(250);
  }
}
