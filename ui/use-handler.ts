import { useCallback, useRef, useState } from 'react';

/**
 * The same function for as long as the component stands, doing what its latest drawing says: a part that takes it need not be drawn
 * again because its neighbour was. To be called by events, not while drawing.
 */
export function useHandler<Given extends unknown[], Gives>(act: (...given: Given) => Gives): (...given: Given) => Gives {
  const latest = useRef(act);
  latest.current = act;
  return useCallback((...given) => latest.current(...given), []);
}

/** The same for an object of functions. */
export function useHandlers<Handlers extends { [Key in keyof Handlers]: (...given: never[]) => unknown }>(acts: Handlers): Handlers {
  const latest = useRef(acts);
  latest.current = acts;
  const [stable] = useState(() => {
    const entries = Object.keys(acts).map((key) => [key, (...given: never[]) => latest.current[key as keyof Handlers](...given)]);
    return Object.fromEntries(entries) as Handlers;
  });
  return stable;
}
