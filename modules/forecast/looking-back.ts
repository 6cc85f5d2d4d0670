import type { Figure } from '#engine/measures/measures.ts';
import { readMeasures } from '#engine/measures/measures.ts';
import { type AggregateQuery, aggregate } from '#engine/record/aggregate.ts';
import type { Context } from '#engine/record/context.ts';
import { addDays, dateIn } from '#kit/calendar.ts';
import { isObject, type Json } from '#kit/json.ts';
import { type Length, lastDay, type Period, periodAt, periodsOn } from './period.ts';

/** What forecasts were: week by week, what moved since a day, and how far off they turned out to be. Of the snapshots that one may read. */

/** What was forecast of a period at the end of a day. Won, commit, best case and pipeline are the deals' own sums. */
export interface Point {
  takenOn: string;
  won: number;
  commit: number;
  bestCase: number;
  pipeline: number;
  weighted: number;
  statistical: number | null;
  call: number | null;
}

const DEAL_KINDS = ['won', 'commit', 'bestCase', 'pipeline'] as const;
const money = (value: Json | Figure | undefined): number => (isObject(value) ? Number(value.amount) : 0);
const SUM = { op: 'sum', in: 'base' } as const;

async function ask(ctx: Context, query: AggregateQuery): Promise<Record<string, Json>[]> {
  if (ctx.actor.rights.scope('forecastSnapshot', 'read') === 'none') return [];
  return (JSON.parse(await aggregate(ctx, ctx.model.object('forecastSnapshot'), query)) as { rows: Record<string, Json>[] }).rows;
}

/** The months of a period, or the period itself: what snapshots of deals and those of what was said of it hold. */
const ofDeals = (period: Period) => ({
  all: [
    { field: 'every', op: 'eq', value: 'month' },
    { field: 'start', op: 'gte', value: period.from },
    { field: 'start', op: 'lte', value: lastDay(period) },
    { field: 'kind', op: 'in', value: [...DEAL_KINDS] },
  ],
});
const ofWords = (period: Period) => ({
  all: [
    { field: 'every', op: 'eq', value: period.every },
    { field: 'start', op: 'eq', value: period.from },
    { field: 'kind', op: 'in', value: ['statistical', 'call'] },
  ],
});

/** How the forecast of a period went, a point a week. */
export async function trendOf(ctx: Context, period: Period): Promise<Point[]> {
  const rows = await ask(ctx, {
    where: {
      all: [
        { field: 'weekly', op: 'eq', value: true },
        { field: 'cut', op: 'eq', value: 'owner' },
        { field: 'takenOn', op: 'lte', value: lastDay(period) },
        { field: 'takenOn', op: 'gte', value: addDays(period.from, -92) },
        { any: [ofDeals(period), ofWords(period)] },
      ],
    },
    groupBy: ['takenOn', 'kind'],
    measures: { amount: { ...SUM, field: 'amount' }, weighted: { ...SUM, field: 'weighted' } },
    sort: ['takenOn'],
    limit: 2000,
  });
  return pointsOf(rows);
}

function pointsOf(rows: readonly Record<string, Json>[]): Point[] {
  const points = new Map<string, Point>();
  for (const row of rows) {
    const takenOn = String(row.takenOn);
    const point = points.get(takenOn) ?? {
      takenOn,
      won: 0,
      commit: 0,
      bestCase: 0,
      pipeline: 0,
      weighted: 0,
      statistical: null,
      call: null,
    };
    points.set(takenOn, point);
    const kind = String(row.kind) as (typeof DEAL_KINDS)[number] | 'statistical' | 'call';
    point[kind] = money(row.amount);
    if ((DEAL_KINDS as readonly string[]).includes(kind)) point.weighted += money(row.weighted);
  }
  // Experience says what was still to come: what was won until then comes on top.
  return [...points.values()].map((point) => ({
    ...point,
    statistical: point.statistical === null ? null : point.won + point.statistical,
  }));
}

/** The ways of forecasting that are held against what came. */
export const WAYS = ['commit', 'bestCase', 'weighted', 'statistical', 'call'] as const;
export type Way = (typeof WAYS)[number];

