import { systemAs } from '#engine/access/actor.ts';
import { isoDuration } from '#engine/declare/fields/duration/duration.ts';
import { enqueueJob, type JobHandler } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { transact } from '#engine/record/transact.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { refreshStatistics } from '#engine/store/statistics.ts';
import { dateIn } from '#kit/calendar.ts';
import { conflict, invalid, isPerigonError } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { startTaking } from '#modules/forecast/take.ts';
import { readHeld, writeHeld } from './held.ts';
import { tellStory } from './story.ts';
import type { Stage, StagePath, StoryRow } from './teller.ts';

/**
 * Loads the sample company: the story's rows through the write pipeline, in chunks of one transaction each that also saves the
 * position, so that a broken load goes on where it stopped. Everything is one cause of the kind `sample`.
 */

const CHUNK = 1000;
/** Objects whose rules do more for each row. */
const SMALLER: Record<string, number> = { payment: 500, opportunity: 500, party: 500 };

/** Puts the load into the queue; gives its job. Refused while a sample company is in the base. */
export async function startSample(ctx: Context): Promise<string> {
  await salesWay(ctx.db);
  const series = await freeSeries(ctx.db);
  const today = dateIn(ctx.env.now, ctx.env.timeZone);
  return transact(ctx, async (tx) => {
    const cause = newId();
    const counters = await tx.query<{ name: string; period: number; last: number }>('select name, period, last from counters');
    const held = { phase: 'loading' as const, cause, kept: newId(), today, series, job: '', loadJob: '', counters };
    if (!(await writeHeld(tx, held, true))) throw conflict('The sample company is here already. Remove it first.');
    const job = await enqueueJob(tx, { kind: 'sample', payload: { causeKind: 'sample' }, actor: ctx.actor, causeId: cause });
    await writeHeld(tx, { ...held, job, loadJob: job });
    return job;
  });
}

/** The default pipeline and its stages in order. */
async function salesWay(q: Queryable): Promise<{ pipeline: string; stages: Stage[] }> {
  const stages = await q.query<Stage & { pipeline: string }>(
    `select s.id, s.category, s.probability::float8 as probability, s.pipeline_id as pipeline from stages s
     join (select id from pipelines where deleted_at is null order by coalesce(is_default, false) desc, created_at limit 1) p on p.id = s.pipeline_id
     where s.deleted_at is null order by s.position`,
  );
  const [first] = stages;
  for (const category of ['open', 'won', 'lost'] as const)
    if (!first || !stages.some((stage) => stage.category === category))
      throw invalid(`The sample company needs a pipeline with a stage that is ${category}. Add one first.`);
  return { pipeline: first?.pipeline ?? '', stages };
}

/** Why leads come to nothing here. */
const reasonsOfLeads = async (q: Queryable): Promise<string[]> =>
  (
    await q.query<{ id: string }>(
      `select id from close_reasons where outcome = 'lead' and deleted_at is null order by position, id limit 5`,
    )
  ).map(({ id }) => id);

/** Orders, invoices and products are numbered in a series of their own that nothing in the base has taken. */
async function freeSeries(q: Queryable): Promise<number> {
  for (let series = 10; series < 100; series += 10) {
    const [taken] = await q.query(
      `select 1 as ok where exists (select 1 from orders where number ~ $1::text) or exists (select 1 from invoices where number ~ $1::text)
       or exists (select 1 from products where sku ~ $2::text)`,
      [`^(AB|RE|GS)-${series / 10}[0-9]{4}$`, series === 10 ? '^(AR|TN)-[0-9S]+$' : `^(AR|TN)-[0-9S]+-${series}$`],
    );
    if (!taken) return series;
  }
  throw conflict('Too many remains of sample companies are in this base. Rename their invoices first.');
}

export const sampleJob: JobHandler = async ({ job, ctx: asked, save, cancelled }) => {
  const held = await readHeld(asked.db);
  if (!held || held.loadJob !== job.id) throw conflict('There is no sample company to load.');
  // The product itself writes it: nobody owns what has no owner, and it is the same whoever asked.
  const ctx: Context = { ...asked, actor: systemAs('Sample company') };
  const way = await salesWay(ctx.db);
  const lossReasons = await reasonsOfLeads(ctx.db);
  const story = tellStory({
    lossReasons,
    seed: held.cause,
    today: held.today,
    series: held.series,
    baseCurrency: ctx.env.baseCurrency,
    ...way,
  });
  const total = story.objects.reduce((sum, object) => sum + object.rows.length, 0);
  let done = Number(job.progress.done ?? 0);
  await save(null, { total, done });
  let before = 0;
  for (const { key, rows } of story.objects) {
    const size = SMALLER[key] ?? CHUNK;
    for (let at = Math.max(done - before, 0); at < rows.length; at += size) {
      if (cancelled()) return { written: done, unfinished: true };
      const chunk = rows.slice(at, at + size);
      done = before + at + chunk.length;
      await ctx.db.transaction(async (tx) => {
        await writeChunk(tx, ctx, key, chunk);
        if (key === 'opportunity')
          await tellStages(
            tx,
            ctx,
            chunk.flatMap((row) => story.paths.get(row.id) ?? []),
            new Map(way.stages.map((stage) => [stage.id, stage.category])),
          );
        await save(tx, { progress: { done }, done });
        tx.afterCommit(ctx.wrote);
      });
    }
    before += rows.length;
  }
  // Who removes it at once is not to wait for plans of an empty company.
  const tables = [...ctx.model.objects.values()].map((object) => object.table);
  await refreshStatistics(ctx.db, [...tables, 'changes', 'causes', 'search', 'identifiers'], done);
  // What the story's weeks looked like is reckoned back from its history.
  await startTaking(ctx.db, enqueueJob);
  return { written: done, cause: held.cause };
};

