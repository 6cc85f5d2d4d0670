import { expect, test } from 'vitest';
import { daysBefore, daysOf } from './period.ts';

const now = new Date('2026-02-14T23:30:00Z');

test('a period means whole units in the zone of the company, that of today included', () => {
  expect(daysOf({ from: '2017-10-01', to: '2017-12-31' }, now, 'UTC')).toEqual({ from: '2017-10-01', to: '2017-12-31' });
  expect(daysOf({ in: 'day' }, now, 'UTC')).toEqual({ from: '2026-02-14', to: '2026-02-14' });
  expect(daysOf({ in: 'day' }, now, 'Europe/Berlin')).toEqual({ from: '2026-02-15', to: '2026-02-15' });
  expect(daysOf({ in: 'quarter', ago: 1 }, now, 'UTC')).toEqual({ from: '2025-10-01', to: '2025-12-31' });
  expect(daysOf({ in: 'year' }, now, 'UTC')).toEqual({ from: '2026-01-01', to: '2026-12-31' });
  expect(daysOf({ in: 'month', ago: 12 }, now, 'UTC')).toEqual({ from: '2025-02-01', to: '2025-02-28' });
  expect(daysOf({ last: 12, unit: 'month' }, now, 'UTC')).toEqual({ from: '2025-03-01', to: '2026-02-28' });
  expect(daysOf({ last: 1, unit: 'week' }, now, 'UTC')).toEqual({ from: '2026-02-09', to: '2026-02-15' });
  expect(daysOf({ last: 30, unit: 'day' }, now, 'UTC')).toEqual({ from: '2026-01-16', to: '2026-02-14' });
});

test('what still runs is compared as far as it has come', () => {
  const before = (from: string, to: string, how: 'previous' | 'yearBefore') => daysBefore({ from, to }, how, now, 'UTC');
  expect(before('2026-01-01', '2026-12-31', 'yearBefore')).toEqual({ from: '2025-01-01', to: '2025-02-14', toDate: true });
  expect(before('2026-01-01', '2026-03-31', 'previous')).toEqual({ from: '2025-10-01', to: '2025-11-14', toDate: true });
  expect(before('2025-10-01', '2025-12-31', 'previous')).toEqual({ from: '2025-07-01', to: '2025-09-30', toDate: false });
  expect(before('2017-01-01', '2017-12-31', 'yearBefore')).toEqual({ from: '2016-01-01', to: '2016-12-31', toDate: false });
});
