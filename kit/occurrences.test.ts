import { describe, expect, it } from 'vitest';
import { movedAlike, nextDay, nextInstants, onDay } from './occurrences.ts';

describe('days that a rule names', () => {
  it.each([
    ['FREQ=WEEKLY;BYDAY=MO', '2026-11-02', '2026-11-02', '2026-11-09'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO', '2026-11-02', '2026-11-05', '2026-11-16'],
    ['FREQ=MONTHLY;BYDAY=-1FR', '2026-11-27', '2026-11-27', '2026-12-25'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', '2026-01-31', '2026-01-31', '2026-02-28'],
    ['FREQ=DAILY;COUNT=2', '2026-11-02', '2026-11-02', '2026-11-03'],
    ['FREQ=DAILY;UNTIL=20261103', '2026-11-02', '2026-11-02', '2026-11-03'],
  ])('%s since %s goes from %s to %s', (rule, since, after, next) => expect(nextDay(rule, since, after)).toBe(next));
  it('end with the rule', () => {
    expect(nextDay('FREQ=DAILY;COUNT=2', '2026-11-02', '2026-11-03')).toBeNull();
    expect(nextDay('FREQ=DAILY;UNTIL=20261103', '2026-11-02', '2026-11-03')).toBeNull();
  });
});

describe('instants that a rule names', () => {
  const weekly = (timeZone: string, since: string) =>
    nextInstants('FREQ=WEEKLY', {
      since: new Date(since),
      timeZone,
      after: new Date(since),
      until: new Date('2027-01-01T00:00:00Z'),
      most: 2,
    }).map((at) => at.toISOString());
  it('stay at their time of day when clocks are changed', () => {
    // Clocks go back on 25 October in Berlin, on 1 November in Los Angeles.
    expect(weekly('Europe/Berlin', '2026-10-19T08:00:00Z')).toEqual(['2026-10-26T09:00:00.000Z', '2026-11-02T09:00:00.000Z']);
    expect(weekly('America/Los_Angeles', '2026-10-27T17:00:00Z')).toEqual(['2026-11-03T18:00:00.000Z', '2026-11-10T18:00:00.000Z']);
  });
  it('are moved by what the clocks show', () => {
    expect(movedAlike('2026-10-26T09:00:00Z', '2026-10-19T08:00:00Z', '2026-10-20T09:00:00Z', 'Europe/Berlin')).toBe(
      '2026-10-27T10:00:00.000Z',
    );
    expect(onDay('2026-10-19T08:00:00Z', '2026-10-26', 'Europe/Berlin')).toBe('2026-10-26T09:00:00.000Z');
  });
});
