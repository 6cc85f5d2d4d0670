import Big from 'big.js';
import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { BASE_CURRENCY, baseSql, currencySql, FOREIGN } from '#engine/declare/fields/money/money.ts';
import { figuresOf, figuresTable } from '#engine/declare/figures.ts';
import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { baseKey, effectsOf, type LogRow, type RollUp, type RollUps, rollUpsOf } from '#engine/declare/roll-ups.ts';
import { copyRows } from '#engine/store/copy-text.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { aliases, and, Params, type SqlContext } from '#engine/store/sql.ts';
import type { JsonObject } from '#kit/json.ts';
import type { Values } from './context.ts';

/**
 * Figures and the write pipeline: every new record gets its row of figures, every log row carries what roll-ups read of it.
 * And how figures are reckoned from what is there, for the reader of the log that keeps them and whoever must mend them.
 */

/** Under which the reader of the log that keeps figures saves its cursor. */
export const FIGURES = 'figures';

/** Batches from this size on are copied. */
const COPY_FROM = 500;

/** Gives new records their row of figures: nothing counted, nothing summed. */
export async function insertFigures(tx: Tx, object: ModelObject, ids: readonly string[]): Promise<void> {
  const fields = figuresOf(object);
  if (fields.length === 0 || ids.length === 0) return;
  const zero = fields.filter((field) => field.derived?.present).flatMap(countedColumns);
  const table = figuresTable(object);
  if (ids.length >= COPY_FROM) {
    const columns = [{ name: 'id', type: 'uuid' }, ...zero.map((name) => ({ name, type: 'numeric' }))];
    await copyRows(
      tx,
      table,
      columns,
      ids.map((id) => [id, ...zero.map(() => 0)]),
    );
    return;
  }
  await tx.query(
    `insert into ${table} (id${zero.map((name) => `, ${name}`).join('')}) select x${zero.map(() => ', 0').join('')} from unnest($1::uuid[]) as x`,
    [ids],
  );
}

/** Columns of a count or sum. */
const countedColumns = (field: BoundField): string[] =>
  typeOf(field)
    .columns(field)
    .map(({ suffix }) => field.column + suffix);

/** Base amounts of some records by money field, as decimal text. */
export type Bases = Map<string, Record<string, string | null>>;

/** SQL: the base amounts that the log carries of an object's row `t`; null where it carries none. */
export function basesSql(model: Model, object: ModelObject, t: string): string | null {
  const money = rollUpsOf(model).watched(object.key)?.money ?? [];
  if (money.length === 0) return null;
  return `json_build_object(${money.map((key) => `'${key}', ${baseSql(object.fields.get(key) as BoundField, t)}::text`).join(', ')})`;
}

