import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWhen } from './when.ts';

// 22 November 2026 is a Sunday.
const NOW = '2026-11-22T14:30';
const said = (text: string): string | null => {
  const when = parseWhen(text, NOW);
  return when && `${when.day}${when.time === null ? '' : ` ${when.time}`}`;
};

describe('a time as it is typed', () => {
  it.each([
    ['today', '2026-11-22'],
    ['tomorrow 10:00', '2026-11-23 10:00'],
    ['tomorrow at 10', '2026-11-23 10:00'],
    ['Tomorrow, 3pm', '2026-11-23 15:00'],
    ['fri', '2026-11-27'],
    ['Friday 9', '2026-11-27 09:00'],
    ['sun', '2026-11-29'],
    ['next mon 8:15 am', '2026-11-23 08:15'],
    ['next week', '2026-11-23'],
    ['next month', '2026-12-01'],
    ['+2w', '2026-12-06'],
    ['+2w 9:00', '2026-12-06 09:00'],
    ['in 3 days', '2026-11-25'],
    ['in a month', '2026-12-22'],
    ['+2h', '2026-11-22 16:30'],
    ['in 90 min', '2026-11-22 16:00'],
    ['12 march', '2027-03-12'],
    ['March 12th, 2028 noon', '2028-03-12 12:00'],
    ['2027-02-03 14:00', '2027-02-03 14:00'],
    ['16:00', '2026-11-22 16:00'],
    ['10:00', '2026-11-23 10:00'],
    ['12am', '2026-11-23 00:00'],
    ['the day after tomorrow', '2026-11-24'],
  ])('“%s” is %s', (text, when) => expect(said(text)).toBe(when));
  it.each([
    ['morgen 10 Uhr', '2026-11-23 10:00'],
    ['übermorgen um 8', '2026-11-24 08:00'],
    ['Fr', '2026-11-27'],
    ['nächsten Dienstag 14.30 Uhr', '2026-11-24 14:30'],
    ['in zwei Wochen', '2026-12-06'],
    ['in 3 Tagen um 9', '2026-11-25 09:00'],
    ['3.2.', '2027-02-03'],
    ['3.2.2028 9:00', '2028-02-03 09:00'],
    ['12. März', '2027-03-12'],
    ['am 24.12. um 18 Uhr', '2026-12-24 18:00'],
    ['nächste Woche', '2026-11-23'],
    ['+1m', '2026-12-22'],
  ])('„%s“ ist %s', (text, when) => expect(said(text)).toBe(when));
  it.each(['', 'soon', '31.2.', '25:00', '9', 'fri fri', 'in many days', '+3', 'tomorrow somewhere', '13pm'])('“%s” is none', (text) =>
    expect(said(text)).toBeNull(),
  );
  it('is a day that there is and never one that has passed, whatever is typed', () => {
    const word = fc.constantFrom(
      'tomorrow',
      'fri',
      '+2w',
      '+1m',
      'in 3 days',
      '10:00',
      'um 9',
      '12.3.',
      '31.1.',
      'next week',
      'at 5pm',
      'x',
      ',',
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), (words) => {
        const when = parseWhen(words.join(' '), NOW);
        if (!when) return;
        expect(new Date(`${when.day}T00:00:00Z`).toISOString().slice(0, 10)).toBe(when.day);
        expect(when.day >= NOW.slice(0, 10)).toBe(true);
        if (when.time !== null) expect(when.time).toMatch(/^([01]\d|2[0-3]):[0-5]\d$/);
      }),
    );
  });
  it('is the end of the month where a month is shorter', () => {
    expect(parseWhen('+1m', '2027-01-31T08:00')).toEqual({ day: '2027-02-28', time: null });
  });
});
