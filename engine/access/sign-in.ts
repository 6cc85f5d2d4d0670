import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { instantText } from '#engine/declare/field.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { denied, invalid, limited, unrecognised } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type Actor, FEW, mergeRights, type Rights } from './actor.ts';
import { passwordsOff } from './oidc-providers.ts';
import { narrowRights, parseScopes, SPECIAL_SCOPES } from './scopes.ts';
import { acceptCode, hasSecondFactor } from './second-factor.ts';
import { openSession, type Vouched } from './sessions.ts';
import { type From, noteSignIn } from './sign-in-log.ts';
import type { Vault } from './vault.ts';

/**
 * Who comes in: passwords (argon2id) and API keys. Secrets are kept as hashes only; a key found in a backup opens nothing.
 */

// OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane.
const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Failed tries within a quarter of an hour before one must wait: per address and account together, and per address. */
const TRIES_PER_PAIR = 10;
const TRIES_PER_ADDRESS = 100;
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

/** Refuses passwords that are too easy; says why at the field. */
export function checkPassword(password: unknown, path = 'password'): string {
  if (typeof password !== 'string' || password.length < 8)
    throw invalid('The password is too short.', [{ path, code: 'tooShort', detail: 'At least 8 characters.' }]);
  if (password.length > 200) throw invalid('The password is too long.', [{ path, code: 'tooLong', detail: 'At most 200 characters.' }]);
  return password;
}

