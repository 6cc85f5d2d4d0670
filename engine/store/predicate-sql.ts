import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { figuresTable } from '#engine/declare/figures.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type Bound, numberMet, type Operand, type Step } from '#engine/declare/predicate.ts';
import { valueSql } from './formula-sql.ts';
import { and, CAST, castOf, literal, type Params, type SqlContext, scalar } from './sql.ts';

/** The reading of a bound predicate over the rows of alias `t`: an SQL condition whose outcome may be null for "no". */
export const toSql = (bound: Bound, t: string, ctx: SqlContext): string => conditionSql(bound, t, ctx, 0);

/**
 * How many relations in a row (steps of a path, counts) are asked record by record, by `exists`, which the planner may
 * turn into a join. What lies behind them is a set. Without a bound, a planner that takes a table for small (its
 * statistics come only some time after its rows) multiplies all levels with each other: sixty records are enough to
 * keep it busy for minutes.
 */
const IN_A_ROW = 2;

/** `hops`: how many relations lie between `t` and the row that the statement, or the set around this, is about. */
function conditionSql(bound: Bound, t: string, ctx: SqlContext, hops: number): string {
  const each = (of: readonly Bound[], between: string) => of.map((item) => conditionSql(item, t, ctx, hops)).join(between);
  switch (bound.kind) {
    case 'all':
      return bound.of.length === 0 ? 'true' : `(${each(bound.of, ' and ')})`;
    case 'any':
      return bound.of.length === 0 ? 'false' : `(${each(bound.of, ' or ')})`;
    case 'none':
      return bound.of.length === 0 ? 'true' : `not coalesce((${each(bound.of, ' or ')}), false)`;
    case 'leaf': {
      const negatedHere = bound.negated;
      if (bound.steps.length === 0) return leafSql(bound, t, ctx, negatedHere, hops);
      const positive = through(bound.steps, t, ctx, hops, (end, at) => leafSql(bound, end, ctx, false, at));
      if (!negatedHere) return positive;
      return hops < IN_A_ROW ? `not ${positive}` : `not coalesce(${positive}, false)`;
    }
    case 'count': {
      const positive = through(bound.steps, t, ctx, hops, (end, at) => countSql(bound, end, ctx, at));
      return bound.negated ? `not coalesce(${positive}, false)` : positive;
    }
  }
}

/**
 * Whether a value is in a set of ids; null for no value. The set looks at nothing around it and is materialised: however
 * often it is looked into, it is made once.
 */
function inSet(value: string, ids: string, ctx: SqlContext): string {
  const set = ctx.alias();
  return `${value} in (with ${set} as materialized (${ids}) select id from ${set})`;
}

/** Whether a condition looks at its own row only; a set of such is cheap enough for the planner to do with as it likes. */
function isFlat(bound: Bound | null): boolean {
  if (bound === null) return true;
  if (bound.kind === 'leaf') return bound.steps.length === 0;
  return bound.kind !== 'count' && bound.of.every(isFlat);
}

/**
 * Follows references: each step an `exists`, which the planner turns into a semi-join, or a set where it is far in. What the
 * statement joins anyway is looked at there: a value that is told of each row would ask an `exists` once for each.
 */
function through(steps: readonly Step[], t: string, ctx: SqlContext, hops: number, end: (alias: string, hops: number) => string): string {
  const [step, ...rest] = steps;
  if (!step) return end(t, hops);
  const joined = hops === 0 ? ctx.joined?.(steps, t) : null;
  if (joined) return `coalesce(${joined}.id is not null and ${end(joined, hops + 1)}, false)`;
  const next = ctx.alias();
  const near = hops < IN_A_ROW;
  if (step.beside) {
    const table = figuresTable(step.from);
    const met = through(rest, next, ctx, near ? hops + 1 : 0, end);
    return near
      ? `exists (select 1 from ${table} ${next} where ${next}.id = ${t}.id and ${met})`
      : inSet(`${t}.id`, `select ${next}.id from ${table} ${next} where ${met}`, ctx);
  }
  const reference = `${t}.${step.field.column}_id`;
  const condition = and([
    near ? `${next}.id = ${reference}` : null,
    `${next}.deleted_at is null`,
    ctx.visible(step.to, next),
    through(rest, next, ctx, near ? hops + 1 : 0, end),
  ]);
  return near
    ? `exists (select 1 from ${step.to.table} ${next} where ${condition})`
    : inSet(reference, `select ${next}.id from ${step.to.table} ${next} where ${condition}`, ctx);
}

