import type { FastifyInstance } from 'fastify';

/**
 * A server on its way down. A balancer is told first (`/readyz` says no, every answer closes its connection) while requests are still
 * taken; then nothing new is accepted, and what was begun is answered.
 */
export class Draining {
  private begun = false;
  private open = 0;
  private quiet: (() => void) | null = null;

  constructor(private readonly app: FastifyInstance) {
    app.addHook('onRequest', async (_request, reply) => {
      this.open++;
      if (this.begun) reply.header('connection', 'close');
    });
    // Also of requests whose client went away.
    app.addHook('onResponse', async () => {
      this.open--;
      if (this.open === 0) this.quiet?.();
    });
  }

  get isOn(): boolean {
    return this.begun;
  }

  /** Says that the end comes, for `ms`, and then accepts no more connections. */
  async begin(ms: number): Promise<void> {
    this.begun = true;
    if (!this.app.server.listening) return;
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    this.app.server.close();
  }

  /** Waits until every request has its answer, `ms` at the most. */
  async end(ms: number): Promise<void> {
    if (this.open === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.quiet = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }
}
