import type { Model } from '#engine/declare/model.ts';

/** A piece of SQL with the values of its placeholders, numbered from $1 on. */
export interface Compiled {
  text: string;
  joins: string;
  values: readonly unknown[];
}

const MAX = 1000;
const models = new WeakMap<Model, Map<string, Compiled>>();

/**
 * Statements are compiled once per shape and actor reach (design, promise 4) and kept; the oldest are forgotten. The key
 * must hold everything the text and the values depend on besides the model; with a model its statements go.
 */
export function compiled(model: Model, key: string, make: () => Compiled): Compiled {
  let held = models.get(model);
  if (!held) {
    held = new Map();
    models.set(model, held);
  }
  const known = held.get(key);
  if (known) return known;
  const made = make();
  if (held.size >= MAX) held.delete(held.keys().next().value as string);
  held.set(key, made);
  return made;
}
