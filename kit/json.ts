/** What may lie on the wire or in a change row. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

/** Whether a value is a plain object (not null, not an array). */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deep equality of two JSON values, whatever the order of their keys; null and absent are the same. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || a === undefined) return b === null || b === undefined;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (isObject(a)) {
    if (!isObject(b)) return false;
    for (const key of Object.keys(a)) if (!sameJson(a[key], b[key])) return false;
    for (const key of Object.keys(b)) if (!(key in a) && b[key] !== null && b[key] !== undefined) return false;
    return true;
  }
  return false;
}
