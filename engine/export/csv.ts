import type { ExportColumn } from './columns.ts';

/** Cells as CSV. Pure. */

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe before it; one that already begins so gets another,
 * so that the import can take exactly one away. Numbers, dates and telephone numbers are never touched.
 */
const FORMULA = /^'*[=+\-@\t\r]/;
const QUOTE = /[",\r\n]/;

/** Turns a cell as the database gave it into a CSV cell. */
export function csvCells(columns: readonly ExportColumn[]): (cells: readonly string[]) => string {
  const writers = columns.map(({ kind, show }) => (text: string) => {
    if (text === '') return '';
    let shown = show ? show(text) : text;
    if (kind === 'text' && FORMULA.test(shown)) shown = `'${shown}`;
    return kind !== 'number' && QUOTE.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  });
  return (cells) => {
    let line = '';
    for (let i = 0; i < writers.length; i++) line += (i > 0 ? ',' : '') + (writers[i]?.(cells[i] ?? '') ?? '');
    return `${line}\r\n`;
  };
}

export const csvHeader = (columns: readonly ExportColumn[]): string =>
  `${columns.map(({ name }) => (QUOTE.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(',')}\r\n`;
