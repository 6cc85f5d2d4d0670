import { describe, expect, it } from 'vitest';
import { addDays, dateIn, daysBetween, isOffset, relativeDate, relativeInstant, startOfDate } from './calendar.ts';

const NOW = new Date('2026-11-21T23:30:00Z');

describe('dates as people mean them', () => {
  it('reckons the day in the zone, not in UTC', () => {
    expect(dateIn(NOW, 'UTC')).toBe('2026-11-21');
    expect(dateIn(NOW, 'Europe/Berlin')).toBe('2026-11-22');
    expect(dateIn(NOW, 'America/Los_Angeles')).toBe('2026-11-21');
  });

  it('begins a day where the zone begins it, also on the days the clock moves', () => {
    expect(startOfDate('2026-03-29', 'Europe/Berlin').toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(startOfDate('2026-03-30', 'Europe/Berlin').toISOString()).toBe('2026-03-29T22:00:00.000Z');
    // In Santiago midnight of this day does not exist.
    expect(startOfDate('2026-09-06', 'America/Santiago').toISOString()).toBe('2026-09-06T04:00:00.000Z');
  });

  it.each([
    ['today', '2026-11-22'],
    ['yesterday', '2026-11-21'],
    ['tomorrow', '2026-11-23'],
    ['startOfWeek', '2026-11-16'],
    ['endOfWeek', '2026-11-22'],
    ['startOfMonth', '2026-11-01'],
    ['endOfMonth', '2026-11-30'],
    ['startOfQuarter', '2026-10-01'],
    ['endOfQuarter', '2026-12-31'],
    ['startOfYear', '2026-01-01'],
    ['endOfYear', '2026-12-31'],
  ] as const)('%s', (anchor, expected) => {
    expect(relativeDate(anchor, NOW, 'Europe/Berlin')).toBe(expected);
  });

  it('counts offsets from today, from an anchor, and keeps the last day of a shorter month', () => {
    expect(relativeDate({ days: -30 }, NOW, 'UTC')).toBe('2026-10-22');
    expect(relativeDate({ from: 'startOfQuarter', months: -3 }, NOW, 'UTC')).toBe('2026-07-01');
    expect(relativeDate({ from: 'endOfMonth', months: 3 }, NOW, 'UTC')).toBe('2027-02-28');
    // Both ways at once: to the last day of the next month but one.
    expect(relativeDate({ from: 'startOfMonth', months: 2, days: -1 }, NOW, 'UTC')).toBe('2026-12-31');
    expect(relativeInstant({ hours: -2 }, NOW, 'UTC').toISOString()).toBe('2026-11-21T21:30:00.000Z');
    expect(relativeInstant('startOfMonth', NOW, 'Europe/Berlin').toISOString()).toBe('2026-10-31T23:00:00.000Z');
  });

  it('knows an offset from anything else', () => {
    expect(isOffset({ days: -3 })).toBe(true);
    expect([{}, { days: 1.5 }, { nope: 1 }, { days: 1e9 }, [], null, 'today'].some(isOffset)).toBe(false);
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2);
  });
});
