import { expect, it } from 'vitest';
import { lastMonday } from './since.ts';

it('finds the Monday of the week, a week ago on a Monday, and over the turn of a year', () => {
  expect(lastMonday('2026-11-22')).toBe('2026-11-16');
  expect(lastMonday('2026-11-16')).toBe('2026-11-09');
  expect(lastMonday('2027-01-02')).toBe('2026-12-28');
});
