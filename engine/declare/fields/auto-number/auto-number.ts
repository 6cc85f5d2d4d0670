import {
  type BoundField,
  type CommonOptions,
  cleanText,
  type Field,
  FieldProblem,
  type FieldType,
  fieldOf,
  type Operator,
  scalarType,
} from '../../field.ts';

export interface AutoNumberOptions {
  /** How a number is written: text around `{0000}` (at least so many digits) and, for numbers that begin anew each year, `{yyyy}`. */
  pattern: string;
  /** The first number; 1 unless given. */
  start?: number;
  /** Numbers follow each other without a gap: taken under a lock that writers of this object wait for. */
  gapless?: boolean;
}

const OPERATORS: readonly Operator[] = ['eq', 'ne', 'in', 'notIn', 'contains', 'startsWith', 'isEmpty', 'isNotEmpty'];

/**
 * A number that Perigon gives when a record is made (`CASE-0042`): unique, never used twice, written by nobody but an import,
 * which may keep the numbers its records have. Gaps may occur (a refused record took one) unless declared `gapless`.
 */
export const autoNumber = (options: AutoNumberOptions & Pick<CommonOptions, 'search' | 'index'>): Field<string, false> => {
  if (patternParts(options.pattern) === null)
    throw new Error(`The pattern “${options.pattern}” needs one {0}, {00} … and at most one {yyyy}.`);
  return fieldOf<string, AutoNumberOptions>('autoNumber')({ ...options, readOnly: true, unique: true });
};

interface Pattern {
  reads: RegExp;
  yearly: boolean;
  write(year: number, number: number): string;
}
const patterns = new Map<string, Pattern | null>();

function patternParts(text: string): Pattern | null {
  let pattern = patterns.get(text);
  if (pattern !== undefined) return pattern;
  const parts = text.split(/(\{0{1,12}\}|\{yyyy\})/);
  const count = (test: RegExp) => parts.filter((part) => test.test(part)).length;
  const yearly = count(/^\{yyyy\}$/) === 1;
  if (count(/^\{0+\}$/) !== 1 || count(/^\{yyyy\}$/) > 1 || count(/[{}]/) !== (yearly ? 2 : 1)) pattern = null;
  else {
    const source = parts
      .map((part) =>
        part === '{yyyy}'
          ? '(?<year>\\d{4})'
          : part.startsWith('{0')
            ? '(?<number>\\d{1,12})'
            : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      )
      .join('');
    pattern = {
      reads: new RegExp(`^${source}$`, 'i'),
      yearly,
      write: (year, number) =>
        parts
          .map((part) => (part === '{yyyy}' ? String(year) : part.startsWith('{0') ? String(number).padStart(part.length - 2, '0') : part))
          .join(''),
    };
  }
  patterns.set(text, pattern);
  return pattern;
}

/** The pattern of a field; a declaration without one cannot be made. */
export function numberPattern(field: Pick<BoundField, 'with'>): Pattern {
  const pattern = patternParts(String(field.with.pattern));
  if (!pattern) throw new Error('An automatic number without a pattern.');
  return pattern;
}

/** Year (0 where numbers go on for ever) and number that a text of the pattern holds; null for one of another form. */
export function numberIn(field: Pick<BoundField, 'with'>, text: string): { year: number; number: number } | null {
  const groups = numberPattern(field).reads.exec(text)?.groups;
  return groups ? { year: Number(groups.year ?? 0), number: Number(groups.number) } : null;
}

/** What a year weighs in the rank of a number: more than any count within it. */
export const YEAR_RANK = 1_000_000_000_000;

/** What a number sorts by: its year and count; a foreign one by the last digits in it. */
function rank(field: BoundField, text: string): number {
  const own = numberIn(field, text);
  if (own) return own.year * YEAR_RANK + own.number;
  return Number(/(\d{1,12})\D*$/.exec(text)?.[1] ?? 0);
}

const scalar = scalarType<string>({
  key: 'autoNumber',
  column: 'text',
  kind: 'text',
  parse: (input) => {
    const text = cleanText(input, 60);
    if (text !== null && !/[\p{L}\p{N}]/u.test(text)) throw new FieldProblem('type', 'Expected a number such as CASE-0042.');
    return text;
  },
  operators: OPERATORS,
  sort: {
    kind: 'number',
    sql: (field, t) => `${t}.${field.column}_rank`,
    of: (value, field) => (typeof value === 'string' ? rank(field, value) : null),
  },
  schema: () => ({ type: 'string', maxLength: 60, readOnly: true }),
  // Nobody writes it but Perigon and an import: the conformance suite makes records and says so itself.
  samples: () => ({ good: [], bad: [] }),
});

export const autoNumberType: FieldType<string> = {
  ...scalar,
  columns: () => [
    { suffix: '', type: 'text' },
    { suffix: '_rank', type: 'bigint' },
  ],
  store: (value, field) => [value, value === null ? null : rank(field, value)],
  importable: true,
};
