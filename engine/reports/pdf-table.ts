import { figureAt, INK } from './pdf-chart.ts';
import type { Cursor } from './pdf-cursor.ts';
import type { Style } from './pdf-type.ts';
import { inSheet } from './sheet.ts';
import type { ReportTable } from './table.ts';

/** A table on pages: its head is repeated on each, and columns that do not fit beside each other follow below with their rows' names. */

/** From so many columns on pages lie on their side. */
export const MANY_COLUMNS = 7;
const SIZE = 8.5;
const LEAD = 12;
const PAD = 8;
const BAR = 110;
const TEXT_LEAST = 70;
const HEAD_LINES = 3;
/** Rows that are measured to tell how wide a column is. */
const LOOKED_AT = 60;

interface Laid {
  /** The column of the table; null for that of the bars. */
  at: number | null;
  x: number;
  width: number;
}

export function drawTable(cursor: Cursor, table: ReportTable, bars: boolean): void {
  for (const columns of layouts(cursor, table, bars)) {
    drawColumns(cursor, table, columns);
    cursor.y += 6;
  }
}

/** How wide each column wants to be, and which of them stand beside each other. */
function layouts({ type, sheet, left, width: whole }: Cursor, table: ReportTable, bars: boolean): Laid[][] {
  const want = table.columns.map((column, i) => {
    const cells = table.rows
      .slice(0, LOOKED_AT)
      .map((row) => type.width(inSheet(sheet, table, i, row[i] ?? null), { size: SIZE, figures: column.kind !== 'text' }));
    const total = table.total ? type.width(inSheet(sheet, table, i, table.total[i] ?? null), { size: SIZE, bold: true, figures: true }) : 0;
    const words = headOf(table, i)
      .split(/\s+/)
      .map((word) => type.width(word, { size: SIZE - 1, bold: true }));
    const head = column.kind === 'text' ? type.width(headOf(table, i), { size: SIZE - 1, bold: true }) : Math.max(...words);
    return Math.max(total, head, ...cells) + PAD;
  });
  const texts = table.columns.flatMap(({ kind }, i) => (kind === 'text' ? [i] : []));
  const figures = table.columns.flatMap(({ kind }, i) => (kind === 'text' ? [] : [i]));
  const sum = (of: readonly number[], widths = want): number => of.reduce((all, i) => all + (widths[i] ?? 0), 0);
  const barred = bars ? BAR : 0;
  // Names give way down to what can still be read; then figures go below each other.
  const least = texts.length * TEXT_LEAST;
  const forNames = Math.max(least, Math.min(sum(texts), Math.max(whole * 0.34, whole - barred - sum(figures))));
  const named = want.map((width) => (sum(texts) > forNames ? (width * forNames) / sum(texts) : width));
  const groups: number[][] = [[]];
  for (const i of figures) {
    const group = groups.at(-1) ?? [];
    if (group.length > 0 && forNames + barred + sum([...group, i]) > whole) groups.push([i]);
    else group.push(i);
  }
  return groups.map((group, n) => {
    const beside = n === 0 ? barred : 0;
    const over = Math.max(0, whole - sum(texts, named) - sum(group) - beside);
    // What is left over goes to the bars, or lies between names and figures.
    const gap = beside > 0 ? 0 : over;
    const laid: Laid[] = [];
    let x = 0;
    for (const i of texts) x = lay(laid, i, x, named[i] ?? 0);
    if (beside > 0) x = lay(laid, null, x, beside + over);
    x += gap;
    for (const i of group) x = lay(laid, i, x, want[i] ?? 0);
    return laid.map((one) => ({ ...one, x: sheet.fromRight ? left + whole - one.x - one.width : left + one.x }));
  });
}

function lay(laid: Laid[], at: number | null, x: number, width: number): number {
  laid.push({ at, x, width });
  return x + width;
}

const headOf = (table: ReportTable, i: number): string => table.columns[i]?.name ?? '';

function drawColumns(cursor: Cursor, table: ReportTable, columns: readonly Laid[]): void {
  const { doc, type, sheet, left, width } = cursor;
  const figure = figureAt(table);
  const most = Math.max(0, ...table.rows.map((row) => Number(row[figure] ?? 0)));
  const heads = columns.map(({ at, width: wide }) =>
    at === null ? [] : type.lines(headOf(table, at), { size: SIZE - 1, bold: true }, wide - PAD / 2, HEAD_LINES),
  );
  const headHeight = Math.max(1, ...heads.map((lines) => lines.length)) * (LEAD - 2) + 6;
  const place = ({ at, x, width: wide }: Laid, text: string, y: number, style: Style): void => {
    const right = (at !== null && table.columns[at]?.kind !== 'text') !== sheet.fromRight;
    type.draw(text, right ? x + wide - type.width(text, style) : x, y, style);
  };
  const head = (): void => {
    columns.forEach((column, c) => {
      for (const [n, line] of (heads[c] ?? []).entries())
        place(column, line, cursor.y + n * (LEAD - 2), { size: SIZE - 1, bold: true, color: INK.quiet });
    });
    cursor.y += headHeight - 3;
    doc
      .moveTo(left, cursor.y)
      .lineTo(left + width, cursor.y)
      .lineWidth(0.75)
      .stroke(INK.line);
    cursor.y += 4;
  };
  const row = (cells: readonly (string | number | null)[], bold: boolean): void => {
    const lines = columns.map(({ at, width: wide }) =>
      at !== null && table.columns[at]?.kind === 'text'
        ? type.lines(inSheet(sheet, table, at, cells[at] ?? null), { size: SIZE, bold }, wide - PAD, 2)
        : [],
    );
    const height = Math.max(1, ...lines.map((one) => one.length)) * LEAD + 3;
    if (cursor.room(height)) head();
    columns.forEach((column, c) => {
      if (column.at === null) {
        const wide = most > 0 && !bold ? Math.max(0, ((column.width - 2 * PAD) * Number(cells[figure] ?? 0)) / most) : 0;
        const x = sheet.fromRight ? column.x + column.width - PAD - wide : column.x + PAD;
        if (wide > 0) doc.rect(x, cursor.y + 1, wide, LEAD - 3).fill(INK.accent);
      } else if (table.columns[column.at]?.kind === 'text')
        for (const [n, line] of (lines[c] ?? []).entries()) place(column, line, cursor.y + n * LEAD, { size: SIZE, bold });
      else place(column, inSheet(sheet, table, column.at, cells[column.at] ?? null), cursor.y, { size: SIZE, bold, figures: true });
    });
    cursor.y += height - 1.5;
    doc
      .moveTo(left, cursor.y)
      .lineTo(left + width, cursor.y)
      .lineWidth(0.4)
      .stroke(INK.faint);
    cursor.y += 3;
  };
  cursor.room(headHeight + 3 * LEAD);
  head();
  for (const cells of table.rows) row(cells, false);
  if (table.total && table.columns[0]?.kind === 'text' && table.rows.length > 1) row(table.total, true);
}
