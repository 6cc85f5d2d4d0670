import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import iconv from 'iconv-lite';
import { invalid } from '#kit/errors.ts';
import { csvLine } from './csv-rows.ts';
import { readRows } from './reader.ts';
import { type ColumnFinding, ColumnSniffer, type Encoding, hasHeader, sniffDelimiter, sniffEncoding } from './sniff.ts';

/**
 * Whatever comes in becomes one plain form before it is imported: a UTF-8 CSV in the data folder. So everything behind
 * (positions, resuming, the error file) knows one kind of file.
 */
export interface StagedFile {
  /** The prepared file. */
  path: string;
  format: 'csv' | 'xlsx';
  encoding: Encoding | null;
  delimiter: string;
  /** Names of the sheets of a workbook. */
  sheets: string[] | null;
  /** Byte and row behind what is not data: a `sep=` line, the header. */
  start: { byte: number; row: number };
}

export interface Inspection extends StagedFile {
  header: boolean;
  columns: ({ name: string } & ColumnFinding)[];
  /** Rows of data. */
  rows: number;
  sample: string[][];
}

const SAMPLE = 256 * 1024;

/** Turns a file into the prepared form at `to`. */
export async function stageFile(
  source: string,
  to: string,
  o: { sheet?: string | null; encoding?: Encoding | null; delimiter?: string | null } = {},
): Promise<StagedFile> {
  await mkdir(dirname(to), { recursive: true });
  const { size } = await stat(source);
  const sample = await head(source);
  if (sample.length === 0) throw invalid('The file is empty.', [{ path: 'file', code: 'empty', detail: 'The file is empty.' }]);
  if (sample[0] === 0x50 && sample[1] === 0x4b) return stageWorkbook(source, to, o.sheet ?? null);
  if (sample[0] === 0xd0 && sample[1] === 0xcf && sample[2] === 0x11)
    throw invalid('This is a workbook of the old kind (.xls). Save it as .xlsx or CSV.', [
      { path: 'file', code: 'format', detail: 'Old .xls workbooks cannot be read.' },
    ]);
  const guess = sniffEncoding(sample, size <= SAMPLE);
  const encoding = o.encoding ?? guess.encoding;
  if (!guess.encoding.startsWith('utf-16') && sample.includes(0))
    throw invalid('This file is neither CSV nor a workbook (.xlsx).', [
      { path: 'file', code: 'format', detail: 'The file holds binary data.' },
    ]);
  const text = iconv.decode(sample.subarray(guess.bom), encoding);
  const oldMac = !text.includes('\n') && text.includes('\r');
  const draft = `${to}.draft`;
  const steps: NodeJS.ReadWriteStream[] = [
    ...(encoding === 'utf-8' ? [] : [iconv.decodeStream(encoding), iconv.encodeStream('utf8')]),
    ...(oldMac ? [carriageReturns()] : []),
  ];
  await pipeline([createReadStream(source, { start: guess.bom }), ...steps, createWriteStream(draft)]);
  await rename(draft, to);
  const told = /^sep=.\r?\n/i.exec(text)?.[0];
  return {
    path: to,
    format: 'csv',
    encoding,
    delimiter: o.delimiter ?? sniffDelimiter(oldMac ? text.replaceAll('\r', '\n') : text),
    sheets: null,
    start: { byte: told?.length ?? 0, row: 0 },
  };
}

async function head(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(SAMPLE);
    const { bytesRead } = await file.read(buffer, 0, SAMPLE, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const carriageReturns = () =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let i = 0; i < chunk.length; i++) if (chunk[i] === 13) chunk[i] = 10;
      done(null, chunk);
    },
  });

