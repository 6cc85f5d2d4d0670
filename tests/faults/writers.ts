import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Api } from '../harness/product.ts';
import type { Patient } from './patient.ts';

const writers = 4;

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
export class Writers {
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

  /** What was acknowledged is there, as it was acknowledged or as it was asked for later; and nothing that nobody asked for. */
  async expectKept(patient: Patient): Promise<void> {
    expect(this.unexpected).toEqual([]);
    const rows = await patient.ask<{ id: string; name: string }>('select id, name from parties where name like $1', [
      `Fault ${this.label} %`,
    ]);
    const stored = new Map(rows.map((row) => [row.id, row.name]));
    for (const record of this.held) {
      const name = stored.get(record.id);
      expect(name, `${record.names[0]} was acknowledged and is gone`).toBeDefined();
      expect(record.names.slice(record.acknowledged)).toContain(name);
      stored.delete(record.id);
    }
    for (const name of stored.values()) expect(this.open, `${name} is there and nobody asked for it`).toContain(name);
    expect(new Set(stored.values()).size).toBe(stored.size);
    // The same through the public door.
    const last = this.held.at(-1);
    if (last) expect((await patient.api.get(`/api/v1/parties/${last.id}`)).status).toBe(200);
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
