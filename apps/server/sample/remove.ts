import { setTimeout as sleep } from 'node:timers/promises';
import { YEAR_RANK } from '#engine/declare/fields/auto-number/auto-number.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { enqueueJob, type JobHandler } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { forgetCauses, purge } from '#engine/record/purge.ts';
import { transact } from '#engine/record/transact.ts';
import { write, writeIn } from '#engine/record/write.ts';
import { forgetWords } from '#engine/search/words.ts';
import { LIVE_CHANNEL } from '#engine/store/channel.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { titleSql } from '#engine/store/projection.ts';
import { conflict, notFound } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type Held, readHeld, writeHeld } from './held.ts';

/**
 * Removes the sample company without a trace. What belongs to it is what its cause created, as the log says, so a record is
 * dropped from it, and so kept, by giving its log rows to another cause. Every step begins anew from what the base holds and
 * ends in one transaction with its log rows, so that a removal that was broken off goes on by itself.
 */

export interface Group {
  /** `hanging.note`: own notes that name sample records; `edited.party`: sample customers that somebody changed. */
  key: string;
  kind: 'hanging' | 'edited';
  object: string;
  count: number;
  examples: { id: string; title: string }[];
}
export interface SampleStatus {
  state: 'none' | 'loading' | 'loaded' | 'removing' | 'broken';
  /** The job that works or last worked at it. */
  job: string | null;
  /** Records of it, by object. */
  counts: Record<string, number>;
  total: number;
  /** Own records that hang on it, and records of it that somebody changed. */
  groups: Group[];
}

const CHUNK = 1000;
const EXAMPLES = 5;

/** SQL: whether a record of this object came with the sample company. */
const isSample = (object: ModelObject, id: string, cause: string): string =>
  `exists (select 1 from changes c where c.record_id = ${id} and c.object = '${object.key}' and c.cause = ${cause} and c.action = 'create')`;
/** SQL: the ids of an object's sample records. */
const sampleIds = (object: ModelObject, cause: string): string =>
  `select c.record_id from changes c where c.cause = ${cause} and c.object = '${object.key}' and c.action = 'create'`;

/** References of an object to others, by the table column; those to users apart, because people can be replaced and customers cannot. */
const referencesOf = (
  ctx: Pick<Context, 'model'>,
  object: ModelObject,
): { column: string; key: string; target: ModelObject; required: boolean }[] =>
  object.declared.flatMap((field) => {
    const target = targetOf(field);
    return target !== null && typeOf(field).storage === 'columns'
      ? [{ column: `${field.column}_id`, key: field.key, target: ctx.model.object(target), required: field.required === true }]
      : [];
  });
const toThings = (ctx: Pick<Context, 'model'>, object: ModelObject) =>
  referencesOf(ctx, object).filter(({ target }) => target.key !== 'user');

/** SQL: own records of an object (not of the sample) that name a record of it; $1 is the cause. */
function hangingSql(ctx: Pick<Context, 'model'>, object: ModelObject): string | null {
  if (object.reckoned) return null;
  const ways = toThings(ctx, object).map(({ column, target }) => `t.${column} in (${sampleIds(target, '$1::uuid')})`);
  return ways.length > 0 ? `(${ways.join(' or ')}) and not ${isSample(object, 't.id', '$1::uuid')}` : null;
}

/** SQL: records of the sample that somebody touched since; $1 its cause. What Perigon found out about them by itself keeps none. */
const editedSql = (object: ModelObject): string =>
  `t.id in (${sampleIds(object, '$1::uuid')}) and exists (select 1 from changes d join causes k on k.id = d.cause where d.record_id = t.id and d.cause <> $1::uuid and k.actor_id is not null)`;

/** Whether it is here, how much of it, and what is the company's own that hangs on it. */
export async function sampleStatus(ctx: Pick<Context, 'db' | 'model'>): Promise<SampleStatus> {
  const held = await readHeld(ctx.db);
  if (!held) return { state: 'none', job: null, counts: {}, total: 0, groups: [] };
  const [job] = await ctx.db.query<{ state: string }>('select state from jobs where id = $1::uuid', [held.job]);
  const live = job?.state === 'queued' || job?.state === 'running';
  const state = live ? held.phase : held.phase === 'loading' && job?.state === 'done' ? 'loaded' : 'broken';
  const rows = await ctx.db.query<{ object: string; n: number }>(
    `select object, count(*)::int as n from changes where cause = $1::uuid and action = 'create' group by object order by 1`,
    [held.cause],
  );
  const groups = live ? [] : await groupsOf(ctx, held);
  return {
    state,
    job: held.job,
    counts: Object.fromEntries(rows.map((row) => [row.object, row.n])),
    total: rows.reduce((sum, row) => sum + row.n, 0),
    groups,
  };
}

