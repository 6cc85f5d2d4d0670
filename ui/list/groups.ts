import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { isObject, type Money, type Named, readNamed } from '../wire.ts';
import type { FigureKind } from './list-search.ts';
import type { Where } from './predicate.ts';

/** How rows are grouped, and what is reckoned over them. Pure: what is asked of the server, and how its answer is read. */

/** The value that the rows of a group share; dates go by months, named by their first day. */
export type GroupValue = string | boolean | Named | null;

export interface Group {
  /** Tells it from the other groups of the list. */
  key: string;
  value: GroupValue;
  count: number;
  /** By column: one sum, or one a currency. */
  sums: Record<string, Figure>;
  /** By column summed in the base currency: amounts without a rate, which are not in the sum. */
  unconverted?: Record<string, number>;
}

/** A number, an amount for each currency, or a day. */
export type Figure = number | string | Money[] | null;

const groupTypes = new Set(['select', 'reference', 'user', 'boolean', 'country', 'currency', 'language', 'date', 'dateTime']);
const dateTypes = new Set(['date', 'dateTime']);
/** Who wrote a record says little about it. */
const unasked = new Set(['updatedBy', 'updatedAt']);

export function isGroupable(field: FieldMeta): boolean {
  return groupTypes.has(field.type) && field.filterable && !field.hidden && !unasked.has(field.key);
}

/** Fields whose values may be the columns of a board: few, and written by moving a card. */
export function isBoardField(field: FieldMeta): boolean {
  return (field.type === 'select' || field.type === 'reference' || field.type === 'user') && isGroupable(field) && !field.readOnly;
}

/** The field a board stands on where nobody chose one: a stage, a status, else the first select. */
export function boardField(object: ObjectMeta, chosen: string | undefined): FieldMeta | undefined {
  const able = object.fields.filter(isBoardField);
  const find = (key: string): FieldMeta | undefined => able.find((field) => field.key === key);
  const own = chosen === undefined ? undefined : find(chosen);
  return own ?? find('stage') ?? find('status') ?? able.find((field) => field.type === 'select');
}

/**
 * The field by which the columns of a board fall apart: stages belong to a pipeline, and so do the deals on them. Stages of two
 * pipelines are no row, whatever their positions say, so a board shows those of one. Pure.
 */
export function splitField(object: ObjectMeta, board: FieldMeta, target: ObjectMeta | undefined): FieldMeta | undefined {
  if (board.type !== 'reference') return undefined;
  return object.fields.find(
    (field) =>
      field.type === 'reference' &&
      field.filterable &&
      !field.hidden &&
      target?.fields.some((far) => far.key === field.key && far.type === 'reference' && far.to === field.to && far.required),
  );
}

/** The parts that there are, in the order in which their columns come, and the one to show: the chosen one while it is there. Pure. */
export function partsOf(
  rows: readonly Record<string, unknown>[],
  key: string,
  chosen: string | null,
): { parts: Named[]; shown: Named | undefined } {
  const parts = new Map<string, Named>();
  for (const row of rows) {
    const part = readNamed(row[key]);
    if (part && !parts.has(part.id)) parts.set(part.id, part);
  }
  const list = [...parts.values()];
  return { parts: list, shown: list.find((part) => part.id === chosen) ?? list[0] };
}

/** The date a calendar is filled by where nobody chose one: what is due before what has been. */
export function calendarField(object: ObjectMeta, chosen: string | undefined): FieldMeta | undefined {
  const dates = object.fields.filter((field) => dateTypes.has(field.type) && field.filterable && !field.hidden);
  const find = (key: string): FieldMeta | undefined => dates.find((field) => field.key === key);
  const own = chosen === undefined ? undefined : find(chosen);
  const declared = new Set(['createdAt', 'updatedAt']);
  return own ?? find('dueOn') ?? find('closeDate') ?? find('dueDate') ?? dates.find((field) => !declared.has(field.key));
}

/** What is asked to group by a field. */
export function groupBy(field: FieldMeta): string | { path: string; by: 'month' } {
  return dateTypes.has(field.type) ? { path: field.key, by: 'month' } : field.key;
}

/** The condition that the rows of a group meet. */
export function groupWhere(field: FieldMeta, value: GroupValue): Where {
  const { key } = field;
  if (value === null) return { all: [{ field: key, op: 'isEmpty' }] };
  if (typeof value === 'object') return { all: [{ field: key, op: 'eq', value: value.id }] };
  if (dateTypes.has(field.type) && typeof value === 'string')
    return { all: [{ field: key, op: 'between', value: [value, lastOfMonth(value)] }] };
  return { all: [{ field: key, op: 'eq', value }] };
}

