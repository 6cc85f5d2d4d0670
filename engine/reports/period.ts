import type { Grain, Period } from '#engine/declare/report.ts';
import { type Anchor, type Offset, relativeDate, stretchOf } from '#kit/calendar.ts';

const STARTS: Record<Grain, Anchor> = {
  day: 'today',
  week: 'startOfWeek',
  month: 'startOfMonth',
  quarter: 'startOfQuarter',
  year: 'startOfYear',
};

/** So many units as calendars know them. */
const back = (unit: Grain, n: number): Offset =>
  unit === 'day'
    ? { days: -n }
    : unit === 'week'
      ? { weeks: -n }
      : unit === 'year'
        ? { years: -n }
        : { months: -n * (unit === 'quarter' ? 3 : 1) };

/** The first and last day that a period means now; whole units, that of today included. Pure. */
export function daysOf(period: Period, now: Date, timeZone: string): { from: string; to: string } {
  if ('from' in period) return { from: period.from, to: period.to };
  const unit = 'in' in period ? period.in : period.unit;
  const start = (ago: number): string => relativeDate({ from: STARTS[unit], ...back(unit, ago) }, now, timeZone);
  if ('in' in period) return stretchOf(start(period.ago ?? 0), unit);
  return { from: start(period.last - 1), to: stretchOf(start(0), unit).to };
}
