import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { instantText } from '#engine/declare/field.ts';
import { allows, parseScopes, SPECIAL_SCOPES } from '#engine/declare/scopes.ts';
import type { ApiKey } from '#engine/declare/sign-in.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { denied, invalid, unrecognised } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type Actor, FEW, mergeRights, type Rights } from './actor.ts';
import { deviceSubject } from './devices.ts';
import { passwordsOff } from './oidc-providers.ts';
import { checkPassword } from './passwords.ts';
import { narrowRights } from './scopes.ts';
import { acceptCode, hasSecondFactor } from './second-factor.ts';
import { openSession, type Vouched } from './sessions.ts';
import { type From, noteSignIn } from './sign-in-log.ts';
import { accountSubject, beginTry, type Counter, forgiveTry, networkOf } from './tries.ts';
import type { Vault } from './vault.ts';

/**
 * Who comes in: passwords (argon2id) and API keys. Secrets are kept as hashes only; a key found in a backup opens nothing.
 */

// OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane.
const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Failed tries that cost no waiting: in a browser that is known, by all others together for one account, and from one network. */
const TRIES_PER_DEVICE = 10;
const TRIES_PER_ACCOUNT = 10;
const TRIES_PER_NETWORK = 50;
/** Codes have a million values and whoever tries them has the password: they are counted for the account, from wherever. */
const CODES_PER_ACCOUNT = 20;
const TRIES_PER_STEP = 5;
const STEP_MINUTES = 5;

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
let decoy: Promise<string> | undefined;
/** A hash that no password has, made once. */
function decoyHash(): Promise<string> {
  decoy ??= hash(randomBytes(16).toString('hex'), ARGON);
  return decoy;
}

/** Sets a user's password and ends their other sessions, and a link by which it could be set. */
export async function setPassword(q: Queryable, userId: string, password: string): Promise<void> {
  const hashed = await hash(await checkPassword(password), ARGON);
  await q.query(
    'insert into credentials (user_id, password) values ($1::uuid, $2::text) on conflict (user_id) do update set password = excluded.password, changed_at = now()',
    [userId, hashed],
  );
  await q.query('delete from sessions where user_id = $1::uuid', [userId]);
  // Who sets a password means that no other way to set one is left lying about.
  await q.query('delete from entry_links where user_id = $1::uuid', [userId]);
}

/** Who came in, with the token for the cookie, which is never stored; or the token of the first step where a code is still to be given. */
export type SignedIn = { token: string; userId: string } | { step: string };

/** Where a try comes from: also in which browser. */
export interface Visitor {
  from: From;
  /** What the browser holds by which it may be known; null for nothing. */
  device: string | null;
}

/** Checks e-mail and password and opens a session, unless the account has a second factor. */
export async function signIn(db: Db, o: { email: string; password: string } & Visitor): Promise<SignedIn> {
  const email = o.email.trim().slice(0, 254);
  const [found] = await db.query<{ folded: string; id: string | null; password: string | null }>(
    `select f.folded, u.id, u.password from (select perigon_fold($1::text) as folded) f
     left join lateral (select u.id, c.password from users u join credentials c on c.user_id = u.id
       where perigon_fold(u.email) collate "C" = f.folded collate "C" and u.deleted_at is null and u.active is not false) u on true`,
    [email],
  );
  const userId = found?.id ?? null;
  const who = { userId, from: o.from };
  const subject = (await deviceSubject(db, o.device, userId)) ?? accountSubject(found?.folded ?? email);
  const attempt = await beginTry(db, countersOf(subject, o.from), () => noteSignIn(db, 'limited', who));
  if (await passwordsOff(db)) throw denied('Passwords do not open here any more. Sign in by your provider.');
  // The same work whether or not the account exists, so that its existence cannot be timed.
  const stored = found?.password ?? (await decoyHash());
  const right = await verify(stored, o.password.slice(0, 200)).catch(() => false);
  if (userId === null || !right) {
    await noteSignIn(db, 'wrong', who);
    throw unrecognised('E-mail and password do not match.');
  }
  await forgiveTry(db, attempt);
  // A password alone does not begin the count anew: codes are tried by who has it.
  if (await hasSecondFactor(db, userId)) return { step: await openStep(db, userId, subject) };
  await forgiveTry(db, attempt, cleared(subject));
  return { token: await openSession(db, userId, o.from), userId };
}

