import { stretchOf } from '#kit/calendar.ts';

/** Stretches of time that are forecast, by what they are called. */
export const LENGTHS = ['month', 'quarter', 'year'] as const;
export type Length = (typeof LENGTHS)[number];

/** A stretch of time as its first day and its length. */
export interface Period {
  from: string;
  every: Length;
}

/** The last day of a period. */
export const lastDay = ({ from, every }: Period): string => stretchOf(from, every).to;

/** The period of a length that a day lies in, by the calendar. */
export function periodAt(day: string, every: Length): Period {
  const [year = '', month = ''] = day.split('-');
  if (every === 'year') return { from: `${year}-01-01`, every };
  if (every === 'month') return { from: `${year}-${month}-01`, every };
  const first = Math.floor((Number(month) - 1) / 3) * 3 + 1;
  return { from: `${year}-${String(first).padStart(2, '0')}-01`, every };
}

/** The period behind another. */
export function periodAfter(period: Period): Period {
  const end = new Date(`${lastDay(period)}T00:00:00Z`);
  end.setUTCDate(end.getUTCDate() + 1);
  return { ...period, from: end.toISOString().slice(0, 10) };
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
