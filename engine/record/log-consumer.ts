import type pg from 'pg';
import { type Db, isDatabaseAway, isPassing, type Tx } from '#engine/store/db.ts';
import { LogReader } from './log.ts';

export interface LogConsumerOptions<R> {
  db: Db;
  /** Under which its cursor is kept. */
  name: string;
  /** Key of the advisory lock that makes it the only one of its name. */
  lock: number;
  /** Columns of `changes` it reads. */
  columns: string | (() => Promise<string>);
  /** Condition on `changes` of the rows that concern it, asked for once it is clear up to where rows are read, so that a model no older than they are decides; all unless given. */
  where?: () => Promise<string>;
  /** Before the first step as the only one of its name. */
  began?(): Promise<void>;
  /** Takes in the rows behind `after`, in the transaction that saves the cursor, at `to` then: the effect happens once. */
  take(tx: Tx, rows: R[], to: number, after: number): Promise<void>;
  /** Rows at once. */
  batch: number;
  /**
   * For how many milliseconds what comes into the log gathers before it is read, unless much is there already. Each step is a transaction of its own,
   * so what nobody waits for by the millisecond is taken in several at a time, and leaves the machine to those who write.
   */
  gather?: number;
  /** How long to rest after a step that took so many milliseconds, although there is more. */
  pause?(took: number): Promise<number>;
  /** Work of its own when the log has nothing new; true while there is more of it. */
  idle?(): Promise<boolean>;
  /** After the commit of a step. */
  taken?(): void;
  log(message: string, error?: unknown): void;
}

/** So often a stretch of the log is tried before a smaller one is, and a single row before it is put aside. */
const TRIES = 3;
/** After so many rows in a row that could not be taken in it is not the rows: nothing more is put aside. */
const BURIED_IN_A_ROW = 20;

/**
 * How long a follower rests after a step of `took` milliseconds while jobs write by the thousand: what they write is wanted
 * first, so what follows from it takes a tenth of the time until they are done.
 */
export async function restBesideJobs(db: Db, took: number): Promise<number> {
  const busy = await db.query(
    `select 1 as ok from jobs where state = 'running' and kind in ('import', 'bulk', 'undo', 'action', 'handOver', 'territories', 'sample') limit 1`,
  );
  return busy.length > 0 ? Math.min(9 * took, 4000) : 0;
}

/**
 * Follows the log for as long as the server runs. One server does it at a time (advisory lock on a connection of its own,
 * which goes with the server); the cursor is saved with the effect, so nothing is taken twice and nothing is passed over. A row
 * that cannot be taken in holds nobody up for ever: it is found by halving and put into `dead_letters`, which `doctor` shows.
 */
export class LogConsumer<R> {
  private stopping = false;
  private loop: Promise<void> | null = null;
  private client: pg.Client | null = null;
  private wakeUp: () => void = () => undefined;
  /** Something came into the log since the last sleep. */
  private rung = false;
  constructor(private readonly o: LogConsumerOptions<R>) {}

  start(): void {
    this.loop = this.run();
  }
  /** There may be something new in the log. */
  wake(): void {
    this.rung = true;
    this.wakeUp();
  }
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.loop;
    await this.client?.end().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { o } = this;
    const reader = new LogReader(o.db, o.name);
    let batch = o.batch;
    let failures = 0;
    let buried = 0;
    while (!this.stopping) {
      try {
        if (!(await this.alone())) {
          await this.sleep(2000);
          continue;
        }
        const began = performance.now();
        const more = await reader.step<R>(o.columns, (tx, rows, to, after) => o.take(tx, rows, to, after), batch, o.where);
        if (!more) {
          if (await this.atLeisure()) continue;
          await this.sleep(reader.waiting ? 15 : 1000);
          await this.rest(o.gather ?? 0);
          continue;
        }
        failures = 0;
        buried = 0;
        batch = Math.min(o.batch, batch * 2);
        o.taken?.();
        const pause = (await o.pause?.(performance.now() - began)) ?? 0;
        await this.rest(Math.max(pause, reader.behind ? 0 : (o.gather ?? 0)));
      } catch (error) {
        if (!isDatabaseAway(error)) o.log(`the reader of the log “${o.name}” met a fault`, error);
        if (!isDatabaseAway(error) && !isPassing(error) && this.client && ++failures >= TRIES) {
          failures = 0;
          if (batch > 1) batch = Math.max(1, batch >> 2);
          else if (buried < BURIED_IN_A_ROW) {
            const seq = await reader.bury(error instanceof Error ? error.message : String(error)).catch(() => null);
            if (seq !== null) {
              buried++;
              o.log(`row ${seq} of the log was put aside by “${o.name}”`);
              continue;
            }
          }
        }
        await this.sleep(buried < BURIED_IN_A_ROW ? 500 : 30_000);
      }
    }
  }

  /** Its own work beside the log. A fault of that says nothing about rows of the log, so it counts against none of them. */
  private async atLeisure(): Promise<boolean> {
    try {
      return (await this.o.idle?.()) ?? false;
    } catch (error) {
      if (!isDatabaseAway(error)) this.o.log(`what “${this.o.name}” does beside the log met a fault`, error);
      return false;
    }
  }

  /** Whether this server is the one that follows. */
  private async alone(): Promise<boolean> {
    if (this.client) return true;
    const client = await this.o.db.connect();
    const { rows } = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1::bigint) as ok', [this.o.lock]);
    if (!rows[0]?.ok) {
      await client.end();
      return false;
    }
    client.on('end', () => {
      if (this.client === client) this.client = null;
    });
    try {
      await this.o.began?.();
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    return true;
  }

  /** Waits, whatever comes into the log. */
  private async rest(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!this.stopping && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, until - performance.now())));
  }

  /** Sleeps until woken, at most so long; a call that came since the last sleep wakes at once. */
  private async sleep(ms: number): Promise<void> {
    if (!this.rung && !this.stopping) await this.slumber(ms);
    this.rung = false;
  }

  private slumber(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
