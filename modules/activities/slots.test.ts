import { describe, expect, it } from 'vitest';
import { type Availability, freeOf, offered } from './slots.ts';

const at = (text: string): number => Date.parse(text);
const iso = (list: readonly number[]): string[] => list.map((one) => new Date(one).toISOString().slice(0, 16));
/** What clocks show somewhere at these instants. */
const clocks = (list: readonly number[], timeZone: string): string[] =>
  list.map((one) => new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(one));
const page = (more: Partial<Availability> = {}): Availability => ({
  timeZone: 'Europe/Berlin',
  hours: Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [['09:00', '12:00']]])),
  exceptions: [],
  length: 60,
  step: 60,
  before: 0,
  after: 0,
  notice: 0,
  ahead: 400,
  perDay: null,
  ...more,
});
const onDay = (a: Availability, day: string, now = '2026-01-01T00:00:00Z') =>
  offered(a, { from: at(`${day}T00:00:00Z`) - 2 * 3_600_000, until: at(`${day}T00:00:00Z`) + 22 * 3_600_000, now: at(now) });

describe('hours', () => {
  it('are those of the host, wherever the guest is, also in the weeks in which clocks differ', () => {
    // Both on winter time: six hours apart.
    expect(clocks(onDay(page(), '2026-03-06'), 'America/New_York')).toEqual(['03:00', '04:00', '05:00']);
    // From 8 to 29 March New York has changed its clocks and Berlin has not: five hours.
    expect(clocks(onDay(page(), '2026-03-10'), 'America/New_York')).toEqual(['04:00', '05:00', '06:00']);
    expect(clocks(onDay(page(), '2026-03-31'), 'America/New_York')).toEqual(['03:00', '04:00', '05:00']);
    // From 25 October to 1 November it is the other way round.
    expect(clocks(onDay(page(), '2026-10-23'), 'America/New_York')).toEqual(['03:00', '04:00', '05:00']);
    expect(clocks(onDay(page(), '2026-10-27'), 'America/New_York')).toEqual(['04:00', '05:00', '06:00']);
    expect(clocks(onDay(page(), '2026-11-03'), 'America/New_York')).toEqual(['03:00', '04:00', '05:00']);
    expect(clocks(onDay(page(), '2026-10-27'), 'Europe/Berlin')).toEqual(['09:00', '10:00', '11:00']);
  });

  it('have no slot in the hour that is lost', () => {
    const night = page({ hours: { 7: [['01:00', '04:00']] } });
    expect(iso(onDay(night, '2026-03-29'))).toEqual(['2026-03-29T00:00', '2026-03-29T01:00']);
    expect(clocks(onDay(night, '2026-03-29'), 'Europe/Berlin')).toEqual(['01:00', '03:00']);
    const lost = page({ hours: { 7: [['02:00', '03:00']] }, length: 15, step: 15 });
    expect(onDay(lost, '2026-03-29')).toEqual([]);
    expect(onDay(lost, '2026-03-22')).toHaveLength(4);
    // Hours that begin or end within it are cut off where clocks are changed.
    expect(clocks(onDay(page({ hours: { 7: [['02:30', '05:00']] } }), '2026-03-29'), 'Europe/Berlin')).toEqual(['03:00', '04:00']);
    expect(clocks(onDay(page({ hours: { 7: [['01:00', '02:30']] }, length: 30, step: 30 }), '2026-03-29'), 'Europe/Berlin')).toEqual([
      '01:00',
      '01:30',
    ]);
  });

  it('have each slot of the doubled hour twice', () => {
    const night = page({ hours: { 7: [['02:00', '03:00']] } });
    expect(iso(onDay(night, '2026-10-25'))).toEqual(['2026-10-25T00:00', '2026-10-25T01:00']);
    expect(clocks(onDay(night, '2026-10-25'), 'Europe/Berlin')).toEqual(['02:00', '02:00']);
    expect(iso(onDay(night, '2026-10-18'))).toEqual(['2026-10-18T00:00']);
  });

  it('are others on a day that is named, or none', () => {
    const a = page({
      exceptions: [
        { day: '2026-12-24', hours: [] },
        { day: '2026-12-26', hours: [['10:00', '11:00']] },
      ],
    });
    expect(onDay(a, '2026-12-24')).toEqual([]);
    // A Saturday, else without hours.
    expect(iso(onDay(a, '2026-12-26'))).toEqual(['2026-12-26T09:00']);
  });

  it('can go to the end of the day and have two halves', () => {
    const a = page({
      hours: {
        1: [
          ['09:00', '10:00'],
          ['23:00', '24:00'],
        ],
      },
    });
    expect(clocks(onDay(a, '2026-06-01'), 'Europe/Berlin')).toEqual(['09:00', '23:00']);
  });

  it('begin after the notice and end with the last day ahead', () => {
    const now = '2026-06-01T07:10:00Z';
    expect(iso(onDay(page({ notice: 60 }), '2026-06-01', now))).toEqual(['2026-06-01T09:00']);
    expect(iso(onDay(page(), '2026-06-01', '2026-06-01T07:00:00Z'))).toHaveLength(3);
    // Today and tomorrow, by the clocks of the host: there it is Monday already.
    const late = '2026-05-31T22:30:00Z';
    expect(onDay(page({ ahead: 2 }), '2026-06-02', late)).toHaveLength(3);
    expect(onDay(page({ ahead: 2 }), '2026-06-03', late)).toEqual([]);
  });

  it('offer beginnings by the step, as far as the whole length fits', () => {
    expect(clocks(onDay(page({ length: 45, step: 30 }), '2026-06-01'), 'Europe/Berlin')).toEqual([
      '09:00',
      '09:30',
      '10:00',
      '10:30',
      '11:00',
    ]);
  });
});

describe('what is taken', () => {
  const a = page({ before: 15, after: 30, step: 30, length: 30 });
  const day = onDay(a, '2026-06-01');
  const free = (taken: [string, string][], booked = new Map<string, number>()) =>
    clocks(
      freeOf(
        a,
        day,
        taken.map(([start, end]) => ({ start: at(start), end: at(end) })),
        booked,
      ),
      'Europe/Berlin',
    );

  it('takes the slots around it as far as the buffers reach, and not further', () => {
    expect(free([])).toEqual(['09:00', '09:30', '10:00', '10:30', '11:00', '11:30']);
    // Half past ten to eleven: a meeting at ten would need until eleven, one at eleven is to begin with a quarter free.
    expect(free([['2026-06-01T08:30:00Z', '2026-06-01T09:00:00Z']])).toEqual(['09:00', '09:30', '11:30']);
    // What ends as the buffer begins, and what begins as it ends, is in nobody's way.
    expect(free([['2026-06-01T06:00:00Z', '2026-06-01T06:45:00Z']])).toContain('09:00');
    expect(free([['2026-06-01T08:00:00Z', '2026-06-01T08:01:00Z']])).toContain('09:00');
  });

  it('counts what began long before, and what lies within another', () => {
    expect(
      free([
        ['2026-06-01T06:00:00Z', '2026-06-01T09:00:00Z'],
        ['2026-06-01T07:00:00Z', '2026-06-01T07:05:00Z'],
      ]),
    ).toEqual(['11:30']);
  });

  it('fills a day', () => {
    const full = { ...a, perDay: 2 };
    expect(freeOf(full, day, [], new Map([['2026-06-01', 1]]))).toHaveLength(6);
    expect(freeOf(full, day, [], new Map([['2026-06-01', 2]]))).toEqual([]);
    expect(freeOf(full, day, [], new Map([['2026-06-02', 2]]))).toHaveLength(6);
  });
});
