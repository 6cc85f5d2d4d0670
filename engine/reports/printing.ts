import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Sheet } from './sheet.ts';

/**
 * Makes PDFs in a thread of its own, begun with the first one and let go when none was wanted for a while: whoever works at the server
 * never waits for a layout, and a server that prints nothing carries none of it.
 */

/** How long the thread is kept without work, and how long one file may take. */
const IDLE_MS = 30_000;
const LONGEST_MS = 120_000;

type Waiting = { resolve(bytes: Buffer): void; reject(error: Error): void };
interface Thread {
  worker: Worker;
  waiting: Map<number, Waiting>;
  idle: NodeJS.Timeout | undefined;
}

let thread: Thread | null = null;
let last = 0;

/** Beside the built server it is built as well; beside the sources it is one of them. */
function begin(): Thread {
  const worker = import.meta.url.endsWith('.ts') ? fromSource() : new Worker(new URL('./pdf-worker.js', import.meta.url));
  const begun: Thread = { worker, waiting: new Map(), idle: undefined };
  const lost = (error: Error): void => {
    if (thread === begun) thread = null;
    for (const { reject } of begun.waiting.values()) reject(error);
    begun.waiting.clear();
  };
  worker.on('message', ({ id, bytes, error }: { id: number; bytes?: Uint8Array; error?: string }) => {
    const waiting = begun.waiting.get(id);
    begun.waiting.delete(id);
    if (bytes) waiting?.resolve(Buffer.from(bytes));
    else waiting?.reject(new Error(error));
  });
  worker.on('error', lost);
  worker.on('exit', () => lost(new Error('The thread that makes PDFs ended.')));
  worker.unref();
  return begun;
}

/** TypeScript has to be taught to a thread before it can read its first file. */
function fromSource(): Worker {
  const teacher = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/cjs$/, 'mjs');
  const file = new URL('./pdf.worker.ts', import.meta.url).href;
  return new Worker(`import(${JSON.stringify(teacher)}).then(({ register }) => { register(); return import(${JSON.stringify(file)}); })`, {
    eval: true,
  });
}

/** A sheet as a PDF. */
export async function printed(sheet: Sheet): Promise<Buffer> {
  thread ??= begin();
  const at = thread;
  clearTimeout(at.idle);
  const id = ++last;
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      at.waiting.set(id, { resolve, reject });
      late = setTimeout(() => void at.worker.terminate(), LONGEST_MS);
      at.worker.postMessage({ id, sheet });
    });
  } finally {
    clearTimeout(late);
    if (at.waiting.size === 0)
      at.idle = setTimeout(() => {
        if (thread === at) thread = null;
        void at.worker.terminate();
      }, IDLE_MS).unref();
  }
}
