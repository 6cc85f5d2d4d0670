import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';

/**
 * The times that a rule of RFC 5545 names. Reckoned on the clocks of a zone: what is at ten o'clock stays at ten o'clock when clocks are
 * changed, and a day is a day everywhere.
 */

const rule = (rrule: string, start: Temporal.ZonedDateTime) =>
  new RRuleTemporal({ rruleString: rrule, dtstart: start, temporal: Temporal, maxIterations: 20_000 });

/** The end of a rule that ends on a day means all of that day. */
const whole = (rrule: string): string => rrule.replace(/UNTIL=(\d{8})(?=;|$)/, 'UNTIL=$1T235959Z');

/** The first day behind `after` that a rule names which began on the day `since`; null when it is over. Days are `YYYY-MM-DD`. Pure. */
export function nextDay(rrule: string, since: string, after: string): string | null {
  const start = Temporal.PlainDate.from(since).toZonedDateTime({ timeZone: 'UTC' });
  const from = Temporal.PlainDate.from(after).toZonedDateTime({ timeZone: 'UTC' });
  return rule(whole(rrule), start).next(new Date(from.epochMilliseconds))?.toPlainDate().toString() ?? null;
}

/** At most `most` instants behind `after` and up to `until` that a rule names which began at the instant `since`. Pure. */
export function nextInstants(rrule: string, o: { since: Date; timeZone: string; after: Date; until: Date; most: number }): Date[] {
  const start = Temporal.Instant.fromEpochMilliseconds(o.since.getTime()).toZonedDateTimeISO(o.timeZone);
  const found: Date[] = [];
  for (const at of rule(whole(rrule), start).between(new Date(o.after.getTime() + 1), o.until, true)) {
    found.push(new Date(at.epochMilliseconds));
    if (found.length >= o.most) break;
  }
  return found;
}

/** An instant moved by as much as clocks in a zone show between two others: the same time of day on other days. Pure. */
export function movedAlike(instant: string, from: string, to: string, timeZone: string): string {
  const wall = (text: string) => Temporal.Instant.from(text).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return new Date(
    wall(instant)
      .add(wall(from).until(wall(to), { largestUnit: 'days' }))
      .toZonedDateTime(timeZone).epochMilliseconds,
  ).toISOString();
}

/** The time of day of an instant on another day, in a zone. Pure. */
export function onDay(instant: string, day: string, timeZone: string): string {
  const time = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainTime();
  return new Date(Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds).toISOString();
}

/** The instant at which the clocks of a zone show a day and a time: `YYYY-MM-DDTHH:MM:SS`. Pure. */
export const instantIn = (local: string, timeZone: string): Date =>
  new Date(Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds);
