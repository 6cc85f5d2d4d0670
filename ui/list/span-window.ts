/** The stretch of days that a timeline shows, and where in it something lies. Days are YYYY-MM-DD. Pure. */

export const scales = ['quarter', 'half', 'year'] as const;
export type Scale = (typeof scales)[number];

/** From a day on, up to the day before `until`. */
export interface Window {
  from: string;
  until: string;
}

const DAY = 86_400_000;
const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayAt = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const plusDays = (day: string, days: number): string => dayAt(at(day) + days * DAY);
export const daysBetween = (from: string, to: string): number => Math.round((at(to) - at(from)) / DAY);

/** The first day of the month so many months later. */
function firstOfMonth(day: string, months: number): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return dayAt(Date.UTC(year, month - 1 + months, 1));
}

const weekBegin = (day: string, first: number): string => plusDays(day, -((new Date(at(day)).getUTCDay() - first + 7) % 7));

/** How much is seen of what was before the day that it is about, and how much in all. */
const MONTHS: Record<Exclude<Scale, 'quarter'>, { before: number; all: number; step: number }> = {
  half: { before: 1, all: 6, step: 3 },
  year: { before: 3, all: 12, step: 6 },
};
const WEEKS = { before: 3, all: 13, step: 6 };

/** The window about a day: a part of it lies behind. `firstDay` is the day a week begins with, Sunday 0. */
export function windowOn(day: string, scale: Scale, firstDay: number): Window {
  if (scale === 'quarter') {
    const from = plusDays(weekBegin(day, firstDay), -7 * WEEKS.before);
    return { from, until: plusDays(from, 7 * WEEKS.all) };
  }
  const { before, all } = MONTHS[scale];
  return { from: firstOfMonth(day, -before), until: firstOfMonth(day, all - before) };
}

/** The day that the window earlier or later is about. */
export const stepped = (day: string, scale: Scale, by: 1 | -1): string =>
  scale === 'quarter' ? plusDays(day, 7 * WEEKS.step * by) : firstOfMonth(day, MONTHS[scale].step * by);

/** Days that are written above: the weeks of a quarter, else the months. */
export function ticksOf({ from, until }: Window, scale: Scale): string[] {
  const days: string[] = [];
  for (let day = from; day < until; day = scale === 'quarter' ? plusDays(day, 7) : firstOfMonth(day, 1)) days.push(day);
  return days;
}

/** Where a day begins, as a share of the window. */
export const shareOf = ({ from, until }: Window, day: string): number => daysBetween(from, day) / daysBetween(from, until);

/** Where a bar lies that lasts from a day to the end of another; null outside of the window. Ends beyond its edge are cut. */
export function barIn(
  window: Window,
  from: string,
  to: string,
): { start: number; length: number; cutStart: boolean; cutEnd: boolean } | null {
  const [begin, end] = [from <= to ? from : to, plusDays(to, 1)];
  if (end <= window.from || begin >= window.until) return null;
  const start = Math.max(0, shareOf(window, begin));
  return {
    start,
    length: Math.min(1, shareOf(window, end)) - start,
    cutStart: begin < window.from,
    cutEnd: end > window.until,
  };
}
