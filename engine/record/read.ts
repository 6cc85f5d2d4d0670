import { mayReadField, requireVerb, scopeBranches, scopeCondition } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type Bound, bindPredicate, resolvePath } from '#engine/declare/predicate.ts';
import { sqlState } from '#engine/store/db.ts';
import { cursorColumns, decodeCursor, encodeCursor, outerOrder, pageJoin, pageSql, planSort } from '#engine/store/page.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { defaultFields, type Joined, joinPath, pathSql } from '#engine/store/projection.ts';
import { and, ident, Params, type SqlContext } from '#engine/store/sql.ts';
import { invalid, notFound, type Problem } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { compiled } from './compiled.ts';
import { bindContext, buildingKey, type Context, sqlContext } from './context.ts';

/**
 * The one read path. Rows leave PostgreSQL as JSON text under their API names and are handed on as they are; what an actor
 * may not read is not in the statement at all.
 */

/** A record as JSON text with its version, or `notFound`. */
export async function readOne(
  ctx: Context,
  object: ModelObject,
  id: string,
  fields?: readonly string[],
): Promise<{ json: string; version: number }> {
  requireVerb(ctx.actor, object, 'read');
  if (!isId(id)) throw notFound();
  const statement = compiled(ctx.model, `one ${object.key} ${fields?.join() ?? ''} ${buildingKey(ctx)} ${ctx.actor.reach}`, () => {
    const params = new Params();
    const key = params.add(id, 'uuid');
    const list = projection(ctx, object, fields, 't', params);
    const where = and([`t.id = ${key}`, 't.deleted_at is null', scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params)]);
    return {
      text: `select x.version as v, row_to_json(x)::text as j from (select ${list.text} from ${object.table} t ${list.joins} where ${where}) x`,
      joins: '',
      values: params.values,
    };
  });
  const rows = await ctx.db.keyed<{ j: string; v: number }>(statement.text, [id, ...statement.values.slice(1)]);
  const [row] = rows;
  if (!row) throw notFound();
  return { json: row.j, version: row.v };
}

export interface ListQuery {
  where?: unknown;
  sort?: readonly string[];
  /** Field keys and paths (`customer.name`); all stored fields unless given. */
  fields?: readonly string[];
  limit?: number;
  cursor?: string | null;
  count?: boolean;
}

export const MAX_LIMIT = 500;

/** One page as JSON text: `{"items":[…],"next":…,"count":…}`. */
export async function readList(ctx: Context, object: ModelObject, query: ListQuery): Promise<string> {
  const [page, counted] = await Promise.all([readPage(ctx, object, query), query.count ? countRecords(ctx, object, query.where) : null]);
  // Where the page is all there is, its rows are the count; an estimate (a machine that has much to do) knows less than who looks.
  const whole = !query.cursor && page.next === null;
  const count = counted && (whole ? { value: page.items, exact: true } : counted);
  return `{"items":[${page.text}],"next":${JSON.stringify(page.next)}${count ? `,"count":${JSON.stringify(count)}` : ''}}`;
}

/** One page as the inside of a JSON array, with the cursor of the next. The database puts it together: one row, one text. */
export async function readPage(
  ctx: Context,
  object: ModelObject,
  query: ListQuery,
  o: { max?: number } = {},
): Promise<{ text: string; items: number; next: string | null }> {
  requireVerb(ctx.actor, object, 'read');
  const limit = query.limit ?? 60;
  const max = o.max ?? MAX_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > max)
    throw invalid('The limit is out of range.', [{ path: 'limit', code: 'range', detail: `Between 1 and ${max}.` }]);
  const list = compiled(ctx.model, `list ${object.key} ${query.fields?.join() ?? ''} ${buildingKey(ctx)} ${ctx.actor.reach}`, () => {
    const params = new Params();
    return { ...projection(ctx, object, query.fields, 'r', params), values: params.values };
  });
  const params = new Params(list.values);
  const sql = sqlContext(ctx, params);
  const sort = query.sort && query.sort.length > 0 ? query.sort : object.list.sort;
  const plan = planSort(bindContext(ctx), object, sort, 't', sql);
  const scopes = scopeBranches(ctx.model, ctx.actor, object, 'read', 't', params);
  if (scopes === null) throw notFound();
  const where =
    query.where === undefined || query.where === null ? 'true' : toSql(bindPredicate(bindContext(ctx), object, query.where), 't', sql);
  const cursor = query.cursor ? decodeCursor(sort, plan, query.cursor) : null;
  // Where no two branches can give the same row, the page brings its rows along.
  const whole = scopes.length <= 1;
  const page = pageSql(object, 't', plan, { where, scopes, cursor, limit: params.add(limit + 1, 'integer'), ctx: sql, whole });
  const p = whole ? 'r' : 'p';
  const limitParam = params.add(limit, 'bigint');
  const [row] = await ctx.db.lists<Record<string, string | null> & { n: number }>(
    `with page as materialized (${page})
     select string_agg(z.j, '${BETWEEN}' order by z.n) filter (where z.n <= ${limitParam}) as items, count(*)::int as n,
       max(z.id::text) filter (where z.n = ${limitParam}) as id${plan.keys.map((_, i) => `, max(z.c${i}) filter (where z.n = ${limitParam}) as c${i}`).join('')}
     from (
       select row_number() over (order by ${outerOrder(plan, p)}) as n, row_to_json(x)::text as j, ${p}.id${cursorColumns(plan, p)}
       from page ${whole ? 'r' : `p join ${object.table} r on ${pageJoin(object, 'r', 'p')}`} ${list.joins} cross join lateral (select ${list.text}) x) z`,
    params.values,
  );
  const more = (row?.n ?? 0) > limit;
  const next = more && row ? encodeCursor(sort, { values: plan.keys.map((_, i) => row[`c${i}`] ?? null), id: row.id ?? '' }) : null;
  return { text: row?.items ?? '', items: Math.min(row?.n ?? 0, limit), next };
}

