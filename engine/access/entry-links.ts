import { createHash, randomBytes } from 'node:crypto';
import { instantText } from '#engine/declare/field.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { conflict, notFound } from '#kit/errors.ts';
import { passwordsOff } from './oidc-providers.ts';
import { checkPassword } from './passwords.ts';
import { setPassword } from './sign-in.ts';

/**
 * Links that an administrator hands over: with one a new user sets their first password, or somebody a new one for that they forgot.
 * 256 random bits, of which the digest alone is kept; used once; a newer link of the same user takes its place.
 */

const HOURS = { invitation: 7 * 24, reset: 1 } as const;
export type LinkKind = keyof typeof HOURS;

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
/** Links of users who may sign in at all, while they hold. */
const LIVE = `l.token_hash = $1::bytea and l.expires_at > now() and u.id = l.user_id and u.deleted_at is null and u.active is not false`;

/** Makes a link for an active user: an invitation while they have no password, else a reset. The token is given once. */
export async function makeLink(q: Queryable, userId: string): Promise<{ token: string; kind: LinkKind; expiresAt: string }> {
  if (await passwordsOff(q)) throw conflict('Passwords do not open here any more, so a link to set one leads nowhere.');
  const token = randomBytes(32).toString('base64url');
  const [row] = await q.query<{ kind: LinkKind; expiresAt: string }>(
    `insert into entry_links (user_id, token_hash, kind, expires_at)
     select u.id, $2::bytea, k.kind, now() + make_interval(hours => case k.kind when 'reset' then $3::int else $4::int end)
     from users u left join credentials c on c.user_id = u.id, lateral (select case when c.user_id is null then 'invitation' else 'reset' end as kind) k
     where u.id = $1::uuid and u.deleted_at is null and u.active is not false and coalesce(u.email, '') <> ''
     on conflict (user_id) do update set token_hash = excluded.token_hash, kind = excluded.kind, expires_at = excluded.expires_at
     returning kind, ${instantText('expires_at')} as "expiresAt"`,
    [userId, digest(token), HOURS.reset, HOURS.invitation],
  );
  if (!row) throw notFound('There is no active user with an e-mail address.');
  return { token, ...row };
}

const gone = () => notFound('This link does not hold any more. Ask for a new one.');

/** Whom a link is for. */
export async function readLink(q: Queryable, token: string): Promise<{ name: string; email: string; kind: LinkKind }> {
  const [row] = await q.query<{ name: string; email: string; kind: LinkKind }>(
    `select u.name, u.email, l.kind from entry_links l, users u where ${LIVE}`,
    [digest(token)],
  );
  if (!row) throw gone();
  return row;
}

/** Sets the password by a link, which is used up with it; a password that is refused leaves it as it was. */
export async function useLink(db: Db, token: string, password: string): Promise<string> {
  await checkPassword(password);
  if (await passwordsOff(db)) throw gone();
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ user_id: string }>(`delete from entry_links l using users u where ${LIVE} returning l.user_id`, [
      digest(token),
    ]);
    if (!row) throw gone();
    await setPassword(tx, row.user_id, password);
    return row.user_id;
  });
}

/** Takes a user's link back; whether there was one. */
export async function withdrawLink(q: Queryable, userId: string): Promise<boolean> {
  const rows = await q.query('delete from entry_links where user_id = $1::uuid returning user_id', [userId]);
  return rows.length > 0;
}
