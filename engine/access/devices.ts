import { createHash, randomBytes } from 'node:crypto';
import type { Db, Queryable } from '#engine/store/db.ts';

/**
 * Browsers in which somebody has signed in before: each has tries of its own, which nobody else can use up. A browser holds a random
 * token that is made anew with each sign-in, the base its digest: a token that somebody laid there, or one found in a backup, opens nothing.
 */
export const DEVICE_DAYS = 400;

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The counter of this browser for a user who has signed in with it before; null for one that is not known. */
export async function deviceSubject(q: Queryable, token: string | null, userId: string | null): Promise<string | null> {
  const hash = digest(token ?? '');
  const rows = await q.query(
    'select user_id from sign_in_devices where token_hash = $1::bytea and user_id = $2::uuid and used_at > now() - make_interval(days => $3::int)',
    [hash, userId, DEVICE_DAYS],
  );
  return rows.length > 0 ? `device ${hash.toString('base64')} ${userId}` : null;
}

/** Remembers a browser for a user who came in, under a new token; whom it was known to before, it stays known to. */
export async function rememberDevice(db: Db, userId: string, before: string | null): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db.transaction(async (tx) => {
    if (before !== null)
      await tx.query('update sign_in_devices set token_hash = $1::bytea where token_hash = $2::bytea', [digest(token), digest(before)]);
    await tx.query(
      `insert into sign_in_devices (token_hash, user_id) values ($1::bytea, $2::uuid) on conflict (token_hash, user_id) do update set used_at = now()`,
      [digest(token), userId],
    );
  });
  return token;
}

/** Removes browsers that nobody has signed in with for long. */
export async function forgetOldDevices(q: Queryable): Promise<void> {
  await q.query('delete from sign_in_devices where used_at < now() - make_interval(days => $1::int)', [DEVICE_DAYS]);
}