/** Base amounts as they lie in the base now. */
export async function readBases(q: Queryable, model: Model, object: ModelObject, ids: readonly string[]): Promise<Bases> {
  const sql = basesSql(model, object, 't');
  if (sql === null || ids.length === 0) return new Map();
  const rows = await q.query<{ id: string; b: Record<string, string | null> }>(
    `select t.id, ${sql} as b from ${object.table} t where t.id = any($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.b]));
}

/** What the log row of a record carries for roll-ups: what they read and the row does not say by itself. */
export function carriedOf(
  model: Model,
  object: ModelObject,
  item: { op: LogRow['action']; id: string; values: Values; before: Values | null; changes(key: string): boolean },
  bases: { before: Bases; after: Bases },
): JsonObject | null {
  const watched = rollUpsOf(model).watched(object.key);
  if (!watched) return null;
  const carried: JsonObject = {};
  const was = bases.before.get(item.id);
  const is = item.op === 'delete' ? was : bases.after.get(item.id);
  for (const key of watched.money) {
    const pair = [was?.[key] ?? null, is?.[key] ?? null];
    if (pair[0] !== null || pair[1] !== null) carried[baseKey(key)] = pair;
  }
  if (item.op === 'create') return Object.keys(carried).length > 0 ? carried : null;
  const moved = watched.money.some((key) => was?.[key] !== is?.[key]);
  if (item.op === 'update' && !moved && !watched.keys.some((key) => item.changes(key))) return null;
  for (const key of watched.keys)
    if (item.op !== 'update' || !item.changes(key)) carried[key] = (item.before?.[key] ?? null) as JsonObject[string];
  return carried;
}

/** SQL: rows of the log that roll-ups read. */
export function concernsFigures(model: Model): string {
  const plan = rollUpsOf(model);
  const parts = [...model.objects.values()].flatMap((object) => {
    const watched = plan.watched(object.key);
    const far = plan.through(object.key).flatMap(({ key }) => (key === null ? [] : [key]));
    if (!watched && far.length === 0) return [];
    const keys = [...new Set([...(watched?.keys ?? []), ...far])];
    return [
      `(object = '${object.key}' and (action <> 'update' or carried is not null or after ?| array[${keys.map((key) => `'${key}'`).join(', ')}]))`,
    ];
  });
  return parts.length > 0 ? `(${parts.join(' or ')})` : 'false';
}

/** Columns of the log that `LogRow` is made of. */
export const LOG_ROW = 'seq, object, record_id as id, action, before, after, carried';

/** Conditions of declarations see every record. */
const unlimited = (params: Params): SqlContext => ({ params, alias: aliases('r'), visible: () => null });

/** SQL reckoning some roll-ups for the record with alias `t`, one pass for each kind of record they are reckoned of. */
function reckoning(
  list: readonly RollUp[],
  t: string,
  params: Params,
): { joins: string; columns: { name: string; type: string; sql: string }[] } {
  const sql = unlimited(params);
  const joins: string[] = [];
  const columns: { name: string; type: string; sql: string }[] = [];
  const passes = new Map<string, RollUp[]>();
  for (const rollUp of list) {
    const key = `${rollUp.source.key}.${rollUp.by.key}`;
    passes.set(key, [...(passes.get(key) ?? []), rollUp]);
  }
  for (const pass of passes.values()) {
    const [first] = pass;
    if (!first) continue;
    const beside = sql.alias();
    const wanted: string[] = [];
    for (const { field, op, value, order, where } of pass) {
      const counted = where ? toSql(where, 'i', sql) : null;
      const met = counted ? ` filter (where ${counted})` : '';
      typeOf(field)
        .columns(field)
        .forEach(({ suffix, type }) => {
          const name = field.column + suffix;
          const own = value && (field.with.base === true && value.type === 'money' ? baseSql(value, 'i') : `i.${value.column}${suffix}`);
          const sorted = order && typeOf(order).shape?.sql(order, 'i');
          const reckoned =
            value && suffix === FOREIGN
              ? `count(*) filter (where ${and([counted, `i.${value.column} is not null`, `${currencySql(value, 'i')} <> ${BASE_CURRENCY}`])})`
              : op === 'count'
                ? `count(*)${met}`
                : op === 'sum'
                  ? `coalesce(sum(${own})${met}, 0)`
                  : op === 'min' || op === 'max'
                    ? `${op}(${own})${met}`
                    : `(array_agg(${own} order by ${sorted} ${op === 'last' ? 'desc nulls last' : 'asc nulls last'}, i.id${op === 'last' ? ' desc' : ''})${met})[1]`;
          wanted.push(`${reckoned} as ${name}`);
          columns.push({ name, type, sql: `${beside}.${name}` });
        });
    }
    joins.push(
      `cross join lateral (select ${wanted.join(', ')} from ${first.source.table} i where ${and([`i.${first.by.column}_id = ${t}.id`, 'i.deleted_at is null'])}) ${beside}`,
    );
  }
  return { joins: joins.join(' '), columns };
}

/**
 * Reckons figures of some records from what is there and saves them; gives the records whose figures were others before. What
 * the reader of the log has yet to take in is subtracted from counts and sums, in the snapshot in which they are reckoned, since
 * it will be added. `settled` is how far the log is taken in; unless given the reader is held up meanwhile.
 */
export async function reckonFigures(
  tx: Tx,
  model: Model,
  object: ModelObject,
  ids: readonly string[],
  o: { only?: (rollUp: RollUp) => boolean; settled?: number } = {},
): Promise<string[]> {
  const plan = rollUpsOf(model);
  const list = plan.all.filter((rollUp) => rollUp.object === object && (o.only?.(rollUp) ?? true));
  if (list.length === 0 || ids.length === 0) return [];
  const settled = o.settled ?? (await holdFigures(tx));
  const params = new Params();
  const some = params.add([...ids].sort(), 'uuid[]');
  const { joins, columns } = reckoning(list, 't', params);
  const sources = [...new Set(list.filter(({ delta }) => delta).map(({ source }) => source.key))];
  const bys = [...new Set(list.filter(({ delta }) => delta).map(({ by }) => by.key))];
  const pending = sources.length === 0 ? `'[]'::json` : pendingSql(params, settled, sources, bys, ids);
  const values = columns.map(({ name, type, sql }) => `${/^(numeric|bigint)/.test(type) ? `${sql}::text` : sql} as ${name}`);
  const [found] = await tx.query<{ currency: string; rows: Record<string, string | null>[] | null; pending: LogRow[] | null }>(
    `select ${BASE_CURRENCY} as currency, (select json_agg(x) from (select t.id, ${values.join(', ')} from ${object.table} t ${joins} where t.id = any(${some}) order by t.id) x) as rows,
       (${pending.startsWith("'") ? `select ${pending}` : pending}) as pending`,
    params.values,
  );
  const rows = new Map((found?.rows ?? []).map((row) => [String(row.id), row]));
  subtract(plan, list, rows, found?.pending ?? [], found?.currency ?? '');
  return saveFigures(tx, object, columns, [...rows.values()]);
}

/** Holds the reader of the log that keeps figures until the transaction ends; gives how far it is. */
export async function holdFigures(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ cursor: number }>('select cursor from consumers where name = $1::text for update', [FIGURES]);
  return row?.cursor ?? 0;
}

/** SQL: the rows of the log beyond a position that name one of the records. */
function pendingSql(params: Params, settled: number, sources: readonly string[], bys: readonly string[], ids: readonly string[]): string {
  const names = params.add(ids, 'text[]');
  const named = bys.flatMap((key) => ['before', 'after', 'carried'].map((column) => `${column} ->> '${key}' = any(${names})`));
  return `select json_agg(c order by c.seq) from (select ${LOG_ROW} from changes where seq > ${params.add(settled, 'bigint')}
    and object = any(${params.add(sources, 'text[]')}) and (${named.join(' or ')})) c`;
}

function subtract(
  plan: RollUps,
  list: readonly RollUp[],
  rows: ReadonlyMap<string, Record<string, string | null>>,
  pending: readonly LogRow[],
  baseCurrency: string,
): void {
  const wanted = new Set(list);
  for (const row of pending)
    effectsOf(plan, row, baseCurrency, {
      add: (rollUp, id, ...added) => {
        const held = wanted.has(rollUp) ? rows.get(id) : undefined;
        if (!held) return;
        countedColumns(rollUp.field).forEach((name, i) => {
          held[name] = new Big(held[name] ?? 0).minus(added[i] ?? 0).toFixed();
        });
      },
      mark: () => undefined,
    });
}

async function saveFigures(
  tx: Tx,
  object: ModelObject,
  columns: readonly { name: string; type: string }[],
  rows: readonly Record<string, string | null>[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const table = figuresTable(object);
  const names = columns.map(({ name }) => name);
  const definition = ['id uuid', ...columns.map(({ name, type }) => `${name} ${type}`)].join(', ');
  const was = names.map((name) => `f.${name}`).join(', ');
  const will = names.map((name) => `excluded.${name}`).join(', ');
  const saved = await tx.query<{ id: string }>(
    `insert into ${table} as f (id, ${names.join(', ')}) select x.id, ${names.map((name) => `x.${name}`).join(', ')} from json_to_recordset($1::json) as x(${definition})
     on conflict (id) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')} where row(${was}) is distinct from row(${will}) returning f.id`,
    [JSON.stringify(rows)],
  );
  return saved.map((row) => row.id);
}