function leafSql(bound: Extract<Bound, { kind: 'leaf' }>, t: string, ctx: SqlContext, negated: boolean, hops: number): string {
  const { shape, field } = bound;
  const value = () => valueSql(field, t, ctx, (at) => shape.sql(field, at));
  const positive = shape.many ? memberSql(bound, t, ctx, hops) : scalarSql(bound, value(), ctx);
  if (!negated) return positive;
  if (bound.op === 'isNotEmpty' && !shape.many) return `${value()} is null`;
  return `not coalesce(${positive}, false)`;
}

function scalarSql(bound: Extract<Bound, { kind: 'leaf' }>, expression: string, ctx: SqlContext): string {
  const { params } = ctx;
  const { kind } = bound.shape;
  const [first, second] = bound.operands;
  const value = (operand: Operand) => scalar(params, bound.shape, 'value' in operand ? operand.value : operand.from);
  const end = (operand: Operand) => scalar(params, bound.shape, 'value' in operand ? operand.value : operand.to);
  const isSpan = (operand: Operand): boolean => !('value' in operand) && operand.from !== operand.to;
  const equal = (operand: Operand) =>
    isSpan(operand) ? `(${expression} >= ${value(operand)} and ${expression} < ${end(operand)})` : `${expression} = ${value(operand)}`;
  const upTo = (operand: Operand) => `${expression} ${isSpan(operand) ? '<' : '<='} ${end(operand)}`;
  if (bound.op === 'isNotEmpty') return `${expression} is not null`;
  if (bound.op === 'in') {
    if (bound.operands.length === 0) return 'false';
    if (bound.operands.some(isSpan)) return `(${bound.operands.map(equal).join(' or ')})`;
    const list = bound.operands.map((operand) => ('value' in operand ? operand.value : operand.from));
    return `${expression} = any(${params.add(kind === 'number' ? list.map(String) : list, `${castOf(bound.shape, list)}[]`)})`;
  }
  if (!first) return 'false';
  switch (bound.op) {
    case 'eq':
      return equal(first);
    case 'gt':
      return isSpan(first) ? `${expression} >= ${end(first)}` : `${expression} > ${value(first)}`;
    case 'gte':
      return `${expression} >= ${value(first)}`;
    case 'lt':
      return `${expression} < ${value(first)}`;
    case 'lte':
      return upTo(first);
    case 'between':
      return second ? `(${expression} >= ${value(first)} and ${upTo(second)})` : 'false';
    case 'contains':
      return `${expression} like ${params.add(`%${literal(text(first))}%`, 'text')}`;
    case 'startsWith':
      return prefixSql(expression, text(first), params);
    default:
      return 'false';
  }
}

const text = (operand: Operand) => String('value' in operand ? operand.value : operand.from);

/** A prefix as a range, so that an index in code point order serves it whatever the parameter (LIKE with one cannot). */
function prefixSql(expression: string, prefix: string, params: Params): string {
  const low = `${params.add(prefix, 'text')} collate "C"`;
  const after = successor(prefix);
  return after === null
    ? `${expression} >= ${low}`
    : `(${expression} >= ${low} and ${expression} < ${params.add(after, 'text')} collate "C")`;
}

