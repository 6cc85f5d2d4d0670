/** What this page wrote itself: its own changes come back over the live stream and need no second fetch and no glow. */

const kept = 200;
const causes = new Map<string, number>();
let underWay = 0;
const waiting = new Set<() => void>();

/** Requests that read although they post. */
const reading = /\/(query|aggregate|resolve|inspect)$|^\/presence$/;

/** Notes that a request which may write has been sent; call the result with its cause when the answer is there. */
export function beginWrite(method: string, path: string): (cause: string | null) => void {
  if (method === 'GET' || reading.test(path)) return () => {};
  underWay += 1;
  return (cause) => {
    underWay -= 1;
    if (cause !== null) {
      causes.set(cause, Date.now());
      const [oldest] = causes.keys();
      if (causes.size > kept && oldest !== undefined) causes.delete(oldest);
    }
    if (underWay > 0) return;
    for (const go of [...waiting]) go();
  };
}

/** When the answer to this page's own write came; `undefined` for what others did. */
export function ownSince(cause: string | undefined): number | undefined {
  return cause === undefined ? undefined : causes.get(cause);
}

/** Resolves when no write is under way: only then it is known which causes are this page's own. At most three seconds. */
export function writesAnswered(): Promise<void> {
  if (underWay === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      waiting.delete(go);
      resolve();
    };
    const timer = setTimeout(go, 3000);
    waiting.add(go);
  });
}
