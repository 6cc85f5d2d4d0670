/** Stretches of time that are forecast, by what they are called. */
export const LENGTHS = ['month', 'quarter', 'year'] as const;
export type Length = (typeof LENGTHS)[number];

/** By what a forecast is cut. */
export const BY = ['team', 'owner', 'territory', 'product', 'currency'] as const;
export type By = (typeof BY)[number];

/** A stretch of time as its first day and its length. */
export interface Period {
  from: string;
  every: Length;
}

const MONTHS: Record<Length, number> = { month: 1, quarter: 3, year: 12 };

/** The period so many lengths after another, or before it. Periods begin on the first of a month. */
export function periodsOn({ from, every }: Period, by: number): Period {
  const [year = 0, month = 1] = from.split('-').map(Number);
  return { from: new Date(Date.UTC(year, month - 1 + by * MONTHS[every], 1)).toISOString().slice(0, 10), every };
}

/** The last day of a period. */
export const lastDay = (period: Period): string =>
  new Date(Date.parse(`${periodsOn(period, 1).from}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

/** The period of a length that a day lies in, by the calendar. */
export function periodAt(day: string, every: Length): Period {
  const [year = '', month = ''] = day.split('-');
  if (every === 'year') return { from: `${year}-01-01`, every };
  if (every === 'month') return { from: `${year}-${month}-01`, every };
  const first = Math.floor((Number(month) - 1) / 3) * 3 + 1;
  return { from: `${year}-${String(first).padStart(2, '0')}-01`, every };
}

/**
 * What is set for a period: what was said of just that one, else the sum of what was said of the longest parts of it. Nothing is
 * shared out: a year says nothing of its quarters.
 */
export function setFor<T extends Period>(list: readonly T[], period: Period, worth: (one: T) => number): number | null {
  const to = lastDay(period);
  const within = list.filter((one) => one.from >= period.from && lastDay(one) <= to);
  for (const every of ['year', 'quarter', 'month'] as const) {
    const same = within.filter((one) => one.every === every && (every !== period.every || one.from === period.from));
    if (same.length > 0) return same.reduce((sum, one) => sum + worth(one), 0);
  }
  return null;
}
