import { FieldProblem } from '#engine/declare/field.ts';
import type { DateOrder, Target } from '#engine/declare/import-mapping.ts';

/** How one cell's text is made plain before a field reads it. Pure. */

/** Takes back what the export does to a text that a spreadsheet would take for a formula. */
export const unescapeFormula = (text: string): string => (text.charCodeAt(0) === 39 && /^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text);

/** The reader of a column's texts: trimmed, exchanged, with dates and decimals written one way. Null means empty. */
export function cellReader(target: Target): (text: string) => string | null {
  const exchange = target.values ? exchanger(target.values) : null;
  const { date, decimal, times } = target;
  return (cell) => {
    let text: string | null = unescapeFormula(cell.trim());
    if (exchange) text = exchange(text);
    if (text === null || text === '') return null;
    if (date) text = orderedDate(text, date);
    if (decimal) text = plainDecimal(text, decimal);
    return times === undefined ? text : multiplied(text, times);
  };
}

/** Exchanges texts: an exact one first (without case), then the longest pattern with `*` that fits; others stay. */
function exchanger(values: NonNullable<Target['values']>): (text: string) => string | null {
  const exact = new Map<string, string | null>();
  const patterns: [RegExp, string | null][] = [];
  // The pattern that says most is tried first; the order of members means nothing in JSON.
  const said = (pattern: string) => pattern.replaceAll('*', '').length;
  for (const [from, to] of Object.entries(values).sort(([a], [b]) => said(b) - said(a))) {
    if (!from.includes('*')) exact.set(from.trim().toLowerCase(), to);
    else
      patterns.push([
        new RegExp(
          `^${from
            .trim()
            .split('*')
            .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
            .join('.*')}$`,
          'is',
        ),
        to,
      ]);
  }
  return (text) => {
    const hit = exact.get(text.toLowerCase());
    if (hit !== undefined) return hit;
    if (patterns.length > 0 && text !== '') for (const [pattern, to] of patterns) if (pattern.test(text)) return to;
    return text;
  };
}

const NUMERIC_DATE = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(.*)$/s;

/** Writes a numeric date as year-month-day, by the order that its column has; other texts stay as they are. */
export function orderedDate(text: string, order: DateOrder): string {
  const match = NUMERIC_DATE.exec(text);
  if (!match) return text;
  const [, a = '', , b = '', c = '', rest = ''] = match;
  if (a.length === 4) return `${a}-${pad(b)}-${pad(c)}${rest}`;
  const [day, month] = order === 'mdy' ? [b, a] : [a, b];
  return c.length === 4 || c.length === 2 ? `${fullYear(c)}-${pad(month)}-${pad(day)}${rest}` : text;
}

const pad = (digits: string) => digits.padStart(2, '0');
// Two digits mean the hundred years that end in twenty years, as spreadsheets have it.
const fullYear = (digits: string) =>
  digits.length === 4 ? digits : Number(digits) > (new Date().getUTCFullYear() % 100) + 20 ? `19${digits}` : `20${digits}`;

/** Writes a number with a point before its decimals and nothing between its thousands; signs and currencies stay. */
export function plainDecimal(text: string, decimal: ',' | '.'): string {
  const bare = text.replace(/(?<=\d)[\s\u00a0\u202f'’](?=\d)/g, '');
  return decimal === ',' ? bare.replace(/\.(?=\d)/g, '').replace(',', '.') : bare.replace(/,(?=\d{3})/g, '');
}

/** A number times a power of ten or any whole number, digit by digit: no float may touch money. */
function multiplied(text: string, times: number): string {
  const match = /^(\D*?)(-?)(\d+)(?:\.(\d*))?(\D*)$/.exec(text);
  if (!match) throw new FieldProblem('type', `“${text.slice(0, 40)}” is not a number.`);
  const [, before = '', sign = '', whole = '', fraction = '', behind = ''] = match;
  const digits = (BigInt(whole + fraction) * BigInt(times)).toString().padStart(fraction.length + 1, '0');
  const point = digits.length - fraction.length;
  return `${before}${sign}${digits.slice(0, point)}${fraction ? `.${digits.slice(point)}` : ''}${behind}`;
}

/** Only what exchanging makes of a text: a template shows the same words as the fields. */
export const exchangedReader = (target: Target | undefined): ((text: string) => string | null) => cellReader({ values: target?.values });

/** A text made of columns: `Customer {CustomerID}`; null when all its columns are empty. */
export function templateReader(
  template: string,
  columns: readonly string[],
  readers: (column: string) => (text: string) => string | null,
): (cells: readonly string[]) => string | null {
  const parts = template.split(/\{([^{}]+)\}/);
  const sources = parts.map((part, i) => (i % 2 === 1 ? { index: columns.indexOf(part), read: readers(part) } : null));
  return (cells) => {
    let any = false;
    let text = '';
    parts.forEach((part, i) => {
      const source = sources[i];
      if (!source) text += part;
      else {
        const cell = source.read(cells[source.index] ?? '');
        if (cell !== null) any = true;
        text += cell ?? '';
      }
    });
    return any ? text.replace(/\s+/g, ' ').trim() : null;
  };
}