async function groupsOf(ctx: Pick<Context, 'db' | 'model'>, held: Held): Promise<Group[]> {
  const groups: Group[] = [];
  for (const object of ctx.model.objects.values()) {
    for (const [kind, where] of [
      ['hanging', hangingSql(ctx, object)],
      ['edited', editedSql(object)],
    ] as const) {
      if (where === null) continue;
      const rows = await ctx.db.query<{ id: string; title: string | null; n: number }>(
        `select t.id, ${titleSql(object, 't')} as title, count(*) over ()::int as n from ${object.table} t where ${where} order by t.id limit ${EXAMPLES}`,
        [held.cause],
      );
      if (rows.length > 0)
        groups.push({
          key: `${kind}.${object.key}`,
          kind,
          object: object.key,
          count: rows[0]?.n ?? 0,
          examples: rows.map(({ id, title }) => ({ id, title: title ?? '' })),
        });
    }
  }
  return groups;
}

/** What becomes of the groups: kept or removed each, and what of those not named. */
export interface Choice {
  keep: readonly string[];
  remove: readonly string[];
  rest?: 'keep' | 'remove';
}

/** Puts the removal into the queue; gives its job. Refused while a group is there that nobody decided about. */
export async function startRemoval(ctx: Context, choice: Choice): Promise<string> {
  const status = await sampleStatus(ctx);
  if (status.state === 'none') throw notFound('There is no sample company here.');
  if (status.state === 'loading' || status.state === 'removing')
    throw conflict('The sample company is being worked at. Wait for it, or stop the job first.');
  const open = status.groups.filter((group) => !choice.rest && !choice.keep.includes(group.key) && !choice.remove.includes(group.key));
  if (open.length > 0)
    throw conflict(
      'Some records of your own hang on the sample company. Say for each kind whether to keep or remove them.',
      open.map((group) => ({
        path: group.key,
        code: 'undecided',
        detail: `${group.count}: ${group.examples.map(({ title }) => title).join(', ')}`,
      })),
    );
  const remove = status.groups
    .filter((group) => choice.remove.includes(group.key) || (choice.rest === 'remove' && !choice.keep.includes(group.key)))
    .map((group) => group.key);
  return transact(ctx, async (tx) => {
    const held = await readHeld(tx);
    if (!held) throw notFound('There is no sample company here.');
    const job = await enqueueJob(tx, {
      kind: 'sampleRemove',
      payload: { causeKind: 'sample', remove },
      actor: ctx.actor,
      causeId: newId(),
      total: status.total,
    });
    await writeHeld(tx, { ...held, phase: 'removing', job });
    return job;
  });
}

