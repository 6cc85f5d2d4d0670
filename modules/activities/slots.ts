import { Temporal } from 'temporal-polyfill';
import { clockInstant, type Span, type Stretch, type WeekHours } from '#kit/hours.ts';

/**
 * When somebody can be booked: weekly hours on the clocks of a zone, less what is taken, as instants. Pure. Where clocks go forward the
 * lost hour has no slot, where they go back the doubled one has each of its slots twice.
 */

/** A day that is unlike others of its name. */
export interface DayHours {
  day: string;
  hours: readonly Stretch[];
}

export interface Availability {
  /** On whose clocks the hours are. */
  timeZone: string;
  hours: WeekHours;
  exceptions: readonly DayHours[];
  /** Minutes. */
  length: number;
  step: number;
  before: number;
  after: number;
  /** Minutes between now and the earliest beginning. */
  notice: number;
  /** Days that can be booked ahead, today included. */
  ahead: number;
  /** Bookings of one day, by the clocks of the hours; null where as many as fit. */
  perDay: number | null;
}

const MINUTE = 60_000;

/** The day that clocks in a zone show at an instant. */
export const dayOf = (at: number, timeZone: string): string => zoned(at, timeZone).toPlainDate().toString();
const zoned = (at: number, timeZone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);

const hoursOn = (a: Pick<Availability, 'hours' | 'exceptions'>, day: Temporal.PlainDate): readonly Stretch[] =>
  a.exceptions.find((one) => one.day === day.toString())?.hours ?? a.hours[String(day.dayOfWeek)] ?? [];

/** All beginnings that the hours offer between two instants, whatever is taken. */
export function offered(a: Availability, o: { from: number; until: number; now: number }): number[] {
  const today = zoned(o.now, a.timeZone).toPlainDate();
  const last = today.add({ days: a.ahead - 1 });
  const earliest = Math.max(o.from, o.now + a.notice * MINUTE);
  let day = zoned(earliest, a.timeZone).toPlainDate();
  const found: number[] = [];
  for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    if (clockInstant(day, '00:00', a.timeZone, 'earlier') >= o.until) break;
    for (const [from, to] of hoursOn(a, day)) {
      const end = clockInstant(day, to, a.timeZone, 'later');
      for (let at = clockInstant(day, from, a.timeZone, 'earlier'); at + a.length * MINUTE <= end; at += a.step * MINUTE)
        if (at >= earliest && at < o.until) found.push(at);
    }
  }
  return [...new Set(found)].sort((one, other) => one - other);
}

/** Of these beginnings those at which one host is free: nothing taken, with what is kept free around it, in the meeting and around that, and the day not full. */
export function freeOf(
  a: Availability,
  beginnings: readonly number[],
  taken: readonly Span[],
  booked: ReadonlyMap<string, number>,
): number[] {
  const sorted = [...taken].sort((one, other) => one.start - other.start);
  // How far what began up to here reaches: what begins before may still be going on.
  let reach = Number.NEGATIVE_INFINITY;
  const reaches = sorted.map(({ end }) => {
    reach = Math.max(reach, end);
    return reach;
  });
  let begun = 0;
  return beginnings.filter((at) => {
    const from = at - a.before * MINUTE;
    const to = at + (a.length + a.after) * MINUTE;
    while (begun < sorted.length && (sorted[begun]?.start ?? 0) < to) begun++;
    if (begun > 0 && (reaches[begun - 1] ?? 0) > from) return false;
    return a.perDay === null || (booked.get(dayOf(at, a.timeZone)) ?? 0) < a.perDay;
  });
}
