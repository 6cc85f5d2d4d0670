import { describe, expect, it } from 'vitest';
import { relativeDate } from '#kit/calendar.ts';
import { namedPeriods, type Period, readPeriod, writePeriod } from './periods.ts';

const day = (value: unknown): string => relativeDate(value as Parameters<typeof relativeDate>[0], new Date('2024-03-31T12:00:00Z'), 'UTC');
const days = (period: Period): string[] => writePeriod(period).map(day);

describe('spans of days', () => {
  it('mean the days that people mean', () => {
    expect(days({ kind: 'last', n: 30, unit: 'days' })).toEqual(['2024-03-01', '2024-03-31']);
    expect(days({ kind: 'next', n: 2, unit: 'weeks' })).toEqual(['2024-03-31', '2024-04-14']);
    expect(days({ kind: 'in', name: 'thisMonth' })).toEqual(['2024-03-01', '2024-03-31']);
    expect(days({ kind: 'in', name: 'lastMonth' })).toEqual(['2024-02-01', '2024-02-29']);
    expect(days({ kind: 'in', name: 'nextMonth' })).toEqual(['2024-04-01', '2024-04-30']);
    expect(days({ kind: 'in', name: 'lastQuarter' })).toEqual(['2023-10-01', '2023-12-31']);
    expect(days({ kind: 'in', name: 'nextQuarter' })).toEqual(['2024-04-01', '2024-06-30']);
    expect(days({ kind: 'in', name: 'lastYear' })).toEqual(['2023-01-01', '2023-12-31']);
    expect(days({ kind: 'in', name: 'thisWeek' })).toEqual(['2024-03-25', '2024-03-31']);
    expect(days({ kind: 'in', name: 'nextWeek' })).toEqual(['2024-04-01', '2024-04-07']);
  });

  it('are known again in a condition', () => {
    const all: Period[] = [
      { kind: 'last', n: 7, unit: 'days' },
      { kind: 'next', n: 3, unit: 'months' },
      ...namedPeriods.map((name): Period => ({ kind: 'in', name })),
    ];
    for (const period of all) expect(readPeriod(JSON.parse(JSON.stringify(writePeriod(period))))).toEqual(period);
    expect(readPeriod(['2024-01-01', '2024-01-31'])).toBeNull();
    expect(readPeriod([{ days: -30 }, { days: 30 }])).toBeNull();
    expect(readPeriod('today')).toBeNull();
  });
});
