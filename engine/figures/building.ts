import { createHash } from 'node:crypto';
import { type Actor, SYSTEM } from '#engine/access/actor.ts';
import { isCustomKey } from '#engine/declare/catalogue.ts';
import { type BoundField, instantText } from '#engine/declare/field.ts';
import { FOREIGN } from '#engine/declare/fields/money/money.ts';
import { figuresOf, figuresTable } from '#engine/declare/figures.ts';
import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { rollUpsOf } from '#engine/declare/roll-ups.ts';
import type { Context } from '#engine/record/context.ts';
import { FIGURES, figuresBehind, reckonFigures } from '#engine/record/figures.ts';
import type { Db, Queryable, Tx } from '#engine/store/db.ts';
import { isObject, type JsonObject, sameJson } from '#kit/json.ts';

/**
 * How figures come to the records that are there: chunk by chunk, as a job. Until it has ended a new figure is `building`: shown
 * as empty, and nothing can be asked of it. Rebuilding one that is ready leaves it so: it is mended record by record.
 */

/** Puts a job into the queue. */
export type Enqueue = (q: Queryable, o: { kind: string; label: string; payload: JsonObject; actor: Actor }) => Promise<string>;

/** What building needs of the job it runs in. */
export interface BuildRun {
  job: { payload: JsonObject; progress: JsonObject; done: number };
  ctx: Context;
  save(tx: Queryable | null, o: { progress?: JsonObject; done?: number; total?: number }): Promise<void>;
  cancelled(): boolean;
}

/** Records reckoned in one transaction. */
const CHUNK = 500;
/** While the reader of the log is further behind, a chunk would have to subtract too much. */
const BEHIND = 10_000;

/** What a figure is declared as: another declaration is another figure. */
const declared = (model: Model): Map<string, { object: ModelObject; field: string; declared: string }> =>
  new Map(
    rollUpsOf(model).all.map(({ object, field }) => [
      `${object.key}.${field.key}`,
      { object, field: field.key, declared: createHash('sha256').update(writtenAs(field)).digest('hex').slice(0, 16) },
    ]),
  );

/** A declaration as text; one from the catalogue comes back from the base with its keys in another order. */
const writtenAs = ({ key, derived, with: own }: BoundField): string =>
  JSON.stringify(
    derived?.with,
    isCustomKey(key) ? (_, value: unknown) => (isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value) : undefined,
    // What lies beside a sum came later than sums.
  ) + (own.foreign === true ? FOREIGN : '');

/** Notes figures that are new or declared otherwise than before; those of an object without records are ready at once. */
export async function noteFigures(db: Db, model: Model): Promise<void> {
  const known = new Map(
    (await db.query<{ object: string; field: string; declared: string }>('select object, field, declared from figures')).map((row) => [
      `${row.object}.${row.field}`,
      row.declared,
    ]),
  );
  for (const [name, one] of declared(model)) {
    if (known.get(name) === one.declared) continue;
    const [any] = await db.query(`select 1 as ok from ${one.object.table} limit 1`);
    await db.query(
      `insert into figures (object, field, declared, state) values ($1::text, $2::text, $3::text, $4::text)
       on conflict (object, field) do update set declared = excluded.declared, state = excluded.state, at = now()`,
      [one.object.key, one.field, one.declared, any ? 'building' : 'ready'],
    );
  }
}

/** Figures that are being built, as `party.openCases`. */
export async function loadBuilding(q: Queryable): Promise<ReadonlySet<string>> {
  const rows = await q.query<{ name: string }>(`select object || '.' || field as name from figures where state = 'building'`);
  return new Set(rows.map((row) => row.name));
}

/** Puts the building of figures into the queue, unless the same waits there already; gives its job. */
export async function startBuilding(
  q: Queryable,
  enqueue: Enqueue,
  object: ModelObject,
  fields: readonly string[] | null,
  actor = SYSTEM,
): Promise<string> {
  const payload: JsonObject = { object: object.key, fields: fields === null ? null : [...fields].sort() };
  const [same] = await q.query<{ id: string }>(
    `select id from jobs where kind = 'figures' and state = 'queued' and payload @> $1::jsonb and payload -> 'fields' = $1::jsonb -> 'fields' limit 1`,
    [JSON.stringify(payload)],
  );
  return same?.id ?? enqueue(q, { kind: 'figures', label: object.key, payload, actor });
}

/** Above this many records that changed past the log their figures are mended by a job. */
const MEND_AT_ONCE = 10_000;

