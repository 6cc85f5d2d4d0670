import { fieldOf } from '../meta.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';

/** Texts in quotes, and the names in a path behind the first: neither is a field of the record itself. */
const ELSEWHERE = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\.\s*[A-Za-z_]\w*/g;

/** Fields of the record itself that a formula reads, by itself or through other formulas. Pure, and known without the grammar. */
export function readsOf(object: ObjectMeta, field: FieldMeta): ReadonlySet<string> {
  const reads = new Set<string>();
  const open = [field];
  for (let one = open.pop(); one; one = open.pop()) {
    for (const [name] of (one.expression ?? '').replace(ELSEWHERE, '').matchAll(/[A-Za-z_]\w*/g)) {
      const read = fieldOf(object, name);
      if (!read || reads.has(name)) continue;
      reads.add(name);
      if (read.expression !== undefined) open.push(read);
    }
  }
  return reads;
}

/** Whether what a formula reads is all in a new record's form: what the server or other records fill in is not known before. */
export function isKnown(object: ObjectMeta, field: FieldMeta, values: Record<string, unknown>): boolean {
  return [...readsOf(object, field)].every((key) => {
    const read = fieldOf(object, key);
    return read !== undefined && (!read.readOnly || read.expression !== undefined || (values[key] ?? null) !== null);
  });
}