/** Sets a user's password and ends their other sessions, and a link by which it could be set. */
export async function setPassword(q: Queryable, userId: string, password: string): Promise<void> {
  const hashed = await hash(checkPassword(password), ARGON);
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

/** Checks e-mail and password and opens a session, unless the account has a second factor. */
export async function signIn(db: Db, o: { email: string; password: string; from: From }): Promise<SignedIn> {
  const email = o.email.trim().toLowerCase().slice(0, 254);
  const pair = pairOf(o.from, email);
  const [user] = await db.query<{ id: string; password: string }>(
    `select u.id, c.password from users u join credentials c on c.user_id = u.id
     where perigon_fold(u.email) collate "C" = perigon_fold($1::text) collate "C" and u.deleted_at is null and u.active is not false`,
    [email],
  );
  const who = { userId: user?.id ?? null, from: o.from };
  await refuseTooMany(db, pair, who);
  if (await passwordsOff(db)) throw denied('Passwords do not open here any more. Sign in by your provider.');
  // The same work whether or not the account exists, so that its existence cannot be timed.
  const stored = user?.password ?? (await decoyHash());
  const right = await verify(stored, o.password.slice(0, 200)).catch(() => false);
  if (!user || !right) {
    await noteFailure(db, [pair, o.from.address]);
    await noteSignIn(db, 'wrong', who);
    throw unrecognised('E-mail and password do not match.');
  }
  // Failures are forgiven to who is in: a password alone does not begin the count of codes anew.
  if (await hasSecondFactor(db, user.id)) return { step: await openStep(db, user.id, pair) };
  await db.query('delete from sign_in_failures where subject = $1::text', [pair]);
  return { token: await openSession(db, user.id, o.from), userId: user.id };
}

/** The same for who has proved to be a user by another way than their password: a link, or a provider that vouched. */
export async function signInBy(
  db: Db,
  userId: string,
  from: From,
  by: (Vouched & { asksFactor: boolean }) | null = null,
): Promise<SignedIn> {
  if (by?.asksFactor) return { token: await openSession(db, userId, from, by), userId };
  const [user] = await db.query<{ email: string | null }>('select email from users where id = $1::uuid', [userId]);
  if (await hasSecondFactor(db, userId)) return { step: await openStep(db, userId, pairOf(from, (user?.email ?? '').toLowerCase()), by) };
  return { token: await openSession(db, userId, from, by), userId };
}

const pairOf = (from: From, email: string): string => `${from.address} ${email}`;
const noteFailure = (db: Db, subjects: readonly string[]) =>
  db.query('insert into sign_in_failures (subject) select s from unnest($1::text[]) s', [subjects]);

async function openStep(db: Db, userId: string, pair: string, by: Vouched | null = null): Promise<string> {
  const step = randomBytes(32).toString('base64url');
  await db.query(
    `insert into sign_in_steps (token_hash, user_id, pair, expires_at, provider, way)
     values ($1::bytea, $2::uuid, $3::text, now() + make_interval(mins => $4::int), $5::uuid, $6::text)`,
    [digest(step), userId, pair, STEP_MINUTES, by?.id ?? null, by?.name ?? null],
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
  const [begun] = await db.query<{ user_id: string; pair: string; provider: string | null; way: string | null }>(
    `update sign_in_steps s set tries = s.tries + 1 from users u
     where s.token_hash = $1::bytea and s.expires_at > now() and s.tries < $2::int and u.id = s.user_id and u.deleted_at is null and u.active is not false
     returning s.user_id, s.pair, s.provider, s.way`,
    [digest(o.step), TRIES_PER_STEP],
  );
  if (!begun) throw unrecognised('The first step is too long ago. Begin again with your password.');
  const who = { userId: begun.user_id, from: o.from };
  const codes = `code ${begun.user_id}`;
  await refuseTooMany(db, begun.pair, who, codes);
  if (!(await acceptCode(db, vault, begun.user_id, o.code))) {
    await noteFailure(db, [begun.pair, o.from.address, codes]);
    await noteSignIn(db, 'wrongCode', who);
    throw unrecognised('The code does not match.');
  }
  const left = await db.query('delete from sign_in_steps where token_hash = $1::bytea returning user_id', [digest(o.step)]);
  if (left.length === 0) throw unrecognised('The first step is used up. Begin again with your password.');
  await db.query('delete from sign_in_failures where subject = any($1::text[])', [[begun.pair, codes]]);
  const by = begun.provider === null ? null : { id: begun.provider, name: begun.way ?? '' };
  return { token: await openSession(db, begun.user_id, o.from, by), userId: begun.user_id };
}

/** Refuses who failed too often; the log tells of it once a quarter of an hour, so that trying on does not fill it. */
async function refuseTooMany(db: Db, pair: string, who: { userId: string | null; from: From }, codes = ''): Promise<void> {
  const { address } = who.from;
  const [tries] = await db.query<{ pair: number; address: number; codes: number; told: boolean }>(
    `select count(*) filter (where subject = $1::text)::int as pair, count(*) filter (where subject = $2::text)::int as address,
       count(*) filter (where subject = $4::text)::int as codes,
       coalesce(bool_or(subject = any($3::text[])), false) as told
     from sign_in_failures where subject = any($3::text[] || array[$1::text, $2::text, $4::text]) and at > now() - interval '15 minutes'`,
    [pair, address, [`told ${pair}`, `told ${address}`], codes],
  );
  const whole = (tries?.address ?? 0) >= TRIES_PER_ADDRESS;
  if (!whole && (tries?.pair ?? 0) < TRIES_PER_PAIR && (tries?.codes ?? 0) < CODES_PER_ACCOUNT) return;
  if (!tries?.told) {
    await db.query('insert into sign_in_failures (subject) values ($1::text)', [`told ${whole ? address : pair}`]);
    await noteSignIn(db, 'limited', who);
  }
  throw limited('Too many failed sign-ins from here. Wait a quarter of an hour.', 900);
}

/** Whether this is the password of the user who sits there; for acts that ask for it again. Tries are counted for the account: only who is in can make them. */
export async function isPassword(db: Db, userId: string, password: string): Promise<boolean> {
  const subject = `again ${userId}`;
  const [row] = await db.query<{ password: string | null; tries: number }>(
    `select (select password from credentials where user_id = $1::uuid) as password,
       (select count(*)::int from sign_in_failures where subject = $2::text and at > now() - interval '15 minutes') as tries`,
    [userId, subject],
  );
  if ((row?.tries ?? 0) >= TRIES_PER_PAIR) throw limited('Too many wrong passwords. Wait a quarter of an hour.', 900);
  const right = row?.password != null && (await verify(row.password, password.slice(0, 200)).catch(() => false));
  if (right) await db.query('delete from sign_in_failures where subject = $1::text', [subject]);
  else await noteFailure(db, [subject]);
  return right;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: string[] | null;
  createdAt: string;
  usedAt: string | null;
  expiresAt: string | null;
}
const PREFIX = 'perigon_';

/** Makes an API key with the user's rights, narrowed by `scopes`. The secret is given once. */
export async function createApiKey(
  q: Queryable,
  o: { userId: string; name: string; scopes?: readonly string[] | null; expiresAt?: string | null },
): Promise<{ id: string; secret: string }> {
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
  await q.query(
    'insert into api_keys (id, user_id, name, secret_hash, scopes, expires_at) values ($1::uuid, $2::uuid, $3::text, $4::bytea, $5::text[], $6::timestamptz)',
    [id, o.userId, o.name.slice(0, 100), digest(secret), scopes, o.expiresAt ?? null],
  );
  return { id, secret };
}

/** A user's live keys, without their secrets. */
export const listApiKeys = (q: Queryable, userId: string): Promise<ApiKey[]> =>
  q.query<ApiKey>(
    `select id, name, scopes, ${instantText('created_at')} as "createdAt", ${instantText('used_at')} as "usedAt", ${instantText('expires_at')} as "expiresAt"
     from api_keys where user_id = $1::uuid and revoked_at is null order by created_at desc`,
    [userId],
  );

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
    reach: digest(JSON.stringify([userId, row.teams, mates, row.territories, rights.key])).toString('base64'),
  };
}
