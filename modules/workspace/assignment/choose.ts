import { fold } from '#kit/fold.ts';

/** Whom of several a record goes to. Pure. */

export const WAYS = ['roundRobin', 'load', 'skill', 'territory', 'fixed'] as const;
export type Way = (typeof WAYS)[number];

export interface Candidate {
  id: string;
  name: string;
  /** Open records that are theirs. */
  open: number;
  /** The share of a full load that they carry: 1 is all of it, 0 is nothing. */
  capacity: number;
  skills: readonly string[];
  /** When this rule last gave them one, counted; null while it never did. */
  turn: number | null;
}

/**
 * Round robin: whoever has waited longest, those first who never had one. Nobody has a fixed place, so who comes back from leave or is
 * new gets the next one and not all that they missed.
 */
export const nextInTurn = (candidates: readonly Candidate[]): Candidate | null => least(candidates, waited);

/** Whoever carries least for what they can carry, and of several the one who waited longest. */
export const leastLoaded = (candidates: readonly Candidate[]): Candidate | null =>
  least(
    candidates.filter(({ capacity }) => capacity > 0),
    (a, b) => a.open / a.capacity - b.open / b.capacity || waited(a, b),
  );

/** Those who can all that is asked for. Each demand is a list of words that say the same. */
export const skilled = (candidates: readonly Candidate[], demands: readonly (readonly string[])[]): Candidate[] =>
  candidates.filter(({ skills }) => {
    const can = new Set(skills.map((skill) => fold(skill)));
    return demands.every((words) => words.some((word) => can.has(fold(word))));
  });

const waited = (a: Candidate, b: Candidate): number =>
  (a.turn ?? -1) - (b.turn ?? -1) || (fold(a.name) < fold(b.name) ? -1 : fold(a.name) > fold(b.name) ? 1 : a.id < b.id ? -1 : 1);

function least(candidates: readonly Candidate[], order: (a: Candidate, b: Candidate) => number): Candidate | null {
  let best: Candidate | null = null;
  for (const one of candidates) if (best === null || order(one, best) < 0) best = one;
  return best;
}

/** Words by which a language is a skill: its code, and its name in English, in itself and in the company's language. */
export function languageWords(code: string, companyLanguage: string): string[] {
  const names = ['en', code, companyLanguage].flatMap((language) => {
    try {
      return new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? [];
    } catch {
      return [];
    }
  });
  return [...new Set([code, ...names])];
}
