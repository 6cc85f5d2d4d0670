import { describe, expect, it } from 'vitest';
import { latestMoment, nextMoment } from './schedules.ts';

const daily = { every: 'day', day: null, at: '08:00' } as const;
const monthly = { every: 'month', day: 31, at: '08:00' } as const;
const at = (text: string) => new Date(text);

describe('moments of a delivery', () => {
  it('come at the hour of the company, also where its clocks were moved, and at the end of short months', () => {
    expect(nextMoment(daily, at('2026-10-24T12:00:00Z'), 'Europe/Berlin').toISOString()).toBe('2026-10-25T07:00:00.000Z');
    expect(nextMoment(daily, at('2026-10-24T01:00:00Z'), 'Europe/Berlin').toISOString()).toBe('2026-10-24T06:00:00.000Z');
    expect(nextMoment(monthly, at('2026-02-01T00:00:00Z'), 'Europe/Berlin').toISOString()).toBe('2026-02-28T07:00:00.000Z');
  });

  it('that were missed are made up for by the latest alone', () => {
    const late = (timing: Parameters<typeof latestMoment>[0], due: string, now: string) =>
      latestMoment(timing, at(due), at(now), 'Europe/Berlin').toISOString();
    expect(late(daily, '2026-01-05T07:00:00Z', '2026-01-05T07:00:30Z')).toBe('2026-01-05T07:00:00.000Z');
    expect(late(daily, '2025-01-05T07:00:00Z', '2026-01-05T06:59:00Z')).toBe('2026-01-04T07:00:00.000Z');
    expect(late(monthly, '2025-06-30T06:00:00Z', '2026-03-30T06:00:00Z')).toBe('2026-02-28T07:00:00.000Z');
  });
});
