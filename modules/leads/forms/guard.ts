import { digestOf, pacePublic } from '#engine/access/public-guard.ts';
import type { Db, Queryable, Tx } from '#engine/store/db.ts';

/** What a form takes, of whom and how often; what was sent a moment ago is not taken again. */

const SPAN_SECONDS = 600;
/** In ten minutes: what one address sends to a form, what it opens of it, and what a form takes from all. */
const MOST = { sent: 10, opened: 120, taken: 300 } as const;

/** Refuses who calls too often, and says when to come back. */
export async function pace(db: Db, form: string, address: string, what: 'sent' | 'opened'): Promise<void> {
  await pacePublic(db, ['lead form', form, what, address], { most: MOST[what], seconds: SPAN_SECONDS });
  if (what === 'sent') await pacePublic(db, ['lead form', form, 'taken'], { most: MOST.taken, seconds: SPAN_SECONDS });
}

/** Whether the very same was sent to the form in the last ten minutes; two at once are told apart by the row that both want. */
export async function isAgain(tx: Tx, form: string, answers: string): Promise<boolean> {
  const fresh = await tx.query(
    `insert into lead_form_seen (form, digest, at) values ($1::uuid, $2::bytea, now())
     on conflict (form, digest) do update set at = now() where lead_form_seen.at < now() - interval '10 minutes' returning 1 as ok`,
    [form, digestOf(form, answers)],
  );
  return fresh.length === 0;
}

/** Counts what was sent to a form and became nothing. */
export const countRefusal = (q: Queryable, form: string): Promise<unknown> =>
  q.query(
    `insert into lead_form_refusals (form, n, last_at) values ($1::uuid, 1, now())
     on conflict (form) do update set n = lead_form_refusals.n + 1, last_at = now()`,
    [form],
  );

/** Forgets what was sent: after an hour nothing asks for it. */
export const forgetOldAnswers = (q: Queryable): Promise<unknown> =>
  q.query(`delete from lead_form_seen where at < now() - interval '1 hour'`);
