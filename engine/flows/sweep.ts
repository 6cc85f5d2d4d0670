import type { Db } from '#engine/store/db.ts';

/** For how long runs that ended well, or were stopped, are kept; failed ones stay until somebody looks after them. */
const DAYS = 90;
/** Runs taken away at once. */
const CHUNK = 2000;

/** The least id of that moment: the first 48 bits of a UUIDv7 are its milliseconds. */
export const idAt = (at: Date): string => {
  const hex = at.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

/** Takes old runs away, with their steps, and what was sent long ago. */
export async function sweepRuns(db: Db, now = new Date()): Promise<void> {
  const before = idAt(new Date(now.getTime() - DAYS * 86_400_000));
  const flows = await db.query<{ flow: string }>('select distinct flow from flow_versions');
  for (const { flow } of flows)
    for (const state of ['done', 'stopped'])
      for (;;) {
        // Ids rise with time, so the index by flow, state and id gives the oldest first. Who began long ago may have ended just now.
        const gone = await db.query(
          `with old as (select id from flow_runs where flow = $1::uuid and state = $2::text and id < $3::uuid and finished_at < $5::timestamptz - interval '${DAYS} days' order by id limit $4::int),
             steps as (delete from flow_run_steps where run in (select id from old))
           delete from flow_runs where id in (select id from old) returning 1 as ok`,
          [flow, state, before, CHUNK, now.toISOString()],
        );
        if (gone.length < CHUNK) break;
      }
  await sweepOutbox(db, before, idAt(new Date(now.getTime() - (DAYS + 1) * 86_400_000)));
}

/**
 * What was sent long ago, a piece at a time, and what was said before that and is of nobody any more. A body is made just before the
 * first row that has it, and older rows may have taken a newer one: hence the day between.
 */
async function sweepOutbox(db: Db, before: string, bodiesBefore: string): Promise<void> {
  for (const [statement, values] of [
    [
      'delete from outbox where id in (select id from outbox where id < $1::uuid and sent_at is not null order by id limit $2::int) returning 1 as ok',
      [before, CHUNK],
    ],
    [
      `delete from outbox_bodies where id in (
         select id from outbox_bodies where id < $1::uuid and id not in (select body from outbox where id < $3::uuid) order by id limit $2::int) returning 1 as ok`,
      [bodiesBefore, CHUNK, before],
    ],
  ] as const)
    for (;;) if ((await db.query(statement, values)).length < CHUNK) break;
}
