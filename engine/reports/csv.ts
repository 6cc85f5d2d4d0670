import type { ReportTable } from './table.ts';

const FORMULA = /^'*[=+\-@\t\r]/;

/** A table as CSV: figures as plain numbers, money with its currency in the heading. Pure. */
export function csvOf(table: ReportTable): string {
  const text = (value: string): string => {
    const safe = FORMULA.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;
  const head = line(table.columns.map(({ name, currency }) => text(currency ? `${name} (${currency})` : name)));
  const row = (cells: readonly (string | number | null)[]): string =>
    line(cells.map((cell, i) => (cell === null ? '' : table.columns[i]?.kind === 'text' ? text(String(cell)) : String(cell))));
  return head + table.rows.map(row).join('') + (table.total && table.columns[0]?.kind !== 'text' ? row(table.total) : '');
}
