import { Temporal } from 'temporal-polyfill';

/**
 * When somebody can be booked: weekly hours on the clocks of a zone, less what is taken, as instants. Pure. Where clocks go forward the
 * lost hour has no slot, where they go back the doubled one has each of its slots twice.
 */

/** A stretch of a day as clocks show it, `HH:MM` to `HH:MM`; `24:00` ends the day. */
export type Stretch = readonly [from: string, to: string];
/** Monday to Sunday as '1' to '7'. */
export type WeekHours = { readonly [weekday: string]: readonly Stretch[] };
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

/** Time that is taken, as milliseconds, with what is kept free around it. */
export interface Taken {
  start: number;
  end: number;
}

const MINUTE = 60_000;

/** The day that clocks in a zone show at an instant. */
export const dayOf = (at: number, timeZone: string): string => zoned(at, timeZone).toPlainDate().toString();
const zoned = (at: number, timeZone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);

/** The instant at which clocks show a time; one that they skip is when they are changed, of one that they show twice the one asked for. */
function instantOf(day: Temporal.PlainDate, time: string, timeZone: string, which: 'earlier' | 'later'): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const local = day.add({ days: Math.floor(hour / 24) }).toPlainDateTime({ hour: hour % 24, minute });
  const at = local.toZonedDateTime(timeZone, { disambiguation: which });
  if (at.toPlainDateTime().equals(local)) return at.epochMilliseconds;
  const changed = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' }).getTimeZoneTransition('next');
  return changed?.epochMilliseconds ?? at.epochMilliseconds;
}

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
    if (instantOf(day, '00:00', a.timeZone, 'earlier') >= o.until) break;
    for (const [from, to] of hoursOn(a, day)) {
      const end = instantOf(day, to, a.timeZone, 'later');
      for (let at = instantOf(day, from, a.timeZone, 'earlier'); at + a.length * MINUTE <= end; at += a.step * MINUTE)
        if (at >= earliest && at < o.until) found.push(at);
    }
  }
  return [...new Set(found)].sort((one, other) => one - other);
}

/** Of these beginnings those at which one host is free: nothing taken in the meeting and around it, and the day not full. */
export function freeOf(
  a: Availability,
  beginnings: readonly number[],
  taken: readonly Taken[],
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
