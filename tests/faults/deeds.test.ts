import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { verifyArchive } from '#engine/backup/archive.ts';
import type { Api } from '../harness/product.ts';
import { expectWhole, Patient, rounds, victimOf } from './patient.ts';
import { Writers } from './writers.ts';

const OVER = ['done', 'failed', 'cancelled'];
const MANY = 3_000;
const IMPORTED = 2_000;
const PAIRS = 15;
const FLOWN = 150;

interface Begun {
  /** Whether it was still going on when it was broken off. */
  broken(): boolean | Promise<boolean>;
  /** After everything has come back: waits for its end, and looks at what it left. */
  whole(): Promise<void>;
}

/** Work that takes its time, begun anew in each round. */
type Deed = (patient: Patient, round: number) => Promise<Begun>;

const stateOf = async (patient: Patient, where: string): Promise<{ state: string; done: number }> =>
  (await patient.patiently(() => patient.api.get<{ state: string; done: number }>(where))).body;

/** A job or an import that is over, and well so. */
async function ended(patient: Patient, where: string): Promise<void> {
  for (const until = Date.now() + 120_000; ; await sleep(50)) {
    const job = await stateOf(patient, where);
    if (OVER.includes(job.state)) {
      expect(job.state, JSON.stringify(job)).toBe('done');
      return;
    }
    expect(Date.now(), `the job stays at ${JSON.stringify(job)}`).toBeLessThan(until);
  }
}
const isOpen = async (patient: Patient, where: string): Promise<boolean> => !OVER.includes((await stateOf(patient, where)).state);

/** Those that a request begins come last, so that all are in the middle together. */
const deeds: Record<string, Deed> = {
  writes: async (patient, round) => {
    const clients = new Writers(() => patient.api, `${round}`);
    return {
      broken: () => clients.held.length > 0,
      async whole() {
        const before = clients.held.length;
        await expect.poll(() => clients.held.length, { timeout: 30_000 }).toBeGreaterThan(before);
        await clients.stop();
        await clients.expectKept(patient);
      },
    };
  },

  automation: async (patient, round) => {
    await batch(
      patient.api,
      Array.from({ length: FLOWN }, (_, n) => ({ kind: 'organisation', name: `Flow ${round} ${n}`, description: '-' })),
    );
    const left = async () => {
      const [row] = await patient.ask<{ tasks: number; records: number; marked: number }>(
        `select (select count(*)::int from tasks where subject like $1) as tasks,
           (select count(distinct party_id)::int from tasks where subject like $1) as records,
           (select count(*)::int from parties where name like $2 and description = '-+') as marked`,
        [`Call Flow ${round} %`, `Flow ${round} %`],
      );
      return row;
    };
    return {
      broken: async () => (await left())?.records !== FLOWN,
      async whole() {
        await expect.poll(async () => (await left())?.records, { timeout: 90_000 }).toBe(FLOWN);
        expect(await left()).toEqual({ tasks: FLOWN, records: FLOWN, marked: FLOWN });
      },
    };
  },

  merging: async (patient, round) => {
    const made = await batch(
      patient.api,
      Array.from({ length: PAIRS * 2 }, (_, n) => ({
        kind: 'organisation',
        name: `Pair ${round} ${n >> 1}`,
        emails: [{ value: `p${round}.${n}@example.org`, label: 'work', primary: true }],
      })),
    );
    const pairs = Array.from({ length: PAIRS }, (_, n) => ({ survivor: made[n * 2] ?? '', loser: made[n * 2 + 1] ?? '' }));
    const merged = new Set<string>();
    let asked = 0;
    const client = (async () => {
      for (const { survivor, loser } of pairs) {
        asked++;
        try {
          const { status } = await patient.api.post('/api/v1/merges', { object: 'party', survivor, loser });
          if (status === 200) merged.add(loser);
        } catch {
          // Broken off: it may have happened.
        }
        await sleep(20);
      }
    })();
    return {
      broken: () => asked < PAIRS,
      async whole() {
        await client;
        for (const { survivor, loser } of pairs) {
          const stays = await patient.patiently(() => patient.api.get<{ id: string; emails: unknown[] }>(`/api/v1/parties/${survivor}`));
          const goes = await patient.patiently(() => patient.api.get<{ id: string }>(`/api/v1/parties/${loser}`));
          expect([stays.status, goes.status]).toEqual([200, 200]);
          // The id of who went leads to who stayed, with the addresses of both; or nothing happened.
          if (merged.has(loser)) expect(goes.body.id).toBe(survivor);
          expect(stays.body.emails).toHaveLength(goes.body.id === survivor ? 2 : 1);
        }
      },
    };
  },

  import: async (patient, round) => {
    const rows = Array.from({ length: IMPORTED }, (_, n) => `I${round}-${n},Import ${round} ${n},organisation,i${round}.${n}@example.org`);
    const form = new FormData();
    form.append('object', 'party');
    form.append('mode', 'create');
    const columns = {
      id: { field: 'externalId', system: 'fault' },
      name: { field: 'name' },
      kind: { field: 'kind' },
      email: { field: 'emails.value' },
    };
    form.append('map', JSON.stringify({ object: 'party', columns }));
    form.append('file', new Blob([`id,name,kind,email\n${rows.join('\n')}\n`], { type: 'text/csv' }), `round-${round}.csv`);
    const begun = await patient.api.send<{ id: string }>('POST', '/api/v1/imports', form);
    expect(begun.status, begun.text).toBe(202);
    const where = `/api/v1/imports/${begun.body.id}`;
    return {
      broken: () => isOpen(patient, where),
      async whole() {
        await ended(patient, where);
        const { body } = await patient.patiently(() => patient.api.get<Record<string, unknown>>(where));
        expect(body).toMatchObject({ created: IMPORTED, updated: 0, skipped: 0, failed: 0 });
        const [row] = await patient.ask<{ n: number; names: number }>(
          'select count(*)::int as n, count(distinct name)::int as names from parties where name like $1',
          [`Import ${round} %`],
        );
        expect(row).toEqual({ n: IMPORTED, names: IMPORTED });
      },
    };
  },

  backup: async (patient) => {
    const folder = path.join(patient.dataFolder, 'backups');
    const begun = await patient.patiently(() => patient.api.post<{ job: string }>('/api/v1/backups', {}));
    expect(begun.status, begun.text).toBeLessThan(300);
    return {
      broken: () => isOpen(patient, `/api/v1/jobs/${begun.body.job}`),
      async whole() {
        await ended(patient, `/api/v1/jobs/${begun.body.job}`);
        const [file = '', ...others] = fs.readdirSync(folder).filter((name) => /\.perigon(\.draft)?$/.test(name));
        expect(others, 'nothing half lies about').toEqual([]);
        // Every piece has the digest that was written down for it.
        await verifyArchive(path.join(folder, file));
        fs.rmSync(path.join(folder, file));
      },
    };
  },

  'bulk update': async (patient, round) => {
    const { body } = await patient.api.post<{ id: string }>('/api/v1/parties/bulk', {
      where: { field: 'name', op: 'startsWith', value: 'Many ' },
      set: { description: `Round ${round}` },
    });
    return {
      broken: () => isOpen(patient, `/api/v1/jobs/${body.id}`),
      async whole() {
        await ended(patient, `/api/v1/jobs/${body.id}`);
        const [row] = await patient.ask<Record<string, number>>(
          `select (select count(*)::int from parties where description = $1) as written,
             (select count(*)::int from changes where after ->> 'description' = $1) as logged,
             (select count(distinct record_id)::int from changes where after ->> 'description' = $1) as records`,
          [`Round ${round}`],
        );
        expect(row).toEqual({ written: MANY, logged: MANY, records: MANY });
      },
    };
  },
};

