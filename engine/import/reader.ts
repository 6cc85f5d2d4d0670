import { open } from 'node:fs/promises';
import { type FileRow, RowScanner } from './csv-rows.ts';

export interface ReadOptions {
  delimiter: string;
  /** Where to begin: behind this byte, which ends this row. */
  from?: { byte: number; row: number };
  /** Most rows given at once. */
  batch?: number;
}

const PIECE = 1024 * 1024;

/** The rows of a prepared file (UTF-8) in batches, in constant memory. Empty lines count as rows but are not given. */
export async function* readRows(path: string, o: ReadOptions): AsyncGenerator<FileRow[]> {
  const file = await open(path, 'r');
  try {
    let at = o.from?.byte ?? 0;
    const scanner = new RowScanner(o.delimiter, o.from);
    const max = o.batch ?? 5000;
    let rows: FileRow[] = [];
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const { bytesRead } = await file.read(piece, 0, PIECE, at);
      at += bytesRead;
      const last = bytesRead === 0;
      scanner.push(piece.subarray(0, bytesRead));
      for (let row = scanner.next(last); row; row = scanner.next(last)) {
        if (row.cells.length === 1 && row.cells[0] === '') continue;
        rows.push(row);
        if (rows.length >= max) {
          yield rows;
          rows = [];
        }
      }
      if (last) break;
    }
    if (rows.length > 0) yield rows;
  } finally {
    await file.close();
  }
}
