import { Temporal } from 'temporal-polyfill';
import { isObject } from './json.ts';

/** Hours of a week as clocks show them, and the instants they stand for. Pure. */

/** A stretch of a day as clocks show it, `HH:MM` to `HH:MM`; `24:00` ends the day. */
export type Stretch = readonly [from: string, to: string];
/** Monday to Sunday as '1' to '7'. */
export type WeekHours = { readonly [weekday: string]: readonly Stretch[] };
/** A time between two instants, as milliseconds; its end lies outside. */
export interface Span {
  start: number;
  end: number;
}

/** Nine to five, Monday to Friday. */
export const OFFICE_HOURS: WeekHours = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [['09:00', '17:00']]]));

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const MOST_STRETCHES = 6;

/** Whether these are stretches of a day, in order and apart. */
export function areStretches(given: unknown): given is readonly Stretch[] {
  if (!Array.isArray(given) || given.length > MOST_STRETCHES) return false;
  let last = '';
  for (const one of given as unknown[]) {
    if (!Array.isArray(one) || one.length !== 2) return false;
    const [from, to] = one as unknown[];
    if (typeof from !== 'string' || typeof to !== 'string' || !TIME.test(from) || !(TIME.test(to) || to === '24:00')) return false;
    if (from >= to || from < last) return false;
    last = to;
  }
  return true;
}

/** Whether these are hours of a week. */
export const isWeekHours = (given: unknown): given is WeekHours =>
  isObject(given) && Object.entries(given).every(([day, some]) => /^[1-7]$/.test(day) && areStretches(some));

const zoned = (at: number, timeZone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);

/** The instant at which clocks show a time; one that they skip is when they are changed, of one that they show twice the one asked for. */
export function clockInstant(day: Temporal.PlainDate, time: string, timeZone: string, which: 'earlier' | 'later'): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const local = day.add({ days: Math.floor(hour / 24) }).toPlainDateTime({ hour: hour % 24, minute });
  const at = local.toZonedDateTime(timeZone, { disambiguation: which });
  if (at.toPlainDateTime().equals(local)) return at.epochMilliseconds;
  const changed = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' }).getTimeZoneTransition('next');
  return changed?.epochMilliseconds ?? at.epochMilliseconds;
}

/** The hours of a week on the clocks of a zone between two instants, in order and apart; `except` names days that have none. */
export function hoursBetween(
  hours: WeekHours,
  timeZone: string,
  o: { from: number; until: number; except?: (day: string) => boolean },
): Span[] {
  const found: Span[] = [];
  for (let day = zoned(o.from, timeZone).toPlainDate(); ; day = day.add({ days: 1 })) {
    if (clockInstant(day, '00:00', timeZone, 'earlier') >= o.until) return found;
    if (o.except?.(day.toString())) continue;
    for (const [from, to] of hours[String(day.dayOfWeek)] ?? []) {
      const start = Math.max(clockInstant(day, from, timeZone, 'earlier'), o.from);
      const end = Math.min(clockInstant(day, to, timeZone, 'later'), o.until);
      if (start < end) found.push({ start, end });
    }
  }
}

/** Spans in order, those that touch or overlap as one. */
export function union(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of [...spans].sort((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else found.push({ start: span.start, end: span.end });
  }
  return found;
}

/** What of ordered spans is left without others, in whatever order those are. */
export function without(spans: readonly Span[], taken: readonly Span[]): Span[] {
  const off = union(taken);
  return spans.flatMap(({ start, end }) => {
    const left: Span[] = [];
    let from = start;
    for (const one of off) {
      if (one.end <= from || one.start >= end) continue;
      if (one.start > from) left.push({ start: from, end: one.start });
      from = Math.max(from, one.end);
    }
    if (from < end) left.push({ start: from, end });
    return left;
  });
}

/** What two lists of ordered spans have in common. */
export function common(one: readonly Span[], other: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    const [a, b] = [one[i], other[j]];
    if (!a || !b) break;
    const [start, end] = [Math.max(a.start, b.start), Math.min(a.end, b.end)];
    if (start < end) found.push({ start, end });
    if (a.end < b.end) i++;
    else j++;
  }
  return found;
}
