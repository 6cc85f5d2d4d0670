import type { Predicate } from '#engine/declare/condition.ts';
import type { Measure } from '#engine/declare/measure.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { resolvePath } from '#engine/declare/path.ts';
import type { Comparison, Cut, Drawing, Period, Question } from '#engine/declare/report.ts';
import { type Figure, type MeasureQuery, type MeasureRow, measureOf, readMeasures } from '#engine/measures/measures.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { isPerigonError } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';
import { daysBefore, daysOf } from './period.ts';

/**
 * A report read: always with the rights of who reads it. What they may not know is left out of the answer, which says that
 * something is; rows come in the order in which they are drawn.
 */

/** What a dashboard says over all its tiles. */
export interface Over {
  /** `null`: all days. */
  period?: Period | null;
  /** Which records of one object count. */
  filter?: { object: string; where: Predicate };
  /** Only what belongs to whoever reads it. */
  mine?: boolean;
}

export interface ToldMeasure {
  key: string;
  object: string;
  unit: Measure['unit'];
  better: 'more' | 'less' | null;
  /** The date it counts on; null where it says how things stand now. */
  at: string | null;
}

export interface Told {
  measures: ToldMeasure[];
  /** How many of the measures asked for this reader does not have. */
  withheld: number;
  by: readonly Cut[];
  period: { from: string; to: string } | null;
  compare: Comparison | null;
  /** Whether a filter over all could not be applied here: it is of records of another kind. */
  unfiltered: boolean;
  /** What the counted records meet: with it a figure leads to them. */
  where: Predicate | null;
  rows: MeasureRow[];
  /** How many rows there are beside those told; null where not all were read. */
  others: number | null;
  total: MeasureRow | null;
  /** The stretch it is compared with; `toDate`: only as far as this one has come. */
  before: { from: string; to: string; toDate: boolean; rows: MeasureRow[]; total: MeasureRow } | null;
  asOf: string;
}

/** Reads a question as it is drawn. */
export async function readReport(ctx: Context, question: Question, drawing: Drawing, over: Over = {}): Promise<Told> {
  const measures = question.measures.flatMap((key) => readable(ctx, key));
  const asked = over.period === undefined ? question.period : (over.period ?? undefined);
  const period = asked ? daysOf(asked, ctx.env.now, ctx.env.timeZone) : null;
  const compare = period && measures.some(({ at }) => at !== undefined) ? (question.compare ?? null) : null;
  const { where, unfiltered } = filterOf(ctx, measures, question, over);
  const told = {
    measures: measures.map(({ key, object, unit, better, at }) => ({ key, object, unit, better: better ?? null, at: at ?? null })),
    withheld: question.measures.length - measures.length,
    by: question.by ?? [],
    period,
    compare,
    unfiltered,
    where,
  };
  if (measures.length === 0) return { ...told, rows: [], others: 0, total: null, before: null, asOf: ctx.env.now.toISOString() };
  const query: MeasureQuery = {
    measures: measures.map(({ key }) => key),
    ...(question.by ? { by: question.by } : {}),
    ...period,
    ...(where ? { where } : {}),
  };
  const earlier = compare && period ? daysBefore(period, compare, ctx.env.now, ctx.env.timeZone) : null;
  const [answer, before] = await Promise.all([
    readMeasures(ctx, query),
    earlier ? readMeasures(ctx, { ...query, from: earlier.from, to: earlier.to }) : null,
  ]);
  const places = await placesOf(ctx, measures, question.by ?? [], answer.rows);
  const rows = ordered(answer.rows, question.by ?? [], drawing, measures[0]?.key ?? '', places);
  const top = drawing.top ?? rows.length;
  return {
    ...told,
    rows: rows.slice(0, top),
    others: answer.more ? null : Math.max(0, rows.length - top),
    total: answer.total,
    before: before && earlier ? { ...earlier, rows: before.rows, total: before.total } : null,
    asOf: answer.asOf,
  };
}

function readable(ctx: Context, key: string): Measure[] {
  try {
    return [measureOf(ctx, key)];
  } catch (error) {
    if (isPerigonError(error, 'notFound')) return [];
    throw error;
  }
}

