import type { Db, Queryable, Tx } from '#engine/store/db.ts';
import { invalid } from '#kit/errors.ts';

/**
 * A request that may come twice (`Idempotency-Key`). The key is claimed in the same transaction as the first effect and
 * the outcome is kept with it, so a crash leaves either both or neither; a second request with the key gets the outcome.
 */
export class Once {
  private claimed = false;
  constructor(
    readonly key: string,
    readonly actor: string,
    /** Digest of what was asked: the same key with another request is a mistake of the caller. */
    readonly request: string,
  ) {}

  async claim(tx: Tx): Promise<void> {
    if (this.claimed) return;
    const made = await tx.query(
      'insert into idempotency (key, actor, request, status, response) values ($1::text, $2::text, $3::text, 0, $4::text) on conflict do nothing returning 1 as ok',
      [this.key, this.actor, this.request, 'null'],
    );
    if (made.length > 0) return;
    const [held] = await tx.query<{ request: string; response: string }>(
      'select request, response from idempotency where key = $1::text and actor = $2::text',
      [this.key, this.actor],
    );
    if (held && held.request !== this.request)
      throw invalid('This Idempotency-Key was used for another request.', [
        { path: 'Idempotency-Key', code: 'reused', detail: 'Use a new key for a new request.' },
      ]);
    throw new Replayed(JSON.parse(held?.response ?? 'null') as unknown);
  }

  async keep(tx: Tx, outcome: unknown): Promise<void> {
    if (this.claimed) return;
    await tx.query('update idempotency set response = $3::text, status = 200 where key = $1::text and actor = $2::text', [
      this.key,
      this.actor,
      JSON.stringify(outcome ?? null),
    ]);
    tx.afterCommit(() => {
      this.claimed = true;
    });
  }
}

/** Thrown when a key was used before; carries the outcome of then. */
export class Replayed extends Error {
  constructor(readonly outcome: unknown) {
    super('replayed');
  }
}

/** A writing transaction of a context: claims its idempotency key, and tells the server after the commit that the log grew. */
export function transact<T>(ctx: { db: Db; once?: Once; wrote(): void }, work: (tx: Tx) => Promise<T>): Promise<T> {
  return ctx.db.transaction(async (tx) => {
    await ctx.once?.claim(tx);
    const result = await work(tx);
    await ctx.once?.keep(tx, result);
    tx.afterCommit(ctx.wrote);
    return result;
  });
}

/** Forgets the keys of requests that nobody will repeat any more. */
export async function forgetOldRequests(q: Queryable): Promise<void> {
  await q.query(`delete from idempotency where at < now() - interval '7 days'`);
}