/** The least text that no text with this prefix reaches; null at the end of Unicode. */
export function successor(prefix: string): string | null {
  const points = Array.from(prefix, (letter) => letter.codePointAt(0) ?? 0);
  while (points.length > 0) {
    const last = points.pop() ?? 0;
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return null;
}

function memberSql(bound: Extract<Bound, { kind: 'leaf' }>, t: string, ctx: SqlContext, hops: number): string {
  const { shape, field, op } = bound;
  const list = shape.sql(field, t);
  const values = bound.operands.map(text);
  if (op === 'isNotEmpty') return `coalesce(cardinality(${list}), 0) > 0`;
  const indexed = op === 'eq' || op === 'in' ? identifierSql(bound.object, field, values, t, ctx, hops) : null;
  if (indexed) return indexed;
  const cast = `${CAST[shape.kind]}[]`;
  if (op === 'in') return values.length === 0 ? 'false' : `${list} && ${ctx.params.add(values, cast)}`;
  if (op === 'startsWith' || (op === 'contains' && shape.kind === 'text')) {
    const pattern = ctx.params.add(`${op === 'contains' ? '%' : ''}${literal(values[0] ?? '')}%`, 'text');
    return `exists (select 1 from unnest(${list}) v where v like ${pattern})`;
  }
  return `${list} @> ${ctx.params.add(values.slice(0, 1), cast)}`;
}

/** Whole values of an identifying field are found in `identifiers`, by index. */
function identifierSql(
  object: ModelObject,
  field: BoundField,
  values: readonly string[],
  t: string,
  ctx: SqlContext,
  hops: number,
): string | null {
  if (!field.identifies || values.length === 0) return null;
  const i = ctx.alias();
  const ids = `select ${i}.record_id as id from identifiers ${i} where ${i}.kind = ${ctx.params.add(field.identifies, 'text')} and ${i}.value = any(${ctx.params.add(values, 'text[]')}) and ${i}.object = ${ctx.params.add(object.key, 'text')}`;
  return hops < IN_A_ROW ? `${t}.id in (${ids})` : inSet(`${t}.id`, ids, ctx);
}

/**
 * Counts compile set-wise: ids that have enough, or (where none at all would do) ids that do not have too many. Bare
 * existence stays an `exists` as long as it is near.
 */
function countSql(bound: Extract<Bound, { kind: 'count' }>, t: string, ctx: SqlContext, hops: number): string {
  const far = ctx.alias();
  const zeroMeets = numberMet(bound.op, 0, bound.numbers);
  // Met by any number from one on, or (an anti-join) by none at all.
  const existence =
    numberMet(bound.op, 1, bound.numbers) !== zeroMeets && (zeroMeets ? bound.op !== 'between' : bound.op === 'gte' || bound.op === 'gt');
  const near = existence && hops < IN_A_ROW;
  const inverse = typeOf(bound.field).storage === 'inverse';
  const conditions = [
    `${far}.deleted_at is null`,
    ctx.visible(bound.far, far),
    bound.where && conditionSql(bound.where, far, ctx, near ? hops + 1 : 0),
  ];
  let from: string;
  let key: string;
  if (inverse) {
    key = `${far}.${bound.far.fields.get(String(bound.field.with.by))?.column}_id`;
    from = `${bound.far.table} ${far}`;
  } else {
    const link = ctx.alias();
    key = `${link}.from_id`;
    from = `${linkTable(bound.field)} ${link} join ${bound.far.table} ${far} on ${far}.id = ${link}.to_id`;
    if (bound.role !== null) conditions.push(`${link}.role = ${ctx.params.add(bound.role, 'text')}`);
  }
  const where = and(conditions);
  if (near) return `${zeroMeets ? 'not exists' : 'exists'} (select 1 from ${from} where ${key} = ${t}.id and ${where})`;
  const number = (i: number) => ctx.params.add(bound.numbers[i] ?? 0, 'bigint');
  const compare = () =>
    bound.op === 'between'
      ? `count(*) between ${number(0)} and ${number(1)}`
      : `count(*) ${{ eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' }[bound.op as 'eq'] ?? '='} ${number(0)}`;
  const having = existence ? '' : ` having ${zeroMeets ? `not (${compare()})` : compare()}`;
  const ids = `select ${key} as id from ${from} where ${key} is not null and ${where} group by ${key}${having}`;
  const found = hops === 0 && isFlat(bound.where) ? `${t}.id in (${ids})` : inSet(`${t}.id`, ids, ctx);
  return zeroMeets ? `not ${found}` : found;
}
