import type { Comparison, Cut, Grain } from '#engine/declare/report.ts';
import { displayName, formatChange, formatDays, formatMoney, formatNumber, formatPercent, formatSigned, formatStretch } from '../format.ts';
import { pathText, resolvePath } from '../list/path.ts';
import type { MetaIndex } from '../meta.ts';
import { isObject, type Money } from '../wire.ts';
import type { Words } from '../words.ts';

/** A report as the server tells it, and how its figures and cuts are said. Pure. */

export type Figure = Money | number | null;
export type Unit = 'count' | 'money' | 'percent' | 'days' | 'number';

export interface ToldMeasure {
  key: string;
  object: string;
  unit: Unit;
  better: 'more' | 'less' | null;
  at: string | null;
}

export interface AnswerRow {
  by: unknown[];
  figures: Record<string, Figure>;
  unconverted?: Record<string, number>;
}

export interface Answer {
  measures: ToldMeasure[];
  withheld: number;
  by: Cut[];
  period: { from: string; to: string } | null;
  compare: Comparison | null;
  unfiltered: boolean;
  where: unknown;
  rows: AnswerRow[];
  others: number | null;
  total: AnswerRow | null;
  before: { from: string; to: string; toDate: boolean; rows: AnswerRow[]; total: AnswerRow } | null;
  asOf: string;
}

/** A figure as a number to draw; null where there is nothing. */
export const amountOf = (figure: Figure | undefined): number | null =>
  figure === null || figure === undefined ? null : typeof figure === 'number' ? figure : Number(figure.amount);

/** A figure as it is read: money whole from a thousand on, where cents say nothing. */
export function figureText(unit: Unit, figure: Figure | undefined): string {
  if (figure === null || figure === undefined) return '–';
  if (typeof figure === 'object') return formatMoney(figure, { whole: Math.abs(Number(figure.amount)) >= 1000 });
  if (unit === 'percent') return formatPercent(figure);
  return unit === 'days' ? formatDays(figure) : formatNumber(figure, 2);
}

export interface Delta {
  /** A share of what was, or for shares the difference in points. */
  moved: number;
  points: boolean;
  /** Whether that is good; null where neither way is, or nothing moved. */
  good: boolean | null;
}

/** How a figure moved since the stretch before: a share of it, and of shares the difference in points. */
export function deltaOf(measure: Pick<ToldMeasure, 'unit' | 'better'>, now: Figure | undefined, before: Figure | undefined): Delta | null {
  const [a, b] = [amountOf(now), amountOf(before)];
  if (a === null || b === null || (measure.unit !== 'percent' && b === 0)) return null;
  const moved = measure.unit === 'percent' ? a - b : (a - b) / Math.abs(b);
  const good = moved === 0 || measure.better === null ? null : moved > 0 === (measure.better === 'more');
  return { moved, points: measure.unit === 'percent', good };
}

/** How a figure moved, in words. */
export const deltaText = ({ moved, points }: Delta, t: Words['t']): string =>
  points ? t('report.points', { n: formatSigned(moved * 100) }) : formatChange(moved);

/** The key of a cut's value: a record by its id. */
export const keyOf = (value: unknown): string | number | boolean | null =>
  isObject(value)
    ? String(value.id ?? '')
    : typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : null;

/** What a cut is called. */
export function cutText(meta: MetaIndex, words: Words, object: string, cut: Cut): string {
  const of = meta.object(object);
  const path = typeof cut === 'string' ? cut : cut.of;
  const found = of && path !== undefined ? resolvePath(meta, of, path) : null;
  const field = found ? pathText(found, words) : (path ?? '');
  if (typeof cut === 'string') return field;
  const stretch = words.t(`grain.${cut.every}`);
  return cut.of === undefined ? stretch : words.t('report.dateBy', { date: field, stretch: words.inSentence(stretch) });
}

/** What one value of a cut is called. */
export function valueText(meta: MetaIndex, words: Words, object: string, cut: Cut, value: unknown): string {
  if (value === null || value === undefined || value === '') return words.t('report.none');
  if (typeof cut !== 'string') return formatStretch(String(value), cut.every);
  if (isObject(value)) return String(value.name ?? '');
  const of = meta.object(object);
  const found = of ? resolvePath(meta, of, cut) : null;
  const type = found?.field.type;
  if (found && (type === 'select' || type === 'multiSelect'))
    return words.option(found.object.key, found.field.optionsOf ?? found.field.key, String(value));
  if (type === 'boolean') return words.t(value === true ? 'value.yes' : 'value.no');
  if (type === 'country') return displayName('region', String(value));
  return String(value);
}

/** The beginning of the next stretch. */
function next(day: string, every: Grain): string {
  const date = new Date(`${day}T12:00:00Z`);
  if (every === 'day' || every === 'week') date.setUTCDate(date.getUTCDate() + (every === 'day' ? 1 : 7));
  else date.setUTCMonth(date.getUTCMonth() + { month: 1, quarter: 3, year: 12 }[every]);
  return date.toISOString().slice(0, 10);
}

/** The beginning of the stretch that holds a day. */
export function startOf(day: string, every: Grain): string {
  const date = new Date(`${day}T12:00:00Z`);
  if (every === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (every === 'month') date.setUTCDate(1);
  if (every === 'quarter') date.setUTCMonth(Math.floor(date.getUTCMonth() / 3) * 3, 1);
  if (every === 'year') date.setUTCMonth(0, 1);
  return date.toISOString().slice(0, 10);
}

/** More stretches than can be told apart are not filled up. */
const MOST = 400;

/** All stretches from one day to another, those in which nothing happened among them. */
export function stretches(from: string, to: string, every: Grain): string[] {
  const all: string[] = [];
  for (let at = startOf(from, every); at <= to && all.length < MOST; at = next(at, every)) all.push(at);
  return all;
}

/** The values of a cut in their order: of time every stretch between the first and the last that has anything. */
export function valuesOf(rows: readonly AnswerRow[], by: readonly Cut[], at: number): unknown[] {
  const seen = new Map<string, unknown>();
  for (const row of rows) seen.set(JSON.stringify(keyOf(row.by[at])), row.by[at]);
  const cut = by[at];
  const values = [...seen.values()];
  if (cut === undefined || typeof cut === 'string') return values;
  const days = values.filter((value): value is string => typeof value === 'string').sort();
  const [first] = days;
  const last = days.at(-1);
  return first === undefined || last === undefined ? [] : stretches(first, last, cut.every);
}

/** The row of a cell. */
export function rowAt(rows: readonly AnswerRow[], cell: readonly unknown[]): AnswerRow | undefined {
  const wanted = JSON.stringify(cell.map(keyOf));
  return rows.find((row) => JSON.stringify(row.by.map(keyOf)) === wanted);
}
