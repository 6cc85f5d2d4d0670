import type { ScalarKind } from '#engine/declare/field.ts';
import { instantText } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type BindContext, resolvePath, stillBuilding } from '#engine/declare/predicate.ts';
import { invalid } from '#kit/errors.ts';
import { type Joined, joinPath } from './projection.ts';
import { and, castOf, type SqlContext } from './sql.ts';

/**
 * Pages by key, never by offset. A page after a cursor is a union of range branches, one per prefix of the sort (equal so
 * far, then after; then the empty, which sort last), each ordered and limited by itself, so that every branch is an index
 * range and no null is lost (engine-notes 6). Scopes that are several branches multiply them and are made distinct.
 */

export interface SortKey {
  path: string;
  descending: boolean;
  sql: string;
  kind: ScalarKind;
  whole?: boolean;
  nullable: boolean;
}

export interface SortPlan {
  keys: SortKey[];
  joins: string[];
  /** Direction of the id that breaks ties: that of the last key, so that one index serves both ways. */
  idDescending: boolean;
}

/** Resolves `["-amount", "customer.name"]` against an object; sorting by a reference means by its title. */
export function planSort(
  bind: Pick<BindContext, 'model' | 'readable' | 'building'>,
  object: ModelObject,
  sort: readonly string[],
  t: string,
  ctx: SqlContext,
  held: Map<string, Joined> = new Map(),
): SortPlan {
  if (sort.length > 4) throw invalid('At most four sort keys.', [{ path: 'sort', code: 'tooLong', detail: 'At most four sort keys.' }]);
  const keys: SortKey[] = [];
  const joins: string[] = [];
  for (const item of sort) {
    const descending = item.startsWith('-');
    const dotted = descending ? item.slice(1) : item;
    const refuse = () =>
      invalid('The sort cannot be read.', [
        { path: 'sort', code: 'unknownField', detail: `${object.key} cannot be sorted by “${dotted.slice(0, 80)}”.` },
      ]);
    let path = resolvePath(bind, object, dotted);
    if (!path) throw refuse();
    if (bind.building?.(path.object, path.field))
      throw invalid('The sort cannot be read.', [{ path: 'sort', code: 'building', detail: stillBuilding(dotted) }]);
    const target = path.part === null && typeOf(path.field).storage === 'columns' ? targetOf(path.field) : null;
    if (target !== null) {
      path = resolvePath(bind, object, `${dotted}.${bind.model.object(target).title}`);
      if (!path) throw refuse();
    }
    const type = typeOf(path.field);
    const sortable = path.part === null ? type.sortable : true;
    const order = path.part === null ? (type.sort ?? type.shape) : path.shape;
    if (!sortable || !order || ('many' in order && order.many)) throw refuse();
    const joined = joinPath(path, t, ctx, held, 'join');
    joins.push(...joined.joins);
    const [step] = path.steps;
    const required =
      path.part === null &&
      (step === undefined
        ? (path.field.required === true && !path.field.gaps) ||
          path.field.derived?.present === true ||
          ['id', 'version', 'createdAt', 'updatedAt'].includes(path.field.key)
        : step.beside === true && path.field.derived?.present === true);
    keys.push({
      path: dotted,
      descending,
      sql: order.sql(path.field, joined.alias),
      kind: order.kind,
      whole: order.whole,
      nullable: !required,
    });
  }
  return { keys, joins, idDescending: keys.at(-1)?.descending ?? false };
}

export interface Cursor {
  /** Sort values of the last row as text, then its id. */
  values: (string | null)[];
  id: string;
}

/** Cursor ↔ the opaque text on the wire. It names its sort, so that a cursor of another sort is refused. */
export const encodeCursor = (sort: readonly string[], cursor: Cursor): string =>
  Buffer.from(JSON.stringify([sort.join(), ...cursor.values, cursor.id])).toString('base64url');

export function decodeCursor(sort: readonly string[], plan: { keys: readonly { kind: ScalarKind }[] }, text: string): Cursor {
  try {
    const parsed = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const [held, ...rest] = parsed;
    const id = rest.pop();
    if (
      held === sort.join() &&
      rest.length === plan.keys.length &&
      typeof id === 'string' &&
      /^[0-9a-f-]{36}$/.test(id) &&
      rest.every((value, i) => value === null || (typeof value === 'string' && readable(plan.keys[i]?.kind, value)))
    ) {
      return { values: rest as (string | null)[], id };
    }
  } catch {
    // falls through to the refusal below
  }
  throw invalid('The cursor does not belong to this list; begin again without it.', [
    { path: 'cursor', code: 'cursor', detail: 'Not a cursor of this list and sort.' },
  ]);
}

// A forged cursor must be refused here, not fail in the database.
const readable = (kind: ScalarKind | undefined, value: string): boolean =>
  kind === 'number'
    ? /^-?\d+(\.\d+)?$/.test(value)
    : kind === 'instant' || kind === 'date'
      ? !Number.isNaN(Date.parse(value))
      : kind === 'boolean'
        ? /^(t|f|true|false)$/.test(value)
        : kind === 'uuid'
          ? /^[0-9a-f-]{36}$/.test(value)
          : !value.includes('\0');

/** The text form of a sort value that travels in a cursor. */
const cursorText = (key: SortKey, alias: string): string => (key.kind === 'instant' ? instantText(alias) : `${alias}::text`);

