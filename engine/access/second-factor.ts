import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { instantText } from '#engine/declare/field.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { conflict, invalid } from '#kit/errors.ts';
import type { Vault } from './vault.ts';

/**
 * The second factor: codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, thirty seconds, as every app reads them), and
 * ten recovery codes for the day the telephone is gone. Each code opens once.
 */

const PERIOD_MS = 30_000;
const RECOVERY_CODES = 10;
/** Letters and digits that nobody takes for one another: 32 of them, so that each holds five bits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz023456789';

const digest = (code: string): Buffer => createHash('sha256').update(code).digest();
const about = (userId: string): string => `totp ${userId}`;
const appOf = (secret: Buffer, label = ''): TOTP =>
  new TOTP({
    issuer: 'Perigon',
    label,
    secret: new Secret({ buffer: secret.buffer.slice(secret.byteOffset, secret.byteOffset + secret.length) as ArrayBuffer }),
  });

/** The step of time whose code this is, of now and the ones beside it (a clock may be off by half a minute); null for none. */
function stepOf(secret: Buffer, code: string, now = Date.now()): number | null {
  const delta = appOf(secret).validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? null : Math.floor(now / PERIOD_MS) + delta;
}

/** Makes a secret for an app; it counts once a code of it was given. The address is what the app reads from the picture. */
export async function beginTotp(q: Queryable, vault: Vault, user: { id: string; email: string }): Promise<{ uri: string; secret: string }> {
  const secret = randomBytes(20);
  const rows = await q.query(
    `insert into second_factors (user_id, secret) values ($1::uuid, $2::bytea)
     on conflict (user_id) do update set secret = excluded.secret, made_at = now() where second_factors.confirmed_at is null returning user_id`,
    [user.id, vault.seal(secret, about(user.id))],
  );
  if (rows.length === 0) throw conflict('There is a second factor already. Take it away first.');
  const app = appOf(secret, user.email);
  return { uri: app.toString(), secret: app.secret.base32 };
}

/** Takes the first code of the app: from now on each sign-in asks for one. Gives the recovery codes, this once. */
export async function confirmTotp(db: Db, vault: Vault, userId: string, code: string): Promise<string[]> {
  const [row] = await db.query<{ secret: Buffer }>(
    `select secret from second_factors where user_id = $1::uuid and confirmed_at is null and made_at > now() - interval '1 hour'`,
    [userId],
  );
  const secret = row && vault.open(row.secret, about(userId));
  const step = secret ? stepOf(secret, code) : null;
  if (step === null)
    throw invalid('The code does not match.', [{ path: 'code', code: 'wrongCode', detail: 'Not the code that the app shows now.' }]);
  return db.transaction(async (tx) => {
    const rows = await tx.query(
      'update second_factors set confirmed_at = now(), last_step = $2::bigint where user_id = $1::uuid and confirmed_at is null returning user_id',
      [userId, step],
    );
    if (rows.length === 0) throw conflict('There is a second factor already.');
    return renewRecovery(tx, userId);
  });
}

/** New recovery codes in the place of those before; given this once. */
export async function renewRecovery(tx: Queryable, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode);
  await tx.query('delete from recovery_codes where user_id = $1::uuid', [userId]);
  await tx.query('insert into recovery_codes (user_id, code_hash) select $1::uuid, h from unnest($2::bytea[]) h', [
    userId,
    codes.map((one) => digest(bare(one))),
  ]);
  return codes;
}

/** Eighty bits in four groups: too many to be tried even by who holds the digests. */
function recoveryCode(): string {
  const letters = [...randomBytes(16)].map((byte) => ALPHABET[byte & 31]).join('');
  return letters.match(/.{4}/g)?.join('-') ?? letters;
}
const bare = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Whether this code opens, and uses it up: a code of the app together with all older ones, a recovery code by itself. */
export async function acceptCode(q: Queryable, vault: Vault, userId: string, given: string): Promise<boolean> {
  const code = bare(given.slice(0, 60));
  if (/^\d{6}$/.test(code)) {
    const [row] = await q.query<{ secret: Buffer }>(
      'select secret from second_factors where user_id = $1::uuid and confirmed_at is not null',
      [userId],
    );
    const secret = row && vault.open(row.secret, about(userId));
    const step = secret ? stepOf(secret, code) : null;
    if (step === null) return false;
    const rows = await q.query(
      'update second_factors set last_step = $2::bigint where user_id = $1::uuid and last_step < $2::bigint returning user_id',
      [userId, step],
    );
    return rows.length > 0;
  }
  const rows = await q.query(
    'update recovery_codes set used_at = now() where user_id = $1::uuid and code_hash = $2::bytea and used_at is null returning user_id',
    [userId, digest(code)],
  );
  return rows.length > 0;
}

/** As SQL: whether a user, given as SQL, has a second factor: an app, or a passkey. */
export const factorOf = (user: string): string =>
  `(exists (select from second_factors f where f.user_id = ${user} and f.confirmed_at is not null) or exists (select from passkeys p where p.user_id = ${user}))`;

/** Whether a password alone does not let a user in. */
export async function hasSecondFactor(q: Queryable, userId: string): Promise<boolean> {
  const [row] = await q.query<{ has: boolean }>(`select ${factorOf('$1::uuid')} as has`, [userId]);
  return row?.has === true;
}

export interface SecondFactor {
  /** Since when there is an app; null without one. */
  since: string | null;
  /** Recovery codes that are left. */
  recovery: number;
  passkeys: number;
  /** Whether the company demands one. */
  demanded: boolean;
}

/** How a user's second factor stands. */
export async function readSecondFactor(q: Queryable, userId: string): Promise<SecondFactor> {
  const [row] = await q.query<SecondFactor>(
    `select (select ${instantText('confirmed_at')} from second_factors where user_id = $1::uuid) as since,
       (select count(*)::int from recovery_codes where user_id = $1::uuid and used_at is null) as recovery,
       (select count(*)::int from passkeys where user_id = $1::uuid) as passkeys, ${DEMANDED} as demanded`,
    [userId],
  );
  return row ?? { since: null, recovery: 0, passkeys: 0, demanded: false };
}

/** Takes a user's app away, or with it all passkeys (`everything`: what was lost); recovery codes go with the last. Whether there was one. */
export async function removeSecondFactor(db: Db, userId: string, o: { everything: boolean }): Promise<boolean> {
  return db.transaction(async (tx) => {
    const apps = await tx.query('delete from second_factors where user_id = $1::uuid returning confirmed_at is not null as had', [userId]);
    const passkeys = o.everything ? await tx.query('delete from passkeys where user_id = $1::uuid returning id', [userId]) : [];
    await tx.query(`delete from recovery_codes where user_id = $1::uuid and not ${factorOf('$1::uuid')}`, [userId]);
    return passkeys.length > 0 || apps.some((row) => row['had'] === true);
  });
}

/** As SQL: whether the company demands a second factor of everybody. */
export const DEMANDED = `coalesce((select (value ->> 'secondFactor')::boolean from settings where key = 'signIn'), false)`;

/** Says whether everybody needs one. */
export async function demandSecondFactor(q: Queryable, demanded: boolean): Promise<void> {
  await q.query(
    `insert into settings (key, value) values ('signIn', $1::jsonb) on conflict (key) do update set value = settings.value || excluded.value`,
    [JSON.stringify({ secondFactor: demanded })],
  );
}
