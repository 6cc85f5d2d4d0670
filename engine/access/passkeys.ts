import { createHash } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { instantText } from '#engine/declare/field.ts';
import { type Db, isDatabaseAway, type Queryable } from '#engine/store/db.ts';
import { conflict, invalid } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import { factorOf, renewRecovery } from './second-factor.ts';

/**
 * Passkeys (WebAuthn): a key pair that lies with its owner and opens for the address of this Perigon alone, so nobody can be talked
 * into giving it away. The owner's finger, face or PIN is always asked for: a passkey is something one has and something one is or
 * knows at once, both factors.
 */

/** Where passkeys are made for: the name they are bound to, and the page that may ask for them. */
export interface Place {
  id: string;
  origin: string;
}

const CHALLENGE_MINUTES = 5;
const MOST = 20;
type Purpose = 'make' | 'enter' | 'prove';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** The library of the standard comes with the first passkey, not with every server. */
const webauthn = () => import('@simplewebauthn/server');

async function noteChallenge(q: Queryable, challenge: string, purpose: Purpose, userId: string | null): Promise<void> {
  await q.query(
    `insert into passkey_challenges (token_hash, purpose, user_id, expires_at)
     values ($1::bytea, $2::text, $3::uuid, now() + make_interval(mins => $4::int))`,
    [digest(challenge), purpose, userId, CHALLENGE_MINUTES],
  );
  await q.query('delete from passkey_challenges where expires_at < now()');
}

/** Whether this was asked for a moment ago, for this purpose and user; once. */
async function takeChallenge(q: Queryable, challenge: string, purpose: Purpose, userId: string | null): Promise<boolean> {
  const rows = await q.query(
    `delete from passkey_challenges where token_hash = $1::bytea and purpose = $2::text and user_id is not distinct from $3::uuid
       and expires_at > now() returning purpose`,
    [digest(challenge), purpose, userId],
  );
  return rows.length > 0;
}

interface Kept {
  id: string;
  user_id: string;
  credential_id: string;
  public_key: Buffer;
  counter: string;
  transports: AuthenticatorTransport[];
}

/** What a browser needs to make a passkey for somebody. */
export async function beginPasskey(
  db: Db,
  place: Place,
  user: { id: string; name: string; email: string | null },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const held = await db.query<Kept>('select credential_id, transports from passkeys where user_id = $1::uuid', [user.id]);
  if (held.length >= MOST) throw conflict(`There are ${MOST} passkeys already. Remove one first.`);
  const options = await (await webauthn()).generateRegistrationOptions({
    rpName: 'Perigon',
    rpID: place.id,
    userID: Buffer.from(user.id),
    userName: user.email ?? user.name,
    userDisplayName: user.name,
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: held.map((one) => ({ id: one.credential_id, transports: one.transports })),
  });
  await noteChallenge(db, options.challenge, 'make', user.id);
  return options;
}

/** Keeps a passkey that was made. Recovery codes are given with the first second factor, this once. */
export async function keepPasskey(
  db: Db,
  place: Place,
  o: { userId: string; name: string; response: RegistrationResponseJSON },
): Promise<{ id: string; recovery: string[] }> {
  const { verifyRegistrationResponse } = await webauthn();
  const verified = await verifyRegistrationResponse({
    response: o.response,
    expectedChallenge: (challenge) => takeChallenge(db, challenge, 'make', o.userId),
    expectedOrigin: place.origin,
    expectedRPID: place.id,
    requireUserVerification: true,
  }).catch(notMine);
  if (!verified?.verified)
    throw invalid('The passkey cannot be accepted.', [
      { path: 'response', code: 'wrong', detail: 'It was not made for this request. Begin again.' },
    ]);
  const { credential } = verified.registrationInfo;
  const id = newId();
  return db.transaction(async (tx) => {
    const rows = await tx.query(
      `insert into passkeys (id, user_id, credential_id, public_key, counter, transports, name)
       values ($1::uuid, $2::uuid, $3::text, $4::bytea, $5::bigint, $6::text[], $7::text) on conflict (credential_id) do nothing returning id`,
      [id, o.userId, credential.id, Buffer.from(credential.publicKey), credential.counter, credential.transports ?? [], o.name],
    );
    if (rows.length === 0) throw conflict('This passkey is there already.');
    const [left] = await tx.query<{ n: number }>(
      'select count(*)::int as n from recovery_codes where user_id = $1::uuid and used_at is null',
      [o.userId],
    );
    return { id, recovery: left && left.n > 0 ? [] : await renewRecovery(tx, o.userId) };
  });
}

