import pg from 'pg';

/** How often it is looked. */
const LOOK_MS = 2_000;
/** An answer that takes longer is asked after. */
const LONG_MS = 5_000;
/** For how long the question may take whether the database is there at all. */
const ASK_MS = 3_000;
/** A connection that nobody uses says a word this often, so that its death is noticed. */
const BEAT_MS = 15_000;

interface Wait {
  since: number;
  /** How many looks in a row PostgreSQL was not at work for it. */
  idle: number;
}

/** What pg keeps on a client and its types do not tell. */
interface Inner {
  processID?: number | null;
  connection?: { stream?: { destroy(error: Error): void } };
}

/**
 * Ends connections that will never answer. A network that goes away without a word leaves a statement waiting for a quarter of an hour, for
 * TCP's patience is that long; a time limit would also break long work that goes well. So who waits long is asked after over a fresh
 * connection: if PostgreSQL cannot be reached, or is not at work for that connection, the connection is dead and its waiter is told.
 */
export class Lifeline {
  private readonly waiting = new Map<pg.ClientBase, Wait>();
  private readonly beats = new Set<NodeJS.Timeout>();
  private looking = false;
  private readonly timer = setInterval(() => void this.look(), LOOK_MS).unref();

  constructor(private readonly url: string) {}

  /** Watches over one statement of a client. */
  async over<T>(client: pg.ClientBase, statement: () => Promise<T>): Promise<T> {
    this.waiting.set(client, { since: performance.now(), idle: 0 });
    try {
      return await statement();
    } finally {
      this.waiting.delete(client);
    }
  }

  /** Watches over a client that mostly listens. */
  keep(client: pg.Client): void {
    const beat = setInterval(() => {
      if (!this.waiting.has(client)) this.over(client, () => client.query('select 1')).catch(() => undefined);
    }, BEAT_MS).unref();
    this.beats.add(beat);
    client.once('end', () => {
      clearInterval(beat);
      this.beats.delete(beat);
    });
  }

  end(): void {
    clearInterval(this.timer);
    for (const beat of this.beats) clearInterval(beat);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    const before = performance.now() - LONG_MS;
    const long = [...this.waiting].filter(([, { since }]) => since < before);
    if (long.length === 0) return;
    this.looking = true;
    try {
      const busy = await this.busy(long.map(([client]) => (client as unknown as Inner).processID ?? 0));
      for (const [client, wait] of long) {
        // It may have had its answer while this was asked.
        if (this.waiting.get(client) !== wait) continue;
        wait.idle = busy?.has((client as unknown as Inner).processID ?? 0) ? 0 : wait.idle + 1;
        // An answer may be on its way at the first look.
        if (!busy || wait.idle > 1)
          (client as unknown as Inner).connection?.stream?.destroy(new Error('Connection terminated: the database answers no more'));
      }
    } finally {
      this.looking = false;
    }
  }

  /** Those of some server processes that are at work; null when PostgreSQL cannot be reached. */
  private async busy(pids: readonly number[]): Promise<ReadonlySet<number> | null> {
    const client = new pg.Client({
      connectionString: this.url,
      connectionTimeoutMillis: ASK_MS,
      query_timeout: ASK_MS,
      application_name: 'perigon lifeline',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>(
        `select pid from pg_stat_activity where pid = any($1::int[]) and state = 'active'`,
        [pids],
      );
      return new Set(rows.map(({ pid }) => pid));
    } catch {
      return null;
    } finally {
      client.end().catch(() => undefined);
    }
  }
}
