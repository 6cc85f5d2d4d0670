import { common, type Span, without } from '#kit/hours.ts';

/** When several people are free together. Pure. */

/** Somebody who is wanted: when they work, in order, and what they have. */
export interface Wanted {
  works: readonly Span[];
  taken: readonly Span[];
}

const MINUTE = 60_000;
/** Times begin at a quarter of an hour, wherever clocks are. */
const QUARTER = 15 * MINUTE;
/** Suggestions that follow each other lie so far apart at least. */
const APART = 30 * MINUTE;

/** The next beginnings at which all of them are free for so long: a few of a day, none of which overlaps another. */
export function commonTimes(
  people: readonly Wanted[],
  o: { minutes: number; most: number; perDay: number; dayOf: (at: number) => string },
): number[] {
  const [first, ...others] = people.map(({ works, taken }) => without(works, taken));
  if (!first) return [];
  const length = o.minutes * MINUTE;
  const found: number[] = [];
  const ofDay = new Map<string, number>();
  for (const { start, end } of others.reduce(common, first))
    for (let at = Math.ceil(start / QUARTER) * QUARTER; at + length <= end; at += Math.max(length, APART)) {
      const day = o.dayOf(at);
      const held = ofDay.get(day) ?? 0;
      if (held >= o.perDay) continue;
      ofDay.set(day, held + 1);
      found.push(at);
      if (found.length >= o.most) return found;
    }
  return found;
}
