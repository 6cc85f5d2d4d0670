import { parentPort } from 'node:worker_threads';
import { pdfOf } from './pdf.ts';
import type { Sheet } from './sheet.ts';

/** The thread that makes PDFs: a sheet comes in, bytes go out. */
parentPort?.on('message', ({ id, sheet }: { id: number; sheet: Sheet }) => {
  pdfOf(sheet).then(
    (bytes) => parentPort?.postMessage({ id, bytes }),
    (error: unknown) => parentPort?.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
