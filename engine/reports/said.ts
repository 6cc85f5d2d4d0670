import type { Grain } from '#engine/declare/report.ts';
import type { TableColumn } from './table.ts';

/** Figures and stretches of time as readers read them, in their language. Pure. */

/** A cell of a table; money whole from a thousand on, where cents say nothing. */
export function cellSaid(column: TableColumn | undefined, value: string | number | null, language: string): string {
  if (value === null) return '–';
  if (!column || column.kind === 'text') return String(value);
  const number = Number(value);
  if (column.kind === 'money')
    return new Intl.NumberFormat(language, {
      style: 'currency',
      currency: column.currency ?? 'EUR',
      currencyDisplay: 'narrowSymbol',
      maximumFractionDigits: Math.abs(number) >= 1000 ? 0 : 2,
    }).format(number);
  if (column.kind === 'percent') return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(number);
  if (column.kind === 'days')
    return new Intl.NumberFormat(language, { style: 'unit', unit: 'day', unitDisplay: 'long', maximumFractionDigits: 1 }).format(number);
  return new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(number);
}

/** A day of the calendar, which is the same one everywhere. */
export const daySaid = (day: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`));

export const daysSaid = ({ from, to }: { from: string; to: string }, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).formatRange(
    new Date(`${from}T12:00:00Z`),
    new Date(`${to}T12:00:00Z`),
  );

export const momentSaid = (at: Date, language: string, timeZone: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);

/** A stretch of time by its first day. */
export function stretchSaid(day: string, every: Grain, language: string): string {
  if (every === 'quarter') return `Q${Math.ceil(Number(day.slice(5, 7)) / 3)} ${day.slice(0, 4)}`;
  if (every === 'year') return day.slice(0, 4);
  if (every === 'month')
    return new Intl.DateTimeFormat(language, { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`));
  return daySaid(day, language);
}

/** A sentence with its gaps filled. */
export const filled = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (gap, key: string) => (key in values ? String(values[key]) : gap));
