import { createHash, randomBytes } from 'node:crypto';
import { instantText } from '#engine/declare/field.ts';
import type { Queryable } from '#engine/store/db.ts';
import { DEMANDED, factorOf } from './second-factor.ts';
import { type From, noteSignIn } from './sign-in-log.ts';

/** Who is in: sessions of browsers. The token is in the cookie alone; here is its digest, so a session found in a backup opens nothing. */

const SESSION_DAYS = 14;
/** For so long a proof of who sits there counts. */
const PROOF_MINUTES = 10;
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Who vouched for somebody, where it was not their password. */
export interface Vouched {
  id: string;
  name: string;
}

/** Opens a session for a user who has been recognised, under a token that nobody had before. */
export async function openSession(q: Queryable, userId: string, from: From, by: Vouched | null = null): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await q.query(
    `insert into sessions (token_hash, user_id, expires_at, agent, address, provider)
     values ($1::bytea, $2::uuid, now() + make_interval(days => $3::int), $4::text, $5::text, $6::uuid)`,
    [digest(token), userId, SESSION_DAYS, from.agent?.slice(0, 200) ?? null, from.address, by?.id ?? null],
  );
  await q.query('delete from sessions where expires_at < now()');
  await noteSignIn(q, 'in', { userId, from, way: by?.name ?? null });
  return token;
}

/** Ends a session by its token: who holds it leaves. Says whether there was one. */
export async function endSession(q: Queryable, token: string, from: From): Promise<boolean> {
  const [ended] = await q.query<{ user_id: string }>('delete from sessions where token_hash = $1::bytea returning user_id', [
    digest(token),
  ]);
  if (ended) await noteSignIn(q, 'out', { userId: ended.user_id, from });
  return ended !== undefined;
}

/**
 * The user of a live session; null when it has ended. Each use prolongs it. `bare`: a second factor is demanded and not there yet; it is
 * demanded beside passwords, what else is asked of somebody a provider decides.
 */
export async function sessionUser(db: Queryable, token: string): Promise<SessionUser | null> {
  const [row] = await db.query<{ user_id: string; stale: boolean; bare: boolean; proved: number }>(
    `select s.user_id, s.seen_at < now() - interval '10 minutes' as stale,
       (extract(epoch from s.proved_at + make_interval(mins => $2::int) - now()) * 1000)::float8 as proved, ${DEMANDED} and s.provider is null and not ${factorOf('s.user_id')} as bare
     from sessions s join users u on u.id = s.user_id and u.deleted_at is null and u.active is not false
     where s.token_hash = $1::bytea and s.expires_at > now()`,
    [digest(token), PROOF_MINUTES],
  );
  if (!row) return null;
  if (row.stale)
    await db.query(
      `update sessions set seen_at = now(), expires_at = now() + make_interval(days => $2::int) where token_hash = $1::bytea`,
      [digest(token), SESSION_DAYS],
    );
  // The clock of the base says how long is left: those of several servers need not agree.
  return { userId: row.user_id, bare: row.bare, provedUntil: performance.now() + row.proved };
}

export interface SessionUser {
  userId: string;
  /** A second factor is demanded and not there yet. */
  bare: boolean;
  /** Until when, by `performance.now()`, the last proof of who sits there counts. */
  provedUntil: number;
}

/** Remembers that who holds this session has just proved to be its owner. */
export async function markProved(q: Queryable, token: string): Promise<void> {
  await q.query('update sessions set proved_at = now() where token_hash = $1::bytea', [digest(token)]);
}

export interface SessionLine {
  id: string;
  agent: string | null;
  address: string | null;
  createdAt: string;
  /** To ten minutes. */
  seenAt: string;
  /** The one that asks. */
  current: boolean;
}

/** A user's live sessions, the last seen first. */
export const listSessions = (q: Queryable, userId: string, token: string | null): Promise<SessionLine[]> =>
  q.query<SessionLine>(
    `select id, agent, address, ${instantText('created_at')} as "createdAt", ${instantText('seen_at')} as "seenAt",
       coalesce(token_hash = $2::bytea, false) as current
     from sessions where user_id = $1::uuid and expires_at > now() order by current desc, seen_at desc limit 200`,
    [userId, token === null ? null : digest(token)],
  );

/** Ends a user's sessions, or one of them, but never that of the given token; how many ended. Both ends stand in the log. */
export async function endSessions(
  q: Queryable,
  o: { userId: string; id?: string; but: string | null; byId: string; from: From },
): Promise<number> {
  const rows = await q.query(
    `delete from sessions where user_id = $1::uuid and ($2::uuid is null or id = $2::uuid) and ($3::bytea is null or token_hash <> $3::bytea)
     returning id`,
    [o.userId, o.id ?? null, o.but === null ? null : digest(o.but)],
  );
  if (rows.length > 0) await noteSignIn(q, 'ended', { userId: o.userId, byId: o.byId, from: o.from });
  return rows.length;
}

/** Whose session this is; null when there is none. */
export async function sessionOwner(q: Queryable, id: string): Promise<string | null> {
  const [row] = await q.query<{ user_id: string }>('select user_id from sessions where id = $1::uuid', [id]);
  return row?.user_id ?? null;
}

/** Whether the session of this token was opened by a provider. */
export async function wasVouched(q: Queryable, token: string): Promise<boolean> {
  const rows = await q.query('select 1 as one from sessions where token_hash = $1::bytea and provider is not null', [digest(token)]);
  return rows.length > 0;
}
