import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, ms } from './bench.ts';
import type { BulkRow } from './bulk.ts';

const DEMANDS = [
  ['Reachable', { any: ['emails', 'phones'].map((field) => ({ field, op: 'isNotEmpty' })) }],
  ['Owned', { field: 'owner', op: 'isNotEmpty' }],
  ['Placed', { field: 'country', op: 'isNotEmpty' }],
  ['In touch', { field: 'lastContactAt', op: 'gte', value: { years: -1 } }],
] as const;

/** All demands on all customers measured, as a whole, by team and by source, beside the leanest count of one demand; then what a page reads. */
export const qualityRow: BulkRow = {
  name: 'quality',
  run: async (bench: Bench) => {
    const made: string[] = [];
    for (const [name, good] of DEMANDS) {
      const answer = await bench.ask('POST', '/api/v1/qualityRules', { name: `Bench: ${name}`, object: 'party', good });
      if (answer.status !== 201) throw new Error(answer.text);
      made.push((JSON.parse(answer.text) as { id: string }).id);
    }
    try {
      const began = performance.now();
      const asked = await bench.ask('POST', '/api/v1/quality/measure', { object: 'party' });
      if (asked.status !== 202) throw new Error(asked.text);
      const { job } = JSON.parse(asked.text) as { job: string };
      for (;;) {
        const { state, error } = JSON.parse((await bench.ask('GET', `/api/v1/jobs/${job}`)).text) as {
          state: string;
          error: string | null;
        };
        if (state === 'done') break;
        if (state !== 'queued' && state !== 'running') throw new Error(error ?? state);
        await sleep(50);
      }
      const took = performance.now() - began;
      const bare = performance.now();
      await bench.floor.query('select count(*), count(*) filter (where country is null) from parties where deleted_at is null');
      const floor = performance.now() - bare;
      const read: number[] = [];
      for (let i = 0; i < 30; i++) read.push((await bench.ask('GET', '/api/v1/quality?object=party')).ms);
      read.sort((a, b) => a - b);
      return [
        `quality: five demands on all customers, whole, by team and by source: ${(took / 1000).toFixed(1)} s; floor, one demand counted as a whole: ${(floor / 1000).toFixed(1)} s; its page p50 ${ms(read[15] ?? 0)}, p95 ${ms(read[28] ?? 0)} ms`,
      ];
    } finally {
      for (const id of made) await bench.ask('DELETE', `/api/v1/qualityRules/${id}`);
    }
  },
};
