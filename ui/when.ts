import { parseWhen, type When } from '#kit/when.ts';
import { companyNow, formatDay, formatTime, instantOf, wallClock } from './format.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** What somebody typed as a time, by the clock of their zone; null where it is none. */
export function readWhen(text: string): When | null {
  const now = wallClock(companyNow());
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return parseWhen(text, `${day}T${two(now.getHours())}:${two(now.getMinutes())}`);
}

/** The instant of a day and a time on the clock of the user's zone. */
export const instantOfWhen = ({ day, time }: When): string => instantOf(new Date(`${day}T${time ?? '09:00'}:00`));

/** In words: "Friday 27 November, 10:00". */
export const whenText = (when: When): string =>
  when.time === null ? formatDay(when.day) : `${formatDay(when.day)}, ${formatTime(instantOfWhen(when))}`;

/** When a task is due: on the day, or at the time. */
export const dueFields = (when: When): { dueOn: string } | { dueAt: string } =>
  when.time === null ? { dueOn: when.day } : { dueAt: instantOfWhen(when) };
