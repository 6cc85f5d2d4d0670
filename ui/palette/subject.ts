import { useEffect, useSyncExternalStore } from 'react';
import type { Named } from '../wire.ts';

/** The customer that the page on screen is about: what is captured belongs to them. */
let subject: Named | null = null;
const listeners = new Set<() => void>();

function change(next: Named | null): void {
  subject = next;
  for (const listener of listeners) listener();
}

/** Says whom the page is about, while it is there. */
export function useSubjectIs(id: string | undefined, name: string): void {
  useEffect(() => {
    if (id === undefined) return;
    const mine = { id, name };
    change(mine);
    return () => {
      if (subject === mine) change(null);
    };
  }, [id, name]);
}

export function useSubject(): Named | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => subject,
  );
}
