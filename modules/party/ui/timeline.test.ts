import { describe, expect, it } from 'vitest';
import type { TimelineItem } from './overview.ts';
import { foldTimeline } from './timeline.ts';

function touch(at: string, kind = 'call', channel = 'phone', object = 'interaction'): TimelineItem {
  return { object, id: `${at}${kind}`, at, kind, channel, title: null, detail: null, actor: null };
}

const day = (at: string): string => at.slice(0, 10);

describe('the timeline', () => {
  it('folds three alike in a row, keeps two', () => {
    const [first, second] = foldTimeline(
      [
        touch('2026-03-02T12:00:00Z'),
        touch('2026-03-02T11:00:00Z'),
        touch('2026-03-02T10:00:00Z'),
        touch('2026-03-01T10:00:00Z'),
        touch('2026-03-01T09:00:00Z'),
      ],
      day,
    );
    expect(first?.folds.map((fold) => fold.items.length)).toEqual([3]);
    expect(second?.folds.map((fold) => fold.items.length)).toEqual([1, 1]);
  });

  it('another kind or channel between them breaks the fold', () => {
    const [only] = foldTimeline(
      [
        touch('2026-03-02T12:00:00Z'),
        touch('2026-03-02T11:00:00Z'),
        touch('2026-03-02T10:30:00Z', 'mail', 'email'),
        touch('2026-03-02T10:00:00Z'),
      ],
      day,
    );
    expect(only?.folds).toHaveLength(4);
  });

  it('loses nothing and keeps the order', () => {
    const items = Array.from({ length: 40 }, (_, at) =>
      touch(`2026-03-${String(28 - Math.floor(at / 5)).padStart(2, '0')}T1${9 - (at % 5)}:00:00Z`, at % 3 === 0 ? 'mail' : 'call'),
    );
    const back = foldTimeline(items, day).flatMap((group) => group.folds.flatMap((fold) => fold.items));
    expect(back).toEqual(items);
  });
});