async function stageWorkbook(source: string, to: string, sheet: string | null): Promise<StagedFile> {
  let sheets: { sheet: string; data: readonly (readonly unknown[])[] }[];
  try {
    // Read only where a workbook is: no start waits for its many files.
    const { default: readXlsxFile } = await import('read-excel-file/node');
    sheets = await readXlsxFile(source, { trim: false });
  } catch {
    throw invalid('The workbook cannot be read; it is damaged or not an .xlsx file.', [
      { path: 'file', code: 'format', detail: 'Not a readable .xlsx workbook.' },
    ]);
  }
  const chosen = sheet === null ? (sheets.find((one) => one.data.length > 0) ?? sheets[0]) : sheets.find((one) => one.sheet === sheet);
  if (!chosen)
    throw invalid('The workbook has no such sheet.', [
      { path: 'sheet', code: 'sheet', detail: `Its sheets are: ${sheets.map((one) => one.sheet).join(', ')}.` },
    ]);
  const width = chosen.data.reduce((most, row) => Math.max(most, row.length), 0);
  const lines = function* () {
    for (const row of chosen.data) yield csvLine(Array.from({ length: width }, (_, i) => cellText(row[i])));
  };
  const draft = `${to}.draft`;
  await pipeline(Readable.from(lines()), createWriteStream(draft));
  await rename(draft, to);
  return { path: to, format: 'xlsx', encoding: null, delimiter: ',', sheets: sheets.map((one) => one.sheet), start: { byte: 0, row: 0 } };
}

/** What a cell of a workbook says, as a person reads it: fifteen digits, dates without a midnight. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') {
    const shown = Number(value.toPrecision(15));
    return Math.abs(shown) >= 1e21 || (shown !== 0 && Math.abs(shown) < 1e-6)
      ? shown.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 })
      : String(shown);
  }
  if (value instanceof Date)
    return value
      .toISOString()
      .replace(/T00:00:00\.000Z$/, '')
      .replace(/\.000Z$|Z$/, '');
  return String(value);
}

/** Reads a prepared file once: its columns with their types, and how many rows it has. */
export async function inspectStaged(
  staged: StagedFile,
  country: string,
  o: { header?: boolean; skipRows?: number } = {},
): Promise<Inspection> {
  let names: string[] | null = null;
  let sniffers: ColumnSniffer[] = [];
  let rows = 0;
  let start = staged.start;
  let header = true;
  const sample: string[][] = [];
  const skip = o.skipRows ?? 0;
  for await (const batch of readRows(staged.path, { delimiter: staged.delimiter, from: staged.start, batch: 1000 })) {
    let body = batch;
    if (names === null) {
      const top = batch.findIndex((row) => row.number > skip);
      if (top < 0) continue;
      body = batch.slice(top);
      const first = body[0];
      header = o.header ?? hasHeader(body.slice(0, 20).map((row) => row.cells));
      names = columnNames(header ? (first?.cells ?? []) : (first?.cells ?? []).map(() => ''));
      sniffers = names.map(() => new ColumnSniffer());
      if (header && first) {
        start = { byte: first.end, row: first.number };
        body = body.slice(1);
      } else if (top > 0) start = { byte: batch[top - 1]?.end ?? 0, row: batch[top - 1]?.number ?? 0 };
    }
    for (const row of body) {
      if (rows++ < 5000) {
        for (const [i, sniffer] of sniffers.entries()) sniffer.add(row.cells[i] ?? '');
        if (sample.length < 20) sample.push(row.cells);
      } else {
        for (const [i, sniffer] of sniffers.entries()) if (sniffer.undecided) sniffer.seeDate(row.cells[i] ?? '');
      }
    }
  }
  if (names === null) throw invalid('The file has no rows.', [{ path: 'file', code: 'empty', detail: 'The file has no rows.' }]);
  return {
    ...staged,
    start,
    header,
    columns: names.map((name, i) => ({
      name,
      ...(sniffers[i]?.finding(country) ?? { type: 'empty' as const, samples: [], distinct: [], filled: 0 }),
    })),
    rows,
    sample,
  };
}

/** Names of columns as mappings know them: trimmed, never empty, never twice. */
export function columnNames(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, i) => {
    const name = cell.trim() || `column ${i + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
