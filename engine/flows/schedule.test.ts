import { expect, it } from 'vitest';
import { at } from './inbound.ts';
import { nextOccurrence } from './schedule.ts';
import { wakeAt } from './steps.ts';

const berlin = (schedule: Parameters<typeof nextOccurrence>[0], after: string) =>
  nextOccurrence(schedule, new Date(after), 'Europe/Berlin').toISOString();

it('comes at the time of the zone, in winter and in summer', () => {
  const daily = { on: 'schedule', every: 'day', at: '08:00' } as const;
  expect(berlin(daily, '2026-01-10T06:59:00Z')).toBe('2026-01-10T07:00:00.000Z');
  expect(berlin(daily, '2026-01-10T07:00:00Z')).toBe('2026-01-11T07:00:00.000Z');
  // The night in which the clock goes forward, the night in which it goes back.
  expect(berlin(daily, '2026-03-29T00:30:00Z')).toBe('2026-03-29T06:00:00.000Z');
  expect(berlin(daily, '2026-10-25T00:30:00Z')).toBe('2026-10-25T07:00:00.000Z');
  expect(berlin({ ...daily, at: '00:00' }, '2026-01-10T22:59:00Z')).toBe('2026-01-10T23:00:00.000Z');
});

it('comes on its day of the week and of the month, the last where there is none', () => {
  expect(berlin({ on: 'schedule', every: 'week', day: 1, at: '09:00' }, '2026-01-10T12:00:00Z')).toBe('2026-01-12T08:00:00.000Z');
  expect(berlin({ on: 'schedule', every: 'week', day: 7, at: '09:00' }, '2026-01-10T12:00:00Z')).toBe('2026-01-11T08:00:00.000Z');
  expect(berlin({ on: 'schedule', every: 'month', day: 31, at: '09:00' }, '2026-02-01T12:00:00Z')).toBe('2026-02-28T08:00:00.000Z');
  expect(berlin({ on: 'schedule', every: 'month', day: 1, at: '09:00' }, '2026-02-01T12:00:00Z')).toBe('2026-03-01T08:00:00.000Z');
});

it('waits a span, or until a date moved by one', () => {
  const now = new Date('2026-01-10T12:00:00Z');
  expect(wakeAt({ do: 'wait', for: { days: 2 } }, null, now, 'Europe/Berlin')?.toISOString()).toBe('2026-01-12T12:00:00.000Z');
  expect(wakeAt({ do: 'wait', until: 'on', shift: { days: -3 } }, '2026-02-10', now, 'Europe/Berlin')?.toISOString()).toBe(
    '2026-02-06T23:00:00.000Z',
  );
  expect(wakeAt({ do: 'wait', until: 'on' }, null, now, 'Europe/Berlin')).toBeNull();
});

it('follows a path into what was posted', () => {
  expect(at({ a: { b: [{ c: 3 }] } }, 'a.b.0.c')).toBe(3);
  expect(at({ a: 1 }, 'a.b')).toBeUndefined();
  expect(at({}, 'constructor')).toBeUndefined();
});
