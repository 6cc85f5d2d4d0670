import { describe, expect, it } from 'vitest';
import { hoursBetween, OFFICE_HOURS } from '#kit/hours.ts';
import { commonTimes } from './common-times.ts';

const at = (text: string): number => Date.parse(text);
const works = (timeZone: string) =>
  hoursBetween(OFFICE_HOURS, timeZone, { from: at('2026-11-02T00:00:00Z'), until: at('2026-11-07T00:00:00Z') });
const asked = { minutes: 60, most: 20, perDay: 4, dayOf: (one: number) => new Date(one).toISOString().slice(0, 10) };
const iso = (list: readonly number[]): string[] => list.map((one) => new Date(one).toISOString().slice(8, 16));

describe('times that suit all', () => {
  it('lie in the hours of each, on their own clocks', () => {
    // Nine to five in Berlin is 8–16 UTC, in New York (clocks went back on 1 November) 14–22: together 14–16.
    const found = commonTimes(
      [
        { works: works('Europe/Berlin'), taken: [] },
        { works: works('America/New_York'), taken: [] },
      ],
      asked,
    );
    expect(iso(found).slice(0, 3)).toEqual(['02T14:00', '02T15:00', '03T14:00']);
    expect(found).toHaveLength(10);
    expect(
      commonTimes(
        [
          { works: works('Europe/Berlin'), taken: [] },
          { works: works('Pacific/Auckland'), taken: [] },
        ],
        asked,
      ),
    ).toEqual([]);
  });
  it('begin at a quarter of an hour, when nobody has anything, a few of a day', () => {
    const busy = (start: string, end: string) => ({ start: at(start), end: at(end) });
    const found = commonTimes(
      [
        { works: works('UTC'), taken: [busy('2026-11-02T09:00:00Z', '2026-11-02T10:05:00Z')] },
        {
          works: works('UTC'),
          taken: [busy('2026-11-02T12:00:00Z', '2026-11-02T16:00:00Z'), busy('2026-11-03T00:00:00Z', '2026-11-06T00:00:00Z')],
        },
      ],
      asked,
    );
    expect(iso(found)).toEqual(['02T10:15', '02T16:00', '06T09:00', '06T10:00', '06T11:00', '06T12:00']);
    expect(commonTimes([], asked)).toEqual([]);
    expect(iso(commonTimes([{ works: works('UTC'), taken: [] }], { ...asked, minutes: 15, most: 3 }))).toEqual([
      '02T09:00',
      '02T09:30',
      '02T10:00',
    ]);
  });
});
