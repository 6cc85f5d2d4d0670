import { Temporal } from 'temporal-polyfill';
import { startOfDate } from '#kit/calendar.ts';
import { COMPARE, FieldProblem, fieldOf, instantText, scalarType, type ValueEnv } from '../../field.ts';
import { plainDate } from '../date/plain-date.ts';

/** A moment in time, in milliseconds; ISO 8601 in UTC on the wire. */
export const dateTime = fieldOf<string>('dateTime');

const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)$/;

/** Reads an instant with its offset from UTC into the wire's form. */
export function instant(input: unknown): string {
  if (typeof input !== 'string' || !ISO.test(input)) throw new FieldProblem('type', 'Expected a moment such as 2026-01-31T09:30:00Z.');
  const time = new Date(
    input
      .replace(' ', 'T')
      .replace(/\s+/g, '')
      .replace(/([+-]\d{2})$/, '$1:00'),
  );
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999)
    throw new FieldProblem('range', 'There is no such moment.');
  return time.toISOString();
}

/** A local date and time of the company: what files without an offset mean. */
function localInstant(text: string, env: ValueEnv): string {
  const match = /^(\S+?)[T ,]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*([AaPp][Mm])?$/.exec(text);
  if (!match) return startOfDate(plainDate(text), env.timeZone).toISOString();
  const [hours = '0', minutes = '0', seconds = '0'] = (match[2] ?? '').split(':');
  const half = match[3]?.toLowerCase();
  const hour = half ? (Number(hours) % 12) + (half === 'pm' ? 12 : 0) : Number(hours);
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) >= 60)
    throw new FieldProblem('range', `There is no such time as “${text.slice(0, 40)}”.`);
  const local = Temporal.PlainDate.from(plainDate(match[1] ?? '')).toPlainDateTime({
    hour,
    minute: Number(minutes),
    second: Math.floor(Number(seconds)),
  });
  return new Date(local.toZonedDateTime(env.timeZone).epochMilliseconds).toISOString();
}

export const dateTimeType = scalarType<string>({
  key: 'dateTime',
  column: 'timestamptz(3)',
  kind: 'instant',
  readAs: instantText,
  parse: instant,
  fromText: (text, _field, env) => (ISO.test(text.trim()) ? instant(text.trim()) : localInstant(text.trim(), env)),
  operators: COMPARE,
  aggregates: ['min', 'max'],
  schema: () => ({ type: 'string', format: 'date-time' }),
  samples: () => ({
    good: [
      { input: '1999-12-31T23:59:59.999Z', value: '1999-12-31T23:59:59.999Z' },
      { input: '2026-03-29T02:30:00+02:00', value: '2026-03-29T00:30:00.000Z' },
    ],
    bad: ['yesterday', '2026-01-31', 1700000000, '2026-13-01T00:00:00Z'],
  }),
});
