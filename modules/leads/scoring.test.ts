import { describe, expect, test } from 'vitest';
import { decayed, faultOfThresholds, gradeOf, scoreOf, THRESHOLDS } from './scoring.ts';

describe('decay', () => {
  test('ten points with a half-life of 14 days are 2.5 after 28', () => {
    expect(decayed(10, 0, 14)).toBe(10);
    expect(decayed(10, 14, 14)).toBe(5);
    expect(decayed(10, 28, 14)).toBe(2.5);
    expect(decayed(-8, 7, 7)).toBe(-4);
  });
  test('what is to come counts whole, and not more', () => {
    expect(decayed(10, -3, 14)).toBe(10);
  });
  test('a sum of touches halves with their half-life', () => {
    const now = decayed(10, 3, 14) + decayed(10, 20, 14);
    const then = decayed(10, 17, 14) + decayed(10, 34, 14);
    expect(then).toBeCloseTo(now / 2, 12);
  });
});

describe('score and grade', () => {
  test('a score lies between 0 and 100', () => {
    expect(scoreOf([])).toBe(0);
    expect(scoreOf([-30, 10])).toBe(0);
    expect(scoreOf([60, 70])).toBe(100);
    expect(scoreOf([20, 2.5, 2.4])).toBe(25);
  });
  test('grades begin at their threshold', () => {
    expect([100, 70, 69, 45, 44, 20, 19, 0].map((score) => gradeOf(score, THRESHOLDS)).join('')).toBe('AABBCCDD');
  });
  test('thresholds fall from A to C', () => {
    expect(faultOfThresholds(THRESHOLDS)).toBe(null);
    expect(faultOfThresholds({ A: 50, B: 50, C: 20 })).toBe('B');
    expect(faultOfThresholds({ A: 101, B: 50, C: 20 })).toBe('A');
    expect(faultOfThresholds({ A: 60, B: 50, C: 0 })).toBe('C');
  });
});
