import type { Predicate } from '#engine/declare/condition.ts';
import { isRatio, type Measure, type MeasurePart, partsOf } from '#engine/declare/measure.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { resolvePath } from '#engine/declare/path.ts';
import { type AggregateQuery, aggregate, type Measured } from '#engine/record/aggregate.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { periodBefore, stretchOf } from '#kit/calendar.ts';
import { invalid, notFound, type Problem } from '#kit/errors.ts';
import type { Json } from '#kit/json.ts';

/**
 * Measures read: of the records that the actor may read and no others, so that the same measure told to a rep is the rep's own.
 * Money is in the base currency at the rate of its day; amounts without a rate are counted beside it, never added.
 */

export const GRAINS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

export type MeasureCut = string | { every: Grain; of?: string };

export interface MeasureQuery {
  measures: readonly string[];
  /** Cuts: paths that every measure asked for knows, and stretches of time: of the day a record counts on at most one, others of a date they name. */
  by?: readonly MeasureCut[];
  /** First and last day that count, for measures that count on a date; those of how things stand now leave it aside. */
  from?: string;
  to?: string;
  /** Only records that meet this; all measures are then of one object. */
  where?: unknown;
  /** The same for the stretch of time of that length before, or a year before. */
  compare?: 'previous' | 'yearBefore';
  limit?: number;
}

/** A figure as it is told: money as `{amount, currency}`, percent 0 to 1; null where nothing can be said. */
export type Figure = { amount: string; currency: string } | number | null;

export interface MeasureRow {
  /** The record, key or first day of the stretch for each cut, in the order asked for. */
  by: Json[];
  figures: Record<string, Figure>;
  /** How many amounts had no rate, by measure; what is not named had none. */
  unconverted?: Record<string, number>;
}

export interface MeasureTable {
  rows: MeasureRow[];
  total: MeasureRow;
  /** Whether there are more rows than were asked for. */
  more: boolean;
}

export interface MeasureAnswer extends MeasureTable {
  asOf: string;
  before?: MeasureTable & { from: string; to: string };
}

const MOST = 12;
const ROWS = 1000;

/** The measures that an actor may read at all: each of its fields, and the records it is of. */
export const readableMeasures = (ctx: Context): Measure[] => [...ctx.model.measures.values()].filter((measure) => isReadable(ctx, measure));

function isReadable(ctx: Context, measure: Measure): boolean {
  const object = ctx.model.object(measure.object);
  if (ctx.actor.rights.scope(object.key, 'read') === 'none') return false;
  const paths = [measure.at, ...partsOf(measure.value).map(({ field }) => field)].filter((path) => path !== undefined);
  const conditions = [measure.where, ...partsOf(measure.value).map(({ where }) => where)];
  return [...paths, ...conditions.flatMap(pathsOf)].every((path) => resolvePath(bindContext(ctx), object, path) !== null);
}

/** The paths that a condition looks at in its own record. */
function pathsOf(where: Predicate | undefined): string[] {
  if (!where) return [];
  if ('field' in where) return [where.field];
  if ('count' in where) return [where.count];
  return ('all' in where ? where.all : 'any' in where ? where.any : where.none).flatMap(pathsOf);
}

/** A measure that the actor may read; `notFound` for any other. */
export function measureOf(ctx: Context, key: string): Measure {
  const measure = ctx.model.measures.get(key);
  if (!measure || !isReadable(ctx, measure)) throw notFound(`There is no measure “${key.slice(0, 60)}”.`);
  return measure;
}

/** Reads measures, cut as asked for, with their total and where asked for the stretch before. */
export async function readMeasures(ctx: Context, query: MeasureQuery): Promise<MeasureAnswer> {
  if (query.measures.length === 0 || query.measures.length > MOST)
    throw invalid('The measures cannot be read.', [{ path: 'measures', code: 'range', detail: `Between 1 and ${MOST} measures.` }]);
  const measures = [...new Set(query.measures)].map((key) => measureOf(ctx, key));
  checkCuts(ctx, measures, query);
  const now = await table(ctx, measures, query);
  const answer: MeasureAnswer = { ...now, asOf: ctx.env.now.toISOString() };
  if (query.compare === undefined) return answer;
  if (query.from === undefined || query.to === undefined)
    throw invalid('Nothing to compare with.', [{ path: 'compare', code: 'required', detail: 'Say from when to when.' }]);
  const before = periodBefore({ from: query.from, to: query.to }, query.compare);
  return { ...answer, before: { ...(await table(ctx, measures, { ...query, ...before })), ...before } };
}

