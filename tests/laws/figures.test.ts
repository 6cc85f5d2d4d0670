import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as f from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { figuresJob } from '#engine/figures/building.ts';
import { figureFollower } from '#engine/figures/follower.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { newCause } from '#engine/record/context.ts';
import { mergeRecords } from '#engine/record/merge.ts';
import { undoCause } from '#engine/record/undo.ts';
import { type WriteOp, write } from '#engine/record/write.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** The law: whatever was written by whomever in which order, every figure is what it would be reckoned to be now. */
const vessel = defineObject({
  key: 'vessel',
  plural: 'vessels',
  icon: 'box',
  title: 'name',
  duplicates: { compare: { name: 'words' } },
  list: { columns: ['name'], sort: ['name'] },
  form: [],
  fields: {
    name: f.text({ required: true }),
    all: f.rollUp({ over: 'cargoes', op: 'count', index: true }),
    aboard: f.rollUp({ over: 'cargoes', op: 'count', where: { field: 'status', op: 'notIn', value: ['gone'] } }),
    weight: f.rollUp({
      over: 'cargoes',
      op: 'sum',
      field: 'weight',
      where: {
        any: [
          { field: 'status', op: 'eq', value: 'stowed' },
          { field: 'day', op: 'gte', value: '2026-02-01' },
        ],
      },
    }),
    worth: f.rollUp({ over: 'cargoes', op: 'sum', field: 'price', where: { field: 'weight', op: 'gt', value: 2 }, index: true }),
    spent: f.rollUp({ over: 'cargoes', op: 'sum', field: 'spent' }),
    newest: f.rollUp({ over: 'cargoes', op: 'max', field: 'day', where: { field: 'status', op: 'ne', value: 'gone' } }),
    cheapest: f.rollUp({ over: 'cargoes', op: 'min', field: 'price' }),
    word: f.rollUp({ over: 'cargoes', op: 'last', field: 'note', by: 'day' }),
    price: f.rollUp({ over: 'cargoes', op: 'first', field: 'price', by: 'day' }),
    fragile: f.rollUp({ over: 'cargoes', op: 'count', where: { field: 'sort.group', op: 'eq', value: 'fragile' } }),
    fragileWorth: f.rollUp({ over: 'cargoes', op: 'sum', field: 'price', where: { field: 'sort.group', op: 'ne', value: 'plain' } }),
  },
});
const cargo = defineObject({
  key: 'cargo',
  plural: 'cargoes',
  icon: 'box',
  title: 'name',
  list: { columns: ['name'], sort: ['name'] },
  form: [],
  fields: {
    name: f.text({ required: true }),
    vessel: f.reference({ to: 'vessel', inverse: 'cargoes' }),
    status: f.select(['ready', 'stowed', 'gone']),
    weight: f.decimal(),
    price: f.money({ rateOn: 'day' }),
    day: f.date(),
    spent: f.duration(),
    note: f.text(),
    sort: f.reference({ to: 'sort' }),
  },
});
const sort = defineObject({
  key: 'sort',
  plural: 'sorts',
  icon: 'box',
  title: 'name',
  list: { columns: ['name'], sort: ['name'] },
  form: [],
  fields: { name: f.text({ required: true }), group: f.select(['fragile', 'plain']) },
});

/** The same by hand, in another way: each figure its own question. Amounts in base currency come from the table, as they do for lists. */
const BY_HAND = `select v.id, json_build_object(
  'all', (select count(*) from cargoes c where c.vessel_id = v.id and c.deleted_at is null),
  'aboard', (select count(*) from cargoes c where c.vessel_id = v.id and c.deleted_at is null and c.status is distinct from 'gone'),
  'weight', (select trim_scale(coalesce(sum(c.weight), 0))::text from cargoes c where c.vessel_id = v.id and c.deleted_at is null and (c.status = 'stowed' or c.day >= '2026-02-01')),
  'worth', (select trim_scale(coalesce(sum(c.price_base), 0))::text from cargoes c where c.vessel_id = v.id and c.deleted_at is null and c.weight > 2),
  'spent', (select coalesce(sum(c.spent), 0) from cargoes c where c.vessel_id = v.id and c.deleted_at is null),
  'newest', (select max(c.day) from cargoes c where c.vessel_id = v.id and c.deleted_at is null and c.status is distinct from 'gone'),
  'cheapest', (select trim_scale(min(c.price_base))::text from cargoes c where c.vessel_id = v.id and c.deleted_at is null),
  'word', (select c.note from cargoes c where c.vessel_id = v.id and c.deleted_at is null order by c.day desc nulls last, c.id desc limit 1),
  'price', (select c.price::text || c.price_currency from cargoes c where c.vessel_id = v.id and c.deleted_at is null order by c.day nulls last, c.id limit 1),
  'fragile', (select count(*) from cargoes c join sorts s on s.id = c.sort_id and s.deleted_at is null where c.vessel_id = v.id and c.deleted_at is null and s."group_" = 'fragile'),
  'foreign', (select json_build_array(count(*) filter (where c.weight > 2), count(*) filter (where s."group_" is distinct from 'plain')) from cargoes c
    left join sorts s on s.id = c.sort_id and s.deleted_at is null where c.vessel_id = v.id and c.deleted_at is null and c.price_currency <> 'EUR'),
  'fragileWorth', (select trim_scale(coalesce(sum(c.price_base), 0))::text from cargoes c left join sorts s on s.id = c.sort_id and s.deleted_at is null where c.vessel_id = v.id and c.deleted_at is null and s."group_" is distinct from 'plain')
)::text as j from vessels v order by v.id`;
const KEPT = `select v.id, json_build_object('all', g.all_, 'aboard', g.aboard, 'weight', trim_scale(g.weight)::text, 'worth', trim_scale(g.worth)::text, 'spent', g.spent, 'newest', g.newest,
  'cheapest', trim_scale(g.cheapest)::text, 'word', g.word, 'price', g.price::text || g.price_currency, 'fragile', g.fragile, 'foreign', json_build_array(g.worth_foreign, g.fragile_worth_foreign), 'fragileWorth', trim_scale(g.fragile_worth)::text
)::text as j from vessels v left join vessel_figures g on g.id = v.id order by v.id`;

