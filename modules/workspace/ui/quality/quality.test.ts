import { describe, expect, it } from 'vitest';
import { coursePoints } from './quality.ts';

describe('the course of a score', () => {
  it('is a line from the first day to the last', () => {
    expect(
      coursePoints(
        [
          { day: '2026-01-01', score: 0.5 },
          { day: '2026-01-02', score: null },
          { day: '2026-01-03', score: 0.75 },
          { day: '2026-01-05', score: 1 },
        ],
        100,
        20,
      ),
    ).toBe('0.0,20.0 50.0,10.0 100.0,0.0');
  });
  it('needs two days, and is flat where nothing moves', () => {
    expect(coursePoints([{ day: '2026-01-01', score: 1 }], 100, 20)).toBe('');
    expect(
      coursePoints(
        [
          { day: '2026-01-01', score: 0.8 },
          { day: '2026-01-02', score: 0.8 },
        ],
        100,
        20,
      ),
    ).toBe('0.0,0.0 100.0,0.0');
  });
});
