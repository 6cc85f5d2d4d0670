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

/**
 * How many slips make one text of the other: a letter missing, added or another, or two neighbours exchanged (optimal string
 * alignment; F. J. Damerau 1964, “A technique for computer detection and correction of spelling errors”). `Infinity` as soon
 * as it must be more than `most`.
 */
export function slips(a: string, b: string, most = Number.POSITIVE_INFINITY): number {
  if (a === b) return 0;
  const from = Array.from(a);
  const to = Array.from(b);
  if (Math.abs(from.length - to.length) > most) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return Number.POSITIVE_INFINITY;
    before = above;
    above = row;
  }
  const total = above[to.length] ?? 0;
  return total > most ? Number.POSITIVE_INFINITY : total;
}
