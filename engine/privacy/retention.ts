import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SYSTEM } from '#engine/access/actor.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { enqueueJob, type JobHandler } from '#engine/jobs/jobs.ts';
import { type BulkState, countBulk, runBulk } from '#engine/record/bulk.ts';
import { bindContext, type Context, newCause } from '#engine/record/context.ts';
import { purge } from '#engine/record/purge.ts';
import { conditionSql } from '#engine/record/read.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { titleSql } from '#engine/store/projection.ts';
import { Params } from '#engine/store/sql.ts';
import { dateIn, hourIn } from '#kit/calendar.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';
import { mayHandlePersonalData } from './acts.ts';

/**
 * Retention: administrators say for how long something is kept, and every night what is over goes. Records go by the one door into the
 * trash, from where the night's cause brings them back, and for good some days later; persons are erased, which nothing brings back.
 * What a customer's legal hold keeps is touched by no rule.
 */

export interface RetentionRule {
  id: string;
  name: string;
  act: 'delete' | 'erase' | 'files';
  object: string | null;
  where: unknown;
  days: number;
}

const PARTY = 'party';
const HOLD = 'legalHold';
/** Configuration is not retained but kept: a rule may only speak of what holds data about customers. */
const speaksOf = (object: ModelObject): boolean => object.key === PARTY || object.party !== undefined;
/** Persons whose erasure is begun in a night: each is a job of its own. */
const ERASED_A_NIGHT = 1000;
const SHOWN = 10;
const CHUNK = 500;

/** Of what a rule speaks: its object, and its condition without what a legal hold keeps. Faults stand at the rule's fields. */
export function retentionScope(
  ctx: Context,
  rule: { act: string; object: unknown; where: unknown },
): { object: ModelObject; where: unknown; held: unknown } {
  const object = ctx.model.objects.get(String(rule.object));
  const refuse = (path: string, code: string, detail: string) => invalid('The rule cannot be followed.', [{ path, code, detail }]);
  if (!object || object.retired || !speaksOf(object)) throw refuse('object', 'unknown', 'Choose customers, or what belongs to one.');
  if (rule.act === 'erase' && object.key !== PARTY) throw refuse('object', 'otherObject', 'Only persons are erased.');
  if (rule.where === null || rule.where === undefined)
    throw refuse('condition', 'required', 'Say which records: a rule about all of them is none.');
  const hold = object.key === PARTY ? HOLD : `${object.party}.${HOLD}`;
  const persons = rule.act === 'erase' ? [{ field: 'kind', op: 'eq', value: 'person' }] : [];
  const where = { all: [rule.where, ...persons, { field: hold, op: 'ne', value: true }] };
  bindPredicate(bindContext({ ...ctx, actor: SYSTEM }), object, rule.where, 'condition');
  return { object, where, held: { all: [rule.where, ...persons, { field: hold, op: 'eq', value: true }] } };
}

export interface RetentionPreview {
  count: number;
  /** What meets the condition and is kept by a legal hold. */
  held: number;
  first: { id: string; name: string | null }[];
}

/** What a rule would do tonight. */
export async function previewRetention(ctx: Context, rule: { act: string; object: unknown; where: unknown }): Promise<RetentionPreview> {
  mayHandlePersonalData(ctx);
  const { object, where, held } = retentionScope(ctx, rule);
  const params = new Params();
  const condition = conditionSql(ctx, object, where, 't', params);
  const first = await ctx.db.lists<{ id: string; name: string | null }>(
    `select t.id, ${titleSql(object, 't')} as name from ${object.table} t where ${condition} order by t.id limit ${SHOWN}`,
    params.values,
  );
  return { count: await countBulk(ctx, object, where), held: await countBulk(ctx, object, held), first };
}

export interface RetentionRun {
  id: string;
  rule: string;
  cause: string | null;
  at: string;
  endedAt: string | null;
  /** What went into the trash, was begun to be erased, or was removed. */
  done: number;
  failed: number;
  /** What went for good of what earlier nights had put into the trash. */
  purged: number;
}

