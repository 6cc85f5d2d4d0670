import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { SignInKind } from '#engine/declare/sign-in.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { denied, invalid, isPerigonError } from '#kit/errors.ts';
import type { Actor } from './actor.ts';
import { isPasskey, type Place } from './passkeys.ts';
import { acceptCode, readSecondFactor } from './second-factor.ts';
import { markProved } from './sessions.ts';
import { countAgain, isPassword } from './sign-in.ts';
import { type From, noteSignIn } from './sign-in-log.ts';
import type { Vault } from './vault.ts';

/**
 * Dangerous acts ask who sits there to have proved a short while ago that it is them: a browser left open, or a cookie that was
 * taken, is not its owner. Routes say so in their declaration (`proof`), rules where a write to some fields is such an act.
 */

const CODE = 'proofNeeded';

/** Whether an actor counts as having just proved to be who they are. Perigon itself does; a key does where its scopes let it administer. */
export const hasProved = (actor: Actor): boolean =>
  actor.kind === 'system' || (actor.provedUntil ?? Number.NEGATIVE_INFINITY) > performance.now();

/** Refuses a dangerous act of who has not. Whoever sits at a browser can mend that; a key or a flow cannot. */
export function requireProof(actor: Actor): void {
  if (hasProved(actor)) return;
  if (actor.kind === 'apiKey') throw denied('A key does this only with the scope “admin”.');
  if (actor.kind === 'flow') throw denied('A flow cannot do this.');
  throw denied('Confirm that it is you, then do it again.', [
    { path: '', code: CODE, detail: 'The last time you proved who you are is too long ago.' },
  ]);
}

/** Whether this refusal is mended by a proof. */
export const isProofNeeded = (error: unknown): boolean =>
  isPerigonError(error, 'denied') && error.errors.some((problem) => problem.code === CODE);

/** By what a user can prove to be themselves. */
export async function waysToProve(q: Queryable, userId: string): Promise<{ password: boolean; code: boolean; passkey: boolean }> {
  const [row] = await q.query<{ password: boolean }>('select exists (select from credentials where user_id = $1::uuid) as password', [
    userId,
  ]);
  const { since, recovery, passkeys } = await readSecondFactor(q, userId);
  return { password: row?.password === true, code: since !== null || recovery > 0, passkey: passkeys > 0 };
}

export type Proof = { password: string } | { code: string } | { passkey: AuthenticationResponseJSON };

/** Takes a proof and remembers it with the session. */
export async function prove(
  db: Db,
  vault: Vault,
  o: { token: string; userId: string; given: Proof; place: Place; from: From },
): Promise<void> {
  const { given, userId } = o;
  const who = { userId, from: o.from };
  const wrong = async (kind: SignInKind, path: string, detail: string): Promise<never> => {
    await noteSignIn(db, kind, who);
    throw invalid(detail, [{ path, code: 'wrong', detail }]);
  };
  if ('passkey' in given) {
    const right = await countAgain(db, userId, () => isPasskey(db, o.place, { userId, response: given.passkey }));
    if (!right) await wrong('wrongPasskey', 'passkey', 'The passkey does not match.');
  } else if ('password' in given) {
    if (!(await isPassword(db, userId, given.password))) await wrong('wrong', 'password', 'The password does not match.');
  } else if (!(await countAgain(db, userId, () => acceptCode(db, vault, userId, given.code))))
    await wrong('wrongCode', 'code', 'The code does not match.');
  await markProved(db, o.token);
  await noteSignIn(db, 'proved', who);
}