function checkCuts(ctx: Context, measures: readonly Measure[], query: MeasureQuery): void {
  const problems: Problem[] = [];
  const by = query.by ?? [];
  if (by.length > 3) problems.push({ path: 'by', code: 'range', detail: 'At most three cuts.' });
  if (by.filter((cut) => typeof cut !== 'string' && cut.of === undefined).length > 1)
    problems.push({ path: 'by', code: 'range', detail: 'At most one stretch of time.' });
  if (query.where !== undefined && query.where !== null && new Set(measures.map(({ object }) => object)).size > 1)
    problems.push({
      path: 'where',
      code: 'objects',
      detail: 'A condition is about records of one object, and these measures are of several.',
    });
  by.forEach((cut, i) => {
    for (const { key, object, at } of measures) {
      const path = pathOf(cut, at);
      if (path === undefined)
        problems.push({ path: `by.${i}`, code: 'noTime', detail: `${key} says how things stand now: it has no past.` });
      else if (path !== at && !resolvePath(bindContext(ctx), ctx.model.object(object), path))
        problems.push({ path: `by.${i}`, code: 'unknownField', detail: `${object} has no field “${path.slice(0, 80)}”.` });
    }
  });
  if (problems.length > 0) throw invalid('The measures cannot be read.', problems);
}

/** The field that a cut looks at. */
const pathOf = (cut: MeasureCut, at: string | undefined): string | undefined => (typeof cut === 'string' ? cut : (cut.of ?? at));

/** What a measure counts: its own condition, the asker's, and the days. */
export function recordsOf(measure: Pick<Measure, 'at' | 'where'>, query: Pick<MeasureQuery, 'where' | 'from' | 'to'>): Predicate {
  const all: unknown[] = [];
  if (measure.where) all.push(measure.where);
  if (query.where !== undefined && query.where !== null) all.push(query.where);
  if (measure.at !== undefined) {
    if (query.from !== undefined) all.push({ field: measure.at, op: 'gte', value: query.from });
    if (query.to !== undefined) all.push({ field: measure.at, op: 'lte', value: query.to });
    if (query.from === undefined && query.to === undefined) all.push({ field: measure.at, op: 'isNotEmpty' });
  }
  return { all: all as Predicate[] };
}

type Row = Record<string, Json>;

/** One question to the database for all measures of one object on the same date. */
async function table(ctx: Context, measures: readonly Measure[], query: MeasureQuery): Promise<MeasureTable> {
  const alike = new Map<string, Measure[]>();
  for (const measure of measures) {
    const key = `${measure.object} ${measure.at ?? ''}`;
    alike.set(key, [...(alike.get(key) ?? []), measure]);
  }
  const limit = Math.min(query.limit ?? ROWS, ROWS);
  const parts = await Promise.all(
    [...alike.values()].map(async (group) => {
      const [first] = group as [Measure, ...Measure[]];
      const object = ctx.model.object(first.object);
      const by = (query.by ?? []).map((cut) => (typeof cut === 'string' ? cut : { path: cut.of ?? first.at ?? '', by: cut.every }));
      const { where, differ } = together(group);
      const question: AggregateQuery = {
        where: recordsOf(first.at === undefined ? { where } : { at: first.at, where }, query),
        measures: measured(ctx, object, group, differ),
      };
      const { rows, total } = await ask(ctx, object, { ...question, groupBy: by, limit: limit + 1, total: true });
      const names = by.map((cut) => (typeof cut === 'string' ? cut : cut.path));
      return {
        rows: by.length === 0 ? [] : rows.map((row) => told(group, row, names)),
        total: told(group, total, []),
        more: rows.length > limit,
      };
    }),
  );
  const rows = new Map<string, MeasureRow>();
  for (const part of parts)
    for (const row of part.rows) {
      const key = JSON.stringify(row.by);
      rows.set(key, merged(rows.get(key), row));
    }
  const empty = Object.fromEntries(measures.map(({ key }) => [key, null]));
  return {
    rows: [...rows.values()].slice(0, limit).map((row) => ({ ...row, figures: { ...empty, ...row.figures } })),
    total: parts.map(({ total }) => total).reduce((all, one) => merged(all, one)),
    more: rows.size > limit || parts.some(({ more }) => more),
  };
}

const ask = async (ctx: Context, object: ModelObject, query: AggregateQuery): Promise<{ rows: Row[]; total: Row }> =>
  JSON.parse(await aggregate(ctx, object, query)) as { rows: Row[]; total: Row };

function merged(a: MeasureRow | undefined, b: MeasureRow): MeasureRow {
  if (!a) return b;
  const unconverted = { ...a.unconverted, ...b.unconverted };
  return {
    by: a.by,
    figures: { ...a.figures, ...b.figures },
    ...(Object.keys(unconverted).length > 0 ? { unconverted } : {}),
  };
}

const isMoney = (ctx: Context, object: ModelObject, part: MeasurePart): boolean =>
  part.field !== undefined &&
  part.op !== 'count' &&
  part.op !== 'countDistinct' &&
  resolvePath(bindContext(ctx), object, part.field)?.field.type === 'money';

/** What several measures look at together, and what is each one's own where they differ. */
function together(group: readonly Measure[]): { where: Predicate | undefined; differ: boolean } {
  const wheres = new Map(group.map(({ where }) => [JSON.stringify(where ?? null), where]));
  if (wheres.size === 1) return { where: group[0]?.where, differ: false };
  const all = [...wheres.values()];
  return { where: all.some((one) => one === undefined) ? undefined : anyOf(all as Predicate[]), differ: true };
}

