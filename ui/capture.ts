let open: (kind: string) => void = () => undefined;

/** Tells the client how something is captured over whatever is on screen; gives the way to take that back. */
export function onCapture(ask: (kind: string) => void): () => void {
  open = ask;
  return () => {
    open = () => undefined;
  };
}

/** Asks to capture a note, a call, a task and the like, for a button that does what the key does. */
export const capture = (kind: string): void => open(kind);