/** The same for who has proved to be a user by another way than their password: a link, a passkey, or a provider that vouched. */
export async function signInBy(
  db: Db,
  userId: string,
  o: Visitor,
  by: (Vouched & { asksFactor: boolean }) | null = null,
): Promise<SignedIn> {
  if (by?.asksFactor || !(await hasSecondFactor(db, userId))) return { token: await openSession(db, userId, o.from, by), userId };
  const [user] = await db.query<{ folded: string | null }>('select perigon_fold(email) as folded from users where id = $1::uuid', [userId]);
  const subject = (await deviceSubject(db, o.device, userId)) ?? accountSubject(user?.folded ?? '');
  return { step: await openStep(db, userId, subject, by) };
}

/**
 * What counts a try. A browser in which this user has signed in before has its own tries: nobody elsewhere can use them up, and
 * what is tried in it wears on nobody else. All others share those of the account and of their network.
 */
const isDevice = (subject: string): boolean => subject.startsWith('device ');
const countersOf = (subject: string, from: From): Counter[] =>
  isDevice(subject)
    ? [{ subject, free: TRIES_PER_DEVICE }]
    : [
        { subject, free: TRIES_PER_ACCOUNT },
        { subject: `network ${networkOf(from.address)}`, free: TRIES_PER_NETWORK },
      ];
/** Who came in begins anew in their own browser; what strangers tried goes on counting. */
const cleared = (subject: string): string[] => (isDevice(subject) ? [subject] : []);

async function openStep(db: Db, userId: string, subject: string, by: Vouched | null = null): Promise<string> {
  const step = randomBytes(32).toString('base64url');
  await db.query(
    `insert into sign_in_steps (token_hash, user_id, pair, expires_at, provider, way)
     values ($1::bytea, $2::uuid, $3::text, now() + make_interval(mins => $4::int), $5::uuid, $6::text)`,
    [digest(step), userId, subject, STEP_MINUTES, by?.id ?? null, by?.name ?? null],
  );
  await db.query('delete from sign_in_steps where expires_at < now()');
  return step;
}

/** The second step: a code of the app or a recovery code, by who gave the password a moment ago. */
export async function signInByCode(
  db: Db,
  vault: Vault,
  o: { step: string; code: string; from: From },
): Promise<{ token: string; userId: string }> {
  const [begun] = await db.query<{ user_id: string; subject: string; provider: string | null; way: string | null }>(
    `update sign_in_steps s set tries = s.tries + 1 from users u
     where s.token_hash = $1::bytea and s.expires_at > now() and s.tries < $2::int and u.id = s.user_id and u.deleted_at is null and u.active is not false
     returning s.user_id, s.pair as subject, s.provider, s.way`,
    [digest(o.step), TRIES_PER_STEP],
  );
  if (!begun) throw unrecognised('The first step is too long ago. Begin again with your password.');
  const who = { userId: begun.user_id, from: o.from };
  const counters = countersOf(begun.subject, o.from);
  if (!isDevice(begun.subject)) counters.push({ subject: `code ${begun.user_id}`, free: CODES_PER_ACCOUNT });
  const attempt = await beginTry(db, counters, () => noteSignIn(db, 'limited', who));
  if (!(await acceptCode(db, vault, begun.user_id, o.code))) {
    await noteSignIn(db, 'wrongCode', who);
    throw unrecognised('The code does not match.');
  }
  await forgiveTry(db, attempt, cleared(begun.subject));
  const left = await db.query('delete from sign_in_steps where token_hash = $1::bytea returning user_id', [digest(o.step)]);
  if (left.length === 0) throw unrecognised('The first step is used up. Begin again with your password.');
  const by = begun.provider === null ? null : { id: begun.provider, name: begun.way ?? '' };
  return { token: await openSession(db, begun.user_id, o.from, by), userId: begun.user_id };
}