function filterOf(
  ctx: Context,
  measures: readonly Measure[],
  question: Question,
  { filter, mine }: Over,
): { where: Predicate | null; unfiltered: boolean } {
  const all: Predicate[] = question.where ? [question.where] : [];
  const fits = filter !== undefined && measures.every(({ object }) => object === filter.object);
  if (filter && fits) all.push(filter.where);
  if ((mine || question.mine) && ctx.actor.userId !== null) {
    const owners = [...new Set(measures.map(({ object }) => ctx.model.object(object).owner))];
    const [owner] = owners;
    // Who may not know whose a record is, is not told it by its figures either: nothing is left then.
    if (owners.length === 1 && owner !== undefined) all.push({ field: owner, op: 'eq', value: ctx.actor.userId });
  }
  return {
    where: all.length === 0 ? null : all.length === 1 ? (all[0] as Predicate) : { all },
    unfiltered: filter !== undefined && !fits,
  };
}

/** Records have their own order where their object keeps one, as stages do. */
async function placesOf(
  ctx: Context,
  measures: readonly Measure[],
  by: readonly Cut[],
  rows: readonly MeasureRow[],
): Promise<(Map<string, number> | null)[]> {
  return Promise.all(
    by.map(async (cut, i) => {
      const target = typeof cut === 'string' && measures[0] ? targetAt(ctx, ctx.model.object(measures[0].object), cut) : null;
      if (target?.fields.get('position')?.type !== 'integer') return null;
      const ids = [...new Set(rows.map((row) => idOf(row.by[i])).filter((id) => id !== null))].slice(0, 500);
      if (ids.length === 0) return null;
      const page = await readPage(ctx, target, { where: { field: 'id', op: 'in', value: ids }, fields: ['position'], limit: 500 });
      const read = recordsOf(page).map((text) => JSON.parse(text) as { id: string; position: number | null });
      return new Map(read.map(({ id, position }) => [id, position ?? Number.MAX_SAFE_INTEGER]));
    }),
  );
}

function targetAt(ctx: Context, object: ModelObject, path: string): ModelObject | null {
  const found = resolvePath(bindContext(ctx), object, path);
  const target = found ? targetOf(found.field) : null;
  return target === null ? null : (ctx.model.objects.get(target) ?? null);
}

const idOf = (value: unknown): string | null => (isObject(value) && typeof value.id === 'string' ? value.id : null);

/** A figure as a number, for comparing figures with each other; what is nothing stands behind everything. */
export const amountOf = (figure: Figure | undefined): number | null =>
  figure === null || figure === undefined ? null : typeof figure === 'number' ? figure : Number(figure.amount);

/** Rows as they are drawn: what is in time in time, what has an order of its own in that, all else by its figure or name. Pure. */
export function ordered(
  rows: readonly MeasureRow[],
  by: readonly Cut[],
  drawing: Drawing,
  measure: string,
  places: readonly (Map<string, number> | null)[],
): MeasureRow[] {
  const value = (row: MeasureRow): number => amountOf(row.figures[measure]) ?? Number.NEGATIVE_INFINITY;
  const byValue = drawing.sort !== 'cut';
  // What a whole group comes to decides its place among the groups.
  const sums = new Map<string, number>();
  for (const row of rows) {
    const key = JSON.stringify(row.by[0] ?? null);
    sums.set(key, (sums.get(key) ?? 0) + (amountOf(row.figures[measure]) ?? 0));
  }
  const compareCut = (a: MeasureRow, b: MeasureRow, i: number): number => {
    const [one, other] = [a.by[i], b.by[i]];
    const place = places[i];
    if (place) return (place.get(idOf(one) ?? '') ?? Number.MAX_SAFE_INTEGER) - (place.get(idOf(other) ?? '') ?? Number.MAX_SAFE_INTEGER);
    if (typeof by[i] === 'string' && byValue && by.length === 1) return value(b) - value(a);
    if (typeof by[i] === 'string' && byValue && i === 0) {
      const apart = (sums.get(JSON.stringify(other ?? null)) ?? 0) - (sums.get(JSON.stringify(one ?? null)) ?? 0);
      if (apart !== 0) return apart;
    }
    return nameOf(one).localeCompare(nameOf(other), 'en', { numeric: true });
  };
  return [...rows].sort((a, b) => {
    for (let i = 0; i < by.length; i++) {
      const apart = compareCut(a, b, i);
      if (apart !== 0) return apart;
    }
    return 0;
  });
}

/** What a cut is called; the empty one stands last. */
export const nameOf = (value: unknown): string =>
  value === null || value === undefined ? '￿' : isObject(value) ? String(value.name ?? value.id ?? '') : String(value);