/** Mends the figures that stand on records which were changed past the log; in the transaction that did it, once it has. */
export async function mendFigures(tx: Tx, model: Model, enqueue: Enqueue, source: ModelObject, ids: readonly string[]): Promise<void> {
  if (ids.length === 0 || rollUpsOf(model).over(source.key).length === 0) return;
  if (ids.length > MEND_AT_ONCE) {
    const objects = new Set(
      rollUpsOf(model)
        .over(source.key)
        .map(({ object }) => object),
    );
    for (const object of objects) await startBuilding(tx, enqueue, object, null);
    return;
  }
  for (const { object, ids: records } of await figuresBehind(tx, model, source, ids))
    for (let at = 0; at < records.length; at += CHUNK) await reckonFigures(tx, model, object, records.slice(at, at + CHUNK));
}

/** Starts the building of all figures that wait for it. */
export async function buildNew(db: Db, model: Model, enqueue: Enqueue): Promise<void> {
  const building = await loadBuilding(db);
  for (const object of model.objects.values()) {
    const fields = figuresOf(object).filter((field) => building.has(`${object.key}.${field.key}`));
    if (fields.length === 0) continue;
    const live = await db.query<{ fields: string[] | null; begun: Record<string, string> | null; state: string }>(
      `select payload -> 'fields' as fields, progress -> 'declared' as begun, state from jobs
       where kind = 'figures' and state in ('queued', 'running') and payload ->> 'object' = $1::text`,
      [object.key],
    );
    const now = declarationsOf(model, object);
    // What is being built as it was declared before does not become what it is now.
    const begun = (key: string) =>
      live.some((job) => (job.fields === null || job.fields.includes(key)) && (job.state === 'queued' || job.begun?.[key] === now[key]));
    const waiting = fields.map((field) => field.key).filter((key) => !begun(key));
    if (waiting.length > 0) await startBuilding(db, enqueue, object, waiting);
  }
}

/**
 * Two versions of the server may run at once, and the other one may have kept figures until now: those it did not know have
 * missed what came meanwhile.
 */
export async function takeOver(db: Db, model: Model, enqueue: Enqueue): Promise<void> {
  const own = [...declared(model)].map(([name, one]) => `${name} ${one.declared}`).sort();
  const [held] = await db.query<{ value: string[] }>(`select value from settings where key = 'figures'`);
  if (JSON.stringify(held?.value) === JSON.stringify(own)) return;
  const kept = new Set(held?.value ?? own);
  // All of an object in one walk over its records.
  const missed = new Map<ModelObject, string[]>();
  for (const [name, one] of declared(model))
    if (!kept.has(`${name} ${one.declared}`)) missed.set(one.object, [...(missed.get(one.object) ?? []), one.field]);
  for (const [object, fields] of missed) await startBuilding(db, enqueue, object, fields);
  await db.query(`insert into settings (key, value) values ('figures', $1::jsonb) on conflict (key) do update set value = excluded.value`, [
    JSON.stringify(own),
  ]);
}

/** How the figures of an object are declared, by field. */
const declarationsOf = (model: Model, object: ModelObject): Record<string, string> =>
  Object.fromEntries([...declared(model).values()].filter((one) => one.object === object).map((one) => [one.field, one.declared]));

/** Reckons figures of all records of an object anew. Goes on behind the last chunk after a crash, unless they are declared otherwise by then. */
export const figuresJob = async ({ job, ctx, save, cancelled }: BuildRun, enqueue: Enqueue): Promise<JsonObject> => {
  const object = ctx.model.object(String(job.payload.object));
  const wanted = Array.isArray(job.payload.fields) ? new Set(job.payload.fields as string[]) : null;
  const declarations = declarationsOf(ctx.model, object);
  // Another server is ahead of this one: it shall have it, or this one once it knows.
  const ahead = await declaredOtherwise(ctx.db, object, wanted, declarations);
  if (ahead.length > 0) {
    await new Promise((resolve) => setTimeout(resolve, KNOWN_MS));
    await startBuilding(ctx.db, enqueue, object, wanted && [...wanted]);
    return { done: 0, mended: 0 };
  }
  const goesOn = sameJson(job.progress.declared ?? declarations, declarations);
  const [counted] = await ctx.db.query<{ n: number }>(`select count(*)::bigint as n from ${object.table}`);
  let after = goesOn ? String(job.progress.after ?? FIRST) : FIRST;
  let done = goesOn ? Number(job.done) : 0;
  let mended = Number(job.progress.mended ?? 0);
  await save(null, { progress: { after, mended, declared: declarations }, total: Math.max(counted?.n ?? 0, done) });
  for (;;) {
    if (cancelled()) return { done, mended, unfinished: true };
    if (await isBehind(ctx.db)) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    const chunk = (
      await ctx.db.query<{ id: string }>(`select id from ${object.table} where id > $1::uuid order by id limit ${CHUNK}`, [after])
    ).map((row) => row.id);
    const last = chunk.at(-1);
    if (!last) break;
    const moved = await ctx.db.transaction(async (tx) => {
      const saved = await reckonFigures(tx, ctx.model, object, chunk, { only: ({ field }) => wanted?.has(field.key) ?? true });
      await save(tx, { progress: { after: last, mended: mended + saved.length, declared: declarations }, done: done + chunk.length });
      return saved.length;
    });
    after = last;
    done += chunk.length;
    mended += moved;
  }
  mended += await fillIn(ctx, object, wanted, cancelled);
  await ctx.db.query(
    `update figures set state = 'ready', at = now() where object = $1::text and state = 'building' and ($2::text[] is null or field = any($2::text[]))
       and $3::jsonb ->> field = declared`,
    [object.key, wanted ? [...wanted] : null, JSON.stringify(declarations)],
  );
  // What was declared otherwise meanwhile is not built yet.
  const late = await declaredOtherwise(ctx.db, object, wanted, declarations);
  if (late.length > 0 && !cancelled()) await startBuilding(ctx.db, enqueue, object, late);
  if (!wanted) await ctx.db.query('delete from dead_letters where consumer = $1::text', [FIGURES]);
  return { done, mended };
};

