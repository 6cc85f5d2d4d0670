import { detect } from 'chardet';
import type { DateOrder } from '#engine/declare/import-mapping.ts';
import { rowsOf } from './csv-rows.ts';

/** What can be told from the bytes and texts of a file itself. All of it is a proposal that a person may change. */

export type Encoding =
  | 'utf-8'
  | 'utf-16le'
  | 'utf-16be'
  | 'windows-1252'
  | 'windows-1250'
  | 'windows-1251'
  | 'iso-8859-1'
  | 'iso-8859-2'
  | 'iso-8859-15'
  | 'shift_jis'
  | 'gb18030'
  | 'euc-kr'
  | 'big5';

/** The encoding of a file from its first bytes; `whole` says that the sample is all of it. */
export function sniffEncoding(sample: Buffer, whole = true): { encoding: Encoding; bom: number } {
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return { encoding: 'utf-8', bom: 3 };
  if (sample[0] === 0xff && sample[1] === 0xfe) return { encoding: 'utf-16le', bom: 2 };
  if (sample[0] === 0xfe && sample[1] === 0xff) return { encoding: 'utf-16be', bom: 2 };
  if (isUtf8(sample, whole)) return { encoding: 'utf-8', bom: 0 };
  const guess = detect(sample)?.toLowerCase();
  const known: Record<string, Encoding> = {
    'windows-1250': 'windows-1250',
    'windows-1251': 'windows-1251',
    'iso-8859-2': 'iso-8859-2',
    shift_jis: 'shift_jis',
    gb18030: 'gb18030',
    'euc-kr': 'euc-kr',
    big5: 'big5',
  };
  const single = known[guess ?? ''];
  // Western files of one byte a character are read as Windows-1252, of which ISO 8859-1 text is a part. The guesses for
  // Central Europe and Asia need many letters to be worth anything.
  return { encoding: single && highBytes(sample) > 40 ? single : 'windows-1252', bom: 0 };
}

const highBytes = (sample: Buffer) => sample.reduce((n, byte) => (byte > 127 ? n + 1 : n), 0);

