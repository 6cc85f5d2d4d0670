const tasks: (() => Promise<void> | void)[] = [];

/** Has something done when the tests of this file have ended, latest first, ahead of its databases being dropped. */
export function atEndOfFile(task: () => Promise<void> | void): void {
  tasks.push(task);
}

/** Does it. */
export async function endFile(): Promise<void> {
  for (let task = tasks.pop(); task; task = tasks.pop()) await task();
}
