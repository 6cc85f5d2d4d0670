import { setTimeout as sleep } from 'node:timers/promises';
import { median, ms } from './bench.ts';
import type { BulkRow } from './bulk.ts';

const WRITES_A_SECOND = 50;
const SEARCHES = 300;

/** Searching while others write: 50 writes a second (new parties and changed names) beside one search after another. */
export const searchingRow: BulkRow = {
  name: 'searching under writes',
  run: async (bench) => {
    const { rows } = await bench.floor.query<{ id: string; w: string }>(
      `select id, (perigon_words(name))[1] as w from parties tablesample system (2) where deleted_at is null limit 600`,
    );
    const run = Date.now().toString(36);
    // Beside the one connection on which the searches go.
    const send = async (method: string, path: string, body: unknown) => {
      const headers = { authorization: `Bearer ${bench.key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${bench.url}${path}`, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
      await answer.arrayBuffer();
    };
    let writing = true;
    let written = 0;
    const writes = (async () => {
      const sent: Promise<unknown>[] = [];
      for (let i = 0; writing; i++) {
        const id = rows[i % rows.length]?.id ?? '';
        sent.push(
          i % 2 === 0
            ? send('POST', '/api/v1/parties', { kind: 'organisation', name: `Written ${run} ${i}`, city: 'Berlin' })
            : send('PATCH', `/api/v1/parties/${id}`, { jobTitle: `Title ${run} ${i}` }),
        );
        written++;
        await sleep(1000 / WRITES_A_SECOND);
      }
      await Promise.all(sent);
    })();
    const taken: number[] = [];
    for (let i = 0; i < SEARCHES; i++) {
      const word = rows[(i * 7) % rows.length]?.w ?? 'a';
      const cut = word.slice(0, 2 + (i % 6));
      taken.push((await bench.ask('GET', `/api/v1/search?limit=20&q=${encodeURIComponent(cut)}`)).ms);
      await sleep(20);
    }
    writing = false;
    await writes;
    return [
      `searching under writes (${written} writes at ${WRITES_A_SECOND}/s, words of 2 to 7 letters): p50 ${ms(median(taken))}, p95 ${ms(median(taken, 0.95))} ms (goal p95 < 50)`,
    ];
  },
};
