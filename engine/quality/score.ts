/** What a rule found among records: to how many it applies, and how many of those do not meet it. */
export interface Finding {
  applies: number;
  bad: number;
  /** How much the rule counts beside others. */
  weight: number;
}

/**
 * The quality of a set of records: of all demands on them the share that is met, each demand counted by the weight of its rule,
 * Σ wᵢ (aᵢ − bᵢ) ÷ Σ wᵢ aᵢ, from 0 to 1; null where nothing is demanded. A record to which a rule does not apply neither
 * raises nor lowers it.
 */
export function qualityScore(findings: readonly Finding[]): number | null {
  let demanded = 0;
  let met = 0;
  for (const { applies, bad, weight } of findings) {
    demanded += weight * applies;
    met += weight * (applies - bad);
  }
  return demanded > 0 ? met / demanded : null;
}