let inside: Inside;
const faults: unknown[] = [];
const ctxOf = () => inside.ctx();
const ids: { vessel: string[]; cargo: string[]; sort: string[] } = { vessel: [], cargo: [], sort: [] };
const causes: string[] = [];

const follower = (ctx: Context) =>
  figureFollower({
    db: ctx.db,
    models: { current: ctx.model, newest: async () => ctx.model },
    enqueue: enqueueJob,
    log: (_message, error) => faults.push(error),
    moved: () => undefined,
  });

async function compare(ctx: Context): Promise<void> {
  const [kept, byHand] = await Promise.all([ctx.db.query(KEPT), ctx.db.query(BY_HAND)]);
  expect(kept).toEqual(byHand);
}

const run = async (
  save: { progress?: unknown } = {},
  ctx: Context,
  fields: string[] | null = null,
  cancelled: () => boolean = () => false,
) =>
  figuresJob(
    {
      job: { payload: { object: 'vessel', fields }, progress: (save.progress ?? {}) as never, done: 0 },
      ctx,
      save: async (_tx, o) => {
        if (o.progress) save.progress = o.progress;
      },
      cancelled,
    },
    enqueueJob,
  );

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 });
const pick = (list: () => string[]) => fc.nat(1000).map((n) => () => list()[n % Math.max(1, list().length)]);
const values = fc.record(
  {
    status: maybe(fc.constantFrom('ready', 'stowed', 'gone')),
    weight: maybe(fc.constantFrom('0.5', '2', '3.25', '10.000001')),
    price: maybe(fc.record({ amount: fc.constantFrom('1.00', '12.34', '-5.5'), currency: fc.constantFrom('EUR', 'USD', 'JPY') })),
    day: maybe(fc.constantFrom('2026-01-01', '2026-01-31', '2026-02-01', '2026-03-05')),
    spent: maybe(fc.constantFrom('PT1H', 'PT30M', 'PT0S')),
    note: maybe(fc.constantFrom('one', 'two', 'three')),
    vessel: maybe(pick(() => ids.vessel)),
    sort: maybe(pick(() => ids.sort)),
  },
  { requiredKeys: [] },
);
type Drawn = typeof values extends fc.Arbitrary<infer V> ? V : never;
const read = (drawn: Drawn): Record<string, unknown> =>
  Object.fromEntries(Object.entries(drawn).map(([key, value]) => [key, typeof value === 'function' ? value() : value]));

type Step = (ctx: Context) => Promise<void>;
const op =
  (make: () => (WriteOp | null)[]): Step =>
  async (ctx) => {
    const ops = make().filter((one): one is WriteOp => one !== null);
    const seen = new Set<string>();
    const once = ops.filter((one) => one.op === 'create' || (!seen.has(one.id) && seen.add(one.id)));
    if (once.length === 0) return;
    const results = await write(ctx, ctx.model.object('cargo'), once, { partial: true });
    for (const [i, result] of results.entries()) if (result.ok && once[i]?.op === 'create') ids.cargo.push(result.id);
    causes.push(ctx.cause.id);
  };
const some = (what: (id: string) => WriteOp) => (at: readonly number[]) =>
  at.map((n) => {
    const id = ids.cargo[n % Math.max(1, ids.cargo.length)];
    return id === undefined ? null : what(id);
  });
