import { Temporal } from 'temporal-polyfill';

/**
 * Dates as people mean them: "today", "the first of this month", "thirty days ago", reckoned in one time zone.
 * A relative date is either a name or an offset, optionally from a name: `"startOfMonth"`, `{ "days": -30 }`,
 * `{ "from": "startOfQuarter", "months": -3 }`.
 */
export const ANCHORS = [
  'now',
  'today',
  'yesterday',
  'tomorrow',
  'startOfWeek',
  'startOfMonth',
  'startOfQuarter',
  'startOfYear',
  'endOfWeek',
  'endOfMonth',
  'endOfQuarter',
  'endOfYear',
] as const;
export type Anchor = (typeof ANCHORS)[number];
export const UNITS = ['minutes', 'hours', 'days', 'weeks', 'months', 'years'] as const;
export type Offset = { [unit in (typeof UNITS)[number]]?: number } & { from?: Anchor };
export type RelativeDate = Anchor | Offset;

export const isAnchor = (value: unknown): value is Anchor => typeof value === 'string' && (ANCHORS as readonly string[]).includes(value);

/** Whether a value is an offset: only known units, whole numbers, at least one member. */
export function isOffset(value: unknown): value is Offset {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 &&
    entries.every(([key, part]) =>
      key === 'from'
        ? isAnchor(part)
        : (UNITS as readonly string[]).includes(key) && Number.isInteger(part) && Math.abs(part as number) < 1e5,
    )
  );
}

/** The calendar date that an instant has in a time zone, as `YYYY-MM-DD`. */
export const dateIn = (instant: Date, timeZone: string): string => zoned(instant, timeZone).toPlainDate().toString();

/** The hour that a clock in a time zone shows, 0 to 23. */
export const hourIn = (instant: Date, timeZone: string): number => zoned(instant, timeZone).hour;

/** The instant at which a calendar date begins in a time zone. */
export const startOfDate = (date: string, timeZone: string): Date =>
  new Date(Temporal.PlainDate.from(date).toZonedDateTime({ timeZone }).epochMilliseconds);

/** The calendar date `days` after another. */
export const addDays = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString();

/** Whole days from one calendar date to another; negative when `to` lies before. */
export const daysBetween = (from: string, to: string): number =>
  Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'day' }).days;

/** The first and last day of the day, week, month, quarter or year that begins on a day. */
export function stretchOf(from: string, every: 'day' | 'week' | 'month' | 'quarter' | 'year'): { from: string; to: string } {
  const length = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 }, quarter: { months: 3 }, year: { years: 1 } }[every];
  return { from, to: Temporal.PlainDate.from(from).add(length).subtract({ days: 1 }).toString() };
}

/**
 * The stretch of days that one is compared with: as long and right before it, or the same a year before. Whole months stay whole
 * months: before the first quarter comes the fourth, not ninety days.
 */
export function periodBefore(period: { from: string; to: string }, how: 'previous' | 'yearBefore'): { from: string; to: string } {
  const from = Temporal.PlainDate.from(period.from);
  const end = Temporal.PlainDate.from(period.to).add({ days: 1 });
  const months = from.until(end, { largestUnit: 'months' });
  const back: Temporal.DurationLike =
    how === 'yearBefore'
      ? { years: 1 }
      : from.day === 1 && months.days === 0
        ? { months: months.months }
        : { days: daysBetween(period.from, end.toString()) };
  return { from: from.subtract(back).toString(), to: end.subtract(back).subtract({ days: 1 }).toString() };
}

/** The calendar date a relative date means. */
export function relativeDate(relative: RelativeDate, now: Date, timeZone: string): string {
  const { from, ...offset } = typeof relative === 'string' ? { from: relative } : relative;
  const start = anchorDate(from ?? 'today', zoned(now, timeZone).toPlainDate());
  const { minutes: _minutes, hours: _hours, ...days } = offset as Offset;
  return steps(days)
    .reduce((at, step) => at.add(step), start)
    .toString();
}

/** The parts of an offset, the largest first: each is taken by itself, since `{ "months": 1, "days": -1 }` goes both ways. */
function steps(offset: Offset): Temporal.DurationLike[] {
  return [...UNITS].reverse().flatMap((unit) => (offset[unit] ? [{ [unit]: offset[unit] }] : []));
}

/** The instant a relative date means: an anchor is the start of its day (`now` is now), an offset without anchor counts from now. */
export function relativeInstant(relative: RelativeDate, now: Date, timeZone: string): Date {
  const { from, ...offset } = typeof relative === 'string' ? { from: relative } : relative;
  const here = zoned(now, timeZone);
  const anchor = from ?? 'now';
  const start = anchor === 'now' ? here : anchorDate(anchor, here.toPlainDate()).toZonedDateTime({ timeZone });
  const end = steps(offset as Offset).reduce((at, step) => at.add(step), start);
  return new Date(end.epochMilliseconds);
}

const zoned = (instant: Date, timeZone: string) => Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);

function anchorDate(anchor: Anchor, today: Temporal.PlainDate): Temporal.PlainDate {
  const quarterStart = () => today.with({ day: 1, month: Math.floor((today.month - 1) / 3) * 3 + 1 });
  switch (anchor) {
    case 'now':
    case 'today':
      return today;
    case 'yesterday':
      return today.subtract({ days: 1 });
    case 'tomorrow':
      return today.add({ days: 1 });
    case 'startOfWeek':
      return today.subtract({ days: today.dayOfWeek - 1 });
    case 'startOfMonth':
      return today.with({ day: 1 });
    case 'startOfQuarter':
      return quarterStart();
    case 'startOfYear':
      return today.with({ day: 1, month: 1 });
    case 'endOfWeek':
      return today.add({ days: 7 - today.dayOfWeek });
    case 'endOfMonth':
      return today.with({ day: today.daysInMonth });
    case 'endOfQuarter':
      return quarterStart().add({ months: 3 }).subtract({ days: 1 });
    case 'endOfYear':
      return today.with({ day: 31, month: 12 });
  }
}