/** The column of a page that holds its sort value `i`; no column of a table is called so. */
const keyName = (i: number): string => `k$${i}`;

/**
 * Statement for the ids of one page, as a common table expression body: the id and the sort values, in order, `limit`
 * rows. `scopes` are the actor's branches (conditions on `t`); an empty list means everything. `whole` gives the columns
 * of the table, too, so that its rows need not be found again; not for several scopes, whose rows are made distinct.
 */
export function pageSql(
  object: ModelObject,
  t: string,
  plan: SortPlan,
  o: { where: string; scopes: readonly string[]; cursor: Cursor | null; limit: string; ctx: SqlContext; whole?: boolean },
): string {
  const value = (i: number) => {
    const key = plan.keys[i];
    const held = o.cursor?.values[i] ?? null;
    const placeholder = o.ctx.params.add(held, key ? castOf(key, [held]) : 'text');
    return key?.kind === 'text' ? `${placeholder} collate "C"` : placeholder;
  };
  const ranges = rangesOf(plan, o.cursor, value, () => o.ctx.params.add(o.cursor?.id ?? null, 'uuid'), t);
  // A partitioned table is found again by its time as well as its id, so that only one partition is asked.
  const at = object.partitionBy ? [`${t}.${object.fields.get(object.partitionBy)?.column} as at`] : [];
  const columns = [...(o.whole ? [`${t}.*`] : [`${t}.id`, ...at]), ...plan.keys.map((key, i) => `${key.sql} as ${keyName(i)}`)].join(', ');
  const branches: string[] = [];
  for (const scope of o.scopes.length > 0 ? o.scopes : ['true']) {
    for (const range of ranges) {
      const order = [...range.order, `${t}.id ${plan.idDescending ? 'desc' : 'asc'}`].join(', ');
      branches.push(
        `(select ${columns} from ${object.table} ${t} ${plan.joins.join(' ')} where ${and([`${t}.deleted_at is null`, scope, o.where, ...range.conditions])} order by ${order} limit ${o.limit})`,
      );
    }
  }
  if (branches.length === 1) return branches[0] ?? '';
  const names = o.whole ? 'u.*' : ['u.id', ...at.map(() => 'u.at'), ...plan.keys.map((_, i) => `u.${keyName(i)}`)].join(', ');
  return `select ${names} from (${branches.join(o.scopes.length > 1 ? ' union ' : ' union all ')}) u order by ${outerOrder(plan, 'u')} limit ${o.limit}`;
}

/** The condition that finds the row of a page again. */
export const pageJoin = (object: ModelObject, t: string, page: string): string =>
  and([`${t}.id = ${page}.id`, object.partitionBy ? `${t}.${object.fields.get(object.partitionBy)?.column} = ${page}.at` : null]);

/** The order of the page over its sort values and id. */
export const outerOrder = (plan: SortPlan, alias: string): string =>
  [
    ...plan.keys.map((key, i) => `${alias}.${keyName(i)} ${key.descending ? 'desc' : 'asc'} nulls last`),
    `${alias}.id ${plan.idDescending ? 'desc' : 'asc'}`,
  ].join(', ');

/** The select list of the cursor values of a page row. */
export const cursorColumns = (plan: SortPlan, alias: string): string =>
  plan.keys.map((key, i) => `, ${cursorText(key, `${alias}.${keyName(i)}`)} as c${i}`).join('');

function rangesOf(
  plan: SortPlan,
  cursor: Cursor | null,
  value: (i: number) => string,
  id: () => string,
  t: string,
): { conditions: string[]; order: string[] }[] {
  const ranges: { conditions: string[]; order: string[] }[] = [];
  const { keys } = plan;
  const rest = (from: number) =>
    keys.slice(from).map((key) => `${key.sql} ${key.descending ? 'desc' : 'asc'}${key.nullable ? ' nulls last' : ''}`);
  /** Rows whose key `i` is anything: the non-empty in order, then the empty. */
  const whole = (i: number, conditions: string[]) => {
    const key = keys[i];
    if (!key) ranges.push({ conditions, order: [] });
    else if (!key.nullable) ranges.push({ conditions, order: rest(i) });
    else {
      ranges.push({
        conditions: [...conditions, `${key.sql} is not null`],
        order: [`${key.sql} ${key.descending ? 'desc' : 'asc'}`, ...rest(i + 1)],
      });
      ranges.push({ conditions: [...conditions, `${key.sql} is null`], order: rest(i + 1) });
    }
  };
  if (!cursor) {
    whole(0, []);
    return ranges;
  }
  const equal = (i: number) => (cursor.values[i] === null ? `${keys[i]?.sql} is null` : `${keys[i]?.sql} = ${value(i)}`);
  const equals = (n: number) => keys.slice(0, n).map((_, i) => equal(i));
  ranges.push({ conditions: [...equals(keys.length), `${t}.id ${plan.idDescending ? '<' : '>'} ${id()}`], order: [] });
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i];
    if (!key || cursor.values[i] === null) continue;
    ranges.push({
      conditions: [...equals(i), `${key.sql} ${key.descending ? '<' : '>'} ${value(i)}`],
      order: [`${key.sql} ${key.descending ? 'desc' : 'asc'}`, ...rest(i + 1)],
    });
    if (key.nullable) ranges.push({ conditions: [...equals(i), `${key.sql} is null`], order: rest(i + 1) });
  }
  return ranges;
}