export interface Accuracy extends Period {
  to: string;
  /** The day on which it was forecast: of the first weekly snapshot of the period. */
  takenOn: string;
  came: number;
  forecast: { [way in Way]: number | null };
  /** How far off each was, owner by owner: the sum of the misses over the sum of what came (WAPE). */
  wape: { [way in Way]: number | null };
}

/** How far off the forecasts of periods that are over were, taken when each began. The newest first. */
export async function accuracyOf(ctx: Context, every: Length, count: number): Promise<Accuracy[]> {
  const today = dateIn(ctx.env.now, ctx.env.timeZone);
  const found: Accuracy[] = [];
  for (let n = 0, at = periodsOn(periodAt(today, every), -1); n < count; n++, at = periodsOn(at, -1)) {
    const one = await accuracyIn(ctx, at);
    if (one) found.push(one);
  }
  return found;
}

async function accuracyIn(ctx: Context, period: Period): Promise<Accuracy | null> {
  const to = lastDay(period);
  const [first] = await ask(ctx, {
    where: {
      all: [
        { field: 'weekly', op: 'eq', value: true },
        { field: 'takenOn', op: 'gte', value: period.from },
        { field: 'takenOn', op: 'lte', value: addDays(period.from, 13) },
        { field: 'cut', op: 'eq', value: 'owner' },
      ],
    },
    groupBy: ['takenOn'],
    measures: { n: { op: 'count' } },
    sort: ['takenOn'],
    limit: 1,
  });
  if (!first) return null;
  const takenOn = String(first.takenOn);
  const [rows, won] = await Promise.all([
    ask(ctx, {
      where: {
        all: [
          { field: 'weekly', op: 'eq', value: true },
          { field: 'cut', op: 'eq', value: 'owner' },
          { field: 'takenOn', op: 'eq', value: takenOn },
          { any: [ofDeals(period), ofWords(period)] },
        ],
      },
      groupBy: ['owner', 'kind'],
      measures: { amount: { ...SUM, field: 'amount' }, weighted: { ...SUM, field: 'weighted' } },
      limit: 10_000,
    }),
    readMeasures(ctx, { measures: ['wonValue'], by: ['owner'], from: period.from, to }),
  ]);
  const came = new Map(won.rows.map(({ by: [owner], figures }) => [keyOf(owner ?? null), money(figures.wonValue)]));
  const foretold = new Map<string, { [way in Way]: number | null }>();
  for (const row of rows) {
    const key = keyOf(row.owner ?? null);
    const one = foretold.get(key) ?? { commit: null, bestCase: null, weighted: null, statistical: null, call: null };
    foretold.set(key, one);
    // A forecast of the whole period: what was won when it was taken is part of each, and of the next surer ones.
    const amount = money(row.amount);
    const add = (...ways: Way[]) => {
      for (const way of ways) one[way] = (one[way] ?? 0) + amount;
    };
    if (row.kind === 'won') add('commit', 'bestCase', 'statistical');
    if (row.kind === 'commit') add('commit', 'bestCase');
    if (row.kind === 'bestCase') add('bestCase');
    if (row.kind === 'statistical') add('statistical');
    if (row.kind === 'call') add('call');
    if (row.kind !== 'statistical' && row.kind !== 'call') one.weighted = (one.weighted ?? 0) + money(row.weighted);
  }
  const has = (way: Way) => rows.some((row) => (way === 'statistical' || way === 'call' ? row.kind === way : true));
  const told = Object.fromEntries(
    WAYS.map((way) => [way, has(way) ? [...foretold.values()].reduce((sum, one) => sum + (one[way] ?? 0), 0) : null]),
  ) as Accuracy['forecast'];
  const total = [...came.values()].reduce((sum, one) => sum + one, 0);
  const keys = new Set([...came.keys(), ...foretold.keys()]);
  const wape = Object.fromEntries(
    WAYS.map((way) => [
      way,
      told[way] === null || total === 0
        ? null
        : [...keys].reduce((sum, key) => sum + Math.abs((foretold.get(key)?.[way] ?? 0) - (came.get(key) ?? 0)), 0) / total,
    ]),
  ) as Accuracy['wape'];
  return { ...period, to, takenOn, came: total, forecast: told, wape };
}

const keyOf = (value: Json): string => (isObject(value) ? String(value.id) : '');
