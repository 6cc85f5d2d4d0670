import type { Comparison, Grain, Period } from '#engine/declare/report.ts';
import { type Anchor, addDays, dateIn, daysBetween, type Offset, periodBefore, relativeDate, stretchOf } from '#kit/calendar.ts';

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

/**
 * The days that a period is compared with. One that still runs is compared as far as it has come: half a year with half of the year
 * before, or every year would look bad until its last day. Pure.
 */
export function daysBefore(
  days: { from: string; to: string },
  how: Comparison,
  now: Date,
  timeZone: string,
): { from: string; to: string; toDate: boolean } {
  const today = dateIn(now, timeZone);
  const whole = periodBefore(days, how);
  if (today < days.from || today >= days.to) return { ...whole, toDate: false };
  const passed =
    how === 'yearBefore' ? periodBefore({ from: days.from, to: today }, how).to : addDays(whole.from, daysBetween(days.from, today));
  return { from: whole.from, to: passed < whole.to ? passed : whole.to, toDate: true };
}
