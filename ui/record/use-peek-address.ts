import { useRouter } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';

/** The record that is peeked at, and the ways to another and to none. */
export interface Peeked {
  /** The record's id; where a list holds records of several objects, after the name of its own. */
  id: string | undefined;
  open: (id: string) => void;
  close: () => void;
}

/** How the address changes: a peek that opens is a step in the history, one that goes on is not. */
export interface PeekStep {
  replace: boolean;
  state: { peeked?: boolean };
}

/** A peek whose state is in the address: a reload finds it open, going back closes it. `go` writes the address. */
export function usePeekAddress(id: string | undefined, go: (id: string | undefined, step: PeekStep) => void): Peeked {
  const router = useRouter();
  const latest = useRef({ id, go });
  latest.current = { id, go };
  return useMemo(
    () => ({
      id,
      open: (next) => {
        const { id: held, go: write } = latest.current;
        if (next === held) return;
        const peeked = held === undefined || router.state.location.state.peeked === true;
        write(next, { replace: held !== undefined, state: peeked ? { peeked } : {} });
      },
      close: () => {
        const { id: held, go: write } = latest.current;
        if (held === undefined) return;
        if (router.state.location.state.peeked === true) router.history.back();
        else write(undefined, { replace: true, state: {} });
      },
    }),
    [id, router],
  );
}
