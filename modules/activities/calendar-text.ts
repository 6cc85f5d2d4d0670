import ICAL from 'ical.js';

/** Calendars as text, as every program writes and reads them (RFC 5545): out of meetings and tasks, and into busy times. Pure. */

// Lines of 75 bytes, the blank at their beginning counted.
ICAL.foldLength = 74;

/** Something in a calendar that goes out. */
export interface CalendarEntry {
  uid: string;
  /** Of the last change: whoever has read it already sees that it is newer. */
  version: number;
  changedAt: string;
  title: string;
  description?: string | null;
  place?: string | null;
  url?: string | null;
  status?: 'CONFIRMED' | 'CANCELLED';
  people?: readonly { email: string; name?: string | null; answer?: string | null }[];
  when: { start: string; end: string } | { from: string; to: string };
}

const ANSWERS: Readonly<Record<string, string>> = {
  accepted: 'ACCEPTED',
  declined: 'DECLINED',
  tentative: 'TENTATIVE',
  invited: 'NEEDS-ACTION',
};

/** Moments in UTC, which no reader can get wrong; days as days, which no zone moves. */
const instant = (iso: string) => ICAL.Time.fromJSDate(new Date(iso), true);
const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** A calendar of these entries as text. */
export function calendarText(o: { name: string; entries: readonly CalendarEntry[] }): string {
  const calendar = new ICAL.Component(['vcalendar', [], []]);
  calendar.updatePropertyWithValue('prodid', '-//Perigon//EN');
  calendar.updatePropertyWithValue('version', '2.0');
  calendar.updatePropertyWithValue('calscale', 'GREGORIAN');
  calendar.updatePropertyWithValue('method', 'PUBLISH');
  calendar.updatePropertyWithValue('x-wr-calname', o.name);
  for (const entry of o.entries) {
    const event = new ICAL.Component('vevent');
    event.updatePropertyWithValue('uid', entry.uid);
    event.updatePropertyWithValue('sequence', entry.version - 1);
    event.updatePropertyWithValue('dtstamp', instant(entry.changedAt));
    event.updatePropertyWithValue('last-modified', instant(entry.changedAt));
    event.updatePropertyWithValue('summary', entry.title);
    if ('start' in entry.when) {
      event.updatePropertyWithValue('dtstart', instant(entry.when.start));
      event.updatePropertyWithValue('dtend', instant(entry.when.end));
    } else {
      event.updatePropertyWithValue('dtstart', ICAL.Time.fromDateString(entry.when.from));
      // The end of a whole day is the day behind it.
      event.updatePropertyWithValue('dtend', ICAL.Time.fromDateString(dayAfter(entry.when.to, 1)));
      // Something to do does not make somebody busy all day.
      event.updatePropertyWithValue('transp', 'TRANSPARENT');
    }
    if (entry.description) event.updatePropertyWithValue('description', entry.description);
    if (entry.place) event.updatePropertyWithValue('location', entry.place);
    if (entry.url) event.updatePropertyWithValue('url', entry.url);
    event.updatePropertyWithValue('status', entry.status ?? 'CONFIRMED');
    for (const { email, name, answer } of entry.people ?? []) {
      const person = new ICAL.Property('attendee');
      person.setValue(`mailto:${email}`);
      if (name) person.setParameter('cn', name.replaceAll('"', ''));
      person.setParameter('partstat', ANSWERS[answer ?? ''] ?? 'NEEDS-ACTION');
      event.addProperty(person);
    }
    calendar.addSubcomponent(event);
  }
  return `${calendar.toString()}\r\n`;
}

/** A time that a calendar of somebody else says is taken. */
export interface BusyTime {
  uid: string;
  start: string;
  end: string;
  allDay: boolean;
  title: string | null;
  busy: boolean;
}

/** Times of one calendar that are kept at most. */
const MOST = 5000;
/** Steps that are looked at of one event that repeats: one that never comes ends the search. */
const STEPS = 20_000;

/**
 * The times that a calendar names between two moments, what repeats laid out, exceptions left out and moved ones where they were
 * moved to. Days and times without a zone are those of `timeZone`. Throws where the text is no calendar.
 */
export function readCalendar(
  text: string,
  o: { from: Date; until: Date; instantOf(local: string, zone: string | null): Date },
): BusyTime[] {
  const root = new ICAL.Component(ICAL.parse(text) as ConstructorParameters<typeof ICAL.Component>[0]);
  if (root.name !== 'vcalendar') throw new Error('not a calendar');
  const found: BusyTime[] = [];
  const moved = new Map<string, InstanceType<typeof ICAL.Event>[]>();
  const events: InstanceType<typeof ICAL.Event>[] = [];
  for (const component of root.getAllSubcomponents('vevent')) {
    const event = new ICAL.Event(component);
    if (event.isRecurrenceException()) moved.set(event.uid, [...(moved.get(event.uid) ?? []), event]);
    else events.push(event);
  }
  const at = (time: InstanceType<typeof ICAL.Time>, event: InstanceType<typeof ICAL.Event>): Date => {
    if (!time.isDate && time.zone.tzid !== 'floating') return time.toJSDate();
    const clock = time.isDate ? '00:00:00' : time.toString().slice(11, 19);
    // A zone that the calendar names and does not describe is known by its name.
    const zone = event.component.getFirstProperty('dtstart')?.getParameter('tzid');
    return o.instantOf(`${time.toString().slice(0, 10)}T${clock}`, !time.isDate && typeof zone === 'string' ? zone : null);
  };
  const keep = (
    event: InstanceType<typeof ICAL.Event>,
    start: InstanceType<typeof ICAL.Time>,
    end: InstanceType<typeof ICAL.Time>,
  ): void => {
    const [begins, ends] = [at(start, event), at(end, event)];
    if (ends <= o.from || begins >= o.until || found.length >= MOST) return;
    // What was called off is not there any more.
    if (event.component.getFirstPropertyValue('status') === 'CANCELLED') return;
    const free = event.component.getFirstPropertyValue('transp') === 'TRANSPARENT';
    found.push({
      uid: event.uid.slice(0, 500),
      start: begins.toISOString(),
      end: ends.toISOString(),
      allDay: start.isDate,
      title: event.summary?.slice(0, 300) ?? null,
      busy: !free,
    });
  };
  const seen = new Set<InstanceType<typeof ICAL.Event>>();
  for (const event of events) {
    if (!event.isRecurring()) {
      keep(event, event.startDate, event.endDate);
      continue;
    }
    for (const other of moved.get(event.uid) ?? []) event.relateException(other);
    const steps = event.iterator();
    for (let i = 0; i < STEPS; i++) {
      const next = steps.next();
      if (!next || at(next, event) >= o.until) break;
      const { item, startDate, endDate } = event.getOccurrenceDetails(next);
      seen.add(item);
      keep(item, startDate, endDate);
    }
  }
  // One that was moved here from behind the last day looked at, and one whose row the calendar does not tell.
  for (const other of [...moved.values()].flat()) if (!seen.has(other)) keep(other, other.startDate, other.endDate);
  return found;
}