/** Whether this is the password of the user who sits there; for acts that ask for it again. */
export const isPassword = (db: Db, userId: string, password: string): Promise<boolean> =>
  countAgain(db, userId, async () => {
    const [row] = await db.query<{ password: string }>('select password from credentials where user_id = $1::uuid', [userId]);
    return row !== undefined && (await verify(row.password, password.slice(0, 200)).catch(() => false));
  });

/** A try of who sits there to prove to be themselves. Tries are counted for the account: only who is in can make them. */
export async function countAgain(db: Db, userId: string, isRight: () => Promise<boolean>): Promise<boolean> {
  const subject = `again ${userId}`;
  const attempt = await beginTry(db, [{ subject, free: TRIES_PER_DEVICE }]);
  const right = await isRight();
  if (right) await forgiveTry(db, attempt, [subject]);
  return right;
}

const PREFIX = 'perigon_';

/** A key that nobody says anything else of ends after a year. */
const KEY_DAYS = 365;

/** Makes an API key with the user's rights, narrowed by `scopes`; without an end where it is null. The secret is given once. */
export async function createApiKey(
  q: Queryable,
  o: { userId: string; name: string; scopes?: readonly string[] | null; expiresAt?: string | null },
): Promise<{ id: string; secret: string; scopes: string[] | null; expiresAt: string | null }> {
  const { scopes: named, bad } = parseScopes(o.scopes ?? []);
  if (bad[0] !== undefined)
    throw invalid('A scope cannot be read.', [
      {
        path: 'scopes',
        code: 'scope',
        detail: `“${bad[0].slice(0, 60)}” is not a scope: use read, write, read:<plural>, write:<plural>, ${SPECIAL_SCOPES.join(', ')}.`,
      },
    ]);
  const scopes = named.length > 0 ? named : null;
  const id = newId();
  const secret = PREFIX + randomBytes(32).toString('base64url');
  const [row] = await q.query<{ expiresAt: string | null }>(
    `insert into api_keys (id, user_id, name, secret_hash, scopes, expires_at)
     values ($1::uuid, $2::uuid, $3::text, $4::bytea, $5::text[], case when $7::boolean then now() + make_interval(days => $8::int) else $6::timestamptz end)
     returning ${instantText('expires_at')} as "expiresAt"`,
    [id, o.userId, o.name.slice(0, 100), digest(secret), scopes, o.expiresAt ?? null, o.expiresAt === undefined, KEY_DAYS],
  );
  return { id, secret, scopes, expiresAt: row?.expiresAt ?? null };
}

/** A user's live keys, without their secrets. */
export const listApiKeys = (q: Queryable, userId: string): Promise<ApiKey[]> =>
  q.query<ApiKey>(
    `select id, name, scopes, ${instantText('created_at')} as "createdAt", ${instantText('used_at')} as "usedAt", ${instantText('expires_at')} as "expiresAt"
     from api_keys where user_id = $1::uuid and revoked_at is null order by created_at desc`,
    [userId],
  );

/** Whose key it is; null where there is no such live one. */
export async function apiKeyOwner(q: Queryable, id: string): Promise<string | null> {
  const [row] = await q.query<{ user: string }>('select user_id as user from api_keys where id = $1::uuid and revoked_at is null', [id]);
  return row?.user ?? null;
}

/** Revokes one of a user's keys; says whether there was one. */
export async function revokeApiKey(q: Queryable, userId: string, id: string): Promise<boolean> {
  const rows = await q.query(
    'update api_keys set revoked_at = now() where id = $1::uuid and user_id = $2::uuid and revoked_at is null returning id',
    [id, userId],
  );
  return rows.length > 0;
}

