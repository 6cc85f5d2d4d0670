import { isObject } from '../wire.ts';

/**
 * Spans of days as people name them. The language knows single relative days; a span is `between` two of them, so that
 * these are read from and written as ordinary conditions.
 */
export const spanUnits = ['days', 'weeks', 'months', 'years'] as const;
export type SpanUnit = (typeof spanUnits)[number];

export type Period =
  /** From so long ago to today. */
  | { kind: 'last'; n: number; unit: SpanUnit }
  /** From today to so far ahead. */
  | { kind: 'next'; n: number; unit: SpanUnit }
  | { kind: 'in'; name: NamedPeriod };

const calendar = { Week: 'week', Month: 'month', Quarter: 'quarter', Year: 'year' } as const;
type Calendar = keyof typeof calendar;
const sides = ['last', 'this', 'next'] as const;
export type NamedPeriod = `${(typeof sides)[number]}${Calendar}`;
export const namedPeriods: NamedPeriod[] = (['Week', 'Month', 'Quarter', 'Year'] as const).flatMap((unit) =>
  sides.map((side) => `${side}${unit}` as const),
);

const shift: Record<Calendar, { unit: SpanUnit; by: number }> = {
  Week: { unit: 'weeks', by: 1 },
  Month: { unit: 'months', by: 1 },
  Quarter: { unit: 'months', by: 3 },
  Year: { unit: 'years', by: 1 },
};

/** The days of a named period: last month ends the day before this one begins. */
function named(name: NamedPeriod): [unknown, unknown] {
  const side = sides.find((one) => name.startsWith(one)) ?? 'this';
  const span = name.slice(side.length) as Calendar;
  const { unit, by } = shift[span];
  if (side === 'this') return [`startOf${span}`, `endOf${span}`];
  if (side === 'last')
    return [
      { from: `startOf${span}`, [unit]: -by },
      { from: `startOf${span}`, days: -1 },
    ];
  return [
    { from: `endOf${span}`, days: 1 },
    { from: `startOf${span}`, [unit]: 2 * by, days: -1 },
  ];
}

/** The two values of `between` that a period means. */
export function writePeriod(period: Period): [unknown, unknown] {
  if (period.kind === 'last') return [{ [period.unit]: -period.n }, 'today'];
  if (period.kind === 'next') return ['today', { [period.unit]: period.n }];
  return named(period.name);
}

function offset(value: unknown): { n: number; unit: SpanUnit } | null {
  if (!isObject(value)) return null;
  const keys = Object.keys(value);
  const unit = spanUnits.find((one) => one === keys[0]);
  const n = unit && value[unit];
  return keys.length === 1 && unit && typeof n === 'number' && n !== 0 ? { n, unit } : null;
}

const alike = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The period that two values of `between` mean; null where they are days of their own. */
export function readPeriod(value: unknown): Period | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [from, to] = value;
  const back = offset(from);
  if (back && back.n < 0 && to === 'today') return { kind: 'last', n: -back.n, unit: back.unit };
  const ahead = offset(to);
  if (ahead && ahead.n > 0 && from === 'today') return { kind: 'next', n: ahead.n, unit: ahead.unit };
  const name = namedPeriods.find((one) => alike(named(one), [from, to]));
  return name ? { kind: 'in', name } : null;
}
