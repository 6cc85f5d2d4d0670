import { expect, test } from 'vitest';
import { pairsFrom, strengthOf } from './strength.ts';

test('bits are told in steps', () => {
  expect([14, 10, 5, 1, 0.9, 0, -0.9, -1, -5, -8].map(strengthOf)).toEqual(
    'proves proves strongFor for little little little against strongAgainst strongAgainst'.split(' '),
  );
});

test('pairs from a likelihood on', () => {
  const pairs = [
    { percent: 50, count: 7 },
    { percent: 90, count: 3 },
    { percent: 99, count: 2 },
  ];
  expect([50, 51, 90, 99].map((percent) => pairsFrom(pairs, percent))).toEqual([12, 5, 5, 2]);
  expect(pairsFrom([], 50)).toBe(0);
});
