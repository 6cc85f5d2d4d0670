/** What is told of signing in: the shapes that the API answers with, as the server writes them and screens show them. */

interface Person {
  id: string;
  name: string;
}

/** What can be noted about signing in, each by its name. */
export type SignInKind =
  /** Into a session, and out of it. */
  | 'in'
  | 'out'
  /** Words, a code or a passkey that do not match; `limited` after too many of them. */
  | 'wrong'
  | 'wrongCode'
  | 'wrongPasskey'
  | 'limited'
  /** A session, ended from elsewhere. */
  | 'ended'
  /** A password, set. */
  | 'password'
  /** A second factor, set up or taken away. */
  | 'factor'
  | 'noFactor'
  /** An invitation or a way back in, made. */
  | 'link'
  /** Who sits there showed anew that it is them. */
  | 'proved'
  | 'passkey'
  | 'noPasskey'
  /** An API key, made or revoked. */
  | 'key'
  | 'noKey'
  /** Let in by nobody though a provider vouched. */
  | 'refused'
  /** A provider, set up, changed or removed. */
  | 'provider'
  /** Passwords, allowed beside providers or not. */
  | 'passwords'
  /** An application of others, registered, changed or removed by an administrator. */
  | 'application'
  /** An application that acts for a member, or no longer. */
  | 'allowed'
  | 'disallowed';

/** Those that somebody should look at: nobody was let in. */
export const REFUSALS: ReadonlySet<SignInKind> = new Set(['wrong', 'wrongCode', 'wrongPasskey', 'limited', 'refused']);

/** What was done about signing in, once. */
export interface SignInLine {
  id: string;
  at: string;
  kind: SignInKind;
  /** Null where the e-mail was nobody's. */
  user: Person | null;
  /** Who did it, where that was somebody else. */
  by: Person | null;
  address: string | null;
  agent: string | null;
  /** The provider that vouched, or what it is about, by name; null for a password. */
  way: string | null;
}

/** An API key as its owner sees it; its secret was shown once. */
export interface ApiKey {
  id: string;
  name: string;
  /** Null for all that its owner may (`scopes.ts`). */
  scopes: string[] | null;
  createdAt: string;
  usedAt: string | null;
  expiresAt: string | null;
}