/** What is added to a count or sum: the amount, and how many of another currency. */
export interface Added {
  amount: Big;
  foreign: number;
}

/** Adds to counts and sums of some records, in the order of their ids; gives those that have figures. */
export async function addToFigures(
  tx: Tx,
  object: ModelObject,
  amounts: ReadonlyMap<string, ReadonlyMap<RollUp, Added>>,
): Promise<string[]> {
  const moved = [...new Set([...amounts.values()].flatMap((one) => [...one.keys()]))];
  const rows = [...amounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, one]) => ({
      id,
      ...Object.fromEntries(
        moved.flatMap((rollUp) => {
          const added = one.get(rollUp);
          return countedColumns(rollUp.field).map((name, i) => [
            name,
            i === 0 ? (added?.amount ?? new Big(0)).toFixed() : (added?.foreign ?? 0),
          ]);
        }),
      ),
    }));
  if (rows.length === 0) return [];
  const names = moved.flatMap(({ field }) => countedColumns(field));
  const done = await tx.query<{ id: string }>(
    `update ${figuresTable(object)} f set ${names.map((name) => `${name} = f.${name} + x.${name}`).join(', ')}
     from json_to_recordset($1::json) as x(id uuid, ${names.map((name) => `${name} numeric`).join(', ')}) where f.id = x.id returning f.id`,
    [JSON.stringify(rows)],
  );
  return done.map((row) => row.id);
}

/** Records of some objects that roll-ups over these ones are figures of: whom to reckon anew when records go past the log. */
export async function figuresBehind(
  q: Queryable,
  model: Model,
  source: ModelObject,
  ids: readonly string[],
): Promise<{ object: ModelObject; ids: string[] }[]> {
  const ways = new Map(
    rollUpsOf(model)
      .over(source.key)
      .map((rollUp) => [`${rollUp.object.key}.${rollUp.by.key}`, rollUp]),
  );
  const found: { object: ModelObject; ids: string[] }[] = [];
  for (const { object, by } of ways.values()) {
    const rows = await q.query<{ id: string }>(
      `select distinct ${by.column}_id as id from ${source.table} where id = any($1::uuid[]) and ${by.column}_id is not null`,
      [ids],
    );
    if (rows.length > 0) found.push({ object, ids: rows.map((row) => row.id) });
  }
  return found;
}
