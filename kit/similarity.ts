/**
 * Jaro similarity raised by the common beginning (W. E. Winkler 1990, “String Comparator Metrics and Enhanced Decision
 * Rules”): 1 for equal texts, 0 for texts with nothing in common. Made for names: slips of the pen and of the ear cost little,
 * and less at the end than at the beginning.
 */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  if (a.length === 0 || b.length === 0) return 0;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const takenB = new Uint8Array(b.length);
  const matchedA: number[] = [];
  for (let i = 0; i < a.length; i++) {
    const end = Math.min(b.length - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= end; j++) {
      if (takenB[j] || a.charCodeAt(i) !== b.charCodeAt(j)) continue;
      takenB[j] = 1;
      matchedA.push(i);
      break;
    }
  }
  const common = matchedA.length;
  if (common === 0) return 0;
  let transposed = 0;
  let at = 0;
  for (let j = 0; j < b.length; j++) {
    if (!takenB[j]) continue;
    if (a.charCodeAt(matchedA[at] ?? 0) !== b.charCodeAt(j)) transposed++;
    at++;
  }
  const jaro = (common / a.length + common / b.length + (common - transposed / 2) / common) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a[prefix] === b[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}