/** What rules did, latest first; of one rule where it is given. */
export async function listRetentionRuns(ctx: Context, rule: string | undefined): Promise<RetentionRun[]> {
  mayHandlePersonalData(ctx);
  if (rule !== undefined && !isId(rule)) throw notFound();
  return ctx.db.query<RetentionRun>(
    `select id, rule, cause, ${instantText('at')} as at, ${instantText('ended_at')} as "endedAt", done, failed, purged
     from retention_runs where $1::uuid is null or rule = $1::uuid order by id desc limit 50`,
    [rule ?? null],
  );
}

const RULE = `select id, name, act, object, condition as "where", days from retention_rules where deleted_at is null`;

/** Puts a rule into the queue unless it waits or runs already; gives its job. */
export async function startRetention(q: Queryable, rule: { id: string; name: string }): Promise<string> {
  const [same] = await q.query<{ id: string }>(
    `select id from jobs where kind = 'retention' and state in ('queued', 'running') and payload ->> 'rule' = $1::text limit 1`,
    [rule.id],
  );
  return (
    same?.id ??
    enqueueJob(q, { kind: 'retention', label: rule.name, payload: { rule: rule.id }, actor: SYSTEM, causeId: newCause('job').id })
  );
}

/** Runs a rule that is switched on right now, for an administrator. */
export async function runRetentionNow(ctx: Context, id: string): Promise<string> {
  mayHandlePersonalData(ctx);
  const [rule] = isId(id) ? await ctx.db.query<RetentionRule>(`${RULE} and active and id = $1::uuid`, [id]) : [];
  if (!rule) throw notFound('There is no such rule, or it is switched off.');
  return startRetention(ctx.db, rule);
}

/** The hour from which on the rules run: before anybody looks, after the nightly measuring began. */
const FROM_HOUR = 2;

/** Runs all rules once a night. */
export async function retainDaily(db: Db, env: Context['env']): Promise<void> {
  if (hourIn(env.now, env.timeZone) < FROM_HOUR) return;
  const today = dateIn(env.now, env.timeZone);
  await db.transaction(async (tx) => {
    const mine = await tx.query(
      `insert into settings (key, value) values ('retention.ranOn', to_jsonb($1::text))
       on conflict (key) do update set value = excluded.value where settings.value <> excluded.value returning key`,
      [today],
    );
    if (mine.length === 0) return;
    for (const rule of await tx.query<RetentionRule>(`${RULE} and active`)) await startRetention(tx, rule);
  });
}

/** The job: what is over goes, then for good what was put into the trash long enough ago. Broken off it goes on where it was. */
export const retentionJob: JobHandler = async ({ job, ctx, dataFolder, save, cancelled }) => {
  const [rule] = await ctx.db.query<RetentionRule>(`${RULE} and active and id = $1::uuid`, [String(job.payload.rule)]);
  // Switched off, or gone, while it waited.
  if (!rule) return { done: 0, failed: 0, purged: 0 };
  await ctx.db.query(
    `insert into retention_runs (id, rule, object, act, cause) values ($1::uuid, $2::uuid, $3::text, $4::text, $5::uuid) on conflict (id) do nothing`,
    [job.id, rule.id, rule.object, rule.act, job.causeId],
  );
  const note = (q: Queryable, o: { done?: number; failed?: number; purged?: number; ended?: boolean }) =>
    q.query(
      `update retention_runs set done = coalesce($2::int, done), failed = coalesce($3::int, failed), purged = purged + coalesce($4::int, 0),
         ended_at = case when $5::boolean then now() end where id = $1::uuid`,
      [job.id, o.done ?? null, o.failed ?? null, o.purged ?? null, o.ended ?? false],
    );
  let [done, failed, purged] = [0, 0, 0];
  if (rule.act === 'files') done = await removeFiles(dataFolder, rule.days);
  else {
    const { object, where } = retentionScope(ctx, rule);
    if (job.total === null) await save(null, { total: await countBulk(ctx, object, where) });
    if (rule.act === 'erase') done = await beginErasures(ctx, object, where);
    else {
      const state: BulkState =
        'upTo' in job.progress
          ? (job.progress as unknown as BulkState)
          : { after: null, upTo: newId(), changed: 0, unchanged: 0, failed: 0, problems: [] };
      const whole = await runBulk(ctx, object, where, { delete: true }, state, {
        save: async (tx, next) => {
          await save(tx, { progress: next as unknown as JsonObject, done: next.changed + next.failed });
          await note(tx ?? ctx.db, { done: next.changed, failed: next.failed });
        },
        cancelled,
      });
      [done, failed] = [state.changed, state.failed];
      if (!whole) return { done, failed, purged, unfinished: true };
      purged = await purgeTrashed(ctx, rule, object, (tx, n) => note(tx, { purged: n }), cancelled);
    }
  }
  await note(ctx.db, { done, failed, ended: true });
  return { done, failed, purged };
};