/** The user and scopes behind a presented key; null when it is not one, revoked or expired. */
export async function apiKeyUser(q: Queryable, secret: string): Promise<{ userId: string; keyId: string; scopes: string[] | null } | null> {
  if (!secret.startsWith(PREFIX) || secret.length > 100) return null;
  const [row] = await q.query<{ id: string; user_id: string; scopes: string[] | null; stale: boolean }>(
    `select k.id, k.user_id, k.scopes, coalesce(k.used_at < now() - interval '10 minutes', true) as stale from api_keys k join users u on u.id = k.user_id and u.deleted_at is null and u.active is not false
     where k.secret_hash = $1::bytea and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`,
    [digest(secret)],
  );
  if (!row) return null;
  if (row.stale) await q.query('update api_keys set used_at = now() where id = $1::uuid', [row.id]);
  return { userId: row.user_id, keyId: row.id, scopes: row.scopes };
}

/** The day on which a key ended that would open otherwise; null for all others. */
export async function expiryOf(q: Queryable, secret: string): Promise<string | null> {
  const [row] = await q.query<{ day: string }>(
    `select to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD') as day from api_keys
     where secret_hash = $1::bytea and revoked_at is null and expires_at <= now()`,
    [digest(secret)],
  );
  return row?.day ?? null;
}

/** Keys that end within a week and whose makers were not told yet: each is given once. Those that were made for days only are known to. */
export const takeEndingKeys = (q: Queryable): Promise<{ id: string; user: string; name: string }[]> =>
  q.query(
    `update api_keys set told_at = now() where revoked_at is null and told_at is null and expires_at > now() and expires_at < now() + interval '7 days'
       and expires_at - created_at > interval '8 days' returning id, user_id as "user", name`,
  );

/** A user as an actor, with today's roles and teams; null when there is no such active user. */
export async function loadActor(
  q: Queryable,
  userId: string,
  o: { kind?: Actor['kind']; scopes?: readonly string[] | null; plural?: (object: string) => string } = {},
): Promise<Actor | null> {
  const [row] = await q.query<{
    name: string;
    roles: { key: string; rights: Rights }[];
    teams: string[];
    mates: string[];
    territories: string[];
  }>(
    `select x.name, x.roles, x.teams, x.territories,
       array(select m.id from users m where m.team_id = any(x.teams::uuid[]) order by m.id limit ${FEW + 1})::text[] as mates
     from (select u.name,
       coalesce((select json_agg(json_build_object('key', r.key, 'rights', r.rights) order by r.key) from users_roles l join roles r on r.id = l.to_id and r.deleted_at is null where l.from_id = u.id), '[]') as roles,
       array(with recursive mine as (
           select t.id from teams t where t.deleted_at is null and (t.id = u.team_id or t.manager_id = u.id)
           union select t.id from teams t join mine m on t.parent_id = m.id and t.deleted_at is null)
         select id from mine)::text[] as teams,
       array(with recursive mine as (
           select t.id from territories t where t.deleted_at is null and (t.manager_id = u.id or t.id in (select l.from_id from territories_members l where l.to_id = u.id))
           union select t.id from territories t join mine m on t.parent_id = m.id and t.deleted_at is null)
         select id from mine)::text[] as territories
     from users u where u.id = $1::uuid and u.deleted_at is null and u.active is not false) x`,
    [userId],
  );
  if (!row) return null;
  const mates = row.mates.length > FEW ? null : row.mates;
  const merged = mergeRights(row.roles.map((role) => role.rights));
  const rights = narrowRights(merged, o.scopes ?? null, o.plural ?? ((object) => object));
  return {
    kind: o.kind ?? 'staff',
    userId,
    name: row.name,
    teamIds: row.teams,
    teamUserIds: mates,
    territoryIds: row.territories,
    roles: row.roles.map((role) => role.key),
    rights,
    scopes: o.scopes ?? null,
    // A key may do dangerous acts where nothing narrows it, or its scopes say so.
    ...(o.kind === 'apiKey' && allows(o.scopes ?? null, { act: 'admin' }) ? { provedUntil: Number.POSITIVE_INFINITY } : {}),
    reach: digest(JSON.stringify([userId, row.teams, mates, row.territories, rights.key])).toString('base64'),
  };
}
