import { scopeCondition } from '#engine/access/policy.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type FlowValue, filled, type People } from '#engine/declare/flow.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { resolvePath } from '#engine/declare/predicate.ts';
import { bindContext, type Context, sqlContext } from '#engine/record/context.ts';
import { type Joined, joinPath, pathSql } from '#engine/store/projection.ts';
import { and, ident, Params } from '#engine/store/sql.ts';
import { relativeDate, relativeInstant } from '#kit/calendar.ts';
import { invalid } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { isObject, type Json } from '#kit/json.ts';

/** What was read of one record: values as they are stored, and as people read them. */
export interface Reading {
  id: string;
  stored: Readonly<Record<string, unknown>>;
  named: Readonly<Record<string, string>>;
}

/** Reads paths of many records in one statement, under the flow's rights; records it may not read are not in the outcome. */
export async function readPaths(
  ctx: Context,
  object: ModelObject,
  ids: readonly string[],
  paths: { stored: readonly string[]; named: readonly string[] },
  o: { deleted?: boolean } = {},
): Promise<Map<string, Reading>> {
  const params = new Params();
  const list = params.add(ids, 'uuid[]');
  const sql = sqlContext(ctx, params, 'f');
  const held = new Map<string, Joined>();
  const joins: string[] = [];
  const bind = bindContext(ctx);
  const column = (path: string, kind: 'stored' | 'named'): string => {
    if (path === 'id') return 't.id';
    const found = resolvePath(bind, object, path);
    if (!found)
      throw invalid('A value cannot be read.', [
        { path, code: 'unknownField', detail: `${object.key} has no field “${path.slice(0, 80)}”.` },
      ]);
    const joined = joinPath(found, 't', sql, held);
    joins.push(...joined.joins);
    return pathSql(ctx.model, found, joined.alias, sql, kind);
  };
  const columns = [
    ...paths.stored.map((path) => `${column(path, 'stored')} as ${ident(`s ${path}`)}`),
    ...paths.named.map((path) => `${column(path, 'named')} as ${ident(`n ${path}`)}`),
  ];
  const where = and([
    `t.id = any(${list})`,
    o.deleted ? null : 't.deleted_at is null',
    scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
  ]);
  const rows = await ctx.db.query<{ id: string; j: Record<string, unknown> }>(
    `select x.id, row_to_json(x) as j from (select ${['t.id', ...columns].join(', ')} from ${object.table} t ${joins.join(' ')} where ${where}) x`,
    params.values,
  );
  return new Map(
    rows.map(({ id, j }) => [
      id,
      {
        id,
        stored: Object.fromEntries(paths.stored.map((path) => [path, j[`s ${path}`] ?? null])),
        named: Object.fromEntries(paths.named.map((path) => [path, textAt(ctx, object, path, j[`n ${path}`])])),
      },
    ]),
  );
}

/** A value as it stands in a text: what a reference leads to by its name. */
function textAt(ctx: Context, object: ModelObject, path: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (path === 'id') return String(value);
  const found = resolvePath(bindContext(ctx), object, path);
  if (!found || found.part !== null) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const names = (one: unknown) => (isObject(one) && typeof one.name === 'string' ? one.name : '');
  if (targetOf(found.field) !== null) return Array.isArray(value) ? value.map(names).join(', ') : names(value);
  return typeOf(found.field).toText(value, found.field);
}

/** What a field is given, for one record; a value of the wire, which the write pipeline reads as any other. */
export function valueFor(ctx: Context, value: FlowValue, reading: Reading, type: string | undefined): unknown {
  if ('field' in value) return reading.stored[value.field] ?? null;
  if ('text' in value) return filled(value.text, (path) => reading.named[path] ?? '');
  if ('date' in value)
    return type === 'dateTime'
      ? relativeInstant(value.date, ctx.env.now, ctx.env.timeZone).toISOString()
      : relativeDate(value.date, ctx.env.now, ctx.env.timeZone);
  return value.value;
}

/** Values for one record by field key. */
export function valuesFor(
  ctx: Context,
  values: { readonly [key: string]: FlowValue },
  reading: Reading,
  typeOfKey: (key: string) => string | undefined,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, valueFor(ctx, value, reading, typeOfKey(key))]));
}

/** Users that a step means for one record. */
export function peopleFor(people: People, reading: Reading): string[] {
  const held = people.field === undefined ? null : reading.stored[people.field];
  const found = (Array.isArray(held) ? held : [held]).map((one) => (isObject(one) ? one.id : one)).filter(isId);
  return [...new Set([...(people.users ?? []), ...found])];
}

/** A value as JSON that leaves or is shown. */
export const plain = (value: unknown): Json => (value === undefined ? null : (value as Json));
