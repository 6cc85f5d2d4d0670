/** Hours, days with other hours and questions as people type them: a line each. Pure. */

export type Stretch = [from: string, to: string];
export interface DayHours {
  day: string;
  hours: Stretch[];
}
export interface Question {
  text: string;
  required: boolean;
}

const TIME = /^(\d{1,2})(?:[:.](\d{2}))?$/;

function timeOf(text: string): string | null {
  const match = TIME.exec(text.trim());
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2] ?? 0)];
  if (!match || minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** Reads "9-12, 13:00–17:30"; empty is closed, null is not to be read. */
export function readStretches(text: string): Stretch[] | null {
  if (text.trim() === '') return [];
  const found: Stretch[] = [];
  for (const part of text.split(',')) {
    const [from, to, more] = part.split(/[-–]/).map(timeOf);
    if (!from || !to || more !== undefined || from >= to || from < (found.at(-1)?.[1] ?? '')) return null;
    found.push([from, to]);
  }
  return found;
}

/** Stretches as they are typed. */
export const writeStretches = (stretches: readonly (readonly [string, string])[]): string =>
  stretches.map(([from, to]) => `${from}–${to}`).join(', ');

/** Reads lines such as "2026-12-24" (closed) and "2026-12-31: 9-12". */
export function readDays(text: string): DayHours[] | null {
  const found: DayHours[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const match = /^\s*(\d{4}-\d{2}-\d{2})\s*(?::\s*(.*))?$/.exec(line);
    const hours = match && readStretches(match[2] ?? '');
    if (!match?.[1] || !hours) return null;
    found.push({ day: match[1], hours });
  }
  return found;
}

export const writeDays = (days: readonly DayHours[]): string =>
  days.map(({ day, hours }) => (hours.length > 0 ? `${day}: ${writeStretches(hours)}` : day)).join('\n');

/** A question a line; one that ends with an asterisk is to be answered. */
export const readQuestions = (text: string): Question[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.replace(/\*$/, '').trim() !== '')
    .map((line) => ({ text: line.replace(/\*$/, '').trim(), required: line.endsWith('*') }));

export const writeQuestions = (questions: readonly Question[]): string =>
  questions.map(({ text, required }) => `${text}${required ? ' *' : ''}`).join('\n');