/** Figures that are being built and are declared otherwise than here. */
async function declaredOtherwise(
  q: Queryable,
  object: ModelObject,
  wanted: ReadonlySet<string> | null,
  declarations: Record<string, string>,
): Promise<string[]> {
  const rows = await q.query<{ field: string }>(
    `select field from figures where object = $1::text and state = 'building' and ($2::text[] is null or field = any($2::text[]))
       and $3::jsonb ->> field <> declared`,
    [object.key, wanted ? [...wanted] : null, JSON.stringify(declarations)],
  );
  return rows.map(({ field }) => field);
}

/** Before all ids. */
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Within this time every server knows of a new figure. */
const KNOWN_MS = 2000;

/**
 * Records that were made meanwhile by who did not know of a new figure (another server, a job that began before) have no row of
 * figures, or one without it: nothing is ready before the last of those has ended and what it made is reckoned. Nor before the
 * reader of the log has added what was subtracted because it had yet to come to it.
 */
async function fillIn(ctx: Context, object: ModelObject, wanted: ReadonlySet<string> | null, cancelled: () => boolean): Promise<number> {
  const keys = wanted ? [...wanted] : null;
  const [head] = await ctx.db.query<{ seq: number }>('select coalesce(max(seq), 0) as seq from changes');
  for (;;) {
    const [early] = await ctx.db.query(
      `select 1 as ok from figures f where f.object = $1::text and f.state = 'building' and ($2::text[] is null or f.field = any($2::text[]))
         and (f.at > now() - make_interval(secs => $3::int / 1000.0)
           or coalesce((select cursor from consumers where name = $4::text), 0) < $5::bigint
           or exists (select 1 from jobs j where j.state = 'running' and j.kind <> 'figures' and j.started_at < f.at + make_interval(secs => $3::int / 1000.0))) limit 1`,
      [object.key, keys, KNOWN_MS, FIGURES, head?.seq ?? 0],
    );
    if (!early || cancelled()) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const present = figuresOf(object).filter((field) => field.derived?.present && (wanted?.has(field.key) ?? true));
  const lacking = ['f.id is null', ...present.map((field) => `f.${field.column} is null`)].join(' or ');
  let filled = 0;
  for (;;) {
    const ids = (
      await ctx.db.query<{ id: string }>(
        `select t.id from ${object.table} t left join ${figuresTable(object)} f on f.id = t.id where ${lacking} order by t.id limit ${CHUNK}`,
      )
    ).map((row) => row.id);
    if (ids.length === 0) return filled;
    filled += (await ctx.db.transaction((tx) => reckonFigures(tx, ctx.model, object, ids))).length;
  }
}

const isBehind = async (q: Queryable): Promise<boolean> =>
  (
    await q.query(
      `select 1 as ok from consumers where name = $1::text and cursor + $2::bigint < (select coalesce(max(seq), 0) from changes)`,
      [FIGURES, BEHIND],
    )
  ).length > 0;

export interface FigureState {
  object: string;
  field: string;
  state: 'building' | 'ready';
  at: string;
}

/** How all figures are, for administrators. */
export const figureStates = async (q: Queryable, model: Model): Promise<FigureState[]> => {
  const rows = await q.query<FigureState>(`select object, field, state, ${instantText('at')} as at from figures order by object, field`);
  const known = declared(model);
  return rows.filter((row) => known.has(`${row.object}.${row.field}`));
};
