import { useEffect, useRef, useSyncExternalStore } from 'react';

/** The way through the rows beside a peek: where it is and what comes before and after. */
export interface Walk {
  at: number | null;
  of: { value: number; exact: boolean } | null;
  previous: (() => void) | null;
  next: (() => void) | null;
  /** Opens the page of the record that is peeked at. */
  open: () => void;
}

let walk: Walk | null = null;
const listeners = new Set<() => void>();

function change(next: Walk | null): void {
  walk = next;
  for (const listener of listeners) listener();
}

/** The layout on screen offers its way through its rows while a record is peeked at. */
export function useOfferWalk(offered: Walk | null): void {
  const latest = useRef(offered);
  latest.current = offered;
  const there = offered !== null;
  const { at = null, of = null } = offered ?? {};
  const [before, after] = [offered?.previous != null, offered?.next != null];
  const { value = 0, exact = true } = of ?? {};
  const counted = of !== null;
  // Offered anew only when what is shown of it changes; what it does is looked up when it is done.
  useEffect(() => {
    if (!there) return;
    const mine: Walk = {
      at,
      of: counted ? { value, exact } : null,
      previous: before ? () => latest.current?.previous?.() : null,
      next: after ? () => latest.current?.next?.() : null,
      open: () => latest.current?.open(),
    };
    change(mine);
    return () => {
      if (walk === mine) change(null);
    };
  }, [there, at, counted, value, exact, before, after]);
}

export function useWalk(): Walk | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => walk,
  );
}
