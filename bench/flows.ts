import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openProduct, type Product } from '#apps/server/product.ts';
import type { FlowShape } from '#engine/declare/flow.ts';
import { startAll } from '#engine/flows/hand.ts';
import { switchOn } from '#engine/flows/switch.ts';
import { newCause } from '#engine/record/context.ts';
import { write, writeOne } from '#engine/record/write.ts';
import type { Bench } from './bench.ts';

/**
 * Runs that rest and are due at the same moment, each to set a field of its customer: until the last is done, with log, history of the
 * run and everything that follows from the log beside it. The floor is the bare update of the same rows, in one statement.
 */
const MOST = 100_000;
const ADMIN = { name: 'Bench', email: 'bench@perigon.example', password: 'bench-perigon' };

const shape: FlowShape = {
  object: 'party',
  trigger: { on: 'hand' },
  start: 'rest',
  steps: {
    rest: { do: 'wait', for: { days: 1 }, next: 'mark' },
    mark: { do: 'set', values: { description: { text: 'Woken: {{name}}' } } },
  },
};

async function measured(product: Product, n: number): Promise<string[]> {
  const { db, model } = product;
  const ctxOf = () => product.commandContext(ADMIN.email, newCause('request'));
  const party = model.object('party');
  for (let at = 0; at < n; at += 2000)
    await write(
      await ctxOf(),
      party,
      Array.from({ length: Math.min(2000, n - at) }, (_, i) => ({ op: 'create', values: { name: `Party ${at + i}` } })),
    );
  const ctx = await ctxOf();
  const flow = await writeOne(ctx, model.object('flow'), { op: 'create', values: { name: 'Wake', definition: shape } });
  await switchOn(ctx, flow.id);
  const until = async (condition: string) => {
    for (;;) {
      const [row] = await db.query<{ ok: boolean }>(`select not exists (select 1 from flow_runs where ${condition}) as ok`);
      if (row?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const began = performance.now();
  await startAll(await ctxOf(), flow.id, { all: [] }, { after: null, started: 0 }, { save: async () => undefined, cancelled: () => false });
  await until('wake_at <= now()');
  const begun = performance.now() - began;
  await db.query('vacuum analyze flow_runs');
  // What follows from the customers that were just made is not what follows from the runs.
  for (let behind = true; behind; await new Promise((resolve) => setTimeout(resolve, 200)))
    behind = (await db.query('select 1 as ok from consumers where cursor < (select max(seq) from changes) limit 1')).length > 0;
  const wake = performance.now();
  await db.query('update flow_runs set wake_at = now()');
  await until('wake_at is not null');
  const took = performance.now() - wake;
  const bare = performance.now();
  await db.query(`update parties set description = 'Woken again: ' || name, version = version + 1, updated_at = now()`);
  const floor = performance.now() - bare;
  const perSecond = (ms: number) => Math.round((n / ms) * 1000).toLocaleString('en');
  return [
    `flows: ${n.toLocaleString('en')} due runs that set a field, ${(took / 1000).toFixed(1)} s, ${perSecond(took)} runs/s; the bare update ${(floor / 1000).toFixed(1)} s, ${perSecond(floor)} rows/s, ratio ${(took / floor).toFixed(1)}`,
    `  started and put to rest: ${(begun / 1000).toFixed(1)} s, ${perSecond(begun)} runs/s`,
  ];
}

export const flowsRow = {
  name: 'flows',
  run: async (bench: Bench): Promise<string[]> => {
    const name = `bench_flows_${process.pid}`;
    await bench.floor.query(`create database ${name}`);
    const url = new URL(bench.floorUrl);
    url.pathname = `/${name}`;
    const dataFolder = mkdtempSync(join(tmpdir(), 'perigon-bench-'));
    try {
      const product = await openProduct({ url: url.toString(), dataFolder, connections: 8 });
      await product.setUp({ company: 'Bench', baseCurrency: 'EUR', language: 'en', timeZone: 'Europe/Berlin', admin: ADMIN });
      await product.start();
      try {
        return await measured(product, Math.min(MOST, bench.parties));
      } finally {
        await product.stop();
      }
    } finally {
      const admin = new pg.Client({ connectionString: bench.floorUrl });
      await admin.connect();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
      rmSync(dataFolder, { recursive: true, force: true });
    }
  },
};
