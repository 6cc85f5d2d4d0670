import type { ScalarKind } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Step } from '#engine/declare/predicate.ts';

/** Collects the values of one statement; every value that came from outside enters SQL through here and nowhere else. */
export class Params {
  readonly values: unknown[];
  /** Goes on behind values that a compiled piece of the statement has already. */
  constructor(values: readonly unknown[] = []) {
    this.values = [...values];
  }
  /** Adds a value and gives its placeholder, cast to a type. */
  add(value: unknown, cast: string): string {
    this.values.push(value);
    return `$${this.values.length}::${cast}`;
  }
}

/** What compiling a condition or a path needs beside the declarations. */
export interface SqlContext {
  params: Params;
  /** Condition under which the actor may read a row of an object; null when all of them. Holds for records on the way, too. */
  visible(object: ModelObject, alias: string): string | null;
  /** Gives aliases that no other part of the statement uses. */
  alias(): string;
  /** The alias of the row at the end of these references, where the statement joins it to its own row `t`. */
  joined?(steps: readonly Step[], t: string): string | null;
}

/** A source of aliases for one statement. */
export function aliases(prefix = 'a'): () => string {
  let n = 0;
  return () => `${prefix}${++n}`;
}

/** The SQL type that compares a scalar of a kind. */
export const CAST: Record<ScalarKind, string> = {
  text: 'text',
  key: 'text',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  instant: 'timestamptz',
  uuid: 'uuid',
};

/**
 * The SQL type that compares values with a shape: a column of whole numbers is compared as such, or its index were of no use;
 * other numbers than whole ones it is compared with as numeric.
 */
export const castOf = (shape: { kind: ScalarKind; whole?: boolean }, values: readonly unknown[]): string =>
  shape.whole && values.every((value) => value === null || /^-?\d{1,15}$/.test(String(value))) ? 'bigint' : CAST[shape.kind];

/** A placeholder for a scalar; folded text compares by code point as its expressions do. */
export function scalar(params: Params, shape: { kind: ScalarKind; whole?: boolean }, value: unknown): string {
  const { kind } = shape;
  const placeholder = params.add(kind === 'number' ? String(value) : value, castOf(shape, [value]));
  return kind === 'text' ? `${placeholder} collate "C"` : placeholder;
}

/** Quotes an identifier that was built from declared names (never from input). */
export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** SQL conditions joined; `true` when there are none. */
export const and = (conditions: readonly (string | null | undefined)[]): string => {
  const given = conditions.filter((condition): condition is string => !!condition && condition !== 'true');
  return given.length > 0 ? given.join(' and ') : 'true';
};

/** A pattern for LIKE that finds a text literally. */
export const literal = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
