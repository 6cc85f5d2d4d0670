import { describe, expect, it } from 'vitest';
import { formatDuration, setLocale } from '../../format.ts';
import { durationSeconds, durationTyped, durationWire, typedDuration } from './typed-duration.ts';

describe('a length of time', () => {
  it.each([
    ['1:30', 5400],
    ['1h 30m', 5400],
    ['90 min', 5400],
    ['1,5 h', 5400],
    ['45s', 45],
  ])('typed as %s is %i seconds', (typed, seconds) => {
    expect(typedDuration(typed)).toBe(seconds);
    expect(durationSeconds(durationWire(seconds))).toBe(seconds);
    expect(typedDuration(durationTyped(seconds))).toBe(seconds);
  });
  it.each(['', '90', 'long', '1h x'])('“%s” is none', (typed) => {
    expect(typedDuration(typed)).toBeNull();
  });
  it('reads in at most two units', () => {
    setLocale({ language: 'en', timeZone: 'UTC' });
    expect([0, 45, 90, 5400, 7200, 200_000].map(formatDuration)).toEqual([
      '0 sec',
      '45 sec',
      '1 min 30 sec',
      '1 hr 30 min',
      '2 hr',
      '2 days 7 hr',
    ]);
  });
});
