import type { RuleItem } from '#engine/record/context.ts';

/** How the day a deal is expected to close has moved: the first one named, and how often it was put off. */
export function keepDates(item: RuleItem, undoing: boolean): void {
  if (!item.changes('closeDate') || (undoing && (item.changes('closeDateMoves') || item.changes('firstCloseDate')))) return;
  const [was, now] = [item.before?.closeDate ?? null, item.get('closeDate') ?? null];
  const first = item.get('firstCloseDate') ?? was;
  if (typeof first !== 'string') {
    if (now !== null) item.set('firstCloseDate', now);
    return;
  }
  if (!item.get('firstCloseDate')) item.set('firstCloseDate', first);
  if (typeof was === 'string' && typeof now === 'string' && now > was)
    item.set('closeDateMoves', Number(item.get('closeDateMoves') ?? 0) + 1);
}
