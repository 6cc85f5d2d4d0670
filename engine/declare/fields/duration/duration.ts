import { type BoundField, COMPARE, FieldProblem, fieldOf, type Scalar, scalarType, type ValueEnv } from '../../field.ts';

export interface DurationOptions {
  /** Bounds in seconds. */
  min?: number;
  max?: number;
}

/** A length of time, kept in whole seconds; ISO 8601 on the wire (`PT1H30M`), seconds in sums and averages. */
export const duration = fieldOf<string, DurationOptions>('duration');

const LONGEST = 1e11;
const ISO = /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const SECONDS = [604_800, 86_400, 3600, 60, 1] as const;

/** Seconds of an ISO 8601 duration; null for anything else. Years and months have no fixed length and are not read. */
export function isoSeconds(text: string): number | null {
  const match = ISO.exec(text);
  if (!match || /^P$|T$/.test(text)) return null;
  return Math.round(SECONDS.reduce((sum, seconds, i) => sum + Number(match[i + 1] ?? 0) * seconds, 0));
}

/** The ISO form of whole seconds, in hours, minutes and seconds: days differ in length. The database's perigon_duration is the same. */
export function isoDuration(seconds: number): string {
  if (seconds === 0) return 'PT0S';
  const part = (value: number, unit: string) => (value > 0 ? `${value}${unit}` : '');
  return `PT${part(Math.floor(seconds / 3600), 'H')}${part(Math.floor(seconds / 60) % 60, 'M')}${part(seconds % 60, 'S')}`;
}

const UNITS: Record<string, number> = { w: 604_800, d: 86_400, t: 86_400, h: 3600, m: 60, s: 1 };
const WORD =
  /^\s*(\d+(?:[.,]\d+)?)\s*(weeks?|wochen?|wk?|days?|tage?n?|d|hours?|hrs?|stunden?|std|h|minutes?|minuten?|mins?|m|seconds?|sekunden?|secs?|sek|s)\b\.?/i;

/** Seconds of what people write: `1:30` (hours and minutes), `1:30:15`, `1h 30m`, `90 min`, `1,5 h`; null for anything else. */
export function typedSeconds(text: string): number | null {
  const clock = /^\s*(\d{1,7}):([0-5]\d)(?::([0-5]\d))?\s*$/.exec(text);
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  let rest = text.replace(/([a-z])(?=\d)/gi, '$1 ').replace(/,\s|\band\b|\bund\b/gi, ' ');
  let sum = 0;
  let found = false;
  while (rest.trim() !== '') {
    const match = WORD.exec(rest);
    if (!match) return null;
    // “Stunden” begins like “seconds”; everything else is told by its first letter.
    const word = (match[2] ?? '').toLowerCase();
    sum += Number((match[1] ?? '').replace(',', '.')) * (word.startsWith('st') ? 3600 : (UNITS[word[0] ?? ''] ?? 0));
    found = true;
    rest = rest.slice(match[0].length);
  }
  return found ? Math.round(sum) : null;
}

function within(seconds: number, text: string, field: BoundField): string {
  const { min, max } = field.with as DurationOptions;
  if (seconds > (max ?? LONGEST))
    throw new FieldProblem('tooLarge', `“${text.slice(0, 40)}” is longer than ${isoDuration(max ?? LONGEST)}.`);
  if (min !== undefined && seconds < min) throw new FieldProblem('tooSmall', `“${text.slice(0, 40)}” is shorter than ${isoDuration(min)}.`);
  return isoDuration(seconds);
}

function parse(input: unknown, field: BoundField): string {
  const seconds = typeof input === 'string' ? isoSeconds(input.trim()) : null;
  if (seconds === null) throw new FieldProblem('type', 'Expected a duration such as "PT1H30M" (ISO 8601, without years and months).');
  return within(seconds, String(input), field);
}

function operand(input: unknown, field: BoundField, env: ValueEnv): Scalar {
  if (typeof input === 'number' && Number.isFinite(input)) return input;
  return isoSeconds(fromText(String(input), field, env)) ?? 0;
}

function fromText(text: string, field: BoundField, _env: ValueEnv): string {
  const seconds = isoSeconds(text.trim()) ?? typedSeconds(text);
  if (seconds === null)
    throw new FieldProblem(
      'type',
      `“${text.slice(0, 40)}” is not a duration: write 1:30, 1h 30m, 90 min or PT1H30M. A number alone does not say of what.`,
    );
  return within(seconds, text, field);
}

const scalar = scalarType<string>({
  key: 'duration',
  column: 'bigint',
  kind: 'number',
  scalar: (value) => isoSeconds(value) ?? 0,
  readAs: (column) => `perigon_duration(${column})`,
  parse,
  fromText,
  toText: (value) => {
    const seconds = isoSeconds(value) ?? 0;
    const two = (part: number) => String(part).padStart(2, '0');
    return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  },
  operators: COMPARE,
  operand,
  aggregates: ['sum', 'avg', 'min', 'max'],
  schema: () => ({ type: 'string', format: 'duration', examples: ['PT1H30M'] }),
  samples: () => ({
    good: [
      { input: 'PT90S', value: 'PT1M30S' },
      { input: 'P1DT90M', value: 'PT25H30M' },
      { input: 'PT0S', value: 'PT0S' },
    ],
    bad: [90, '90', 'P1M', 'PT', '-PT5M', true],
  }),
});

export const durationType = {
  ...scalar,
  store: (value: string | null) => [value === null ? null : isoSeconds(value)],
  cell: 'text' as const,
  reckons: 'duration' as const,
};
