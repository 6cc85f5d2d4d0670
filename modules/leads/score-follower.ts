import type { Context } from '#engine/record/context.ts';
import { LogConsumer, restBesideJobs } from '#engine/record/log-consumer.ts';
import type { Db, Queryable, Tx } from '#engine/store/db.ts';
import type { JsonObject } from '#kit/json.ts';
import { fillFirstResponses } from './first-response.ts';
import { startScoring } from './score-job.ts';
import { loadBook, rescore } from './score-leads.ts';

const LOCK = 0x6c656164;
/** Leads of one statement. */
const CHUNK = 2_000;

interface Row {
  object: string;
  record_id: string;
  party: string | null;
  was: string | null;
}

export interface LeadFollowerOptions {
  db: Db;
  context(): Promise<Context>;
  enqueue(q: Queryable, o: { kind: string; label?: string | null; payload?: JsonObject; actor: Context['actor'] }): Promise<string>;
  log(message: string, error?: unknown): void;
  /** Told after a commit whose score is another now. */
  moved(leads: string[]): void;
}

/**
 * Keeps what is said of leads in step with them, their customers and the touches of those: how promising they are, and when they
 * were first answered. What lies further away than that (a condition may look at a customer's orders) counts at the nightly reckoning.
 */
export function leadFollower(o: LeadFollowerOptions): LogConsumer<Row> {
  let told: string[] = [];
  return new LogConsumer<Row>({
    db: o.db,
    name: 'leads',
    lock: LOCK,
    columns: `object, record_id, party_id as party, before ->> 'party' as was`,
    where: async () => `object in ('lead', 'party', 'interaction', 'scoreRule')`,
    batch: 1000,
    gather: 250,
    log: o.log,
    async take(tx, rows) {
      told = [];
      const ctx = await o.context();
      if (rows.some(({ object }) => object === 'scoreRule')) await startScoring(tx, o.enqueue);
      const leads = await concerned(tx, rows);
      if (leads.length === 0) return;
      const book = await loadBook(tx);
      for (let at = 0; at < leads.length; at += CHUNK) {
        const some = leads.slice(at, at + CHUNK);
        told.push(...(await rescore(tx, ctx, book, some)));
        await fillFirstResponses(tx, ctx, some);
      }
    },
    taken() {
      if (told.length > 0) o.moved(told);
      told = [];
    },
    pause: (took) => restBesideJobs(o.db, took),
  });
}

/** The leads that some rows of the log say something about. */
async function concerned(tx: Tx, rows: readonly Row[]): Promise<string[]> {
  const own = rows.filter(({ object }) => object === 'lead').map(({ record_id }) => record_id);
  const parties = rows.flatMap(({ object, party, was }) => (object === 'interaction' || object === 'party' ? [party, was] : []));
  const known = [...new Set(parties.filter((id) => id !== null))];
  const found = await tx.query<{ id: string }>(
    `select t.id from leads t where t.id = any($1::uuid[]) and t.deleted_at is null
     union select t.id from leads t where t.party_id = any($2::uuid[]) and t.deleted_at is null order by id`,
    [own, known],
  );
  return found.map(({ id }) => id);
}
