import type { Db, Queryable, Tx } from '#engine/store/db.ts';

/**
 * How far the one log is settled: nothing at or below that position can still appear or vanish (engine-notes 1, measured).
 * L is the highest sequence seen; F is a transaction id taken after L was read; once every transaction up to F has ended,
 * all rows up to L are settled, because a writer takes its sequence only inside a transaction that has its id already.
 */
export class Watermark {
  private limit = -1;
  private fence: string | null = null;
  private settled = -1;
  constructor(private readonly q: Queryable) {}

  /** Whether a mark is waiting for writers that were under way: asking again soon is worth it. */
  get waiting(): boolean {
    return this.fence !== null;
  }

  /** The position up to which the log is settled now; -1 while nothing is known. May lag while a writer is under way. */
  async settledTo(): Promise<number> {
    if (this.fence === null) {
      const [head] = await this.q.query<{ l: number }>('select coalesce(max(seq), 0) as l from changes');
      if ((head?.l ?? 0) > this.limit) {
        const [fence] = await this.q.query<{ f: string }>('select pg_current_xact_id()::text as f');
        this.limit = head?.l ?? 0;
        this.fence = fence?.f ?? null;
      }
    }
    if (this.fence !== null) {
      const [passed] = await this.q.query<{ ok: boolean }>('select pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8 as ok', [
        this.fence,
      ]);
      if (passed?.ok) {
        this.settled = this.limit;
        this.fence = null;
      }
    }
    return this.settled;
  }
}

/** Reads the log in commit order with a saved cursor, losing and misordering nothing. */
export class LogReader {
  private readonly watermark: Watermark;
  /** The first position of the stretch that was read last. */
  private next = 0;
  /** As far as is known to be taken; the saved cursor only ever moves on from here. */
  private taken = 0;
  /** Whether the log is settled beyond the stretch that was read last. */
  behind = false;
  constructor(
    private readonly db: Db,
    readonly consumer: string,
  ) {
    this.watermark = new Watermark(db);
  }

  /** Whether rows are there that only wait for writers under way. */
  get waiting(): boolean {
    return this.watermark.waiting;
  }

  /**
   * Hands settled rows beyond this consumer's cursor to `work`, and saves the cursor with its effect in one transaction.
   * `where` passes over rows that do not concern it. Gives whether there was anything; the caller holds the consumer's advisory lock.
   */
  async step<R>(
    select: string | (() => Promise<string>),
    work: (tx: Tx, rows: R[], to: number, after: number) => Promise<void>,
    max = 5000,
    where: () => Promise<string> = async () => 'true',
  ): Promise<boolean> {
    const to = await this.watermark.settledTo();
    if (to <= this.taken) return false;
    let some = false;
    const end = await this.db.transaction(async (tx) => {
      const [held] = await tx.query<{ cursor: number }>('select cursor from consumers where name = $1::text for update', [this.consumer]);
      const cursor = held?.cursor ?? 0;
      if (to <= cursor) return cursor;
      // Effect and cursor are lost together or not at all, and then taken again: no need to wait for the disk beside the writers.
      await tx.query('set local synchronous_commit = off');
      const end = Math.min(to, cursor + max);
      this.next = cursor + 1;
      const columns = typeof select === 'string' ? select : await select();
      const condition = await where();
      const rows = await tx.query<R>(
        `select ${columns} from changes where seq > $1::bigint and seq <= $2::bigint and ${condition} order by seq`,
        [cursor, end],
      );
      await work(tx, rows, end, cursor);
      await tx.query(
        'insert into consumers (name, cursor) values ($1::text, $2::bigint) on conflict (name) do update set cursor = excluded.cursor, updated_at = now()',
        [this.consumer, end],
      );
      some = true;
      return end;
    });
    this.taken = end;
    this.behind = end < to;
    return some;
  }

  /** Puts the first row that cannot be taken in among the dead letters and goes on behind it. */
  async bury(error: string): Promise<number> {
    const seq = this.next;
    await this.db.transaction(async (tx) => {
      await tx.query(
        `insert into dead_letters (consumer, seq, object, record_id, error)
         select $1::text, seq, object, record_id, left($3::text, 2000) from changes where seq = $2::bigint on conflict do nothing`,
        [this.consumer, seq, error],
      );
      await tx.query(
        'insert into consumers (name, cursor) values ($1::text, $2::bigint) on conflict (name) do update set cursor = excluded.cursor, updated_at = now()',
        [this.consumer, seq],
      );
    });
    return seq;
  }
}