/** Whether bytes are valid UTF-8; a sample may end in the middle of a character. */
function isUtf8(bytes: Buffer, whole: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The separator under which the first rows have the same number of cells, and the most. */
export function sniffDelimiter(text: string): string {
  // `sep=;` in the first line is how Excel is told.
  const told = /^sep=(.)\r?\n/i.exec(text)?.[1];
  if (told) return told;
  let best: { delimiter: string; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const rows = rowsOf(text, delimiter)
      .slice(0, 100)
      .filter((row) => row.cells.some((cell) => cell !== ''));
    if (rows.length === 0) continue;
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(row.cells.length, (counts.get(row.cells.length) ?? 0) + 1);
    const [width = 1, often = 0] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [];
    const broken = rows.filter((row) => row.problem).length;
    // A comma with a space behind it is punctuation more often than a separator.
    const cells = rows.flatMap((row) => row.cells.slice(1));
    const spaced = cells.filter((cell) => cell.startsWith(' ')).length / Math.max(cells.length, 1);
    const score = width < 2 ? 0 : ((often - broken) / rows.length) * (1 + Math.log2(width)) * (1 - 0.3 * spaced);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

export const COLUMN_TYPES = ['empty', 'integer', 'decimal', 'boolean', 'date', 'dateTime', 'email', 'phone', 'url', 'text'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];
export interface ColumnFinding {
  type: ColumnType;
  /** How its dates are written, where that can be told or had to be assumed. */
  date?: DateOrder;
  /** Which character stands before the decimals. */
  decimal?: ',' | '.';
  samples: string[];
  /** Different values, as far as they are few: what a select field's options are proposed from. */
  distinct: string[];
  /** Share of rows with a value. */
  filled: number;
}

const PATTERNS: [ColumnType, RegExp][] = [
  ['integer', /^[-+−]?(\d+|\d{1,3}([ '’\u00a0\u202f]\d{3})+)$/],
  ['dateTime', /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})[T ,]+\d{1,2}:\d{2}/],
  ['date', /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{4})$/],
  ['phone', /^(\+|00)[\d\s().\-/]{6,20}$|^\(?0\d{1,5}\)?[\s\-/.]?\d[\d\s\-/.]{3,14}$|^\(\d{3}\)\s?\d{3}-\d{4}$/],
  ['decimal', /^\(?[-+−]?\s?([€$£¥₹]\s?)?(\d[\d.,' ’\u00a0\u202f]*|[.,]\d+)(\s?([€$£¥₹]|[A-Z]{3}))?\)?$/],
  ['boolean', /^(true|false|yes|no|ja|nein|wahr|falsch|y|n)$/i],
  ['email', /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/],
  ['url', /^(https?:\/\/|www\.)\S+$/i],
];

/** Gathers what a column holds, value by value; the order of dates and the decimal sign are decided once, by all values seen. */
export class ColumnSniffer {
  private readonly counts = new Map<ColumnType, number>();
  private readonly distinct = new Set<string>();
  private values = 0;
  private rows = 0;
  private dayFirst = false;
  private monthFirst = false;
  private yearFirst = false;
  private commaDecimal = 0;
  private pointDecimal = 0;

  add(cell: string): void {
    this.rows++;
    const value = cell.trim();
    if (value === '') return;
    this.values++;
    if (this.distinct.size < 60) this.distinct.add(value.slice(0, 200));
    const type = PATTERNS.find(([, pattern]) => pattern.test(value))?.[0] ?? 'text';
    // Leading zeros are part of a key or a telephone number, not of a quantity.
    this.count(type === 'integer' && /^0\d/.test(value) ? 'text' : type);
    if (type === 'date' || type === 'dateTime') this.seeDate(value);
    else if (type === 'decimal') this.seeDecimal(value);
  }

  /** Looks only at the order of a date, for the rows behind the sample. */
  seeDate(value: string): void {
    const match = /^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})/.exec(value.trim());
    if (!match) return;
    const [first = '', second = ''] = [match[1], match[2]];
    if (first.length === 4) this.yearFirst = true;
    else if (value.includes('.') && !value.includes('/')) this.dayFirst = true;
    else if (Number(first) > 12) this.dayFirst = true;
    else if (Number(second) > 12) this.monthFirst = true;
  }

  private seeDecimal(value: string): void {
    const comma = value.lastIndexOf(',');
    const point = value.lastIndexOf('.');
    if (comma >= 0 && point >= 0) this[comma > point ? 'commaDecimal' : 'pointDecimal'] += 10;
    else if (comma >= 0 && !/^\D*\d{1,3}(,\d{3})+\D*$/.test(value)) this.commaDecimal += 10;
    else if (point >= 0 && !/^\D*\d{1,3}(\.\d{3})+\D*$/.test(value)) this.pointDecimal += 10;
    else if (point >= 0 && (value.match(/\./g)?.length ?? 0) > 1) this.commaDecimal += 10;
    else if (comma >= 0 && (value.match(/,/g)?.length ?? 0) > 1) this.pointDecimal += 10;
    else if (point >= 0) this.pointDecimal += 1;
  }

  private count(type: ColumnType): void {
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
  }

  /** Whether later rows may still decide how dates are meant. */
  get undecided(): boolean {
    return (
      !this.yearFirst &&
      !this.dayFirst &&
      !this.monthFirst &&
      ((this.counts.get('date') ?? 0) > 0 || (this.counts.get('dateTime') ?? 0) > 0)
    );
  }

  /** The finding; `country` decides what nothing in the column decides. */
  finding(country: string): ColumnFinding {
    const type = this.type();
    const finding: ColumnFinding = {
      type,
      samples: [...this.distinct].slice(0, 5),
      distinct: [...this.distinct],
      filled: this.rows === 0 ? 0 : this.values / this.rows,
    };
    if (type === 'date' || type === 'dateTime') {
      // Both orders in one column cannot be: then each value is read for itself, day first.
      finding.date = this.yearFirst
        ? 'ymd'
        : this.monthFirst && !this.dayFirst
          ? 'mdy'
          : this.dayFirst
            ? 'dmy'
            : ['US', 'PH'].includes(country)
              ? 'mdy'
              : 'dmy';
    }
    if (type === 'decimal') finding.decimal = this.commaDecimal > this.pointDecimal ? ',' : '.';
    return finding;
  }

  private type(): ColumnType {
    if (this.values === 0) return 'empty';
    const n = (type: ColumnType) => this.counts.get(type) ?? 0;
    const enough = this.values * 0.9;
    if (n('integer') >= enough) return 'integer';
    if (n('integer') + n('decimal') >= enough) return 'decimal';
    if (n('date') >= enough) return 'date';
    if (n('date') + n('dateTime') >= enough) return 'dateTime';
    // Numbers in a telephone column are often bare.
    if (n('phone') > 0 && n('phone') + n('integer') + n('text') * 0.2 >= enough && n('phone') >= this.values * 0.4) return 'phone';
    for (const type of ['boolean', 'email', 'url'] as const) if (n(type) >= enough) return type;
    return 'text';
  }
}

/**
 * Whether the first row names the columns. It does unless it looks like the rows below: a header has no empty cells in the
 * middle, no numbers and dates, and no two equal names.
 */
export function hasHeader(rows: readonly string[][]): boolean {
  const [first, ...rest] = rows;
  if (!first || first.every((cell) => cell.trim() === '')) return false;
  const names = first.map((cell) => cell.trim().toLowerCase()).filter((cell) => cell !== '');
  if (new Set(names).size < names.length) return false;
  const odd = first.filter(
    (cell) => cell.trim() !== '' && PATTERNS.some(([type, pattern]) => type !== 'boolean' && pattern.test(cell.trim())),
  ).length;
  if (odd === 0) return true;
  // Years and the like may head a column of numbers; a first row as rich in values as the next ones is a row.
  const [second] = rest;
  return second !== undefined && odd <= first.length / 4;
}
