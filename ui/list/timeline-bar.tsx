import { type PointerEvent as Press, type ReactNode, useState } from 'react';
import { formatDate } from '../format.ts';
import { barIn, daysBetween, plusDays, type Window } from './span-window.ts';
import classes from './timeline.module.css';

interface Props {
  window: Window;
  from: string;
  to: string;
  /** What is written on it. */
  text: string;
  /** A bar of a smaller share of the window has no room for its text. */
  shortBelow: number;
  over: boolean;
  late: boolean;
  /** Whether its end can be pulled to another day. */
  pullable: boolean;
  onPulled: (day: string) => void;
}

/** How long one record lasts, and the end of it to be pulled: by whole days as the pointer goes, taken back by Escape. */
export function TimelineBar({ window, from, to, text, shortBelow, over, late, pullable, onPulled }: Props): ReactNode {
  const [pulled, setPulled] = useState<string | null>(null);
  const place = barIn(window, from, pulled ?? to);
  if (!place) return null;
  const pull = (down: Press<HTMLElement>): void => {
    const handle = down.currentTarget;
    const track = handle.closest<HTMLElement>('[data-track]');
    if (!track || down.button !== 0) return;
    down.preventDefault();
    handle.setPointerCapture(down.pointerId);
    const sign = getComputedStyle(track).direction === 'rtl' ? -1 : 1;
    const perDay = track.clientWidth / daysBetween(window.from, window.until);
    let day = to;
    const onMove = (event: PointerEvent): void => {
      day = plusDays(to, Math.round((sign * (event.clientX - down.clientX)) / perDay));
      setPulled(day);
    };
    const end = new AbortController();
    const { signal } = end;
    const done = (keep: boolean): void => {
      end.abort();
      setPulled(null);
      if (keep && day !== to) onPulled(day);
    };
    handle.addEventListener('pointermove', onMove, { signal });
    handle.addEventListener('pointerup', () => done(true), { signal });
    handle.addEventListener('pointercancel', () => done(false), { signal });
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        done(false);
      },
      { capture: true, signal },
    );
  };
  return (
    <span
      className={classes.bar}
      data-over={over || undefined}
      data-late={late || undefined}
      data-short={place.length < shortBelow || undefined}
      data-cut={[place.cutStart && 'start', place.cutEnd && 'end'].filter(Boolean).join(' ') || undefined}
      style={{ insetInlineStart: `${place.start * 100}%`, inlineSize: `${place.length * 100}%` }}
    >
      <span className={classes.text}>{text}</span>
      {pullable && !place.cutEnd && <span className={classes.handle} aria-hidden onPointerDown={pull} />}
      {pulled !== null && <span className={classes.pulled}>{formatDate(pulled)}</span>}
    </span>
  );
}