async function writeChunk(tx: Tx, ctx: Context, key: string, rows: readonly StoryRow[]): Promise<void> {
  const object = ctx.model.object(key);
  const wanted = key === 'exchangeRate' ? await unknownRates(tx, rows) : rows;
  for (const wave of waves(wanted)) {
    const ops: WriteOp[] = wave.map(({ id, values }) => ({ op: 'create', id, values }));
    try {
      await writeIn(tx, ctx, object, ops, { trusted: true });
    } catch (error) {
      // The story is ours: what the product refuses of it is a fault to be logged with its place, not a mistake of who asked.
      if (isPerigonError(error)) throw new Error(`The sample company's ${object.plural} are refused: ${JSON.stringify(error.errors[0])}`);
      throw error;
    }
  }
  await backdate(tx, object.table, wanted);
}

/** Rows that name others of the same chunk (a house its group, a team the one above) come after those. */
function waves(rows: readonly StoryRow[]): StoryRow[][] {
  const found: StoryRow[][] = [];
  for (let left = [...rows]; left.length > 0; ) {
    const waiting = new Set(left.map(({ id }) => id));
    const ready = left.filter(({ values }) => !Object.values(values).some((value) => typeof value === 'string' && waiting.has(value)));
    found.push(ready);
    const done = new Set(ready);
    left = left.filter((row) => !done.has(row));
    if (ready.length === 0) throw new Error('Rows of the story name each other in a circle.');
  }
  return found;
}

/** Rates of the company's own stay; the story goes without its own on such a day. */
async function unknownRates(tx: Tx, rows: readonly StoryRow[]): Promise<StoryRow[]> {
  const known = await tx.query<{ k: string }>(`select currency || date::text as k from exchange_rates where deleted_at is null`);
  const taken = new Set(known.map((row) => row.k));
  return rows.filter(({ values }) => !taken.has(`${String(values.currency)}${String(values.date)}`));
}

/** The pipeline dates what it writes by the clock; a history lies in the past. */
const backdate = (tx: Tx, table: string, rows: readonly { id: string; at: string }[]): Promise<unknown> =>
  tx.query(
    `update ${table} t set created_at = x.at, updated_at = x.at from json_to_recordset($1::json) as x(id uuid, at timestamptz) where t.id = x.id`,
    [JSON.stringify(rows.map(({ id, at }) => ({ id, at })))],
  );

/** The rule of opportunities tells the first and the last step; the story knows those between. */
async function tellStages(
  tx: Tx,
  ctx: Context,
  paths: readonly StagePath[],
  categories: ReadonlyMap<string, Stage['category']>,
): Promise<void> {
  const object = ctx.model.object('stageChange');
  const written = await tx.query<{ id: string; opportunity: string }>(
    'select id, opportunity_id as opportunity from stage_changes where opportunity_id = any($1::uuid[]) order by at, id',
    [paths.map((path) => path.opportunity)],
  );
  const byDeal = new Map<string, string[]>();
  for (const row of written) byDeal.set(row.opportunity, [...(byDeal.get(row.opportunity) ?? []), row.id]);
  const ops: WriteOp[] = [];
  const dated: { id: string; at: string }[] = [];
  for (const { opportunity, customer, steps } of paths) {
    const there = byDeal.get(opportunity) ?? [];
    steps.forEach((step, i) => {
      const before = steps[i - 1];
      const category = categories.get(step.stage) ?? 'open';
      const values = {
        from: before?.stage ?? null,
        to: step.stage,
        at: step.at,
        direction: category !== 'open' ? category : before ? 'forward' : 'entered',
        stayed: before ? isoDuration(Math.max(0, Math.round((Date.parse(step.at) - Date.parse(before.at)) / 1000))) : null,
      };
      const id = i === 0 ? there[0] : i === steps.length - 1 ? there[1] : undefined;
      const own = id ?? newId();
      ops.push(id ? { op: 'update', id, values } : { op: 'create', id: own, values: { opportunity, customer, ...values } });
      dated.push({ id: own, at: step.at });
    });
  }
  await writeIn(tx, ctx, object, ops, { trusted: true });
  await backdate(tx, object.table, dated);
  await tx.query(
    'update opportunities t set stage_since = x.at from json_to_recordset($1::json) as x(id uuid, at timestamptz) where t.id = x.id',
    [JSON.stringify(paths.map(({ opportunity, steps }) => ({ id: opportunity, at: steps.at(-1)?.at })))],
  );
}
