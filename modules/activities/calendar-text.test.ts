import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { instantIn } from '#kit/occurrences.ts';
import { calendarText, readCalendar } from './calendar-text.ts';

const span = {
  from: new Date('2026-10-01T00:00:00Z'),
  until: new Date('2026-12-01T00:00:00Z'),
  instantOf: (local: string, zone: string | null) => instantIn(local, zone ?? 'Europe/Berlin'),
};
const wrap = (...events: string[][]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//x//EN', ...events.flat(), 'END:VCALENDAR'].join('\r\n');
const event = (...lines: string[]): string[] => ['BEGIN:VEVENT', ...lines, 'UID:one@example', 'DTSTAMP:20261001T000000Z', 'END:VEVENT'];

describe('a calendar going out', () => {
  const text = calendarText({
    name: 'Perigon',
    entries: [
      {
        uid: 'a@perigon',
        version: 3,
        changedAt: '2026-10-01T08:00:00.000Z',
        title: 'Visit; with a comma, and ümlaut 東京 '.repeat(4),
        description: 'Line one\nline two',
        place: 'Hall 3',
        people: [{ email: 'eva@example.org', answer: 'accepted' }],
        when: { start: '2026-10-26T09:00:00.000Z', end: '2026-10-26T10:00:00.000Z' },
      },
      {
        uid: 'b@perigon',
        version: 1,
        changedAt: '2026-10-01T08:00:00.000Z',
        title: 'Fair',
        when: { from: '2026-10-25', to: '2026-10-26' },
      },
    ],
  });
  it('is read back as it was meant, moments in UTC and days as days', () => {
    const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((one) => new ICAL.Event(one));
    const [visit, fair] = events;
    expect(visit?.startDate.toJSDate().toISOString()).toBe('2026-10-26T09:00:00.000Z');
    expect(visit?.sequence).toBe(2);
    expect(visit?.summary).toContain('Visit; with a comma, and ümlaut 東京');
    expect(visit?.description).toBe('Line one\nline two');
    expect(visit?.attendees[0]?.getParameter('partstat')).toBe('ACCEPTED');
    expect(fair?.startDate.toString()).toBe('2026-10-25');
    expect(fair?.endDate.toString()).toBe('2026-10-27');
    expect(fair?.startDate.isDate).toBe(true);
  });
  it('has lines of 75 bytes at most that end as the standard wants', () => {
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  });
});

describe('a calendar coming in', () => {
  it('lays out what repeats on the clocks of its zone, without exceptions, moved where it was moved to', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:Berlin',
      'BEGIN:DAYLIGHT',
      'DTSTART:19700329T020000',
      'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'END:DAYLIGHT',
      'BEGIN:STANDARD',
      'DTSTART:19701025T030000',
      'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'END:STANDARD',
      'END:VTIMEZONE',
    ];
    const rule = event(
      'SUMMARY:Weekly',
      'DTSTART;TZID=Berlin:20261005T100000',
      'DTEND;TZID=Berlin:20261005T110000',
      'RRULE:FREQ=WEEKLY;COUNT=5',
      'EXDATE;TZID=Berlin:20261012T100000',
    );
    const moved = event(
      'SUMMARY:Moved',
      'RECURRENCE-ID;TZID=Berlin:20261019T100000',
      'DTSTART;TZID=Berlin:20261020T120000',
      'DTEND;TZID=Berlin:20261020T130000',
    );
    const times = readCalendar(wrap(zone, rule, moved), span);
    expect(times.map(({ start, title }) => [start, title])).toEqual([
      ['2026-10-05T08:00:00.000Z', 'Weekly'],
      ['2026-10-20T10:00:00.000Z', 'Moved'],
      ['2026-10-26T09:00:00.000Z', 'Weekly'],
      ['2026-11-02T09:00:00.000Z', 'Weekly'],
    ]);
  });
  it('knows one of a row that was called off, moved here from later, or stands alone, and days that are added to a row', () => {
    const times = readCalendar(
      wrap(
        event(
          'SUMMARY:Row',
          'DTSTART:20261102T090000Z',
          'DTEND:20261102T100000Z',
          'RRULE:FREQ=WEEKLY;UNTIL=20261231T000000Z',
          'RDATE:20261106T090000Z',
          'EXDATE:20261109T090000Z,20261116T090000Z',
        ),
        event('SUMMARY:Off', 'STATUS:CANCELLED', 'RECURRENCE-ID:20261123T090000Z', 'DTSTART:20261123T090000Z', 'DTEND:20261123T100000Z'),
        event('SUMMARY:Earlier', 'RECURRENCE-ID:20261207T090000Z', 'DTSTART:20261127T090000Z', 'DTEND:20261127T093000Z'),
        event('UID:lone', 'SUMMARY:Alone', 'RECURRENCE-ID:20261110T090000Z', 'DTSTART:20261111T090000Z', 'DTEND:20261111T100000Z'),
      ),
      span,
    );
    expect(times.map(({ start, title }) => `${start.slice(5, 10)} ${title}`).sort()).toEqual([
      '11-02 Row',
      '11-06 Row',
      '11-11 Alone',
      '11-27 Earlier',
      '11-30 Row',
    ]);
  });
  it('changes a row from one on where a calendar says so', () => {
    const times = readCalendar(
      wrap(
        event('SUMMARY:Row', 'DTSTART:20261102T090000Z', 'DTEND:20261102T100000Z', 'RRULE:FREQ=WEEKLY;COUNT=4'),
        event('SUMMARY:Later', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20261116T090000Z', 'DTSTART:20261116T110000Z', 'DTEND:20261116T120000Z'),
      ),
      span,
    );
    expect(times.map(({ start }) => start.slice(5, 13))).toEqual(['11-02T09', '11-09T09', '11-16T11', '11-23T11']);
  });
  it('takes days and times without a zone by the reader’s clock, and knows what leaves one free', () => {
    const times = readCalendar(
      wrap(
        event('SUMMARY:Day', 'DTSTART;VALUE=DATE:20261024', 'DTEND;VALUE=DATE:20261026', 'TRANSP:TRANSPARENT'),
        event('UID:three', 'SUMMARY:Named', 'DTSTART;TZID=America/New_York:20261101T090000', 'DURATION:PT30M'),
        event('UID:two', 'SUMMARY:Floating', 'DTSTART:20261102T090000', 'DURATION:PT30M'),
      ),
      span,
    );
    expect(times).toMatchObject([
      { start: '2026-10-23T22:00:00.000Z', end: '2026-10-25T23:00:00.000Z', allDay: true, busy: false },
      { start: '2026-11-01T14:00:00.000Z' },
      { start: '2026-11-02T08:00:00.000Z', end: '2026-11-02T08:30:00.000Z', allDay: false, busy: true },
    ]);
  });
  it('is refused where it is none, and ends where a rule never comes or names too much', () => {
    expect(() => readCalendar('<html></html>', span)).toThrow();
    expect(readCalendar(wrap(event('DTSTART:20000101T000000Z', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30')), span)).toEqual([]);
    expect(readCalendar(wrap(event('DTSTART:20261001T000000Z', 'RRULE:FREQ=SECONDLY')), span).length).toBeLessThanOrEqual(20_000);
  });
});
