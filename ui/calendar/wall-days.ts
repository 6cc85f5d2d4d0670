/** Days as a drawn calendar has them: moments of the browser's clocks that stand for what clocks on the wall show. */

const two = (n: number): string => String(n).padStart(2, '0');

/** The day of a moment, `2026-11-23`. */
export const dayText = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** The beginning of a day. */
export const midnight = (day: string): Date => new Date(`${day}T00:00:00`);

/** So many days later, at the same time of day. */
export const plusDays = (at: Date, days: number): Date =>
  new Date(at.getFullYear(), at.getMonth(), at.getDate() + days, at.getHours(), at.getMinutes(), at.getSeconds());
