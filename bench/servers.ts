import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BulkRow } from './bulk.ts';

const CLIENTS = 16;
const MEASURED_MS = 8_000;
const PARTIES = 5_000;

/**
 * What one server answers in a second, and what two on the same base do: reads of a record, pages of a list and changes, four to one to
 * one, asked without a pause. Clients, servers and PostgreSQL share the machine's cores, so two servers cannot double what one does here;
 * the row shows that they cost nothing.
 */
export const serversRow: BulkRow = {
  name: 'servers',
  run: async (bench) => {
    const folder = mkdtempSync(join(tmpdir(), 'perigon-bench-servers-'));
    const one = await bench.startFresh(join(folder, 'one'));
    const headers = { authorization: `Bearer ${one.key}`, 'content-type': 'application/json' };
    const ask = async (url: string, method: string, path: string, body?: unknown): Promise<unknown> => {
      const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 200)}`);
      return JSON.parse(text);
    };
    try {
      const made = (await ask(one.url, 'POST', '/api/v1/parties/batch', {
        operations: Array.from({ length: PARTIES }, (_, n) => ({ op: 'create', values: { name: `Party ${n}`, city: `City ${n % 50}` } })),
      })) as { results: { id: string }[] };
      const ids = made.results.map(({ id }) => id);
      const throughput = async (urls: readonly string[]): Promise<number> => {
        let answered = 0;
        const until = performance.now() + MEASURED_MS;
        await Promise.all(
          Array.from({ length: CLIENTS }, async (_, client) => {
            const url = urls[client % urls.length] ?? '';
            for (let n = client; performance.now() < until; n++) {
              const id = ids[(n * 7919 + client * 131) % ids.length] ?? '';
              if (n % 6 === 0) await ask(url, 'PATCH', `/api/v1/parties/${id}`, { description: `Change ${n}` });
              else if (n % 6 === 1)
                await ask(url, 'POST', '/api/v1/parties/query', { where: { field: 'city', op: 'eq', value: `City ${n % 50}` }, limit: 50 });
              else await ask(url, 'GET', `/api/v1/parties/${id}`);
              answered++;
            }
          }),
        );
        return (answered / MEASURED_MS) * 1000;
      };
      await throughput([one.url]);
      const alone = await throughput([one.url]);
      const two = await bench.startBeside(one.databaseUrl, join(folder, 'two'));
      await throughput([one.url, two.url]);
      const both = await throughput([one.url, two.url]);
      await two.stop();
      return [
        `servers: ${CLIENTS} clients, ${Math.round(alone).toLocaleString('en')} answers/s from one server, ${Math.round(both).toLocaleString('en')} from two on the same base and machine, ratio ${(both / alone).toFixed(2)}`,
      ];
    } finally {
      await one.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
