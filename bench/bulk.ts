import { Agent, request } from 'node:http';
import type { Bench } from './bench.ts';

/** Measures that are not one request after another: many clients, import, export. */
export interface BulkRow {
  name: string;
  run(bench: Bench): Promise<string[]>;
}

/** Requests a second of `clients` over `seconds`. */
export async function throughput(clients: number, seconds: number, ask: (client: number, turn: number, agent: Agent) => Promise<void>): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const until = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    for (let turn = 0; performance.now() < until; turn++) {
      await ask(client, turn, agent);
      done++;
    }
  }));
  agent.destroy();
  return done / seconds;
}

/** One request over an agent, its body thrown away. */
export const hit = (url: string, agent: Agent, headers: Record<string, string> = {}): Promise<void> =>
  new Promise((done, fail) => {
    request(url, { agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => ((answer.statusCode ?? 500) < 300 ? done() : fail(new Error(`${url}: ${answer.statusCode}`))));
    }).on('error', fail).end();
  });

export const bulkRows: readonly BulkRow[] = [];
