/**
 * Rows of a CSV text with their place in bytes. The text comes as Latin-1, one character a byte, so that a position in it is
 * a position in the file and an import can go on there after a crash; cells are decoded as UTF-8 when they hold more than ASCII.
 *
 * A broken row never ends the reading: a quote that is not closed, or is followed by something else than a separator, makes
 * a problem of its row, and the next line is read as if nothing had been. (csv-parse can skip such a row only together with
 * everything up to the next quote, which after an unclosed one is the rest of the file.)
 */
export interface FileRow {
  /** As a spreadsheet counts: the header is row 1. */
  number: number;
  cells: string[];
  /** Byte behind the row. */
  end: number;
  problem: string | null;
}

/** A row may hold this many bytes; a quoted cell that is longer was not meant to be one. */
const MAX_ROW = 4 * 1024 * 1024;

/** Takes the bytes of a file piece by piece and gives its rows. */
export class RowScanner {
  private text = '';
  private at = 0;
  private consumed: number;
  private ascii = true;
  /** Where the next quotation mark stands. */
  private quote = -1;

  constructor(
    private readonly delimiter: string,
    from: { byte: number; row: number } = { byte: 0, row: 0 },
  ) {
    this.consumed = from.byte;
    this.row = from.row;
  }
  private row: number;

  push(chunk: Buffer): void {
    const rest = this.text.slice(this.at);
    this.consumed += this.at;
    this.at = 0;
    this.quote = -1;
    this.text = rest + chunk.toString('latin1');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
    this.ascii = /^[\x00-\x7f]*$/.test(this.text);
  }

  /** The next row; null when more bytes are needed (or, with `last`, when all are read). */
  next(last: boolean): FileRow | null {
    const { text } = this;
    if (this.at >= text.length) return null;
    const newline = text.indexOf('\n', this.at);
    if (newline < 0 && !last && text.length - this.at < MAX_ROW) return null;
    const lineEnd = newline < 0 ? text.length : newline;
    // Looked for once, not once a row: most files have few.
    if (this.quote < this.at) {
      const next = text.indexOf('"', this.at);
      this.quote = next < 0 ? text.length : next;
    }
    if (this.quote >= lineEnd) return this.plain(lineEnd, null);
    return this.quoted(lineEnd, last);
  }

  /** A line without regard to quotes. */
  private plain(lineEnd: number, problem: string | null): FileRow {
    const end = this.text.charCodeAt(lineEnd - 1) === 13 && lineEnd > this.at ? lineEnd - 1 : lineEnd;
    return this.give(this.text.slice(this.at, end).split(this.delimiter), lineEnd + 1, problem);
  }

  private quoted(lineEnd: number, last: boolean): FileRow | null {
    const { text, delimiter } = this;
    const cells: string[] = [];
    let at = this.at;
    let line = lineEnd;
    for (;;) {
      if (text[at] !== '"') {
        const next = text.indexOf(delimiter, at);
        if (next >= 0 && next < line) {
          cells.push(text.slice(at, next));
          at = next + 1;
          continue;
        }
        const end = text.charCodeAt(line - 1) === 13 && line > at ? line - 1 : line;
        cells.push(text.slice(at, end));
        return this.give(cells, line + 1, null);
      }
      let close = at + 1;
      for (;;) {
        close = text.indexOf('"', close);
        if (close < 0 || close - this.at > MAX_ROW) {
          if (close < 0 && !last && text.length - this.at < MAX_ROW) return null;
          return this.plain(lineEnd, 'A quotation mark is opened and not closed.');
        }
        if (text[close + 1] !== '"') break;
        close += 2;
      }
      // The character behind the quote decides, so it must be there.
      if (close + 2 >= text.length && !last) return null;
      const cell = text.slice(at + 1, close);
      cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell);
      const after = text[close + 1];
      if (after === delimiter) {
        at = close + 2;
        // Behind a cell of several lines the row's end is another line.
        if (close > line) {
          const newline = text.indexOf('\n', at);
          if (newline < 0 && !last && text.length - this.at < MAX_ROW) return null;
          line = newline < 0 ? text.length : newline;
        }
        continue;
      }
      if (after === undefined) return this.give(cells, text.length + 1, null);
      if (after === '\n') return this.give(cells, close + 2, null);
      if (after === '\r' && text[close + 2] === '\n') return this.give(cells, close + 3, null);
      return this.plain(lineEnd, 'A quotation mark is followed by other text.');
    }
  }

  private give(cells: string[], next: number, problem: string | null): FileRow {
    this.at = Math.min(next, this.text.length);
    this.row++;
    if (!this.ascii) {
      for (let i = 0; i < cells.length; i++) {
        const cell = cells[i] ?? '';
        if (/[\x80-\xff]/.test(cell)) cells[i] = Buffer.from(cell, 'latin1').toString('utf8');
      }
    }
    return { number: this.row, cells, end: this.consumed + this.at, problem };
  }
}

/** All rows of a short text. */
export function rowsOf(text: string, delimiter: string): FileRow[] {
  const scanner = new RowScanner(delimiter);
  scanner.push(Buffer.from(text, 'utf8'));
  const rows: FileRow[] = [];
  for (let row = scanner.next(true); row; row = scanner.next(true)) rows.push(row);
  return rows;
}

/** One row as CSV, quoted where it must be. */
export const csvLine = (cells: readonly string[], delimiter = ','): string =>
  `${cells.map((cell) => csvCell(cell, delimiter)).join(delimiter)}\r\n`;

const csvCell = (cell: string, delimiter: string) =>
  cell.includes('"') || cell.includes('\n') || cell.includes('\r') || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
