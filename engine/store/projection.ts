import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { namedLink, storedLink } from '#engine/declare/fields/many-to-many/membership.ts';
import { figuresTable } from '#engine/declare/figures.ts';
import { columnsOf, formulaOf } from '#engine/declare/formula/readings.ts';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { ResolvedPath, Step } from '#engine/declare/predicate.ts';
import { joinedReader, valueSql } from './formula-sql.ts';
import { and, ident, type SqlContext } from './sql.ts';

/**
 * How a row becomes JSON under its API names, inside the database. `named` is what readers get: references as {id, name}.
 * `stored` is what rules, changes and undo see: references as bare ids, links as {id, role}.
 */
export type ReadingKind = 'named' | 'stored';

/** SQL giving the JSON value of one field of the object's row with alias `t`. */
export function fieldSql(model: Model, object: ModelObject, field: BoundField, t: string, ctx: SqlContext, kind: ReadingKind): string {
  const type = typeOf(field);
  switch (type.storage) {
    case 'external':
      return `(select json_agg(json_build_object('system', e.system, 'value', e.value) order by e.system, e.value) from external_ids e where e.object = '${object.key}' and e.record_id = ${t}.id)`;
    case 'link': {
      const l = ctx.alias();
      const far = ctx.alias();
      const target = model.object(targetOf(field) ?? '');
      if (kind === 'stored')
        return `(select json_agg(${storedLink(field, l)} order by ${l}.to_id::text || coalesce(${l}.role, '')) from ${linkTable(field)} ${l} where ${l}.from_id = ${t}.id)`;
      const join = and([`${far}.id = ${l}.to_id`, `${far}.deleted_at is null`, ctx.visible(target, far)]);
      return `(select json_agg(${namedLink(field, l, titleSql(target, far))} order by ${titleSql(target, far)}, ${l}.to_id) from ${linkTable(field)} ${l} left join ${target.table} ${far} on ${join} where ${l}.from_id = ${t}.id)`;
    }
    case 'inverse': {
      if (kind === 'stored') return 'null::json';
      const far = ctx.alias();
      const target = model.object(String(field.with.of));
      const by = target.fields.get(String(field.with.by));
      return `json_build_object('count', (select count(*) from ${target.table} ${far} where ${and([`${far}.${by?.column}_id = ${t}.id`, `${far}.deleted_at is null`, ctx.visible(target, far)])}))`;
    }
    case 'figure': {
      const beside = ctx.alias();
      return `(select ${type.read(field, beside)} from ${figuresTable(object)} ${beside} where ${beside}.id = ${t}.id)`;
    }
    case 'formula':
      return valueSql(field, t, ctx, (at) => type.read(field, at));
    case 'columns': {
      const target = targetOf(field);
      if (target === null || kind === 'stored') return type.read(field, t);
      return referenceSql(model.object(target), `${t}.${field.column}_id`, ctx);
    }
  }
}

/** A reference as {id, name}; the name only where the reader may see it and the record lives. */
export function referenceSql(target: ModelObject, id: string, ctx: SqlContext): string {
  const far = ctx.alias();
  const where = and([`${far}.id = ${id}`, `${far}.deleted_at is null`, ctx.visible(target, far)]);
  return `case when ${id} is not null then json_build_object('id', ${id}, 'name', (select ${titleSql(target, far)} from ${target.table} ${far} where ${where})) end`;
}

/** SQL text naming the row with alias `t`. */
export function titleSql(object: ModelObject, t: string): string {
  const field = object.fields.get(object.title);
  return field ? (typeOf(field).words?.(field, t) ?? `${t}.${field.column}::text`) : `${t}.id::text`;
}

/** Fields a reading holds when none are named: all stored ones in use. To-many fields are counted only when asked for. */
export const defaultFields = (object: ModelObject): BoundField[] => storedFields(object).filter((field) => !field.retired);

/** All fields that lie somewhere, retired ones as well: what undo and rules look at. */
export const storedFields = (object: ModelObject): BoundField[] =>
  [...object.fields.values()].filter((field) => typeOf(field).storage !== 'inverse');

