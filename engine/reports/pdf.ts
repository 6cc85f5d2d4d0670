import bidi from 'bidi-js';
import Document from 'pdfkit';
import { CHART_HEIGHT, drawCourse, hasBars, INK, isCourse } from './pdf-chart.ts';
import { type Cursor, cursorOn, EDGE } from './pdf-cursor.ts';
import { drawTable, MANY_COLUMNS } from './pdf-table.ts';
import { type Style, Type } from './pdf-type.ts';
import { filled } from './said.ts';
import { inSheet, type Sheet, type SheetPart } from './sheet.ts';

/** A report as pages to print and to send on. Made in a thread of its own (`printing.ts`): laying out a long table would hold the server. */

const TILE_HEIGHT = 76;
const TILES = 4;
const GAP = 16;

/** The pages of a sheet. */
export async function pdfOf(sheet: Sheet): Promise<Buffer> {
  const wide = sheet.parts.some(({ table }) => (table?.columns.length ?? 0) > MANY_COLUMNS);
  const doc = new Document({
    size: sheet.letter ? 'LETTER' : 'A4',
    layout: wide ? 'landscape' : 'portrait',
    margin: 0,
    bufferPages: true,
    lang: sheet.language,
    displayTitle: true,
    info: { Title: sheet.title, Author: sheet.company, Creator: 'Perigon', Producer: 'Perigon' },
  });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => doc.once('end', resolve).once('error', reject));
  const at = cursorOn(doc, await Type.on(doc, bidi(), sheet.fromRight), sheet);
  at.line(at.type.fit(sheet.title, { size: 18, bold: true }, at.width), { size: 18, bold: true }, 26);
  at.line(
    at.type.fit([sheet.company, sheet.reader, sheet.asOf].filter(Boolean).join(' · '), { size: 9 }, at.width),
    { size: 9, color: INK.quiet },
    24,
  );
  for (let i = 0; i < sheet.parts.length; ) {
    const tiles = sheet.parts.slice(i, i + TILES).findIndex(({ figure }) => !figure);
    const count = tiles < 0 ? Math.min(TILES, sheet.parts.length - i) : tiles;
    if (count > 0) drawTiles(at, sheet.parts.slice(i, i + count));
    else drawPart(at, sheet.parts[i] as SheetPart);
    i += Math.max(1, count);
  }
  number(at);
  doc.end();
  await ended;
  return Buffer.concat(chunks);
}

/** Figures side by side, as on the screen. */
function drawTiles(at: Cursor, parts: readonly SheetPart[]): void {
  at.room(TILE_HEIGHT);
  const { doc, type, sheet } = at;
  const width = (at.width - GAP * (TILES - 1)) / TILES;
  parts.forEach((part, i) => {
    const x = at.left + (sheet.fromRight ? TILES - 1 - i : i) * (width + GAP);
    const put = (text: string, y: number, style: Style): void => {
      const fitting = type.fit(text, style, width);
      type.draw(fitting, sheet.fromRight ? x + width - type.width(fitting, style) : x, y, style);
    };
    doc
      .moveTo(x, at.y)
      .lineTo(x + width, at.y)
      .lineWidth(0.75)
      .stroke(INK.line);
    put(part.name, at.y + 8, { size: 9, bold: true });
    const [first, ...others] = part.table ? figuresOf(sheet, part) : [];
    if (first) put(first.text, at.y + 22, { size: 18, bold: true });
    const below = [
      ...others.map(({ name, text, before }) => (before ? filled(sheet.words.against, { figure: text }) : `${name}: ${text}`)),
      ...part.notes,
    ];
    for (const [n, text] of below.slice(0, 2).entries()) put(text, at.y + 46 + n * 11, { size: 7.5, color: INK.quiet });
    if (below.length < 2) put(part.about.join(' · '), at.y + 46 + below.length * 11, { size: 7.5, color: INK.quiet });
  });
  at.y += TILE_HEIGHT;
}

/** The figures of a tile; that of before is told from others by its column standing behind its own. */
function figuresOf(sheet: Sheet, { table }: SheetPart): { name: string; text: string; before: boolean }[] {
  if (!table?.total) return [];
  return table.total.flatMap((value, i) => {
    const column = table.columns[i];
    const own = table.columns[i - 1];
    if (!column || column.kind === 'text') return [];
    return [
      { name: column.name, text: inSheet(sheet, table, i, value), before: own !== undefined && column.name.startsWith(`${own.name} (`) },
    ];
  });
}

function drawPart(at: Cursor, part: SheetPart): void {
  const course = isCourse(part);
  at.room(course ? 60 + CHART_HEIGHT + 60 : 96);
  const { doc, type } = at;
  doc
    .moveTo(at.left, at.y)
    .lineTo(at.left + at.width, at.y)
    .lineWidth(0.75)
    .stroke(INK.line);
  at.y += 10;
  at.line(type.fit(part.name, { size: 11, bold: true }, at.width), { size: 11, bold: true }, 16);
  for (const line of type.lines(part.about.join(' · '), { size: 8 }, at.width, 3)) at.line(line, { size: 8, color: INK.quiet }, 11);
  at.y += 6;
  if (part.table && part.table.rows.length === 0) at.line(at.sheet.words.nothing, { size: 9, color: INK.quiet }, 14);
  else if (part.table) {
    if (course) {
      drawCourse(doc, type, at.sheet, part, at.left, at.y, at.width);
      at.y += CHART_HEIGHT + 10;
    }
    drawTable(at, part.table, hasBars(part));
  }
  for (const note of part.notes)
    for (const line of type.lines(note, { size: 8 }, at.width, 3)) {
      at.room(12);
      at.line(line, { size: 8, color: INK.quiet }, 12);
    }
  at.y += 14;
}

/** The foot of each page: what it is, and which of how many. */
function number({ doc, type, sheet, left, width }: Cursor): void {
  const { count } = doc.bufferedPageRange();
  const style: Style = { size: 7.5, color: INK.quiet };
  for (let n = 0; n < count; n++) {
    doc.switchToPage(n);
    const y = doc.page.height - EDGE;
    const page = filled(sheet.words.page, { n: n + 1, of: count });
    const name = type.fit(`${sheet.title} · ${sheet.asOf}`, style, width - type.width(page, style) - GAP);
    const [first, last] = sheet.fromRight ? [page, name] : [name, page];
    type.draw(first, left, y, style);
    type.draw(last, left + width - type.width(last, style), y, style);
  }
}
