import { v7 } from 'uuid';

/** Random bytes drawn ahead: one call of the system's source serves 256 ids, which an import makes by the thousand. */
const POOL = new Uint8Array(256 * 16);
let used = POOL.length;

function sixteen(): Uint8Array {
  if (used >= POOL.length) {
    crypto.getRandomValues(POOL);
    used = 0;
  }
  used += 16;
  return POOL.subarray(used - 16, used);
}

let lastMs = 0;
let sequence = 0;

/** A new id: UUIDv7. Ids of one process rise in the order they were made, so that rows made together lie together in their indexes. */
export function newId(): string {
  const now = Date.now();
  const random = sixteen();
  if (now > lastMs) {
    lastMs = now;
    // Half of the counter's room is left for ids of the same millisecond.
    sequence = (((random[0] ?? 0) << 22) | ((random[1] ?? 0) << 14)) & 0x3fffffff;
  } else sequence++;
  return v7({ msecs: lastMs, seq: sequence, random });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a value is an id in canonical (lower case, dashed) form. */
export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
