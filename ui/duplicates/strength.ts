/** How much an answer says, in steps a person can tell apart. */
export type Strength = 'proves' | 'strongFor' | 'for' | 'little' | 'against' | 'strongAgainst';

/** Bits of evidence as a step: a bit doubles the odds, ten of them make one in a thousand as likely as not. */
export function strengthOf(bits: number): Strength {
  if (bits >= 10) return 'proves';
  if (bits >= 5) return 'strongFor';
  if (bits >= 1) return 'for';
  if (bits > -1) return 'little';
  return bits > -5 ? 'against' : 'strongAgainst';
}

/** How many open pairs are at least so likely, in whole percents. */
export function pairsFrom(pairs: readonly { percent: number; count: number }[], percent: number): number {
  return pairs.reduce((sum, one) => (one.percent >= percent ? sum + one.count : sum), 0);
}
