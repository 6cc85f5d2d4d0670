import { ZipStream } from '#engine/export/zip.ts';
import { plainName } from '#engine/files/media-type.ts';
import { csvOf } from './csv.ts';
import { printed } from './printing.ts';
import type { Sheet, SheetPart } from './sheet.ts';

/** A sheet as a file: pages, one table, or the tables of a dashboard put together. */

export type FileFormat = 'pdf' | 'csv';
export const FILE_TYPES = { pdf: 'application/pdf', csv: 'text/csv; charset=utf-8', zip: 'application/zip' } as const;
export type FileType = keyof typeof FILE_TYPES;

export interface ReportFile {
  name: string;
  type: FileType;
  bytes: Buffer;
}

export async function fileOf(sheet: Sheet, format: FileFormat, day: Date): Promise<ReportFile> {
  const named = (type: FileType): string => plainName(`${sheet.title} ${day.toISOString().slice(0, 10)}.${type}`);
  if (format === 'pdf') return { name: named('pdf'), type: 'pdf', bytes: await printed(sheet) };
  const [one, ...others] = sheet.parts;
  if (one && others.length === 0) return { name: named('csv'), type: 'csv', bytes: Buffer.from(tableText(one)) };
  return { name: named('zip'), type: 'zip', bytes: await tablesOf(sheet.parts) };
}

/** The table of a part; what is left out of it is said below. */
const tableText = ({ plain, notes }: SheetPart): string =>
  `${plain ? csvOf(plain) : ''}${notes.length > 0 ? `\r\n${notes.map((note) => `"${note.replaceAll('"', '""')}"\r\n`).join('')}` : ''}`;

async function tablesOf(parts: readonly SheetPart[]): Promise<Buffer> {
  const zip = new ZipStream();
  const pieces: Uint8Array[] = [];
  for (const [i, part] of parts.entries()) {
    const name = plainName(`${String(i + 1).padStart(2, '0')} ${part.name}.csv`);
    for await (const piece of zip.entry(name, [tableText(part)])) pieces.push(piece);
  }
  pieces.push(zip.end());
  return Buffer.concat(pieces);
}