const places = fc.array(fc.nat(5000), { minLength: 1, maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(values, { minLength: 1, maxLength: 8 })
      .map((list) => op(() => list.map((one) => ({ op: 'create', values: { name: 'c', ...read(one) } })))),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(places, values).map(([at, one]) => op(() => some((id) => ({ op: 'update', id, values: read(one) }))(at))),
  },
  { weight: 3, arbitrary: places.map((at) => op(() => some((id) => ({ op: 'delete', id }))(at))) },
  { weight: 3, arbitrary: places.map((at) => op(() => some((id) => ({ op: 'restore', id }))(at))) },
  // The far end of a condition.
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(10), fc.constantFrom('fragile', 'plain', null, 'gone', 'back')).map(
      ([n, group]): Step =>
        async (ctx) => {
          const id = ids.sort[n % ids.sort.length] ?? '';
          await write(
            ctx,
            ctx.model.object('sort'),
            [group === 'gone' ? { op: 'delete', id } : group === 'back' ? { op: 'restore', id } : { op: 'update', id, values: { group } }],
            { partial: true },
          );
        },
    ),
  },
  // The record of the figures itself comes, goes and comes back.
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(50), fc.constantFrom('create', 'delete', 'restore')).map(
      ([n, how]): Step =>
        async (ctx) => {
          const id = ids.vessel[n % ids.vessel.length] ?? '';
          const [result] = await write(
            ctx,
            ctx.model.object('vessel'),
            [how === 'create' ? { op: 'create', values: { name: 'v' } } : { op: how as 'delete', id }],
            { partial: true },
          );
          if (result?.ok && how === 'create') ids.vessel.push(result.id);
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(50), fc.nat(50)).map(
      ([a, b]): Step =>
        async (ctx) => {
          const [stays, goes] = [ids.vessel[a % ids.vessel.length] ?? '', ids.vessel[b % ids.vessel.length] ?? ''];
          if (stays === goes) return;
          const own = { ...ctx, cause: newCause('merge') };
          await mergeRecords(own, ctx.model.object('vessel'), stays, goes, {}).then(
            () => causes.push(own.cause.id),
            () => undefined,
          );
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat(500).map(
      (n): Step =>
        async (ctx) => {
          const cause = causes[n % Math.max(1, causes.length)];
          if (cause) await undoCause(ctx, cause).catch(() => undefined);
        },
    ),
  },
  // A rate that comes late changes amounts in base currency past the log.
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('USD', 'JPY'),
        fc.constantFrom('0.5', '0.9', '1.25'),
        fc.constantFrom('2026-01-01', '2026-01-20', '2026-03-01'),
      )
      .map(
        ([currency, rate, date]): Step =>
          async (ctx) => {
            await write(ctx, ctx.model.object('exchangeRate'), [{ op: 'create', values: { currency, rate, date } }], { partial: true });
          },
      ),
  },
);

beforeAll(async () => {
  inside = await insideProduct({ modules: [{ key: 'harbour', objects: [sort, vessel, cargo] }] });
  const ctx = await ctxOf();
  for (const [key, n] of [
    ['sort', 4],
    ['vessel', 6],
  ] as const) {
    const made = await write(
      ctx,
      ctx.model.object(key),
      Array.from({ length: n }, (_, i) => ({
        op: 'create',
        values: { name: `${key} ${i}`, ...(key === 'sort' ? { group: i % 2 ? 'fragile' : 'plain' } : {}) },
      })),
    );
    ids[key].push(...made.map((result) => result.id ?? ''));
  }
});
afterAll(() => inside.stop());

describe('figures', () => {
  it('are what they would be reckoned to be, under writes from several connections, stops of their reader and rebuilds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 3, maxLength: 10 }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.constantFrom('stop', 'rebuild', 'part', 'rest'), { minLength: 1, maxLength: 4 }),
        async (writers, events) => {
          const ctx = await ctxOf();
          let reader = follower(ctx);
          reader.start();
          const writing = writers.map(async (steps) => {
            for (const one of steps) {
              await one(await ctxOf());
              reader.wake();
            }
          });
          const disturbing = (async () => {
            for (const event of events) {
              if (event === 'stop') {
                await reader.stop();
                await new Promise((resolve) => setTimeout(resolve, 30));
                reader = follower(ctx);
                reader.start();
              } else if (event === 'rebuild') await run({}, ctx);
              else if (event === 'part') {
                const save = {};
                await run(save, ctx, ['worth', 'newest'], () => true);
                await run(save, ctx, ['worth', 'newest']);
              } else await new Promise((resolve) => setTimeout(resolve, 20));
            }
          })();
          await Promise.all([...writing, disturbing]);
          reader.wake();
          await inside.figured();
          await reader.stop();
          expect(faults).toEqual([]);
          await compare(ctx);
        },
      ),
      {
        numRuns: 25,
        seed: Number(process.env.FC_SEED ?? (process.env.CI ? 42 : Date.now() % 2 ** 31)),
        endOnFailure: true,
        interruptAfterTimeLimit: 90_000,
      },
    );
  });

  it('raise no version and write nothing into the log', async () => {
    const ctx = await ctxOf();
    const traces = () =>
      ctx.db.query('select (select count(*) from changes)::int as changes, (select sum(version) from vessels)::int as versions');
    const before = await traces();
    await ctx.db.query('update vessel_figures set all_ = -1, worth = null');
    await run({}, ctx);
    await compare(ctx);
    expect(await traces()).toEqual(before);
  });
});