export const sampleRemoveJob: JobHandler = async ({ job, ctx, save, cancelled }) => {
  const held = await readHeld(ctx.db);
  if (held?.phase !== 'removing') return { removed: job.done };
  const remove = new Set((job.payload.remove as string[] | undefined) ?? []);
  const objects = [...ctx.model.objects.values()].reverse();
  let done = Number(job.done);
  /** Takes ids away until none are left; false when told to stop. */
  const takeAll = async (
    object: ModelObject,
    ids: () => Promise<string[]>,
    before?: (tx: Tx, ids: string[]) => Promise<void>,
  ): Promise<boolean> => {
    for (;;) {
      if (cancelled()) return false;
      const chunk = await ids();
      if (chunk.length === 0) return true;
      await ctx.db.transaction(async (tx) => {
        await before?.(tx, chunk);
        await purge(tx, ctx, object, chunk, held.cause);
        await save(tx, { done: done + chunk.length });
      });
      done += chunk.length;
    }
  };
  const idsWhere = async (object: ModelObject, where: string): Promise<string[]> =>
    (
      await ctx.db.query<{ id: string }>(`select t.id from ${object.table} t where ${where} order by t.id limit ${CHUNK}`, [held.cause])
    ).map((row) => row.id);

  // What was reckoned of the sample's records as well is reckoned anew of what stays.
  const forgetReckoned = async (): Promise<boolean> => {
    if (!(await restForecasts(ctx.db, cancelled))) return false;
    for (const object of objects.filter((one) => one.reckoned))
      if (!(await takeAll(object, () => idsWhere(object, '$1::uuid is not null')))) return false;
    return true;
  };
  if (!(await forgetReckoned())) return { removed: done, unfinished: true };
  // Own records that are not wanted any more.
  for (const object of objects) {
    const where = remove.has(`hanging.${object.key}`) ? hangingSql(ctx, object) : null;
    if (where && !(await takeAll(object, () => idsWhere(object, where)))) return { removed: done, unfinished: true };
  }
  await keep(ctx, held, remove);
  await replacePeople(ctx, held, job.actorId);
  for (const object of objects.filter(({ key }) => key !== 'exchangeRate'))
    if (!(await takeAll(object, () => nextSample(ctx.db, object, held.cause)))) return { removed: done, unfinished: true };
  // Rates at last, when the amounts that they convert are the company's own: those are reckoned anew without them.
  const rates = ctx.model.objects.get('exchangeRate');
  if (
    rates &&
    !(await takeAll(
      rates,
      () => nextSample(ctx.db, rates, held.cause),
      async (tx, ids) => {
        const live = await tx.query<{ id: string }>(`select id from ${rates.table} where id = any($1::uuid[]) and deleted_at is null`, [
          ids,
        ]);
        await writeIn(
          tx,
          ctx,
          rates,
          live.map(({ id }) => ({ op: 'delete', id })),
          { trusted: true },
        );
      },
    ))
  )
    return { removed: done, unfinished: true };
  // One that was begun meanwhile may have seen a part of it.
  if (!(await forgetReckoned())) return { removed: done, unfinished: true };
  await finish(ctx, held);
  return { removed: done };
};

/** Ends forecasts that are being taken: they would write of what goes. False when told to stop before. */
async function restForecasts(q: Queryable, stopped: () => boolean): Promise<boolean> {
  for (;;) {
    const running = await q.query<{ state: string }>(
      `update jobs set cancel_requested = true, state = case when state = 'queued' then 'cancelled' else state end,
         finished_at = case when state = 'queued' then now() end
       where kind = 'forecast' and state in ('queued', 'running') returning state`,
    );
    if (!running.some(({ state }) => state === 'running')) return true;
    if (stopped()) return false;
    await sleep(200);
  }
}

const nextSample = async (q: Queryable, object: ModelObject, cause: string): Promise<string[]> =>
  (
    await q.query<{ id: string }>(
      `${sampleIds(object, '$1::uuid').replace('c.record_id', 'c.record_id as id')} order by c.seq limit ${CHUNK}`,
      [cause],
    )
  ).map((row) => row.id);

/** Drops from the sample what somebody changed and wants to keep, and all that kept and own records stand on. */
async function keep(ctx: Context, held: Held, remove: ReadonlySet<string>): Promise<void> {
  const drop = (tx: Tx, where: string) =>
    tx.query(
      `with kept as (update changes set cause = $2::uuid where cause = $1::uuid and record_id in (${where}) returning 1)
       select 1 as ok from kept limit 1`,
      [held.cause, held.kept],
    );
  await ctx.db.transaction(async (tx) => {
    await tx.query(
      `insert into causes (id, kind, label, actor_kind, actor_id) values ($1::uuid, 'sample', 'Kept from the sample company', $2::text, $3::uuid) on conflict (id) do nothing`,
      [held.kept, ctx.actor.kind, ctx.actor.userId],
    );
    for (const object of ctx.model.objects.values())
      if (!remove.has(`edited.${object.key}`))
        await drop(
          tx,
          `select t.id from ${object.table} t where ${editedSql(object).replaceAll('d.cause <> $1::uuid', 'd.cause <> $1::uuid and d.cause <> $2::uuid')}`,
        );
    for (let more = true; more; ) {
      more = false;
      // What is reckoned of the sample goes with it, even what was taken a moment ago: it keeps nothing.
      for (const object of [...ctx.model.objects.values()].filter((one) => !one.reckoned))
        for (const { column, target } of toThings(ctx, object)) {
          const named = `select t.${column} from ${object.table} t where t.${column} in (${sampleIds(target, '$1::uuid')}) and not ${isSample(object, 't.id', '$1::uuid')}`;
          if ((await drop(tx, named)).length > 0) more = true;
        }
    }
    // Rows of the log went over to another cause, which the list of causes by object does not see by itself.
    await tx.query(
      `insert into cause_objects (cause, object, kind, actor_id, at)
       select c.id, w.object, c.kind, c.actor_id, c.at from (select distinct object from changes where cause = $1::uuid) w, causes c
       where c.id = $1::uuid on conflict do nothing`,
      [held.kept],
    );
    await tx.query('delete from causes where id = $1::uuid and not exists (select 1 from changes where cause = $1::uuid)', [held.kept]);
  });
}

