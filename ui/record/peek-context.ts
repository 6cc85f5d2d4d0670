import { createContext, useContext } from 'react';

/** What a record's screen knows when it is peeked at: it stands beside a list, not on a page of its own. */
export interface Peeking {
  close: () => void;
  /** The part that is open; it stays while one record follows the other. */
  tab: string;
  setTab: (tab: string) => void;
}

export const PeekContext = createContext<Peeking | null>(null);

/** The peek this is in; null on a page of its own. */
export function usePeeking(): Peeking | null {
  return useContext(PeekContext);
}

/** The element of a record's name: beside a list, the list has the first heading. */
export function useNameHeading(): 'h1' | 'h2' {
  return useContext(PeekContext) ? 'h2' : 'h1';
}
