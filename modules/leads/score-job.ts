import { SYSTEM } from '#engine/access/actor.ts';
import type { JobHandler } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { dateIn, hourIn } from '#kit/calendar.ts';
import type { JsonObject } from '#kit/json.ts';
import { loadBook, openSql, rescore } from './score-leads.ts';

/** Leads of one statement. */
const CHUNK = 5_000;
const SCORED = 'leadsScoredAt';
/** The hour from which on a day's decay is reckoned: the night before anybody looks. */
const FROM_HOUR = 3;

/** Scores all open leads anew, chunk by chunk in the order of their ids. `told` hears whose score is another now. */
export const leadScoresJob =
  (told: (ids: string[]) => void): JobHandler =>
  async ({ job, ctx, save, cancelled }) => {
    const book = await loadBook(ctx.db);
    let after = typeof job.progress.after === 'string' ? job.progress.after : '00000000-0000-0000-0000-000000000000';
    let [scored, changed] = [Number(job.progress.scored ?? 0), Number(job.progress.changed ?? 0)];
    const [all] = await countOpen(ctx.db);
    await save(null, { total: all?.n ?? 0 });
    for (;;) {
      if (cancelled()) return { scored, changed, unfinished: true };
      const params = new Params();
      const rows = await ctx.db.query<{ id: string }>(
        `select t.id from leads t where ${openSql('t', params)} and t.id > ${params.add(after, 'uuid')} order by t.id limit ${CHUNK}`,
        params.values,
      );
      const last = rows.at(-1);
      if (!last) break;
      const ids = rows.map(({ id }) => id);
      await ctx.db.transaction(async (tx) => {
        const others = await rescore(tx, ctx, book, ids);
        after = last.id;
        scored += ids.length;
        changed += others.length;
        await save(tx, { progress: { after, scored, changed }, done: scored });
        tx.afterCommit(() => told(others));
      });
    }
    await ctx.db.query(
      'insert into settings (key, value) values ($1::text, to_jsonb($2::text)) on conflict (key) do update set value = excluded.value',
      [SCORED, ctx.env.now.toISOString()],
    );
    return { scored, changed };
  };

function countOpen(q: Queryable): Promise<{ n: number }[]> {
  const params = new Params();
  return q.query<{ n: number }>(`select count(*)::int as n from leads t where ${openSql('t', params)}`, params.values);
}

type Enqueue = (q: Queryable, o: { kind: string; label?: string | null; payload?: JsonObject; actor: Context['actor'] }) => Promise<string>;

/** Puts the scoring of all open leads into the queue unless it waits there already; gives its job. */
export async function startScoring(q: Queryable, enqueue: Enqueue, actor = SYSTEM): Promise<string> {
  const [same] = await q.query<{ id: string }>(`select id from jobs where kind = 'leadScores' and state = 'queued' limit 1`);
  return same?.id ?? enqueue(q, { kind: 'leadScores', actor });
}

/** Scores once a day, at night, for what nobody does makes a lead older; what was never scored at once. */
export async function scoreDaily(db: Db, env: Context['env'], enqueue: Enqueue): Promise<void> {
  const [at] = await db.query<{ last: string | null; leads: boolean }>(
    `select (select value #>> '{}' from settings where key = $1::text) as last, exists (select 1 from leads where deleted_at is null) as leads`,
    [SCORED],
  );
  if (!at?.leads) return;
  const today = dateIn(env.now, env.timeZone);
  const due = at.last === null || (dateIn(new Date(at.last), env.timeZone) < today && hourIn(env.now, env.timeZone) >= FROM_HOUR);
  if (due) await startScoring(db, enqueue);
}