/** What a browser needs to ask for a passkey: any of this address to come in, one of a user to prove that it is them. */
export async function askPasskey(
  db: Db,
  place: Place,
  o: { purpose: 'enter' } | { purpose: 'prove'; userId: string },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const userId = o.purpose === 'prove' ? o.userId : null;
  const held =
    userId === null ? [] : await db.query<Kept>('select credential_id, transports from passkeys where user_id = $1::uuid', [userId]);
  const options = await (await webauthn()).generateAuthenticationOptions({
    rpID: place.id,
    userVerification: 'required',
    ...(held.length > 0 ? { allowCredentials: held.map((one) => ({ id: one.credential_id, transports: one.transports })) } : {}),
  });
  await noteChallenge(db, options.challenge, o.purpose, userId);
  return options;
}

/** Whose passkey signed what was asked; null for everything else. */
export async function takePasskey(
  db: Db,
  place: Place,
  o: { response: AuthenticationResponseJSON } & ({ purpose: 'enter' } | { purpose: 'prove'; userId: string }),
): Promise<string | null> {
  const [kept] = await db.query<Kept>(
    `select p.id, p.user_id, p.credential_id, p.public_key, p.counter::text as counter, p.transports
     from passkeys p join users u on u.id = p.user_id and u.deleted_at is null and u.active is not false where p.credential_id = $1::text`,
    [o.response.id],
  );
  const userId = o.purpose === 'prove' ? o.userId : null;
  if (!kept || (userId !== null && kept.user_id !== userId)) return null;
  const { verifyAuthenticationResponse } = await webauthn();
  const verified = await verifyAuthenticationResponse({
    response: o.response,
    expectedChallenge: (challenge) => takeChallenge(db, challenge, o.purpose, userId),
    expectedOrigin: place.origin,
    expectedRPID: place.id,
    requireUserVerification: true,
    credential: {
      id: kept.credential_id,
      publicKey: new Uint8Array(kept.public_key),
      counter: Number(kept.counter),
      transports: kept.transports,
    },
  }).catch(notMine);
  if (!verified?.verified) return null;
  await db.query('update passkeys set counter = greatest(counter, $2::bigint), used_at = now() where id = $1::uuid', [
    kept.id,
    verified.authenticationInfo.newCounter,
  ]);
  return kept.user_id;
}

/** Whether a user's passkey signed what they were asked to prove themselves by. */
export const isPasskey = async (db: Db, place: Place, o: { userId: string; response: AuthenticationResponseJSON }): Promise<boolean> =>
  (await takePasskey(db, place, { ...o, purpose: 'prove' })) !== null;

/** The library throws where something does not match; a base that is away is no mismatch. */
function notMine(error: unknown): null {
  if (isDatabaseAway(error)) throw error;
  return null;
}

export interface PasskeyLine {
  id: string;
  name: string;
  createdAt: string;
  usedAt: string | null;
}

/** A user's passkeys, the newest first. */
export const listPasskeys = (q: Queryable, userId: string): Promise<PasskeyLine[]> =>
  q.query<PasskeyLine>(
    `select id, name, ${instantText('created_at')} as "createdAt", ${instantText('used_at')} as "usedAt"
     from passkeys where user_id = $1::uuid order by created_at desc, id limit ${MOST}`,
    [userId],
  );

/** Removes one; whether there was it. Recovery codes go with the last second factor. */
export async function removePasskey(db: Db, userId: string, id: string): Promise<boolean> {
  if (!isId(id)) return false;
  return db.transaction(async (tx) => {
    const rows = await tx.query('delete from passkeys where id = $1::uuid and user_id = $2::uuid returning id', [id, userId]);
    await tx.query(`delete from recovery_codes where user_id = $1::uuid and not ${factorOf('$1::uuid')}`, [userId]);
    return rows.length > 0;
  });
}
