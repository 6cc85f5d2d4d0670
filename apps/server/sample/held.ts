import type { Queryable } from '#engine/store/db.ts';

/** What the base remembers of a sample company that is in it: one row of `settings`, gone with it. */
export interface Held {
  phase: 'loading' | 'removing';
  /** All that came with it was written under this cause, and only that. */
  cause: string;
  /** What is kept of it when it is removed changes over to this cause. */
  kept: string;
  today: string;
  series: number;
  /** The job that loads or removes it. */
  job: string;
  loadJob: string;
  /** Where automatic numbers stood before. */
  counters: { name: string; period: number; last: number }[];
}

export async function readHeld(q: Queryable): Promise<Held | null> {
  const [row] = await q.query<{ value: Held }>(`select value from settings where key = 'sample'`);
  return row?.value ?? null;
}

/** Writes what is held; false where there was one already and `fresh` is asked. */
export async function writeHeld(q: Queryable, held: Held, fresh = false): Promise<boolean> {
  const rows = await q.query(
    `insert into settings (key, value) values ('sample', $1::jsonb) on conflict (key) ${fresh ? 'do nothing' : 'do update set value = excluded.value'} returning 1 as ok`,
    [JSON.stringify(held)],
  );
  return rows.length > 0;
}
