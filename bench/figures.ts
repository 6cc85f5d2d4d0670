import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openProduct, type Product } from '#apps/server/product.ts';
import { systemAs } from '#engine/access/actor.ts';
import type { Field } from '#engine/declare/field.ts';
import * as f from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { newCause } from '#engine/record/context.ts';
import { write } from '#engine/record/write.ts';
import { type Bench, median, ms } from './bench.ts';

/**
 * What roll-ups cost the writers they live on, and how far behind them they are: the same writes to two companies, one with ten
 * roll-ups over the written records and one without. A tenth of the writes is about one single account.
 */
const ACCOUNTS = 10_000;
const PER_SECOND = 2000;
/** Records of one request: ten creations, ten changes. */
const BATCH = 20;
const SECONDS = 15;

const TEN: Record<string, Field> = {
  all: f.rollUp({ over: 'deeds', op: 'count', index: true }),
  open: f.rollUp({ over: 'deeds', op: 'count', where: { field: 'status', op: 'eq', value: 'open' }, index: true }),
  late: f.rollUp({ over: 'deeds', op: 'count', where: { field: 'on', op: 'lt', value: '2026-01-10' } }),
  worth: f.rollUp({ over: 'deeds', op: 'sum', field: 'amount', index: true }),
  openWorth: f.rollUp({ over: 'deeds', op: 'sum', field: 'amount', where: { field: 'status', op: 'eq', value: 'open' } }),
  units: f.rollUp({ over: 'deeds', op: 'sum', field: 'units' }),
  heavy: f.rollUp({ over: 'deeds', op: 'count', where: { field: 'units', op: 'gte', value: 5 } }),
  last: f.rollUp({ over: 'deeds', op: 'max', field: 'on', index: true }),
  first: f.rollUp({ over: 'deeds', op: 'min', field: 'on' }),
  word: f.rollUp({ over: 'deeds', op: 'last', field: 'word', by: 'on' }),
};

const moduleOf = (figures: Record<string, Field>) => {
  const list = { columns: ['name'], sort: ['name'] };
  const account = defineObject<Record<string, Field>>({
    key: 'account',
    plural: 'accounts',
    icon: 'box',
    title: 'name',
    list,
    form: [],
    fields: { name: f.text({ required: true }), ...figures },
  });
  const deed = defineObject({
    key: 'deed',
    plural: 'deeds',
    icon: 'box',
    title: 'name',
    list,
    form: [],
    unsearchable: true,
    fields: {
      name: f.text(),
      account: f.reference({ to: 'account', inverse: 'deeds' }),
      status: f.select(['open', 'done']),
      on: f.date(),
      amount: f.money({ rateOn: 'on' }),
      units: f.integer(),
      word: f.text(),
    },
  });
  return { key: 'bench', objects: [account, deed] };
};

interface Measured {
  writes: number;
  taken: number[];
  lags: number[];
  cpuMs: number;
  wal: number;
}

