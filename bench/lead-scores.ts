import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { BulkRow } from './bulk.ts';

const LEADS = 100_000;

/** All open leads scored anew by the rules of a fresh installation, as the job that a change of the rules begins; beside bare writing of as many scores. */
export const leadScoresRow: BulkRow = {
  name: 'leads rescored',
  run: async (bench: Bench) => {
    const { floor } = bench;
    const [made] = (
      await floor.query(
        `with made as (insert into leads (id, name, party_id, status, source, received_at, decision_maker, timeframe, need)
           select gen_random_uuid(), 'Bench', p.id, 'new', 'web', now(), (array['decides', 'influences', null])[1 + n % 3],
             (array['now', 'quarter', 'later'])[1 + n % 3], case when n % 2 = 0 then 'A machine' end
           from generate_series(1, ${LEADS}) n join (select id, row_number() over (order by id) - 1 as place from parties where deleted_at is null) p
             on p.place = n % (select count(*) from parties where deleted_at is null) returning 1)
         select count(*)::int as n from made`,
      )
    ).rows as { n: number }[];
    await floor.query('analyze leads');
    const rescored = async (): Promise<{ took: number; changed: number }> => {
      const began = performance.now();
      const answer = await bench.ask('PUT', '/api/v1/lead-grades', { A: 70, B: 45, C: 20 });
      if (answer.status !== 202) throw new Error(answer.text);
      const { job } = JSON.parse(answer.text) as { job: string };
      for (;;) {
        const now = JSON.parse((await bench.ask('GET', `/api/v1/jobs/${job}`)).text) as {
          state: string;
          error: string | null;
          result: { changed: number } | null;
        };
        if (now.state === 'done') return { took: performance.now() - began, changed: now.result?.changed ?? 0 };
        if (now.state !== 'queued' && now.state !== 'running') throw new Error(now.error ?? now.state);
        await sleep(50);
      }
    };
    try {
      const first = await rescored();
      const again = await rescored();
      const bare = performance.now();
      await floor.query(`update leads set score = score + 1 where name = 'Bench'`);
      const bareTook = performance.now() - bare;
      const seconds = (took: number) => (took / 1000).toFixed(1);
      return [
        `leads rescored: ${(made?.n ?? 0).toLocaleString('en')} open leads by 15 rules, ${first.changed.toLocaleString('en')} of them written: ${seconds(first.took)} s; again, ${again.changed.toLocaleString('en')} written: ${seconds(again.took)} s; floor, as many scores written barely: ${seconds(bareTook)} s`,
      ];
    } finally {
      await floor.query(`delete from leads where name = 'Bench'`);
    }
  },
};
