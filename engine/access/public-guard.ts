import { createHash } from 'node:crypto';
import type { Queryable } from '#engine/store/db.ts';
import { limited } from '#kit/errors.ts';
import type { Vault } from './vault.ts';

/**
 * Keeps programs out of the forms that everybody may send, without asking a third party: a line that people do not see, a stamp that
 * says when a form was handed out, and a measure of how often one may come.
 */

/** A line that people do not see: who fills it in is a program. */
export const HONEYPOT = 'website_url';
/** Its HTML; the class `away` takes it out of sight. */
export const honeypotHtml = `<div class="away" aria-hidden="true"><label for="f-${HONEYPOT}">Website</label><input id="f-${HONEYPOT}" name="${HONEYPOT}" tabindex="-1" autocomplete="off"></div>`;

/** Quicker than this nobody fills in a form; after so long it is loaded anew. */
const QUICKEST_MS = 1_000;
const LONGEST_MS = 24 * 3_600_000;

/** When and for what a form was handed out, sealed. */
export function stampOf(vault: Vault, about: string, now: Date): string {
  const at = Buffer.alloc(8);
  at.writeBigInt64BE(BigInt(now.getTime()));
  return vault.seal(at, `form ${about}`).toString('base64url');
}

/** What a stamp tells: `forged` is none of ours, or one of another form. */
export function judgeStamp(vault: Vault, about: string, stamp: string, now: Date): 'good' | 'forged' | 'early' | 'late' {
  const at = /^[\w-]{40,80}$/.test(stamp) ? vault.open(Buffer.from(stamp, 'base64url'), `form ${about}`) : null;
  if (at?.length !== 8) return 'forged';
  const age = now.getTime() - Number(at.readBigInt64BE());
  return age < QUICKEST_MS ? 'early' : age > LONGEST_MS ? 'late' : 'good';
}

/** Nothing leads back from it to what it was made of. */
export const digestOf = (...parts: readonly string[]): Buffer => createHash('sha256').update(parts.join('\u0000')).digest();

/**
 * Refuses calls above so many in a span at a door, and says when to come back. What a door is called tells nobody who came, and after
 * half an hour nothing is known of it.
 */
export async function pacePublic(
  q: Queryable,
  door: readonly string[],
  { most, seconds = 60 }: { most: number; seconds?: number },
): Promise<void> {
  const [row] = await q.query<{ n: number; left: number }>(
    `with old as (delete from public_calls where span < now() - interval '30 minutes')
     insert into public_calls (door, span, n)
     values ($1::bytea, to_timestamp(floor(extract(epoch from now()) / $2::int) * $2::int), 1)
     on conflict (door, span) do update set n = public_calls.n + 1
     returning n, ceil($2::int - extract(epoch from now() - span))::int as left`,
    [digestOf(...door), seconds],
  );
  if ((row?.n ?? 0) > most) throw limited('This was called too often from here.', row?.left ?? seconds);
}