/** What a record holds itself: what is written and logged. */
export const ownFields = (object: ModelObject): BoundField[] =>
  storedFields(object).filter((field) => !['figure', 'formula'].includes(typeOf(field).storage));

/** SQL giving the value at the end of a joined path, where `alias` is the row that holds it. */
export const pathSql = (model: Model, path: ResolvedPath, alias: string, ctx: SqlContext, kind: ReadingKind): string =>
  path.part !== null
    ? (typeOf(path.field).parts?.[path.part]?.read(path.field, alias) ?? 'null')
    : path.steps.at(-1)?.beside || formulaOf(path.field)
      ? typeOf(path.field).read(path.field, alias)
      : fieldSql(model, path.object, path.field, alias, ctx, kind);

/** A select list `… as "key"` for fields of the row with alias `t`. */
export const selectList = (
  model: Model,
  object: ModelObject,
  fields: readonly BoundField[],
  t: string,
  ctx: SqlContext,
  kind: ReadingKind,
): string => fields.map((field) => `${fieldSql(model, object, field, t, ctx, kind)} as ${ident(field.key)}`).join(', ');

/** A joined path: the joins from alias `t`, and the alias of the row that holds its field. */
export interface Joined {
  alias: string;
  joins: string[];
}

/**
 * Joins along the steps of a path; `held` shares joins between paths of one statement. `besides` is how the row of figures is
 * joined: every record has one, so that a `join` lets the index of a figure lead.
 */
export function joinPath(path: ResolvedPath, t: string, ctx: SqlContext, held: Map<string, Joined>, besides = 'left join'): Joined {
  const holder = joinSteps(path.steps, t, ctx, held, besides);
  return formulaOf(path.field) ? joinFormula(path, holder, t, ctx, held, besides) : holder;
}

/** Joins along references from alias `t`, as `joinPath` does. */
export function joinSteps(steps: readonly Step[], t: string, ctx: SqlContext, held: Map<string, Joined>, besides = 'left join'): Joined {
  let current: Joined = { alias: t, joins: [] };
  let key = '';
  for (const step of steps) {
    // All figures of a record lie in one row.
    key += step.beside ? '#.' : `${step.field.key}.`;
    const known = held.get(key);
    if (known) {
      current = { alias: known.alias, joins: [] };
      continue;
    }
    const alias = ctx.alias();
    if (step.beside) {
      const kind = current.alias === t ? besides : 'left join';
      current = { alias, joins: [...current.joins, `${kind} ${figuresTable(step.from)} ${alias} on ${alias}.id = ${current.alias}.id`] };
      held.set(key, current);
      continue;
    }
    const on = and([`${alias}.id = ${current.alias}.${step.field.column}_id`, `${alias}.deleted_at is null`, ctx.visible(step.to, alias)]);
    current = { alias, joins: [...current.joins, `left join ${step.to.table} ${alias} on ${on}`] };
    held.set(key, current);
  }
  return current;
}

/**
 * A formula as a row of one, with the columns of its type: the planner puts the expressions in their place, so that the index of
 * one can lead the page. What it looks at around its record is joined once for the whole statement.
 */
function joinFormula(path: ResolvedPath, holder: Joined, t: string, ctx: SqlContext, held: Map<string, Joined>, besides: string): Joined {
  const key = `${path.steps.map((step) => step.field.key).join('.')}=${path.field.key}`;
  const known = held.get(key);
  const formula = formulaOf(path.field);
  if (known || !formula) return { alias: known?.alias ?? holder.alias, joins: holder.joins };
  const joins = [...holder.joins];
  const read = joinedReader(ctx, (inner) => {
    const joined = joinSteps([...path.steps, ...inner.steps], t, ctx, held, besides);
    joins.push(...joined.joins);
    return joined.alias;
  });
  const columns = [...columnsOf(formula, path.field, read)].map(([name, sql]) => `${sql} as ${name}`).join(', ');
  const alias = ctx.alias();
  const row = `lateral (select ${columns}) ${alias}`;
  joins.push(path.steps.length === 0 ? `cross join ${row}` : `left join ${row} on ${holder.alias}.id is not null`);
  held.set(key, { alias, joins: [] });
  return { alias, joins };
}
