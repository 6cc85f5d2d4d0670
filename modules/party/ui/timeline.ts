import { dayOf } from '#ui/format.ts';
import type { TimelineItem } from './overview.ts';

/** Repeats of one kind in a row: twelve calls are one line until somebody opens it. */
export interface Fold {
  items: TimelineItem[];
}

export interface Day {
  day: string;
  folds: Fold[];
}

/** From how many alike in a row on one day a fold is made; two stay two. */
const foldFrom = 3;

function alike(one: TimelineItem, other: TimelineItem): boolean {
  return one.object === other.object && one.kind === other.kind && one.channel === other.channel;
}

/**
 * Groups a timeline (newest first) by day and folds repeats within the day. The order is kept, and every
 * item stays in exactly one fold.
 */
export function foldTimeline(items: readonly TimelineItem[], dayFor: (at: string) => string = dayOf): Day[] {
  const days: Day[] = [];
  for (const item of items) {
    const day = dayFor(item.at);
    let current = days.at(-1);
    if (!current || current.day !== day) {
      current = { day, folds: [] };
      days.push(current);
    }
    const last = current.folds.at(-1);
    const head = last?.items[0];
    if (last && head && alike(head, item)) last.items.push(item);
    else current.folds.push({ items: [item] });
  }
  return days.map(({ day, folds }) => ({
    day,
    folds: folds.flatMap((fold) => (fold.items.length >= foldFrom ? [fold] : fold.items.map((item) => ({ items: [item] })))),
  }));
}