async function measured(product: Product, withFigures: boolean): Promise<Measured> {
  const { db, model } = product;
  const [account, deed] = [model.object('account'), model.object('deed')];
  const ctxOf = () => product.context(systemAs('bench'), newCause('request'));
  const accounts: string[] = [];
  for (let at = 0; at < ACCOUNTS; at += 2000) {
    const made = await write(
      await ctxOf(),
      account,
      Array.from({ length: 2000 }, (_, i) => ({ op: 'create', values: { name: `Account ${at + i}` } })),
    );
    accounts.push(...made.map((one) => one.id ?? ''));
  }
  const held: string[] = [];
  const waiting: { seq: number; at: number }[] = [];
  const result: Measured = { writes: 0, taken: [], lags: [], cpuMs: 0, wal: 0 };
  let turn = 0;
  const one = async (keep: boolean) => {
    const n = turn++;
    const values = (i: number) => ({
      name: 'x',
      account: i % 10 === 0 ? accounts[0] : accounts[(n * BATCH * 7919 + i * 104_729) % ACCOUNTS],
      status: (n + i) % 3 === 0 ? 'done' : 'open',
      on: `2026-01-${String(1 + ((n + i) % 28)).padStart(2, '0')}`,
      amount: { amount: `${(n % 90) + i}.50`, currency: 'EUR' },
      units: (n + i) % 9,
      word: `w${n % 50}`,
    });
    const ctx = await ctxOf();
    const began = performance.now();
    const changed = held.splice(0, BATCH / 2);
    const made = await write(ctx, deed, [
      ...Array.from({ length: BATCH - changed.length }, (_, i) => ({ op: 'create' as const, values: values(i) })),
      ...changed.map((id, i) => ({
        op: 'update' as const,
        id,
        values: { status: (n + i) % 2 ? 'done' : 'open', amount: values(i).amount },
      })),
    ]);
    if (keep) result.taken.push(performance.now() - began);
    for (const written of made) if (written.ok && written.op === 'create' && held.length < 50_000) held.push(written.id);
    result.writes += made.length;
    if (withFigures && keep) {
      const [head] = await db.keyed<{ seq: number }>('select max(seq) as seq from changes where cause = $1::uuid', [ctx.cause.id]);
      waiting.push({ seq: head?.seq ?? 0, at: performance.now() });
    }
  };
  for (let i = 0; i < 50; i++) await one(false);
  result.writes = 0;
  const wal = async () =>
    Number((await db.query<{ n: string }>(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as n`))[0]?.n ?? 0);
  const before = { wal: await wal(), cpu: process.cpuUsage() };
  const began = performance.now();
  const until = began + SECONDS * 1000;
  let done = false;
  const watching = (async () => {
    while (withFigures && (!done || waiting.length > 0)) {
      const [row] = await db.keyed<{ cursor: number }>(`select cursor from consumers where name = 'figures'`);
      const now = performance.now();
      while (waiting[0] && waiting[0].seq <= (row?.cursor ?? 0)) result.lags.push(now - (waiting.shift()?.at ?? now));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  // Requests come when they come, whether the one before is answered or not.
  const running = new Set<Promise<void>>();
  for (let next = began; next < until; next += (1000 * BATCH) / PER_SECOND) {
    const rest = next - performance.now();
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    if (running.size >= 16) await Promise.race(running);
    const asked = one(true).finally(() => running.delete(asked));
    running.add(asked);
  }
  await Promise.all(running);
  const seconds = (performance.now() - began) / 1000;
  done = true;
  await watching;
  const cpu = process.cpuUsage(before.cpu);
  result.cpuMs = (cpu.user + cpu.system) / 1000;
  result.wal = (await wal()) - before.wal;
  result.writes = Math.round(result.writes / seconds);
  return { ...result, wal: result.wal / (result.writes * seconds), cpuMs: result.cpuMs / (result.writes * seconds) };
}

async function company(bench: Bench, withFigures: boolean): Promise<Measured> {
  const name = `bench_figures_${process.pid}_${withFigures ? 'with' : 'without'}`;
  await bench.floor.query(`create database ${name}`);
  const url = new URL(bench.floorUrl);
  url.pathname = `/${name}`;
  const dataFolder = mkdtempSync(join(tmpdir(), 'perigon-bench-'));
  try {
    const product = await openProduct({ url: url.toString(), dataFolder, modules: [moduleOf(withFigures ? TEN : {})], connections: 8 });
    await product.setUp({ company: 'Bench', baseCurrency: 'EUR', language: 'en', timeZone: 'Europe/Berlin' });
    await product.start();
    try {
      return await measured(product, withFigures);
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
}

export const figuresRow = {
  name: 'figures',
  run: async (bench: Bench): Promise<string[]> => {
    const without = await company(bench, false);
    const withTen = await company(bench, true);
    const line = (what: string, one: Measured) =>
      `  ${what}: ${one.writes.toLocaleString('en')} writes/s, request of ${BATCH} p50 ${ms(median(one.taken))} p95 ${ms(median(one.taken, 0.95))} ms, a write ${one.cpuMs.toFixed(2)} ms of Node and ${(one.wal / 1024).toFixed(1)} kB of WAL`;
    return [
      `figures: ten roll-ups over ${PER_SECOND.toLocaleString('en')} writes/s, behind by p50 ${ms(median(withTen.lags))} p95 ${ms(median(withTen.lags, 0.95))} ms`,
      line('without', without),
      line('with ten', withTen),
    ];
  },
};
