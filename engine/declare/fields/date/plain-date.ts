import { FieldProblem } from '../../field.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Reads a date as files write it into YYYY-MM-DD: ISO (a time behind it is dropped), 31.12.2024, 12/31/2024 and 31/12/2024
 * (day first unless the second number can only be a day), 31-Dec-2024. The file's own order is decided once per column by
 * the import, which rewrites ambiguous columns before they come here.
 */
export function plainDate(text: string): string {
  const value = text.trim();
  let match = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$/.exec(value);
  if (match) return checked(match[1], match[2], match[3], text);
  match = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(value);
  if (match) return checked(match[3], match[2], match[1], text);
  match = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(value);
  if (match) return Number(match[2]) > 12 ? checked(match[3], match[1], match[2], text) : checked(match[3], match[2], match[1], text);
  match = /^(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})$/.exec(value);
  if (match) return checked(match[3], String(MONTHS.indexOf((match[2] ?? '').toLowerCase()) + 1), match[1], text);
  throw new FieldProblem('type', `“${value.slice(0, 40)}” is not a date.`);
}

function checked(year = '', month = '', day = '', text = ''): string {
  const y = Number(year);
  const m = Number(month);
  const d = Number(day);
  const real = new Date(Date.UTC(y, m - 1, d));
  if (y < 1000 || real.getUTCFullYear() !== y || real.getUTCMonth() !== m - 1 || real.getUTCDate() !== d) {
    throw new FieldProblem('range', `There is no such date as “${text.trim().slice(0, 40)}”.`);
  }
  return `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
