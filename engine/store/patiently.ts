import { limited } from '#kit/errors.ts';
import type { Db, Tx } from './db.ts';
import { sqlState } from './db.ts';

/** Serialises schema changes among servers. */
export const SCHEMA_LOCK = 0x70657269;

/** Serialises the building of indexes beside the traffic. */
export const INDEX_LOCK = 0x70657268;

/** Runs DDL under a short lock timeout, again and again, so that it never makes a queue of readers wait behind it. */
export async function patiently<T>(db: Db, work: (tx: Tx) => Promise<T>, patience = 60_000): Promise<T> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return await db.transaction(async (tx) => {
        await tx.query('select pg_advisory_xact_lock($1::bigint)', [SCHEMA_LOCK]);
        await tx.script(`set local lock_timeout = '50ms'`);
        return work(tx);
      });
    } catch (error) {
      if (sqlState(error) !== '55P03') throw error;
      if (performance.now() > until) throw limited('The table is busy: long work holds it. Try again in a moment.', 30);
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 180));
    }
  }
}
