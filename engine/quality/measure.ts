import { SYSTEM } from '#engine/access/actor.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { isShownSql, thresholdOf } from '#engine/identity/model.ts';
import type { JobRun } from '#engine/jobs/jobs.ts';
import { bindContext, type Context, sqlContext } from '#engine/record/context.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { Params } from '#engine/store/sql.ts';
import { dateIn, hourIn } from '#kit/calendar.ts';
import type { JsonObject } from '#kit/json.ts';
import { DUPLICATES, rulesOf, speaksTo } from './rules.ts';

/**
 * Measures all rules of an object in one pass over its records, as a whole, by the team of their owner and by where they came
 * from (the system of their external id; none is what was entered here), and keeps the counts of the day. A list of ten rules
 * over a million records is one statement, not ten; nobody waits for it.
 */
export async function measureQuality(ctx: Context, object: ModelObject): Promise<{ records: number; rules: number }> {
  const system: Context = { ...ctx, actor: SYSTEM };
  // A rule that does not hold together with the model (a field is out of use, a figure is being reckoned) rests until it does.
  const rules = (await rulesOf(ctx, object.key)).filter((rule) => speaksTo(system, object, rule));
  const params = new Params();
  const sql = sqlContext(system, params);
  const condition = (predicate: unknown) => toSql(bindPredicate(bindContext(system), object, predicate), 't', sql);
  const demands = rules.map((rule) => ({
    id: rule.id,
    applies: rule.applies ? `(${condition(rule.applies)}) is true` : 'true',
    good: `(${condition(rule.good)}) is true`,
  }));
  if (object.duplicates) {
    const key = params.add(object.key, 'text');
    const from = params.add(await thresholdOf(ctx.db, object), 'real');
    const one = (column: 'one' | 'other') =>
      `t.id in (select d.${column} from duplicates d where d.object = ${key} and d.state = 'open' and ${isShownSql(from)})`;
    demands.push({ id: DUPLICATES, applies: 'true', good: `not (${one('one')} or ${one('other')})` });
  }
  const owner = object.owner ? object.fields.get(object.owner) : undefined;
  const named = params.add(object.key, 'text');
  const today = dateIn(ctx.env.now, ctx.env.timeZone);
  const day = params.add(today, 'date');
  const keys = params.add(
    demands.map((demand) => demand.id),
    'text[]',
  );
  return ctx.db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('perigon quality ' || $1::text))`, [object.key]);
    // Older than anybody is told of, too.
    await tx.query('delete from quality_scores where object = $1::text and (day = $2::date or day < $2::date - 400)', [object.key, today]);
    const [measured] = await tx.query<{ n: number }>(
      `with seen as (
         select ${owner ? 'u.team_id' : 'null::uuid'} as team, coalesce(e.system, '') as source
           ${demands.map(({ applies, good }, i) => `, ${applies} as a${i}, ${good} as g${i}`).join('')}
         from ${object.table} t
           ${owner ? `left join users u on u.id = t.${owner.column}_id` : ''}
           left join (select x.record_id, min(x.system) as system from external_ids x where x.object = ${named} group by 1) e on e.record_id = t.id
         where t.deleted_at is null
       ), counted as (
         select grouping(team) as t, grouping(source) as s, team, source, count(*) as n,
           array[${demands.map((_, i) => `count(*) filter (where a${i})`).join(', ')}]::bigint[] as applies,
           array[${demands.map((_, i) => `count(*) filter (where a${i} and not g${i})`).join(', ')}]::bigint[] as bad
         from seen group by grouping sets ((), (team), (source))
       ), kept as (
         insert into quality_scores (object, day, rule, slice, team_id, source, applies, bad)
         select ${named}, ${day}, r.id, case when c.t = 0 then 'team' when c.s = 0 then 'source' else 'all' end, c.team, coalesce(c.source, ''), c.applies[r.n], c.bad[r.n]
         from counted c cross join unnest(${keys}) with ordinality r (id, n)
         returning 1
       )
       select (select n from counted where t = 1 and s = 1) as n, (select count(*) from kept) as rows`,
      params.values,
    );
    await tx.query(
      `insert into quality_measured (object, at, records) values ($1::text, now(), $2::bigint) on conflict (object) do update set at = excluded.at, records = excluded.records`,
      [object.key, measured?.n ?? 0],
    );
    return { records: measured?.n ?? 0, rules: demands.length };
  });
}

/** Objects that somebody demands something of. */
export async function measuredObjects(ctx: Pick<Context, 'db' | 'model'>): Promise<ModelObject[]> {
  const rows = await ctx.db.query<{ object: string }>(
    'select distinct r.object from quality_rules r where r.deleted_at is null and r.active is not false order by 1',
  );
  return rows.flatMap(({ object }) => ctx.model.objects.get(object) ?? []);
}

/** Measures one object, or all. */
export const qualityJob = async ({ job, ctx, save, cancelled }: JobRun): Promise<JsonObject> => {
  const objects = job.payload.object ? [ctx.model.object(String(job.payload.object))] : await measuredObjects(ctx);
  await save(null, { total: objects.length });
  let records = 0;
  for (let at = job.done; at < objects.length; at++) {
    if (cancelled()) return { records, unfinished: true };
    const object = objects[at];
    if (object) records += (await measureQuality(ctx, object)).records;
    await save(null, { done: at + 1 });
  }
  return { records };
};

type Enqueue = (q: Queryable, o: { kind: string; label?: string | null; payload?: JsonObject; actor: Context['actor'] }) => Promise<string>;

/** Puts a measuring into the queue unless the same waits or runs already; gives its job. */
export async function startMeasuring(q: Queryable, enqueue: Enqueue, object: string | null, actor = SYSTEM): Promise<string> {
  const [same] = await q.query<{ id: string }>(
    `select id from jobs where kind = 'quality' and state in ('queued', 'running') and payload ->> 'object' is not distinct from $1::text limit 1`,
    [object],
  );
  return same?.id ?? enqueue(q, { kind: 'quality', label: object, payload: object === null ? {} : { object }, actor });
}

/** The hour from which on a day is measured: the night before anybody looks. */
const FROM_HOUR = 2;

/** Measures once a day, at night; what was never measured at once. */
export async function measureDaily(db: Db, env: Context['env'], enqueue: Enqueue): Promise<void> {
  const today = dateIn(env.now, env.timeZone);
  const [due] = await db.query<{ never: boolean }>(
    `select bool_or(m.at is null) as never from (select distinct object from quality_rules where deleted_at is null and active is not false) r
     left join quality_measured m on m.object = r.object where m.at is null or (m.at at time zone $2::text)::date < $1::date having count(*) > 0`,
    [today, env.timeZone],
  );
  if (due && (due.never || hourIn(env.now, env.timeZone) >= FROM_HOUR)) await startMeasuring(db, enqueue, null);
}