/** The last day of the month that begins on `first` (YYYY-MM-01). */
function lastOfMonth(first: string): string {
  const [year = 0, month = 1] = first.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** Columns that a head of a group shows the sum of. */
export function summed(fields: readonly FieldMeta[]): FieldMeta[] {
  return fields.filter((field) => field.aggregates?.includes('sum'));
}

interface Measure {
  op: string;
  field?: string;
  in?: 'base';
}

/** The sums of a group; `base` has those of money in the base currency, with how many amounts there are and are in them. */
export function sumMeasures(fields: readonly FieldMeta[], base = false): Record<string, Measure> {
  const money = base ? summed(fields).filter((field) => field.type === 'money') : [];
  return Object.fromEntries([
    ...money.flatMap((field): [string, Measure][] => [
      [`all.${field.key}`, { op: 'count', field: field.key }],
      [`base.${field.key}`, { op: 'count', field: field.key, in: 'base' }],
    ]),
    ['n', { op: 'count' }],
    ...summed(fields).map((field): [string, Measure] => [
      `sum.${field.key}`,
      { op: 'sum', field: field.key, ...(money.includes(field) ? { in: 'base' as const } : {}) },
    ]),
  ]);
}

function readValue(wire: unknown): GroupValue {
  if (typeof wire === 'string' || typeof wire === 'boolean') return wire;
  return readNamed(wire);
}

function readMoney(wire: unknown): Money | null {
  return isObject(wire) && wire.amount !== undefined && typeof wire.currency === 'string'
    ? { amount: String(wire.amount), currency: wire.currency }
    : null;
}

/** A figure as the server answers it. */
export function readFigure(wire: unknown): Figure {
  if (typeof wire === 'number') return wire;
  if (Array.isArray(wire)) return wire.map(readMoney).filter((one): one is Money => one !== null);
  const money = readMoney(wire);
  if (money) return [money];
  if (typeof wire !== 'string') return null;
  return /^-?\d+(\.\d+)?$/.test(wire) ? Number(wire) : wire;
}

/** Where a value stands among the others: the declared order of options or records, else none. */
export type Order = (value: GroupValue) => number | undefined;

export function optionOrder(field: FieldMeta): Order {
  const places = new Map(field.options?.map((option, at) => [option.key, at]));
  return (value) => (typeof value === 'string' ? places.get(value) : undefined);
}

/**
 * The groups of an answer, in their order: as declared; months latest first; else by their words. Rows without a value
 * come last.
 */
export function readGroups(
  field: FieldMeta,
  rows: readonly Record<string, unknown>[],
  order: Order,
  textOf: (value: GroupValue) => string,
): Group[] {
  const groups = rows.map((row) => {
    const value = readValue(row[field.key]);
    const sums = Object.entries(row).flatMap(([name, wire]) =>
      name.startsWith('sum.') ? [[name.slice(4), readFigure(wire)] as const] : [],
    );
    const unconverted = sums.flatMap(([key]) =>
      `all.${key}` in row ? [[key, Number(row[`all.${key}`] ?? 0) - Number(row[`base.${key}`] ?? 0)] as const] : [],
    );
    return {
      key: keyOf(value),
      value,
      count: Number(row.n ?? 0),
      sums: Object.fromEntries(sums),
      ...(unconverted.length > 0 ? { unconverted: Object.fromEntries(unconverted) } : {}),
    };
  });
  const dated = dateTypes.has(field.type);
  return groups.sort((one, other) => {
    if (one.value === null || other.value === null) return Number(one.value === null) - Number(other.value === null);
    if (dated) return String(other.value).localeCompare(String(one.value));
    const [here, there] = [order(one.value), order(other.value)];
    if (here !== undefined || there !== undefined) return (here ?? Number.MAX_SAFE_INTEGER) - (there ?? Number.MAX_SAFE_INTEGER);
    return textOf(one.value).localeCompare(textOf(other.value));
  });
}

export function keyOf(value: GroupValue): string {
  return typeof value === 'object' && value !== null ? value.id : JSON.stringify(value);
}

/** Groups that stand open until somebody folds them: the first, and on as long as their rows fit the screen together. */
export function openAtFirst(groups: readonly Group[], fit = 60): Set<string> {
  const open = new Set<string>();
  let rows = 0;
  for (const group of groups) {
    rows += group.count;
    if (open.size > 0 && rows > fit) break;
    open.add(group.key);
  }
  return open;
}

/** What is reckoned under the columns, as one question; in the base currency also how many amounts there are, and how many of them it holds. */
export function figureMeasures(figures: Readonly<Record<string, FigureKind>>): Record<string, Measure> {
  const measures: Record<string, Measure> = {};
  for (const [key, kind] of Object.entries(figures)) {
    const base = kind.endsWith('Base');
    const op = base ? kind.slice(0, -4) : kind;
    measures[key] = { op, field: key, ...(base ? { in: 'base' as const } : {}) };
    if (!base) continue;
    measures[`all.${key}`] = { op: 'count', field: key };
    measures[`base.${key}`] = { op: 'count', field: key, in: 'base' };
  }
  return measures;
}

/** Kinds of figure that a column can have. */
export function figuresOf(field: FieldMeta): FigureKind[] {
  const ops = (field.aggregates ?? []).filter((op): op is 'sum' | 'avg' | 'min' | 'max' => /^(sum|avg|min|max)$/.test(op));
  const able = field.type === 'text' || field.type === 'longText' ? [] : ops;
  return ['count', ...able, ...(field.type === 'money' ? able.map((op): FigureKind => `${op}Base`) : [])];
}
