/** A key as a whole number of 53 bits: small in the index, and exact in JavaScript. Two keys in a base of ten million share one about once in a hundred bases. */
export function keyNumber(text: string): number {
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + i), 0x5bd1e995);
    high ^= high >>> 15;
  }
  low = Math.imul(low ^ (low >>> 16) ^ high, 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 13) ^ low, 0x27d4eb2f);
  return ((high ^ (high >>> 16)) & 0x1fffff) * 0x100000000 + ((low ^ (low >>> 15)) >>> 0);
}