/** One condition or another; values of one and the same field are one list, which the database looks up once. */
function anyOf(conditions: readonly Predicate[]): Predicate {
  const [first] = conditions;
  const lists = conditions.map((one) => ('field' in one && one.op === 'in' && Array.isArray(one.value) ? one : null));
  if (first && 'field' in first && lists.every((one) => one?.field === first.field))
    return { field: first.field, op: 'in', value: [...new Set(lists.flatMap((one) => one?.value as Json[]))] };
  return { any: [...conditions] };
}

/** What the database is asked of measures that look at the same records; where they differ, each part says which are its own. */
function measured(ctx: Context, object: ModelObject, group: readonly Measure[], differ: boolean): Record<string, Measured> {
  const wanted: Record<string, Measured> = {};
  group.forEach((measure, i) => {
    partsOf(measure.value).forEach((part, n) => {
      const all = [differ ? measure.where : undefined, part.where].filter((one) => one !== undefined);
      const where = all.length > 1 ? { all } : all[0];
      const money = isMoney(ctx, object, part);
      const field = part.field === undefined ? {} : { field: part.field };
      wanted[`m${i}.${n}`] = { op: part.op, ...field, where, ...(money ? { in: 'base' } : {}) };
      if (!money) return;
      wanted[`m${i}.${n}.have`] = { op: 'count', ...field, where };
      wanted[`m${i}.${n}.rated`] = { op: 'count', ...field, in: 'base', where };
    });
  });
  return wanted;
}

/** A row of the database as measures. */
function told(group: readonly Measure[], row: Row, names: readonly string[]): MeasureRow {
  const figures: Record<string, Figure> = {};
  const unconverted: Record<string, number> = {};
  group.forEach(({ key, value }, i) => {
    // A mean of nothing is nothing; a sum of nothing is none.
    const isEmpty = (n: number): boolean => partsOf(value)[n]?.op !== 'sum' && row[`m${i}.${n}.rated`] === 0;
    const figure = (n: number): Figure => (isEmpty(n) ? null : asFigure(row[`m${i}.${n}`]));
    figures[key] = isRatio(value) ? ratio(figure(0), figure(1)) : figure(0);
    const lacking = partsOf(value)
      .map((_, n) => Number(row[`m${i}.${n}.have`] ?? 0) - Number(row[`m${i}.${n}.rated`] ?? 0))
      .reduce((sum, one) => sum + one, 0);
    if (lacking > 0) unconverted[key] = lacking;
  });
  return {
    by: names.map((name) => row[name] ?? null),
    figures,
    ...(Object.keys(unconverted).length > 0 ? { unconverted } : {}),
  };
}

function asFigure(value: Json | undefined): Figure {
  if (value === null || value === undefined) return null;
  if (typeof value === 'object') return value as { amount: string; currency: string };
  return Number(value);
}

const amount = (figure: Figure): number | null => (figure === null || typeof figure === 'number' ? figure : Number(figure.amount));

/** A part of a whole, to six places; empty where the whole is nothing. */
function ratio(part: Figure, of: Figure): number | null {
  const [a, b] = [amount(part), amount(of)];
  return a === null || b === null || b === 0 ? null : Math.round((a / b) * 1e6) / 1e6;
}

/** The records behind one figure: the object and the condition to list them by. Behind a ratio stand those of the whole. */
export function recordsBehind(
  ctx: Context,
  measure: Measure,
  cell: Pick<MeasureQuery, 'by' | 'from' | 'to' | 'where'> & { cell?: readonly Json[] },
): { object: string; where: Predicate } {
  checkCuts(
    ctx,
    [measure],
    cell.where === undefined ? { measures: [], by: cell.by ?? [] } : { measures: [], by: cell.by ?? [], where: cell.where },
  );
  if ((cell.cell?.length ?? 0) !== (cell.by?.length ?? 0))
    throw invalid('The figure cannot be found.', [{ path: 'cell', code: 'range', detail: 'One value for each cut.' }]);
  const conditions: Predicate[] = [recordsOf(measure, cell)];
  const { value } = measure;
  const own = isRatio(value) ? value.of.where : value.where;
  if (own) conditions.push(own);
  (cell.by ?? []).forEach((cut, i) => {
    const here = cell.cell?.[i] ?? null;
    const field = pathOf(cut, measure.at) ?? '';
    if (here === null) conditions.push({ field, op: 'isEmpty' } as Predicate);
    else if (typeof cut === 'string') conditions.push({ field, op: 'eq', value: here } as Predicate);
    else {
      const { from, to } = stretchOf(String(here), cut.every);
      conditions.push({ field, op: 'gte', value: from } as Predicate, { field, op: 'lte', value: to } as Predicate);
    }
  });
  return { object: measure.object, where: { all: conditions } };
}