/** What stands between the records of a page; a line end cannot stand inside JSON text, so it also tells them apart. */
const BETWEEN = ',\n';

/** The records of a page, one by one. */
export const recordsOf = (page: { text: string }): string[] => (page.text === '' ? [] : page.text.split(BETWEEN));

/** The select list of a reading: declared fields, or the named fields and paths. */
function projection(
  ctx: Context,
  object: ModelObject,
  fields: readonly string[] | undefined,
  t: string,
  params: Params,
): { text: string; joins: string } {
  const sql = sqlContext(ctx, params, 'f');
  if (!fields || fields.length === 0) {
    const keys = defaultFields(object)
      .filter((field) => mayReadField(ctx.actor, object, field))
      .map((field) => field.key);
    return projected(ctx, object, keys, t, sql);
  }
  if (fields.length > 100) throw invalid('At most 100 fields.', [{ path: 'fields', code: 'tooLong', detail: 'At most 100 fields.' }]);
  return projected(ctx, object, [...new Set(['id', 'version', ...fields])], t, sql);
}

function projected(
  ctx: Context,
  object: ModelObject,
  keys: readonly string[],
  t: string,
  sql: SqlContext,
): { text: string; joins: string } {
  const held = new Map<string, Joined>();
  const joins: string[] = [];
  const problems: Problem[] = [];
  const bind = bindContext(ctx);
  const parts = keys.map((key) => {
    const path = resolvePath(bind, object, key);
    if (!path) {
      problems.push({ path: 'fields', code: 'unknownField', detail: `${object.key} has no field “${key.slice(0, 80)}”.` });
      return '';
    }
    // What is not reckoned yet is shown as empty.
    if (bind.building?.(path.object, path.field)) return `null as ${ident(key)}`;
    const joined = joinPath(path, t, sql, held);
    joins.push(...joined.joins);
    return `${pathSql(ctx.model, path, joined.alias, sql, 'named')} as ${ident(key)}`;
  });
  if (problems.length > 0) throw invalid('Some fields cannot be read.', problems);
  return { text: parts.join(', '), joins: joins.join(' ') };
}

export interface Count {
  value: number;
  exact: boolean;
}
const EXACT = 10_000;

/** How many records meet a predicate: exact to 10,000, beyond that the planner's estimate, marked so. */
export async function countRecords(ctx: Context, object: ModelObject, where: unknown): Promise<Count> {
  requireVerb(ctx.actor, object, 'read');
  const params = new Params();
  const condition = conditionSql(ctx, object, where, 't', params);
  const rowsOf = `select 1 from ${object.table} t where ${condition}`;
  try {
    const [row] = await ctx.db.counts<{ n: number }>(`select count(*)::int as n from (${rowsOf} limit ${EXACT + 1}) x`, params.values);
    if ((row?.n ?? 0) <= EXACT) return { value: row?.n ?? 0, exact: true };
  } catch (error) {
    if (sqlState(error) !== '57014') throw error;
  }
  const [plan] = await ctx.db.query<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>(
    `explain (format json) ${rowsOf}`,
    params.values,
  );
  return { value: Math.max(Number(plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0), 1), exact: false };
}

/** The actor's scope and a predicate as one condition over live rows of `t`. */
export function conditionSql(ctx: Context, object: ModelObject, where: unknown, t: string, params: Params): string {
  const predicate =
    where === undefined || where === null ? null : toSql(bindPredicate(bindContext(ctx), object, where), t, sqlContext(ctx, params));
  return and([`${t}.deleted_at is null`, scopeCondition(ctx.model, ctx.actor, object, 'read', t, params), predicate]);
}

/** Binds a predicate under the actor's rights, for callers that judge single records with `matches`. */
export const bind = (ctx: Context, object: ModelObject, where: unknown): Bound => bindPredicate(bindContext(ctx), object, where);
