/**
 * Deterministic numbers: the same seed and key give the same row on every machine, whatever was drawn before. mulberry32
 * (Tommy Ettinger, public domain) over a hash of the key.
 */
export function randomOf(key: number, salt: number): () => number {
  let state = (Math.imul(key ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of a list. */
export const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** A UUIDv7 of the nth row of an object: its time rises with n, as ids made one after another would. */
export function seededId(salt: number, n: number, startMs: number): string {
  const ms = startMs + n;
  const random = randomOf(n, salt + 7919);
  const byte = () => HEX[Math.floor(random() * 256)];
  const time = ms.toString(16).padStart(12, '0');
  const variant = HEX[0x80 | Math.floor(random() * 64)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${(n & 0xfff).toString(16).padStart(3, '0')}-${variant}${byte()}-${byte()}${byte()}${byte()}${byte()}${byte()}${byte()}`;
}
