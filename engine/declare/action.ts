import type { Field, ValueOf } from './field.ts';

/**
 * An action (a verb) as declared: an endpoint, later a button, palette entry, automation step and MCP tool. `run` is typed
 * by the floor that executes it (`#engine/record/action.ts`), so that the declaration stays plain data for the browser.
 */
export interface ActionDeclaration<I extends Record<string, Field> = Record<string, Field>> {
  key: string;
  /** Object whose records it acts on; the input then has `ids`. */
  object?: string;
  /** The right on that object it needs; checked per record on the way in. */
  verb: 'read' | 'update' | 'create' | 'delete';
  /** Another object whose records it adds to: who could not make one of those is not offered it. */
  fills?: string;
  input: I;
  /** Acts on many records at once; above 100 it runs as a job and answers 202. */
  bulk?: boolean;
  /** What it did cannot be undone (sent mail, issued numbers). */
  irreversible?: boolean;
}

export type InputOf<A> = A extends ActionDeclaration<infer I> ? { [K in keyof I]: ValueOf<I[K]> } : never;

/** Declares an action. */
export function defineAction<I extends Record<string, Field>>(options: ActionDeclaration<I>): ActionDeclaration<I> {
  return options;
}
