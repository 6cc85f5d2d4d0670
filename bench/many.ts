import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { BulkRow } from './bulk.ts';

const MANY = 100_000;

interface Job {
  state: string;
  result: { changed?: number; restored?: number; removed?: number; revived?: number; cause: string } | null;
}

/** 100,000 records changed, deleted and brought back by a condition, beside the bare statement of such a change. */
export const manyRow: BulkRow = {
  name: 'many',
  run: async (bench) => {
    const {
      rows: [last],
    } = await bench.floor.query<{ name: string; n: string }>(
      `with x as (select perigon_fold(name) collate "C" as name from parties where deleted_at is null order by 1 offset ${MANY} limit 1)
       select (select name from x) as name, count(*) as n from parties where deleted_at is null and perigon_fold(name) collate "C" < (select name from x)`,
    );
    const where = { field: 'name', op: 'lt', value: last?.name };
    const n = Number(last?.n);
    const lines: string[] = [];
    const shown = (what: string, ms: number, more = '') =>
      lines.push(`${what}: ${n.toLocaleString('en')} records in ${(ms / 1000).toFixed(1)} s (goal < 20 s)${more}`);
    const job = async (path: string, body?: unknown): Promise<{ ms: number; job: Job }> => {
      const began = performance.now();
      const asked = await bench.ask('POST', path, body);
      if (asked.status !== 202) throw new Error(asked.text);
      const { id } = JSON.parse(asked.text) as { id: string };
      for (;;) {
        const held = JSON.parse((await bench.ask('GET', `/api/v1/jobs/${id}`)).text) as Job;
        if (held.state === 'done') return { ms: performance.now() - began, job: held };
        if (held.state !== 'queued' && held.state !== 'running') throw new Error(JSON.stringify(held));
        await sleep(100);
      }
    };
    const floor = await bareUpdate(bench, String(last?.name));
    const changed = await job('/api/v1/parties/bulk', { where, set: { industry: 'energy', jobTitle: `Bench ${Date.now().toString(36)}` } });
    shown('many, two fields', changed.ms, `; floor, one bare statement with its log rows: ${(floor / 1000).toFixed(1)} s`);
    const undone = await job(`/api/v1/causes/${changed.job.result?.cause}/undo`);
    shown('many, that undone', undone.ms);
    const deleted = await job('/api/v1/parties/bulk', { where, delete: true });
    shown('many, deleted', deleted.ms);
    const back = await job(`/api/v1/causes/${deleted.job.result?.cause}/undo`);
    shown('many, brought back', back.ms);
    return lines;
  },
};

/** The same change by one statement in a transaction that is taken back: rows, before- and after-images. */
async function bareUpdate(bench: Bench, last: string): Promise<number> {
  const began = performance.now();
  await bench.floor.query('begin');
  await bench.floor.query(
    `with u as (
       update parties t set industry = 'energy', job_title = 'Bench floor', version = t.version + 1, updated_at = now()
       from (select id, industry, job_title from parties where perigon_fold(name) collate "C" < $1 and deleted_at is null for no key update) b
       where t.id = b.id returning t.id, b.industry as was, b.job_title as titled, t.version)
     insert into changes (cause, object, record_id, party_id, action, version, before, after)
     select '00000000-0000-0000-0000-000000000001', 'party', id, id, 'update', version,
       jsonb_build_object('industry', was, 'jobTitle', titled), jsonb_build_object('industry', 'energy', 'jobTitle', 'Bench floor') from u`,
    [last],
  );
  await bench.floor.query('rollback');
  return performance.now() - began;
}
