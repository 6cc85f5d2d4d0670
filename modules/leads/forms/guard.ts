import { createHash } from 'node:crypto';
import type { Vault } from '#engine/access/vault.ts';
import type { Db, Queryable, Tx } from '#engine/store/db.ts';
import { limited } from '#kit/errors.ts';

/** Keeps robots out without asking a third party: when a page was drawn, how often an address calls, what was sent a moment ago. */

const USE = 'lead form';
const QUICKEST_MS = 2_000;
const LONGEST_MS = 24 * 3_600_000;
const WINDOW_SECONDS = 600;
/** In ten minutes: what one address sends to a form, what it opens of it, and what a form takes from all. */
const MOST = { sent: 10, opened: 120, taken: 300 } as const;

/** When and for which form a page was drawn, sealed. */
export const stamp = (vault: Vault, form: string, now: Date): string =>
  vault.seal(Buffer.from(`${form} ${now.getTime()}`), USE).toString('base64url');

/** What a stamp tells: `forged` is none of ours, or one of another form. */
export function stampSays(vault: Vault, token: string, form: string, now: Date): 'good' | 'forged' | 'early' | 'late' {
  if (!/^[\w-]{40,400}$/.test(token)) return 'forged';
  const [of, at] = (vault.open(Buffer.from(token, 'base64url'), USE)?.toString() ?? '').split(' ');
  if (of !== form) return 'forged';
  const age = now.getTime() - Number(at);
  return age < QUICKEST_MS ? 'early' : age > LONGEST_MS ? 'late' : 'good';
}

/** An address as it is kept for ten minutes: nothing leads back to it. */
const digestOf = (...parts: readonly string[]): Buffer => createHash('sha256').update(parts.join('\u0000')).digest().subarray(0, 16);

/** Refuses who calls too often, and says when to come back. */
export async function pace(db: Db, form: string, address: string, what: 'sent' | 'opened'): Promise<void> {
  await count(db, form, digestOf(what, form, address), MOST[what]);
  if (what === 'sent') await count(db, form, digestOf('taken', form), MOST.taken);
}

async function count(db: Db, form: string, who: Buffer, most: number): Promise<void> {
  const [row] = await db.query<{ n: number; left: number }>(
    `insert into lead_form_calls (form, who, span, n)
     values ($1::uuid, $2::bytea, to_timestamp(floor(extract(epoch from now()) / ${WINDOW_SECONDS}) * ${WINDOW_SECONDS}), 1)
     on conflict (form, who, span) do update set n = lead_form_calls.n + 1
     returning n, ceil(${WINDOW_SECONDS} - extract(epoch from now() - span))::int as left`,
    [form, who],
  );
  if ((row?.n ?? 0) > most) throw limited('This form was called too often from here.', row?.left ?? WINDOW_SECONDS);
}

/** Whether the very same was sent to the form in the last ten minutes; two at once are told apart by the row that both want. */
export async function isAgain(tx: Tx, form: string, answers: string): Promise<boolean> {
  const fresh = await tx.query(
    `insert into lead_form_seen (form, digest, at) values ($1::uuid, $2::bytea, now())
     on conflict (form, digest) do update set at = now() where lead_form_seen.at < now() - interval '10 minutes' returning 1 as ok`,
    [form, digestOf('answers', form, answers)],
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

/** Forgets who called and what was sent: after an hour nothing asks for it. */
export async function forgetOldCalls(q: Queryable): Promise<void> {
  await q.query(`delete from lead_form_calls where span < now() - interval '1 hour'`);
  await q.query(`delete from lead_form_seen where at < now() - interval '1 hour'`);
}
