import { describe, expect, it } from 'vitest';
import { barIn, stepped, ticksOf, windowOn } from './span-window.ts';

describe('the window of a timeline', () => {
  it('lies about a day, by whole weeks or months', () => {
    // A Wednesday: its week began on Monday the 16th.
    expect(windowOn('2026-11-18', 'quarter', 1)).toEqual({ from: '2026-10-26', until: '2027-01-25' });
    expect(windowOn('2026-11-18', 'quarter', 0)).toEqual({ from: '2026-10-25', until: '2027-01-24' });
    expect(windowOn('2026-11-18', 'half', 1)).toEqual({ from: '2026-10-01', until: '2027-04-01' });
    expect(windowOn('2026-01-31', 'year', 1)).toEqual({ from: '2025-10-01', until: '2026-10-01' });
  });

  it('goes on by half of itself', () => {
    expect(stepped('2026-11-18', 'quarter', 1)).toBe('2026-12-30');
    expect(stepped('2026-11-30', 'half', -1)).toBe('2026-08-01');
    expect(stepped('2026-08-31', 'year', 1)).toBe('2027-02-01');
  });

  it('is written above by weeks or months', () => {
    expect(ticksOf(windowOn('2026-11-18', 'quarter', 1), 'quarter')).toHaveLength(13);
    expect(ticksOf(windowOn('2026-11-18', 'half', 1), 'half')).toEqual([
      '2026-10-01',
      '2026-11-01',
      '2026-12-01',
      '2027-01-01',
      '2027-02-01',
      '2027-03-01',
    ]);
  });

  it('holds a bar from the first to the end of the last day', () => {
    const window = { from: '2026-01-01', until: '2026-01-11' };
    expect(barIn(window, '2026-01-03', '2026-01-04')).toEqual({ start: 0.2, length: expect.closeTo(0.2), cutStart: false, cutEnd: false });
    expect(barIn(window, '2025-12-01', '2026-02-01')).toEqual({ start: 0, length: 1, cutStart: true, cutEnd: true });
    expect(barIn(window, '2026-01-11', '2026-01-12')).toBeNull();
    expect(barIn(window, '2025-12-01', '2025-12-31')).toBeNull();
    // What ends before it began, by mistake, is a day long.
    expect(barIn(window, '2026-01-09', '2026-01-05')).toEqual({ start: 0.4, length: expect.closeTo(0.1), cutStart: false, cutEnd: false });
  });
});
