import { resolvePath } from '#engine/declare/path.ts';
import type { Cut, Grain } from '#engine/declare/report.ts';
import type { Figure, MeasureRow } from '#engine/measures/measures.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { isObject } from '#kit/json.ts';
import { amountOf, type Told, type ToldMeasure } from './read.ts';

/** A report as a plain table with words: what files, links and prints are made of. */

/** Words of the catalogues in one language; undefined where there is none. */
export type Speak = (key: string) => string | undefined;

export interface TableColumn {
  name: string;
  kind: 'text' | 'number' | 'money' | 'percent' | 'days';
  /** Of money: its currency. */
  currency?: string;
}

export interface ReportTable {
  columns: TableColumn[];
  rows: (string | number | null)[][];
  total: (string | number | null)[] | null;
  /** How many amounts had no rate, over all measures. */
  unconverted: number;
}

/** A readable label from a key. */
const plain = (key: string): string => {
  const spaced = key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

/** What a cut is called: the fields on its way, or the stretch of time. */
export function cutName(ctx: Context, object: string, cut: Cut, speak: Speak): string {
  const path = typeof cut === 'string' ? cut : cut.of;
  const stretch = typeof cut === 'string' ? null : (speak(`grain.${cut.every}`) ?? plain(cut.every));
  if (path === undefined) return stretch ?? '';
  const words: string[] = [];
  let at = ctx.model.objects.get(object);
  path.split('.').forEach((key, i, keys) => {
    words.push((at && (speak(`${at.key}.fields.${key}`) ?? speak(`field.${key}`))) ?? plain(key));
    const found = at ? resolvePath(bindContext(ctx), at, keys[i] ?? '') : null;
    const to = found?.field.with.to ?? (found?.field.type === 'user' ? 'user' : undefined);
    at = typeof to === 'string' ? ctx.model.objects.get(to) : undefined;
  });
  return [words.join(' › '), stretch].filter(Boolean).join(', ');
}

/** What one value of a cut is called. */
function valueName(ctx: Context, object: string, cut: Cut, value: unknown, speak: Speak, stretch: Stretch): string {
  if (value === null || value === undefined || value === '') return speak('report.none') ?? '–';
  if (isObject(value)) return String(value.name ?? value.id ?? '');
  if (typeof cut !== 'string') return stretch(String(value), cut.every);
  const found = resolvePath(bindContext(ctx), ctx.model.object(object), cut);
  return (found && speak(`${found.object.key}.options.${found.field.key}.${String(value)}`)) ?? String(value);
}

/** How a stretch of time is written, by its first day. */
type Stretch = (day: string, every: Grain) => string;

const told = (measure: ToldMeasure, figure: Figure | undefined): string | number | null =>
  measure.unit === 'money' ? (figure && typeof figure === 'object' ? figure.amount : null) : amountOf(figure);

/** The table of an answer; where it is compared each figure is followed by that of before. */
export function tableOf(ctx: Context, answer: Told, speak: Speak, stretch: Stretch = (day) => day): ReportTable {
  const object = answer.measures[0]?.object ?? '';
  const before = answer.before;
  const earlier = new Map((before && comparable(answer) ? before.rows : []).map((row) => [keyOf(row), row]));
  const columns: TableColumn[] = answer.by.map((cut) => ({ name: cutName(ctx, object, cut, speak), kind: 'text' as const }));
  for (const measure of answer.measures) {
    const name = speak(`measure.${measure.key}`) ?? plain(measure.key);
    const kind = measure.unit === 'count' ? ('number' as const) : measure.unit;
    const one = { kind, ...(kind === 'money' ? { currency: ctx.env.baseCurrency } : {}) };
    columns.push({ name, ...one });
    if (before) columns.push({ name: `${name} (${before.from} – ${before.to})`, ...one });
  }
  const figures = (row: MeasureRow | null, then: MeasureRow | undefined): (string | number | null)[] =>
    answer.measures.flatMap((measure) => [
      told(measure, row?.figures[measure.key]),
      ...(before ? [told(measure, then?.figures[measure.key])] : []),
    ]);
  const sum = (row: MeasureRow | null): number => Object.values(row?.unconverted ?? {}).reduce((most, one) => Math.max(most, one), 0);
  return {
    columns,
    rows: answer.rows.map((row) => [
      ...answer.by.map((cut, i) => valueName(ctx, object, cut, row.by[i], speak, stretch)),
      ...figures(row, earlier.get(keyOf(row))),
    ]),
    total: answer.total
      ? [...answer.by.map((_, i) => (i === 0 ? (speak('report.total') ?? 'Total') : '')), ...figures(answer.total, before?.total)]
      : null,
    unconverted: sum(answer.total),
  };
}

/** Rows of two stretches of time stand beside each other only where they are not cut by time. */
const comparable = (answer: Told): boolean => answer.by.every((cut) => typeof cut === 'string');

const keyOf = (row: MeasureRow): string => JSON.stringify(row.by.map((value) => (isObject(value) ? value.id : value)));
