import type { Question } from './matching.ts';

/**
 * The model of I. P. Fellegi and A. B. Sunter (“A Theory for Record Linkage”, 1969): for every level of every question, how
 * often it is met by two records of the same customer (m) and by two of different ones (u). Evidence adds up in bits,
 * log2(m/u). m is learnt without labels by expectation maximisation (W. E. Winkler 1988), u from records taken at random.
 */
export interface Weights {
  /** Share of true pairs among those that meet under some key. */
  prior: number;
  m: Readonly<Record<string, readonly number[]>>;
  u: Readonly<Record<string, readonly number[]>>;
}

/** Pairs with the same levels, counted together: there are few patterns, however many pairs. */
export interface Pattern {
  levels: Int8Array;
  count: number;
}

export class Patterns {
  private readonly held = new Map<string, Pattern>();
  add(levels: Int8Array): void {
    const key = String.fromCharCode(...levels.map((level) => level + 2));
    const known = this.held.get(key);
    if (known) known.count++;
    else this.held.set(key, { levels, count: 1 });
  }
  all(): Pattern[] {
    return [...this.held.values()];
  }
}

/** Nothing is impossible: a level never seen counts as one seen this often. */
const LEAST = 1e-6;

/** How often each level is met among pairs taken at random. */
export function chance(questions: readonly Question[], patterns: readonly Pattern[]): Weights['u'] {
  return share(
    questions,
    patterns,
    () => 1,
    ({ levels }) => 1 / levels.length,
  );
}

function share(
  questions: readonly Question[],
  patterns: readonly Pattern[],
  weight: (pattern: Pattern) => number,
  /** How many pairs of this kind are taken to have been seen before. */
  before: (question: Question, level: number) => number,
): Record<string, number[]> {
  const shares: Record<string, number[]> = {};
  questions.forEach((question, i) => {
    const seen: number[] = question.levels.map((_, level) => before(question, level));
    for (const pattern of patterns) {
      const level = pattern.levels[i] ?? -1;
      if (level >= 0) seen[level] = (seen[level] ?? 0) + pattern.count * weight(pattern);
    }
    const total = seen.reduce((sum, n) => sum + n, 0);
    shares[question.id] = seen.map((n) => Math.max(LEAST, n / (total || 1)));
  });
  return shares;
}

/** What is known before counts as much as this many true pairs: a base with few of them does not unlearn it. */
const EXPERIENCE_COUNTS = 20;

/**
 * Learns m and the share of true pairs from pairs that met under some key.
 * @param from what is known before; its u (how often each level is met by chance) is kept as it is, because pairs that met
 * under a key are no random ones.
 */
export function learn(questions: readonly Question[], patterns: readonly Pattern[], from: Weights, rounds = 40): Weights {
  let weights = from;
  const total = patterns.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return weights;
  for (let round = 0; round < rounds; round++) {
    const held = weights;
    const likely = new Map(patterns.map((pattern) => [pattern, probability(questions, held, pattern.levels)]));
    const matched = patterns.reduce((sum, pattern) => sum + pattern.count * (likely.get(pattern) ?? 0), 0);
    const prior = Math.min(0.9, Math.max(1e-6, matched / total));
    const m = share(
      questions,
      patterns,
      (pattern) => likely.get(pattern) ?? 0,
      ({ id, levels }, level) => (from.m[id]?.[level] ?? 1 / levels.length) * EXPERIENCE_COUNTS,
    );
    const moved = Math.abs(prior - held.prior);
    weights = { prior, m, u: from.u };
    if (moved < 1e-7) break;
  }
  return weights;
}

/**
 * Whether what was learnt can be true pairs at all. In a base without duplicates the method finds some other crowd among the
 * pairs (namesakes of one town): then most of them do not agree where the same customer would.
 */
export function isSound(questions: readonly Question[], weights: Weights): boolean {
  return questions.every(({ id, levels }) => {
    const m = weights.m[id] ?? [];
    return (m[0] ?? 0) >= 0.4 && bits(weights, id, 0) > bits(weights, id, levels.length - 1);
  });
}

/** Bits of evidence that one question gives at a level. */
export function bits(weights: Weights, id: string, level: number): number {
  if (level < 0) return 0;
  const m = weights.m[id]?.[level] ?? LEAST;
  const u = weights.u[id]?.[level] ?? LEAST;
  return Math.log2(m / u);
}

/** Bits of evidence of all questions together, the prior included. */
export function evidence(questions: readonly Question[], weights: Weights, levels: Int8Array): number {
  let sum = Math.log2(weights.prior / (1 - weights.prior));
  for (let i = 0; i < questions.length; i++) {
    const question = questions[i];
    if (question) sum += bits(weights, question.id, levels[i] ?? -1);
  }
  return sum;
}

/** How likely two records with these levels are the same customer. */
export function probability(questions: readonly Question[], weights: Weights, levels: Int8Array): number {
  return 1 / (1 + 2 ** -evidence(questions, weights, levels));
}
