import { requireVerb } from '#engine/access/policy.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { baseSql, currencySql } from '#engine/declare/fields/money/money.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { resolvePath, type Step, stillBuilding } from '#engine/declare/predicate.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { type Joined, joinPath, joinSteps, referenceSql } from '#engine/store/projection.ts';
import { and, ident, Params } from '#engine/store/sql.ts';
import { invalid, type Problem } from '#kit/errors.ts';
import type { Json } from '#kit/json.ts';
import { bindContext, type Context, sqlContext } from './context.ts';
import { bind, conditionSql } from './read.ts';

/** Groups and measures of the records that an actor may read, reckoned by the database. */

/** What is reckoned of the records of a group: of all of them, or of those that meet a condition of its own. */
export interface Measured {
  op: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'countDistinct';
  field?: string;
  in?: 'base';
  where?: unknown;
}

export interface AggregateQuery {
  where?: unknown;
  groupBy?: readonly (string | { path: string; by: 'day' | 'week' | 'month' | 'quarter' | 'year' })[];
  measures: Record<string, Measured>;
  sort?: readonly string[];
  limit?: number;
  /** The same over all groups, also those that the limit cuts off, from the same pass over the records. */
  total?: boolean;
}

/** Groups and measures as JSON text: `{"rows":[…]}`, `more` where groups were cut off, `total` where it was asked for. */
export async function aggregate(ctx: Context, object: ModelObject, query: AggregateQuery): Promise<string> {
  requireVerb(ctx.actor, object, 'read');
  const params = new Params();
  const sql = sqlContext(ctx, params);
  const held = new Map<string, Joined>();
  const joins: string[] = [];
  const problems: Problem[] = [];
  const resolve = (dotted: string, at: string) => {
    const path = resolvePath(bindContext(ctx), object, dotted);
    if (!path) {
      problems.push({ path: at, code: 'unknownField', detail: `${object.key} has no field “${dotted.slice(0, 80)}”.` });
      return null;
    }
    if (bindContext(ctx).building?.(path.object, path.field)) {
      problems.push({ path: at, code: 'building', detail: stillBuilding(dotted) });
      return null;
    }
    const joined = joinPath(path, 't', sql, held);
    joins.push(...joined.joins);
    return { path, alias: joined.alias };
  };
  /** Conditions of measures are values of each row: what they look at is joined. */
  const joined = (steps: readonly Step[]) => {
    const at = joinSteps(steps, 't', sql, held);
    joins.push(...at.joins);
    return at.alias;
  };
  const groups = (query.groupBy ?? []).map((group, i) => {
    const dotted = typeof group === 'string' ? group : group.path;
    const found = resolve(dotted, `groupBy.${i}`);
    if (!found) return { name: dotted, value: 'null', show: (column: string) => column };
    const { path, alias } = found;
    const target = path.part === null && typeOf(path.field).storage === 'columns' ? targetOf(path.field) : null;
    if (target !== null)
      return {
        name: dotted,
        value: `${alias}.${path.field.column}_id`,
        show: (column: string) => referenceSql(ctx.model.object(target), column, sql),
      };
    const shape = path.shape;
    if (!shape || shape.many) {
      problems.push({ path: `groupBy.${i}`, code: 'operator', detail: `${object.key} cannot be grouped by “${dotted}”.` });
      return { name: dotted, value: 'null', show: (column: string) => column };
    }
    if (typeof group === 'object') {
      if (shape.kind !== 'date' && shape.kind !== 'instant')
        problems.push({ path: `groupBy.${i}`, code: 'operator', detail: `“${dotted}” is not a date.` });
      const column = shape.sql(path.field, alias);
      const local = shape.kind === 'instant' ? `(${column} at time zone ${params.add(ctx.env.timeZone, 'text')})` : column;
      return {
        name: dotted,
        value: `date_trunc('${PERIODS[group.by] ?? 'day'}', ${local})::date`,
        show: (c: string) => `to_char(${c}, 'YYYY-MM-DD')`,
      };
    }
    const written =
      path.part !== null
        ? typeOf(path.field).parts?.[path.part]?.read(path.field, alias)
        : shape.kind === 'text'
          ? typeOf(path.field).words?.(path.field, alias)
          : undefined;
    return {
      name: dotted,
      // Groups show what is written, not the folded form it compares in.
      value: `(${written ?? shape.sql(path.field, alias)})`,
      show: (column: string) => (shape.kind === 'date' ? `to_char(${column}, 'YYYY-MM-DD')` : column),
    };
  });
  const measures = Object.entries(query.measures).map(([name, measure], i) => {
    if (!/^[A-Za-z][\w.]{0,40}$/.test(name))
      problems.push({ path: `measures.${name.slice(0, 40)}`, code: 'name', detail: 'A measure is named by letters, digits and dots.' });
    const met =
      measure.where === undefined || measure.where === null ? null : toSql(bind(ctx, object, measure.where), 't', { ...sql, joined });
    const filter = met ? ` filter (where w${i})` : '';
    if (measure.op === 'count' && !measure.field)
      return { name, source: null, aggregate: `count(*)${filter}`, op: measure.op, money: false, currency: null, met, i };
    const found = measure.field ? resolve(measure.field, `measures.${name}.field`) : null;
    if (!found) {
      if (!measure.field) problems.push({ path: `measures.${name}.field`, code: 'required', detail: 'Which field?' });
      return { name, source: 'null', aggregate: 'null', op: measure.op, money: false, currency: null, met, i };
    }
    const { path, alias } = found;
    const type = typeOf(path.field);
    const money = path.field.type === 'money' && path.part === null;
    // How many have a value at all; of money “in base”: how many of the amounts could be converted.
    const counts = measure.op === 'count' || measure.op === 'countDistinct';
    const allowed: readonly string[] = counts ? (path.shape ? [measure.op] : []) : type.aggregates;
    if (!allowed.includes(measure.op))
      problems.push({ path: `measures.${name}.op`, code: 'operator', detail: `“${measure.op}” does not apply to ${measure.field}.` });
    const base = money && measure.in === 'base';
    const source = base ? baseSql(path.field, alias) : (path.shape?.sql(path.field, alias) ?? 'null');
    const fn = (measure.op === 'countDistinct' ? `count(distinct m${i})` : `${measure.op}(m${i})`) + filter;
    return {
      name,
      source,
      aggregate: fn,
      sum: `sum(m${i})${filter}`,
      count: `count(m${i})${filter}`,
      money: money && !base && !counts,
      base,
      currency: money && !base && !counts ? currencySql(path.field, alias) : null,
      kind: path.shape?.kind,
      op: measure.op,
      met,
      i,
    };
  });
  if (problems.length > 0) throw invalid('The question cannot be answered.', problems);
  const columns = [
    ...groups.map((group, i) => `${group.value} as g${i}`),
    ...measures.filter((m) => m.source !== null).map((m) => `${m.source} as m${m.i}`),
    ...measures.filter((m) => m.currency).map((m) => `${m.currency} as u${m.i}`),
    ...measures.filter((m) => m.met).map((m) => `${m.met} as w${m.i}`),
  ];
  const keys = groups.map((_, i) => `g${i}`);
  const by = keys.length > 0 ? `group by ${keys.join(', ')}` : '';
  const src = `select ${columns.length > 0 ? columns.join(', ') : '1 as one'} from ${object.table} t ${joins.join(' ')} where ${conditionSql(ctx, object, query.where, 't', params)}`;
  const plain = measures.filter((m) => !m.money);
  const moneys = measures.filter((m) => m.money);
  // A whole that its groups give is reckoned from them; what they do not give asks the records once more.
  const fromGroups = query.total === true && keys.length > 0 && moneys.length === 0 && plain.every((m) => m.op !== 'countDistinct');
  const parts = plain.flatMap((m) =>
    fromGroups && m.op === 'avg' ? [`${m.sum} as s${m.i}`, `${m.count} as n${m.i}`] : [`${m.aggregate} as r${m.i}`],
  );
  const meanOf = (m: (typeof plain)[number]) => `s${m.i}::numeric / nullif(n${m.i}, 0)`;
  const grouped = `select ${[...keys, ...parts, ...(keys.length + parts.length === 0 ? ['1 as one'] : [])].join(', ')} from src ${by}`;
  const means = fromGroups ? plain.filter((m) => m.op === 'avg') : [];
  const main = means.length > 0 ? `select *, ${means.map((m) => `${meanOf(m)} as r${m.i}`).join(', ')} from (${grouped}) g` : grouped;
  const sums = moneys.map(
    (m) =>
      `s${m.i} as (select ${[...keys, ''].join(', ')}json_agg(json_build_object('currency', u, 'amount', perigon_amount(round(v, 4))) order by u) as r from (select ${[...keys, ''].join(', ')}u${m.i} as u, ${m.aggregate} as v from src where m${m.i} is not null${m.met ? ` and w${m.i}` : ''} group by ${[...keys, `u${m.i}`].join(', ')}) x ${by})`,
  );
  const joinSums = moneys.map((m) => `left join s${m.i} on ${and(keys.map((key) => `s${m.i}.${key} is not distinct from main.${key}`))}`);
  const shown = [
    ...groups.map((group, i) => `${group.show(`main.g${i}`)} as ${ident(group.name)}`),
    ...measures.map((m) => `${m.money ? `coalesce(s${m.i}.r, '[]'::json)` : showMeasure(m, ctx)} as ${ident(m.name)}`),
  ];
  const limit = Math.min(query.limit ?? 1000, 10_000);
  const order = (query.sort ?? []).map((item) => {
    const name = item.replace(/^-/, '');
    const group = groups.findIndex((candidate) => candidate.name === name);
    const measure = measures.find((candidate) => candidate.name === name);
    if (group < 0 && (!measure || measure.money))
      throw invalid('The sort cannot be read.', [
        { path: 'sort', code: 'unknownField', detail: `Nothing here is called “${name.slice(0, 60)}” that rows could be sorted by.` },
      ]);
    return `${group >= 0 ? `main.g${group}` : `main.r${measure?.i}`} ${item.startsWith('-') ? 'desc' : 'asc'} nulls last`;
  });
  const ordered = [...order, ...keys.map((key) => `main.${key} nulls last`)];
  const rows = `select ${shown.join(', ')} from main ${joinSums.join(' ')} ${ordered.length > 0 ? `order by ${ordered.join(', ')}` : ''} limit ${params.add(limit + 1, 'integer')}`;
  const wholeRow = fromGroups
    ? `union all select true, row_to_json(x)::text from (select ${measures.map((m) => `${showMeasure(m, ctx)} as ${ident(m.name)}`).join(', ')}
         from (select ${plain.map((m) => `${wholeOf(m)} as r${m.i}`).join(', ')} from main) main) x`
    : '';
  const [found, other] = await Promise.all([
    ctx.db.lists<{ total: boolean; j: string }>(
      `with src as (${src}), main as (${main})${sums.map((sum) => `, ${sum}`).join('')}
       select false as total, row_to_json(x)::text as j from (${rows}) x ${wholeRow}`,
      params.values,
    ),
    query.total === true && keys.length > 0 && !fromGroups
      ? aggregate(ctx, object, { measures: query.measures, ...(query.where === undefined ? {} : { where: query.where }) })
      : null,
  ]);
  const list = found.filter(({ total }) => !total).map(({ j }) => j);
  const total = other !== null ? JSON.stringify((JSON.parse(other) as { rows: Json[] }).rows[0]) : found.find((row) => row.total)?.j;
  const whole = query.total === true ? `,"total":${total ?? list[0] ?? '{}'}` : '';
  return `{"rows":[${list.slice(0, limit).join(',')}]${list.length > limit ? ',"more":true' : ''}${whole}}`;
}

/** The measure over all groups, from theirs. */
function wholeOf(m: { i: number; op: Measured['op'] }): string {
  if (m.op === 'count') return `coalesce(sum(r${m.i}), 0)`;
  if (m.op === 'avg') return `sum(s${m.i})::numeric / nullif(sum(n${m.i}), 0)`;
  return `${m.op}(r${m.i})`;
}

const PERIODS: Record<string, string> = { day: 'day', week: 'week', month: 'month', quarter: 'quarter', year: 'year' };

function showMeasure(m: { i: number; base?: boolean; kind?: string; op?: string }, ctx: Context): string {
  const column = `main.r${m.i}`;
  const counts = m.op === 'count' || m.op === 'countDistinct';
  if (m.base && !counts)
    return `json_build_object('currency', '${ctx.env.baseCurrency.replace(/[^A-Z]/g, '')}', 'amount', perigon_amount(round(coalesce(${column}, 0), 4)))`;
  if (counts || m.kind === undefined) return column;
  if (m.kind === 'number') return `trim_scale(round(${column}::numeric, 6))`;
  if (m.kind === 'instant') return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return column;
}