/** Where own records name people of the sample, whoever removes it takes their place. */
async function replacePeople(ctx: Context, held: Held, asker: string | null): Promise<void> {
  // Who came with it themselves goes, too.
  const came =
    asker !== null &&
    (await ctx.db.query(`select 1 as ok where $2::uuid in (${sampleIds(ctx.model.object('user'), '$1::uuid')})`, [held.cause, asker]))
      .length > 0;
  const by = came ? null : asker;
  for (const object of ctx.model.objects.values())
    for (const { column, key, target } of referencesOf(ctx, object)) {
      if (target.key !== 'user') continue;
      for (;;) {
        const rows = await ctx.db.query<{ id: string }>(
          `select t.id from ${object.table} t where t.${column} in (${sampleIds(target, '$1::uuid')}) and t.deleted_at is null and not ${isSample(object, 't.id', '$1::uuid')} order by t.id limit 500`,
          [held.cause],
        );
        if (rows.length === 0) break;
        await write(
          ctx,
          object,
          rows.map(({ id }) => ({ op: 'update', id, values: { [key]: by } })),
          { trusted: true },
        );
      }
    }
}

/** The last traces: counters that only the sample used, its job, and the note that it is here. */
async function finish(ctx: Context, held: Held): Promise<void> {
  await forgetWords(ctx.db);
  await ctx.db.transaction(async (tx) => {
    for (const object of ctx.model.objects.values())
      for (const field of object.declared) {
        if (field.type !== 'autoNumber') continue;
        const name = `${object.key}.${field.key}`;
        const now = await tx.query<{ period: number; last: number }>('select period, last from counters where name = $1::text for update', [
          name,
        ]);
        for (const { period, last } of now) {
          const was = held.counters.find((counter) => counter.name === name && counter.period === period)?.last ?? 0;
          const [left] = await tx.query<{ n: number | null }>(
            `select max(${field.column}_rank % ${YEAR_RANK})::bigint as n from ${object.table} where (${field.column}_rank / ${YEAR_RANK})::int = $1::int`,
            [period],
          );
          if (last === was || Number(left?.n ?? 0) > was) continue;
          await tx.query(
            was === 0
              ? 'delete from counters where name = $1::text and period = $2::int and $3::bigint = 0'
              : 'update counters set last = $3::bigint where name = $1::text and period = $2::int',
            [name, period, was],
          );
        }
      }
    // What was measured while it was there counts its records, too; the next night measures anew. Its cause went with its last record.
    await tx.query(
      `with sample as (select created_at as at from jobs where id = $1::uuid),
         gone as (delete from quality_scores where day >= (select (at - interval '1 day')::date from sample))
       delete from quality_measured where at >= (select at from sample)`,
      [held.loadJob],
    );
    await tx.query(`delete from jobs where kind = 'forecast' and state not in ('queued', 'running')`);
    await tx.query('delete from notices where job_id = $1::uuid', [held.loadJob]);
    await tx.query(`delete from jobs where id = $1::uuid or (kind = 'sampleRemove' and id <> $2::uuid)`, [held.loadJob, held.job]);
    await forgetCauses(tx, [held.cause]);
    await tx.query(`delete from settings where key = 'sample'`);
    // What was taken away stands in no log: open pages fetch anew, on whichever server they are.
    await tx.query('select pg_notify($1::text, $2::text)', [LIVE_CHANNEL, JSON.stringify({ reset: true })]);
    tx.afterCommit(ctx.wrote);
  });
}