/**
 * Everything that takes its time goes on at once when the servers are killed, again and again: each deed goes on by itself and ends as
 * if nothing had been.
 */
test(`${rounds} rounds in the middle of ${Object.keys(deeds).join(', ')}: each ends whole, and once`, { timeout: 900_000 }, async () => {
  const patient = new Patient();
  await patient.boot();
  for (let at = 0; at < MANY; at += 1_500)
    await batch(
      patient.api,
      Array.from({ length: 1_500 }, (_, n) => ({ kind: 'organisation', name: `Many ${at + n}` })),
    );
  const flow = await patient.api.post<{ id: string }>('/api/v1/flows', {
    name: 'Once',
    definition: {
      object: 'party',
      trigger: { on: 'change', deeds: ['created'] },
      when: { field: 'name', op: 'startsWith', value: 'Flow ' },
      start: 'mark',
      steps: {
        mark: { do: 'set', values: { description: { text: '{{description}}+' } }, next: 'task' },
        task: { do: 'create', object: 'task', values: { subject: { text: 'Call {{name}}' }, party: { field: 'id' } } },
      },
    },
  });
  expect(flow.status, flow.text).toBe(201);
  expect((await patient.api.post(`/api/v1/flows/${flow.body.id}/activate`, {})).status).toBe(200);

  const broken = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const begun = new Map<string, Begun>();
    for (const [name, deed] of Object.entries(deeds)) begun.set(name, await deed(patient, round));
    await sleep(Math.random() * 150);
    for (const [name, one] of begun) if (await one.broken()) broken.set(name, (broken.get(name) ?? 0) + 1);
    await patient.hurt(victimOf(round));
    for (const [name, one] of begun) {
      try {
        await one.whole();
      } catch (error) {
        throw new Error(`${name}, round ${round}, ${victimOf(round)} killed: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
  }
  console.log(`${rounds} rounds, broken off in the middle: ${JSON.stringify(Object.fromEntries(broken))}`);
  // A test that always came too late would show nothing. In few rounds one of the quick deeds may be over each time.
  for (const name of Object.keys(deeds)) if (rounds >= 20) expect(broken.get(name) ?? 0, name).toBeGreaterThan(0);
  expect(broken.size).toBeGreaterThan(3);
  const open = () => patient.ask<{ n: number }>('select count(*)::int as n from merges where followed_at is null');
  await expect.poll(async () => (await open())[0]?.n, { timeout: 200_000, interval: 500 }).toBe(0);
  await expectWhole(patient);
  // Nothing came afterwards either.
  const [sum] = await patient.ask<{ n: number }>(`select count(*)::int as n from tasks where subject like 'Call Flow %'`);
  expect(sum?.n).toBe(rounds * FLOWN);
});

async function batch(api: Api, values: readonly Record<string, unknown>[]): Promise<string[]> {
  const answer = await api.post<{ results: { id: string }[] }>('/api/v1/parties/batch', {
    operations: values.map((one) => ({ op: 'create', values: one })),
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text.slice(0, 400)}`);
  return answer.body.results.map(({ id }) => id);
}
