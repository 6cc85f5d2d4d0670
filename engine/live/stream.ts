import { PassThrough } from 'node:stream';
import type { Actor } from '#engine/access/actor.ts';

/** Text that a reader did not take yet, beyond which the stream is cut: it comes back by its last id and reads from the log. */
const BACKLOG_BYTES = 1024 * 1024;

/** One message of a stream. Without `id` the reader's place in the log stays where it is. */
export function message(o: { id?: number; event?: string; data: unknown }): string {
  return `${o.id === undefined ? '' : `id: ${o.id}\n`}${o.event ? `event: ${o.event}\n` : ''}data: ${JSON.stringify(o.data)}\n\n`;
}

/** One open stream: who reads it, how far they are, and the way out to them. */
export class LiveStream {
  readonly body = new PassThrough({ highWaterMark: 64 * 1024 });
  /** Position up to which everything was told; -1 before the first word. */
  cursor = -1;
  /** Whether its reader was told what began and ended by the clock while they were away. */
  turned = false;
  constructor(
    /** Who reads; replaced when their rights change. */
    public actor: Actor,
    /** Asks anew who it is; null when the session or key has ended. */
    readonly again: () => Promise<Actor | null>,
  ) {}

  get open(): boolean {
    return !this.body.destroyed && !this.body.writableEnded;
  }

  /** Sends text; a reader who lets too much lie is cut. */
  send(text: string): void {
    if (!this.open || text === '') return;
    if (this.body.readableLength + this.body.writableLength > BACKLOG_BYTES) this.body.destroy();
    else this.body.write(text);
  }

  end(): void {
    if (this.open) this.body.end();
  }
}
