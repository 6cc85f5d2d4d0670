import type PDFDocument from 'pdfkit';
import type { Type } from './pdf-type.ts';
import { inSheet, type Sheet, type SheetPart } from './sheet.ts';
import type { ReportTable } from './table.ts';

/** What is drawn of a report on paper: its first figure over time as columns or a line. Bars of all else stand in the table, beside their names. */

export const INK = { text: '#1B1C1E', quiet: '#5A5C60', line: '#D9D9D4', faint: '#ECECE8', accent: '#0B7A7A' };

export const CHART_HEIGHT = 132;
const FOOT = 16;
const HEAD = 14;
const MOST_POINTS = 62;

/** Where the first figure of a table stands; -1 without one. */
export const figureAt = (table: ReportTable): number => table.columns.findIndex(({ kind }) => kind !== 'text');

/** Whether a part has a course over time that is worth drawing. */
export function isCourse(part: SheetPart): boolean {
  const rows = part.table?.rows.length ?? 0;
  return part.inTime && rows > 1 && rows <= MOST_POINTS && (part.form === 'line' || part.form === 'bar' || part.form === 'stackedBar');
}

/** Whether bars stand beside the rows. */
export const hasBars = (part: SheetPart): boolean =>
  !part.inTime &&
  ['bar', 'stackedBar', 'funnel', 'line'].includes(part.form) &&
  part.table?.columns.filter(({ kind }) => kind === 'text').length === 1;

/** Draws the course of a part from an upper left corner on. */
export function drawCourse(doc: PDFDocument, type: Type, sheet: Sheet, part: SheetPart, x: number, y: number, width: number): void {
  const table = part.table;
  if (!table) return;
  const at = figureAt(table);
  const values = table.rows.map((row) => Number(row[at] ?? 0));
  const [most, least] = [Math.max(0, ...values), Math.min(0, ...values)];
  const reach = most - least || 1;
  const [top, bottom] = [y + HEAD, y + CHART_HEIGHT - FOOT];
  const high = (value: number): number => bottom - ((value - least) / reach) * (bottom - top);
  const step = width / values.length;
  const middle = (i: number): number => (sheet.fromRight ? x + width - step * (i + 0.5) : x + step * (i + 0.5));
  for (const value of [most, (most + least) / 2, 0]) {
    const line = high(value);
    doc
      .moveTo(x, line)
      .lineTo(x + width, line)
      .lineWidth(0.5)
      .stroke(value === 0 ? INK.line : INK.faint);
  }
  const said = inSheet(sheet, table, at, most);
  const small = { size: 7.5, color: INK.quiet };
  type.draw(said, sheet.fromRight ? x + width - type.width(said, small) : x, y + 1, small);
  if (part.form === 'line') {
    values.forEach((value, i) => {
      if (i === 0) doc.moveTo(middle(i), high(value));
      else doc.lineTo(middle(i), high(value));
    });
    doc.lineWidth(1.5).stroke(INK.accent);
    if (values.length <= 31) values.forEach((value, i) => void doc.circle(middle(i), high(value), 1.8).fill(INK.accent));
  } else {
    const bar = Math.min(36, step * 0.66);
    values.forEach((value, i) => {
      const [from, to] = [Math.min(high(value), high(0)), Math.max(high(value), high(0))];
      if (to > from) doc.rect(middle(i) - bar / 2, from, bar, to - from).fill(INK.accent);
    });
  }
  // As many names as have room, the first one always.
  const names = table.rows.map((row) => String(row[0] ?? ''));
  const wide = Math.max(...names.map((name) => type.width(name, small))) + 8;
  const every = Math.max(1, Math.ceil(wide / step));
  names.forEach((name, i) => {
    if (i % every === 0)
      type.draw(name, clamp(middle(i) - type.width(name, small) / 2, x, x + width - type.width(name, small)), bottom + 5, small);
  });
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
