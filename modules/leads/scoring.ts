/**
 * How promising a lead is, as one number from 0 to 100: what its data says (fit) and what its customer did of late (engagement).
 * Pure; `decayedSql` is the reading of `decayed` over many touches at once.
 */

export const GRADES = ['A', 'B', 'C', 'D'] as const;
export type Grade = (typeof GRADES)[number];

/** From how many points on a lead has a grade; D is what is below C. */
export interface Thresholds {
  A: number;
  B: number;
  C: number;
}

export const THRESHOLDS: Thresholds = { A: 70, B: 45, C: 20 };

/** What counts, and how much. */
export interface ScoreRule {
  id: string;
  name: string;
  /** `fit` is met or not; `engagement` counts touches of the customer. */
  kind: 'fit' | 'engagement';
  /** Over the lead (fit), or over the touch (engagement). */
  condition: unknown;
  points: number;
  /** So many touches count at most, the newest. */
  most: number;
  halfLifeDays: number;
}

/** Touches older than so many half-lives are left out: what is left of them is less than a thousandth. */
export const HALF_LIVES = 10;

/**
 * What is left of points after some days: exponential decay by half-life, N(t) = N₀ · 2^(−t/T½), the law of radioactive decay
 * (E. Rutherford, F. Soddy, *The cause and nature of radioactivity*, 1902). The sum of what decays with one half-life decays with it
 * too, so a reason has halved that many days from now, however many touches it is made of.
 */
export const decayed = (points: number, ageDays: number, halfLifeDays: number): number =>
  points * 2 ** (-Math.max(0, ageDays) / halfLifeDays);

/** SQL: `decayed` of a touch at the moment `at`, seen from `now`. */
export const decayedSql = (points: string, at: string, now: string, halfLifeDays: string): string =>
  `${points} * power(2::float8, -greatest(0, extract(epoch from ${now} - ${at})) / 86400 / ${halfLifeDays})`;

/** The sum of what counts, between 0 and 100, as a whole number. */
export const scoreOf = (points: readonly number[]): number =>
  Math.round(
    Math.min(
      100,
      Math.max(
        0,
        points.reduce((sum, one) => sum + one, 0),
      ),
    ),
  );

export const gradeOf = (score: number, thresholds: Thresholds): Grade =>
  score >= thresholds.A ? 'A' : score >= thresholds.B ? 'B' : score >= thresholds.C ? 'C' : 'D';

/** Why thresholds cannot stand; null where they can. */
export function faultOfThresholds({ A, B, C }: Thresholds): keyof Thresholds | null {
  const whole = (n: number) => Number.isInteger(n) && n >= 1 && n <= 100;
  if (!whole(A)) return 'A';
  if (!whole(B) || B >= A) return 'B';
  return !whole(C) || C >= B ? 'C' : null;
}
