import type { Bench } from './bench.ts';

/** Asks the product for what a row needs; what is refused ends the bench. */
export async function good<T>(bench: Bench, method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await bench.ask(method, path, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** Operations of one kind in as few batches as they fit in; gives the ids in their order. */
export async function batched(bench: Bench, plural: string, operations: readonly object[]): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < operations.length; at += 2000) {
    const { results } = await good<{ results: { id: string }[] }>(bench, 'POST', `/api/v1/${plural}/batch`, {
      operations: operations.slice(at, at + 2000),
    });
    ids.push(...results.map(({ id }) => id));
  }
  return ids;
}

/** Turns of a row are told from each other by a number below this: those that warm up, those that count, those for plans. */
export const turnsOf = (bench: Bench): number => 2 * bench.rounds + 120;

/** Who the bench is. */
export async function benchUser(bench: Bench): Promise<string> {
  const {
    rows: [user],
  } = await bench.floor.query<{ id: string }>(`select id from users where email = 'bench@perigon.example'`);
  if (!user) throw new Error('The base has no user of the bench.');
  return user.id;
}
