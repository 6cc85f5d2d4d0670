import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, median, ms } from './bench.ts';
import type { BulkRow } from './bulk.ts';

/** A third of the world by name, a quarter of that by size, and a country by itself. */
const RULES = [
  ['Bench: north', null, { field: 'country', op: 'in', value: ['DE', 'SE', 'NO', 'DK', 'FI'] }],
  [
    'Bench: north, large',
    0,
    {
      all: [
        { field: 'country', op: 'in', value: ['DE', 'SE'] },
        { field: 'employees', op: 'gte', value: 100 },
      ],
    },
  ],
  ['Bench: Japan', null, { field: 'country', op: 'eq', value: 'JP' }],
] as const;

const LOOKS = 5;

/** New rules for territories seen before they count, over all customers, beside the leanest count of who would move; then applied. */
export const territoriesRow: BulkRow = {
  name: 'territories',
  run: async (bench: Bench) => {
    const send = async <T>(path: string, body: unknown): Promise<T> => {
      const answer = await bench.ask('POST', path, body);
      if (answer.status >= 300) throw new Error(answer.text);
      return JSON.parse(answer.text) as T;
    };
    const cut = async (rules: unknown): Promise<{ took: number; changed: number }> => {
      const began = performance.now();
      const { id } = await send<{ id: string }>('/api/v1/territories/apply', { rules });
      for (;;) {
        const job = JSON.parse((await bench.ask('GET', `/api/v1/jobs/${id}`)).text) as {
          state: string;
          error: string | null;
          result: { changed: number } | null;
        };
        if (job.state === 'done') return { took: performance.now() - began, changed: job.result?.changed ?? 0 };
        if (job.state !== 'queued' && job.state !== 'running') throw new Error(job.error ?? job.state);
        await sleep(50);
      }
    };
    // Who lies somewhere for another row of this bench stays there.
    await bench.floor.query('update parties set territory_pinned = true where territory_id is not null and territory_pinned is not true');
    const made: string[] = [];
    for (const [name, parent] of RULES) {
      const { id } = await send<{ id: string }>('/api/v1/territories', { name, ...(parent === null ? {} : { parent: made[parent] }) });
      made.push(id);
    }
    const rules = RULES.map(([, , rule], i) => ({ id: made[i], rule }));
    const none = made.map((id) => ({ id, rule: null }));
    try {
      const looks: number[] = [];
      let total = 0;
      for (let i = 0; i < LOOKS; i++) {
        const began = performance.now();
        ({ total } = await send<{ total: number }>('/api/v1/territories/preview', { rules }));
        looks.push(performance.now() - began);
      }
      const floors: number[] = [];
      for (let i = 0; i < LOOKS; i++) {
        const began = performance.now();
        await bench.floor.query(
          `select count(*) from parties t where t.deleted_at is null and t.territory_pinned is not true and t.territory_id is distinct from
             case when t.country = any('{DE,SE}') and t.employees >= 100 then $2::uuid when t.country = 'JP' then $3::uuid
               when t.country = any('{DE,SE,NO,DK,FI}') then $1::uuid end`,
          made,
        );
        floors.push(performance.now() - began);
      }
      const there = await cut(rules);
      const back = await cut(none);
      const rate = ({ changed, took }: typeof there) => Math.round(changed / (took / 1000)).toLocaleString('en');
      return [
        `territories: what new rules would move, ${total.toLocaleString('en')} customers, p50 ${ms(median(looks))} ms; floor, who would move only counted: ${ms(median(floors))} ms`,
        `  applied as a job: ${there.changed.toLocaleString('en')} moved in ${(there.took / 1000).toFixed(1)} s, ${rate(there)}/s; and back: ${rate(back)}/s`,
      ];
    } finally {
      await cut(none);
      for (const id of made.reverse()) await bench.ask('DELETE', `/api/v1/territories/${id}`);
    }
  },
};
