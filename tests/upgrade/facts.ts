/** What the base holds, as its own version says (tools/upgrade-fixture.ts). */
export interface Facts {
  commit: string;
  version: string;
  email: string;
  password: string;
  key: string;
  counts: Record<string, number>;
  /** A customer, what they are called, and a word that finds them. */
  party: { id: string; name: string; word: string };
  /** A cause that renamed the customer, and the name before it. */
  renamed: { cause: string; before: string };
  merged: { loser: string; survivor: string; cause: string };
  trashed: string;
  own: { plural: string; id: string; field: string; value: string };
  file: { id: string; text: string };
  view: string;
  webhook: string;
  /** An automation that is on: it describes each new customer so. */
  flow: { id: string; description: string };
}
