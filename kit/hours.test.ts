import { describe, expect, it } from 'vitest';
import { common, hoursBetween, isWeekHours, OFFICE_HOURS, union, without } from './hours.ts';

const at = (text: string): number => Date.parse(text);
const shown = (spans: readonly { start: number; end: number }[]): string[] =>
  spans.map(({ start, end }) => `${new Date(start).toISOString().slice(5, 16)}–${new Date(end).toISOString().slice(11, 16)}`);
const span = (start: number, end: number) => ({ start, end });

describe('hours of a week', () => {
  it('are instants on the clocks of their zone, a week in which clocks change included', () => {
    // Friday to Monday around 25 October 2026, when clocks in Berlin go back.
    const span = { from: at('2026-10-23T00:00:00Z'), until: at('2026-10-27T00:00:00Z') };
    expect(shown(hoursBetween(OFFICE_HOURS, 'Europe/Berlin', span))).toEqual(['10-23T07:00–15:00', '10-26T08:00–16:00']);
    const inSunday = { '7': [['00:00', '24:00']] } as const;
    const [sunday] = hoursBetween(inSunday, 'Europe/Berlin', span);
    expect((sunday?.end ?? 0) - (sunday?.start ?? 0)).toBe(25 * 3_600_000);
  });
  it('are cut where the time that is asked about begins and ends, and left out on days off', () => {
    const span = { from: at('2026-11-02T10:00:00Z'), until: at('2026-11-04T12:00:00Z') };
    expect(shown(hoursBetween(OFFICE_HOURS, 'UTC', span))).toEqual(['11-02T10:00–17:00', '11-03T09:00–17:00', '11-04T09:00–12:00']);
    expect(shown(hoursBetween(OFFICE_HOURS, 'UTC', { ...span, except: (day) => day <= '2026-11-03' }))).toEqual(['11-04T09:00–12:00']);
    expect(hoursBetween({}, 'UTC', span)).toEqual([]);
  });
  it('are stretches in order and apart, of days that there are', () => {
    expect(
      isWeekHours({
        '1': [
          ['09:00', '12:00'],
          ['12:00', '24:00'],
        ],
      }),
    ).toBe(true);
    for (const wrong of [
      { '8': [] },
      { '1': [['12:00', '09:00']] },
      {
        '1': [
          ['09:00', '11:00'],
          ['10:00', '12:00'],
        ],
      },
      { '1': [['9', '12']] },
      [],
      null,
      'all',
    ])
      expect(isWeekHours(wrong), JSON.stringify(wrong)).toBe(false);
  });
});

describe('spans', () => {
  it('are joined where they touch, taken from one another, and met', () => {
    expect(union([span(5, 7), span(1, 3), span(3, 4), span(6, 6)])).toEqual([span(1, 4), span(5, 7)]);
    expect(without([span(0, 10), span(20, 30)], [span(8, 22), span(2, 3), span(25, 26)])).toEqual([
      span(0, 2),
      span(3, 8),
      span(22, 25),
      span(26, 30),
    ]);
    expect(without([span(0, 10)], [span(-5, 15)])).toEqual([]);
    expect(common([span(0, 5), span(8, 12)], [span(3, 9), span(11, 20)])).toEqual([span(3, 5), span(8, 9), span(11, 12)]);
    expect(common([], [span(0, 1)])).toEqual([]);
  });
});