/** Begins to erase persons, each by the job of its own that an administrator would start. */
async function beginErasures(ctx: Context, object: ModelObject, where: unknown): Promise<number> {
  const params = new Params();
  const condition = conditionSql(ctx, object, where, 't', params);
  const rows = await ctx.db.query<{ id: string }>(
    `select t.id from ${object.table} t where ${condition} and not exists (
       select 1 from jobs j where j.kind = 'erasure' and j.state in ('queued', 'running') and j.payload ->> 'party' = t.id::text)
       and not exists (select 1 from personal_acts a where a.kind = 'erasure' and a.party_id = t.id)
     order by t.id limit ${ERASED_A_NIGHT}`,
    params.values,
  );
  for (const { id } of rows)
    await enqueueJob(ctx.db, {
      kind: 'erasure',
      payload: { party: id, reason: 'retention', causeKind: 'erasure' },
      actor: SYSTEM,
      causeId: newCause('erasure').id,
    });
  return rows.length;
}

/** Takes for good what earlier runs of the rule put into the trash: what still lies there because of them, and no hold keeps now. */
async function purgeTrashed(
  ctx: Context,
  rule: RetentionRule,
  object: ModelObject,
  note: (tx: Queryable, n: number) => Promise<unknown>,
  cancelled: () => boolean,
): Promise<number> {
  const runs = await ctx.db.query<{ id: string; cause: string }>(
    `select id, cause from retention_runs where rule = $1::uuid and act = 'delete' and object = $2::text and purged_at is null and ended_at is not null
       and ended_at < now() - make_interval(days => $3::int) and cause is not null order by id`,
    [rule.id, object.key, rule.days],
  );
  const hold = object.key === PARTY ? 't' : 'p';
  const join = object.key === PARTY ? '' : `left join parties p on p.id = t.${object.fields.get(object.party ?? '')?.column}_id`;
  let purged = 0;
  for (const run of runs) {
    for (;;) {
      if (cancelled()) return purged;
      const gone = await ctx.db.transaction(async (tx) => {
        // What was brought back and deleted again by somebody is theirs to decide on.
        const rows = await tx.query<{ id: string }>(
          `select t.id from ${object.table} t ${join} where t.deleted_at is not null and ${hold}.legal_hold is not true
             and t.id in (select c.record_id from changes c where c.cause = $1::uuid and c.object = $2::text and c.action = 'delete')
             and $1::uuid = (select c.cause from changes c where c.record_id = t.id and c.action = 'delete' order by c.seq desc limit 1)
           order by t.id limit ${CHUNK}`,
          [run.cause, object.key],
        );
        const ids = rows.map(({ id }) => id);
        if (ids.length > 0) {
          await purge(tx, ctx, object, ids);
          await note(tx, ids.length);
          tx.afterCommit(ctx.wrote);
        }
        return ids.length;
      });
      purged += gone;
      if (gone < CHUNK) break;
    }
    await ctx.db.query('update retention_runs set purged_at = now() where id = $1::uuid', [run.id]);
  }
  return purged;
}

/** Removes what lies in the data folder from imports and exports; how many files. */
async function removeFiles(dataFolder: string, days: number): Promise<number> {
  const before = Date.now() - days * 86_400_000;
  let removed = 0;
  for (const folder of ['uploads', 'imports', 'exports', 'deliveries'])
    for (const name of await readdir(join(dataFolder, folder)).catch(() => [])) {
      const path = join(dataFolder, folder, name);
      const held = await stat(path).catch(() => null);
      if (!held?.isFile() || held.mtimeMs >= before) continue;
      await rm(path, { force: true });
      removed++;
    }
  return removed;
}
