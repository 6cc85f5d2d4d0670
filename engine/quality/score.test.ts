import { describe, expect, it } from 'vitest';
import { qualityScore } from './score.ts';

describe('the quality of records', () => {
  it('is the share of weighted demands that are met', () => {
    // 100 records need an address (30 have none, weight 2), 40 of them a VAT number (10 have none, weight 1): (2×70 + 30) ÷ (2×100 + 40).
    expect(
      qualityScore([
        { applies: 100, bad: 30, weight: 2 },
        { applies: 40, bad: 10, weight: 1 },
      ]),
    ).toBeCloseTo(170 / 240, 12);
  });
  it('is unknown where nothing is demanded', () => {
    expect(qualityScore([])).toBeNull();
    expect(qualityScore([{ applies: 0, bad: 0, weight: 3 }])).toBeNull();
  });
  it('is whole where everything is met and nothing where nothing is', () => {
    expect(qualityScore([{ applies: 7, bad: 0, weight: 5 }])).toBe(1);
    expect(qualityScore([{ applies: 7, bad: 7, weight: 5 }])).toBe(0);
  });
});
