import { mayReadField, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { recordNamesSql } from '#engine/record/causes.ts';
import type { Context } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { readAhead } from '#engine/record/values.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import { meeting } from './meeting.ts';
import { isShownSql, type Judge, judgesOf, thresholdOf } from './model.ts';
import { judge, type Pair } from './pairs.ts';
import { printOf } from './prints.ts';
import { bits, probability } from './weights.ts';

/** Why two records are likely the same one: a question, its answer, and what that weighs. */
export interface Reason {
  field: string;
  /** `given`, `family`, `email` … */
  question: string;
  /** `exact`, `close` … `differ` */
  level: string;
  /** Bits of evidence; below zero it speaks against. */
  bits: number;
}

/** Levels of the questions about fields the actor may read. */
function readableLevels(ctx: Context, object: ModelObject, by: Judge, levels: Readonly<Record<string, number>>): Record<string, number> {
  const known = by.matching.questions.filter((question) => {
    const field = object.fields.get(question.field);
    return question.id in levels && field !== undefined && mayReadField(ctx.actor, object, field);
  });
  return Object.fromEntries(known.map(({ id }) => [id, levels[id] ?? -1]));
}

/** The reasons the actor may know, the strongest first; what speaks against stands at the end. */
function reasonsOf(by: Judge, levels: Readonly<Record<string, number>>): Reason[] {
  return by.matching.questions
    .flatMap((question) => {
      const level = levels[question.id];
      if (level === undefined) return [];
      const weight = Math.round(bits(by.weights, question.id, level) * 10) / 10;
      return [{ field: question.field, question: question.key, level: question.levels[level] ?? '', bits: weight }];
    })
    .sort((a, b) => b.bits - a.bits);
}

/** Fields by which a person tells two records apart: the list's columns and what is compared. */
function shownFields(ctx: Context, object: ModelObject): string[] {
  const keys = [...new Set([object.title, ...object.list.columns, ...Object.keys(object.duplicates?.compare ?? {}), 'createdAt'])];
  return keys.filter((key) => {
    const field = object.fields.get(key.split('.')[0] ?? '');
    return field !== undefined && mayReadField(ctx.actor, object, field);
  });
}

/** The records of some ids that the actor may read, as JSON values by id. */
async function records(ctx: Context, object: ModelObject, ids: readonly string[]): Promise<Map<string, { id: string }>> {
  if (ids.length === 0) return new Map();
  const page = await readPage(
    ctx,
    object,
    { where: { all: [{ field: 'id', op: 'in', value: ids }] }, fields: shownFields(ctx, object), sort: ['id'], limit: ids.length },
    { max: 1000 },
  );
  return new Map(
    recordsOf(page).map((text) => {
      const record: { id: string } = JSON.parse(text);
      return [record.id, record];
    }),
  );
}

/** The record that one of many new ones is most likely the same as. */
export interface NearestRecord {
  id: string;
  name: string | null;
  likelihood: number;
}

/**
 * For each of many records not yet written (canonical values), the one already there that it is likely the same as, from the
 * judge's threshold on; null where there is none that the actor may read.
 */
export async function nearestRecords(
  ctx: Context,
  object: ModelObject,
  list: readonly Readonly<Record<string, unknown>>[],
): Promise<(NearestRecord | null)[]> {
  const judges = await judgesOf(ctx.db, object);
  const places = new Map<string, number>();
  const prints = list.flatMap((values, place) => {
    const whole: Record<string, unknown> = { ...values };
    for (const field of object.declared) if (!(field.key in whole) && field.default !== undefined) whole[field.key] = field.default;
    const print = printOf(object, newId(), whole);
    if (print) places.set(print.id, place);
    return print ?? [];
  });
  const best = new Map<number, { id: string; likelihood: number; evidence: number }>();
  for (const { mine, theirs } of await meeting(ctx.db, object, prints)) {
    const by = judges.get(mine.variant);
    const pair = by && judge(by, mine, theirs, by.threshold);
    const place = places.get(mine.id);
    if (!pair || place === undefined) continue;
    if (pair.evidence > (best.get(place)?.evidence ?? Number.NEGATIVE_INFINITY))
      best.set(place, { id: theirs.id, likelihood: round(pair.likelihood), evidence: pair.evidence });
  }
  if (best.size === 0) return list.map(() => null);
  const params = new Params();
  const sql = recordNamesSql(ctx, object, [...new Set([...best.values()].map((one) => one.id))], params);
  const names = new Map(
    (await ctx.db.query<{ id: string; name: string | null }>(sql, params.values)).map((row) => [row.id, row.name] as const),
  );
  return list.map((_, place) => {
    const found = best.get(place);
    return found && names.has(found.id) ? { id: found.id, name: names.get(found.id) ?? null, likelihood: found.likelihood } : null;
  });
}

/** A record that may be the one being written, and why. */
export interface Like {
  likelihood: number;
  reasons: Reason[];
  record: { id: string };
}

/**
 * Records that the actor may read and that are likely the one with these wire values: asked while somebody types, so values
 * that cannot be read yet are passed over. `id` is the record itself where it exists.
 */
export async function likeValues(
  ctx: Context,
  object: ModelObject,
  input: Readonly<Record<string, unknown>>,
  o: { id?: string | null; limit?: number } = {},
): Promise<Like[]> {
  requireVerb(ctx.actor, object, 'read');
  const { values } = readAhead(object, input, ctx);
  for (const field of object.declared) if (!(field.key in values) && field.default !== undefined) values[field.key] = field.default;
  const mine = printOf(object, o.id && isId(o.id) ? o.id : '00000000-0000-0000-0000-000000000000', values);
  if (!mine) return [];
  const by = (await judgesOf(ctx.db, object)).get(mine.variant);
  if (!by) return [];
  const found = (await meeting(ctx.db, object, [mine]))
    .flatMap(({ theirs }) => {
      const pair = judge(by, mine, theirs, by.typing);
      return pair ? [{ pair, id: theirs.id }] : [];
    })
    .sort((a, b) => b.pair.evidence - a.pair.evidence)
    .slice(0, 50);
  const readable = await records(
    ctx,
    object,
    found.map(({ id }) => id),
  );
  return found
    .flatMap(({ pair, id }) => {
      const record = readable.get(id);
      return record ? [{ likelihood: round(pair.likelihood), reasons: reasonsOf(by, pair.levels), record }] : [];
    })
    .slice(0, o.limit ?? 5);
}

const levelsOf = (by: Judge, levels: Readonly<Record<string, number>>): Int8Array =>
  Int8Array.from(by.matching.questions, ({ id }) => levels[id] ?? -1);

const round = (likelihood: number): number => Math.round(likelihood * 1000) / 1000;

/** Two records of the queue, side by side. */
export interface Duplicate {
  id: string;
  object: string;
  state: 'open' | 'dismissed' | 'merged';
  likelihood: number;
  foundAt: string;
  reasons: Reason[];
  records: { id: string }[];
}

interface QueueRow extends Pair {
  id: string;
  state: Duplicate['state'];
  variant: string | null;
  foundAt: string;
}

const MAX = 100;
/** As far as pairs are counted: beyond it nobody needs to know how many. */
const MAX_COUNT = 1000;

/** The queue of an object, the most certain first: pairs of which the actor may read both. */
export async function listDuplicates(
  ctx: Context,
  object: ModelObject,
  o: { state?: Duplicate['state']; record?: string; cursor?: string; limit?: number; count?: boolean } = {},
): Promise<{ items: Duplicate[]; next: string | null; count?: { value: number; exact: boolean } }> {
  requireVerb(ctx.actor, object, 'read');
  const limit = Math.min(o.limit ?? 30, MAX);
  const params = new Params();
  const cursor = readCursor(o.cursor);
  const visible = (column: string, t: string) => {
    const scope = scopeCondition(ctx.model, ctx.actor, object, 'read', t, params);
    return `exists (select 1 from ${object.table} ${t} where ${and([`${t}.id = ${column}`, `${t}.deleted_at is null`, scope])})`;
  };
  const record = o.record === undefined ? null : params.add(isId(o.record) ? o.record : null, 'uuid');
  const where = and([
    `d.object = ${params.add(object.key, 'text')}`,
    // Written out, so that the index over open ones serves it.
    `d.state = '${o.state === 'dismissed' ? 'dismissed' : o.state === 'merged' ? 'merged' : 'open'}'`,
    // What somebody decided about stays in sight, however likely it is.
    (o.state ?? 'open') === 'open' ? isShownSql(params.add(await thresholdOf(ctx.db, object), 'real')) : null,
    record && `(d.one = ${record} or d.other = ${record})`,
    cursor && `(d.evidence, d.id) < (${params.add(cursor.evidence, 'real')}, ${params.add(cursor.id, 'uuid')})`,
    visible('d.one', 'r1'),
    visible('d.other', 'r2'),
  ]);
  let count: { value: number; exact: boolean } | undefined;
  if (o.count) {
    const [row] = await ctx.db.query<{ n: number }>(
      `select count(*)::int as n from (select 1 from duplicates d where ${where} limit ${MAX_COUNT + 1}) counted`,
      params.values,
    );
    const n = row?.n ?? 0;
    count = { value: Math.min(n, MAX_COUNT), exact: n <= MAX_COUNT };
  }
  const rows = await ctx.db.lists<QueueRow>(
    `select d.id, d.one, d.other, d.evidence, d.likelihood, d.levels, d.state, p.variant, ${instantText('d.found_at')} as "foundAt"
     from duplicates d left join match_prints p on p.record_id = d.one
     where ${where} order by d.evidence desc, d.id desc limit ${params.add(limit + 1, 'integer')}`,
    params.values,
  );
  const page = rows.slice(0, limit);
  const judges = await judgesOf(ctx.db, object);
  const readable = await records(ctx, object, [...new Set(page.flatMap(({ one, other }) => [one, other]))]);
  const items = page.flatMap((row): Duplicate[] => {
    const by = judges.get(row.variant ?? '');
    const both = [readable.get(row.one), readable.get(row.other)].flatMap((one) => one ?? []);
    if (both.length < 2) return [];
    if (!by) return [];
    // Judged by what the actor may read alone: or the queue would tell them that hidden values are the same.
    const levels = readableLevels(ctx, object, by, row.levels);
    const hidden = Object.keys(levels).length < Object.keys(row.levels).length;
    const likelihood = hidden ? probability(by.matching.questions, by.weights, levelsOf(by, levels)) : row.likelihood;
    if (hidden && likelihood < by.threshold) return [];
    return [
      {
        id: row.id,
        object: object.key,
        state: row.state,
        likelihood: round(likelihood),
        foundAt: row.foundAt,
        reasons: reasonsOf(by, levels),
        records: both,
      },
    ];
  });
  const last = page.at(-1);
  return {
    ...(count ? { count } : {}),
    items,
    next: rows.length > limit && last ? Buffer.from(`${last.evidence} ${last.id}`).toString('base64url') : null,
  };
}

function readCursor(text: string | undefined): { evidence: number; id: string } | null {
  if (!text) return null;
  const [evidence, id] = Buffer.from(text, 'base64url').toString().split(' ');
  if (!Number.isFinite(Number(evidence)) || !isId(id))
    throw invalid('The cursor cannot be read.', [{ path: 'cursor', code: 'cursor', detail: 'Not a cursor of this list.' }]);
  return { evidence: Number(evidence), id };
}

/** Says that two records are not the same one, or takes that back. Who may change both may say so. */
export async function decideDuplicate(ctx: Context, id: string, state: 'open' | 'dismissed'): Promise<{ id: string; state: string }> {
  if (!isId(id)) throw notFound();
  const [row] = await ctx.db.query<{ object: string; one: string; other: string }>(
    `select object, one, other from duplicates where id = $1::uuid and state <> 'merged'`,
    [id],
  );
  const object = row && ctx.model.objects.get(row.object);
  if (!row || !object || ctx.actor.rights.scope(object.key, 'read') === 'none') throw notFound();
  const readable = await records(ctx, object, [row.one, row.other]);
  if (readable.size < 2) throw notFound();
  requireVerb(ctx.actor, object, 'update');
  const params = new Params();
  const both = params.add([row.one, row.other], 'uuid[]');
  const scope = scopeCondition(ctx.model, ctx.actor, object, 'update', 't', params);
  const [within] = await ctx.db.query<{ n: number }>(
    `select count(*)::int as n from ${object.table} t where ${and([`t.id = any(${both})`, 't.deleted_at is null', scope])}`,
    params.values,
  );
  if ((within?.n ?? 0) < 2) throw notFound();
  await ctx.db.query(
    `update duplicates set state = $2::text, decided_by = case when $2::text = 'open' then null else $3::uuid end, decided_at = case when $2::text = 'open' then null else now() end where id = $1::uuid and state <> 'merged'`,
    [id, state, ctx.actor.userId],
  );
  return { id, state };
}
