import { afterEach, describe, expect, it, vi } from 'vitest';
import { companyToday, dayFromToday, daysSince, instantOf, setClock, setLocale, wallClock } from './format.ts';

afterEach(() => {
  vi.useRealTimers();
  setClock({ now: new Date().toISOString(), timeZone: 'UTC' });
});

describe('instants on a calendar that draws the browser’s zone', () => {
  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC'])(
    'stand where the clocks of %s show them, and come back',
    (timeZone) => {
      setLocale({ timeZone });
      for (const at of ['2026-01-15T23:30:00.000Z', '2026-07-01T05:15:00.000Z', '2026-03-29T02:30:00.000Z', '2026-11-01T12:00:00.000Z']) {
        const wall = wallClock(at);
        const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', day: '2-digit', timeZone }).format(
          new Date(at),
        );
        expect(
          `${String(wall.getDate()).padStart(2, '0')}, ${String(wall.getHours()).padStart(2, '0')}:${String(wall.getMinutes()).padStart(2, '0')}`,
        ).toBe(clock);
        expect(instantOf(wall)).toBe(at);
      }
    },
  );
});

describe('today', () => {
  it('is the server’s, in the company’s zone, where this clock is a day behind', () => {
    vi.useFakeTimers({ now: new Date('2026-05-04T12:00:00Z') });
    setClock({ now: '2026-05-05T22:30:00Z', timeZone: 'Europe/Berlin' });
    expect(companyToday()).toBe('2026-05-06');
    vi.setSystemTime(new Date('2026-05-05T12:00:00Z'));
    expect(companyToday()).toBe('2026-05-07');
  });
  it('counts days in the user’s zone', () => {
    setLocale({ timeZone: 'Pacific/Auckland' });
    const now = new Date('2026-05-04T13:00:00Z');
    expect([dayFromToday(0, now), dayFromToday(7, now), daysSince('2026-05-01', now)]).toEqual(['2026-05-05', '2026-05-12', 4]);
  });
});
