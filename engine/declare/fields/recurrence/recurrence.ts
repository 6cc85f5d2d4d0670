import { CHOOSE, FieldProblem, fieldOf, scalarType } from '../../field.ts';

/** How something comes again: a rule as calendars write it (RFC 5545), such as `FREQ=WEEKLY;BYDAY=MO`. */
export const recurrence = fieldOf<string>('recurrence');

export const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
const DAYS = 'MO|TU|WE|TH|FR|SA|SU';
const list = (item: string): RegExp => new RegExp(`^(?:${item})(?:,(?:${item}))*$`);

/** The parts that are understood, in the order in which they are written. More often than daily nobody is reminded. */
const PARTS: Readonly<Record<string, RegExp>> = {
  FREQ: new RegExp(`^(?:${FREQUENCIES.join('|')})$`),
  INTERVAL: /^[1-9]\d{0,2}$/,
  COUNT: /^[1-9]\d{0,2}$/,
  UNTIL: /^\d{8}(?:T\d{6}Z?)?$/,
  BYDAY: list(`(?:[+-]?[1-5])?(?:${DAYS})`),
  BYMONTHDAY: list('-?(?:[1-9]|[12]\\d|3[01])'),
  BYMONTH: list('[1-9]|1[0-2]'),
  BYSETPOS: list('-?[1-9]\\d{0,2}'),
  WKST: new RegExp(`^(?:${DAYS})$`),
};

/** The parts of a rule by name; null where it is none that is understood. Pure. */
export function partsOfRule(text: string): Record<string, string> | null {
  const parts: Record<string, string> = {};
  for (const piece of text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .split(';')) {
    const [name = '', value = '', ...more] = piece.split('=');
    if (more.length > 0 || !PARTS[name]?.test(value) || name in parts) return null;
    parts[name] = value;
  }
  return 'FREQ' in parts && !('COUNT' in parts && 'UNTIL' in parts) ? parts : null;
}

/** A rule of these parts, always written the same way. Pure. */
export const ruleOf = (parts: Readonly<Record<string, string | undefined>>): string =>
  Object.keys(PARTS)
    .flatMap((name) => (parts[name] === undefined ? [] : [`${name}=${parts[name]}`]))
    .join(';');

export const recurrenceType = scalarType<string>({
  key: 'recurrence',
  column: 'text',
  kind: 'key',
  parse: (input) => {
    if (input === '') return null;
    const parts = typeof input === 'string' && input.length <= 300 ? partsOfRule(input) : null;
    if (!parts) throw new FieldProblem('recurrence', 'Expected a rule such as FREQ=WEEKLY;BYDAY=MO, daily at most.');
    return ruleOf(parts);
  },
  operators: CHOOSE,
  schema: () => ({ type: 'string', description: 'A recurrence rule of RFC 5545', examples: ['FREQ=WEEKLY;BYDAY=MO'] }),
  samples: () => ({
    good: [
      { input: 'FREQ=DAILY', value: 'FREQ=DAILY' },
      { input: 'rrule:byday=mo,we;freq=weekly;interval=2', value: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE' },
      { input: 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=12', value: 'FREQ=MONTHLY;COUNT=12;BYDAY=-1FR' },
    ],
    bad: ['every monday', 'FREQ=HOURLY', 'FREQ=DAILY;COUNT=2;UNTIL=20270101', 'FREQ=WEEKLY;BYDAY=XX', 7],
  }),
});
