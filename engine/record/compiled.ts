/** A piece of SQL with the values of its placeholders, numbered from $1 on. */
export interface Compiled {
  text: string;
  joins: string;
  values: readonly unknown[];
}

const MAX = 1000;
const held = new Map<string, Compiled>();

/**
 * Statements are compiled once per shape and actor reach (design, promise 4) and kept; the oldest are forgotten. The key
 * must hold everything the text and the values depend on.
 */
export function compiled(key: string, make: () => Compiled): Compiled {
  const known = held.get(key);
  if (known) return known;
  const made = make();
  if (held.size >= MAX) held.delete(held.keys().next().value as string);
  held.set(key, made);
  return made;
}
