import type { Db, Queryable } from '#engine/store/db.ts';
import { denied, invalid, isPerigonError } from '#kit/errors.ts';
import type { Actor } from './actor.ts';
import { acceptCode, hasSecondFactor } from './second-factor.ts';
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
export const hasProved = (actor: Actor): boolean => actor.kind === 'system' || (actor.provedUntil ?? 0) > Date.now();

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
export async function waysToProve(q: Queryable, userId: string): Promise<{ password: boolean; code: boolean }> {
  const [row] = await q.query<{ password: boolean }>('select exists (select from credentials where user_id = $1::uuid) as password', [
    userId,
  ]);
  return { password: row?.password === true, code: await hasSecondFactor(q, userId) };
}

/** Takes a proof, the password or a code, and remembers it with the session. */
export async function prove(
  db: Db,
  vault: Vault,
  o: { token: string; userId: string; password?: string | undefined; code?: string | undefined; from: From },
): Promise<void> {
  const who = { userId: o.userId, from: o.from };
  if (o.password !== undefined) {
    if (!(await isPassword(db, o.userId, o.password))) {
      await noteSignIn(db, 'wrong', who);
      throw invalid('The password does not match.', [{ path: 'password', code: 'wrong', detail: 'Not your password.' }]);
    }
  } else if (!(await countAgain(db, o.userId, () => acceptCode(db, vault, o.userId, o.code ?? '')))) {
    await noteSignIn(db, 'wrongCode', who);
    throw invalid('The code does not match.', [{ path: 'code', code: 'wrongCode', detail: 'Wrong, or used already.' }]);
  }
  await markProved(db, o.token);
  await noteSignIn(db, 'proved', who);
}
