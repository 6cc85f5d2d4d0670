import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BulkRow } from './bulk.ts';

const SUBSCRIBERS = 10;
const PER_SECOND = 1_000;
const SECONDS = 10;
const BATCH = 100;
/** What is not delivered by then is counted as behind. */
const PATIENCE_MS = 120_000;

/**
 * A thousand changes a second for ten seconds, told to ten subscribers that answer at once: how many deliveries a second arrive, and how
 * far behind the change the last ones are. The floor is the same number of posts of such a body from one process over kept connections.
 */
export const webhooksRow: BulkRow = {
  name: 'webhooks',
  run: async (bench) => {
    const folder = mkdtempSync(join(tmpdir(), 'perigon-bench-webhooks-'));
    const fresh = await bench.startFresh(folder, { PERIGON_PRIVATE_WEBHOOKS: '1' });
    let arrived = 0;
    let size = 0;
    const receiver = createServer((asked, answer) => {
      asked.on('data', (piece: Buffer) => {
        size = Math.max(size, piece.length);
      });
      asked.on('end', () => {
        arrived++;
        answer.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const post = async (path: string, body: unknown): Promise<void> => {
      const answer = await fetch(`${fresh.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${fresh.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    };
    try {
      for (let n = 0; n < SUBSCRIBERS; n++)
        await post('/api/v1/webhooks', { name: `To ${n}`, url: `http://127.0.0.1:${port}/${n}`, objects: ['party'], actions: ['create'] });
      const wanted = SUBSCRIBERS * PER_SECOND * SECONDS;
      const began = performance.now();
      let written = 0;
      for (let n = 0; n < (PER_SECOND * SECONDS) / BATCH; n++) {
        const due = began + (n * BATCH * 1000) / PER_SECOND;
        if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
        await post('/api/v1/parties/batch', {
          operations: Array.from({ length: BATCH }, (_, i) => ({ op: 'create', values: { name: `Party ${n * BATCH + i}` } })),
        });
        written += BATCH;
      }
      const writing = performance.now() - began;
      while (arrived < wanted && performance.now() - began < PATIENCE_MS) await new Promise((resolve) => setTimeout(resolve, 20));
      const took = performance.now() - began;
      // The bare posts below go to the same receiver.
      const delivered = arrived;
      const each = (count: number, ms: number): string => Math.round((count / ms) * 1000).toLocaleString('en');
      const floorCount = 10_000;
      const floor = await bare(port, floorCount, 'x'.repeat(size));
      return [
        `webhooks: ${each(written, writing)} changes/s to ${SUBSCRIBERS} subscribers: ${delivered.toLocaleString('en')} of ${wanted.toLocaleString('en')} deliveries in ${(took / 1000).toFixed(1)} s, ${each(delivered, took)}/s; the last ${((took - writing) / 1000).toFixed(1)} s after the last change; bare posts ${each(floorCount, floor)}/s`,
      ];
    } finally {
      receiver.closeAllConnections();
      receiver.close();
      await fresh.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** So many posts over kept connections, nothing else. */
async function bare(port: number, count: number, body: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const began = performance.now();
  let next = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', method: 'POST', agent, headers: { 'content-length': body.length } }, (answer) => {
        answer.resume();
        answer.on('end', resolve);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next++ < count) await one();
    }),
  );
  agent.destroy();
  return performance.now() - began;
}
