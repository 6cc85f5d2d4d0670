import { authorOf } from '#engine/access/actor.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type Link, linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { membershipOf } from '#engine/declare/fields/many-to-many/membership.ts';
import { BASE } from '#engine/declare/fields/money/money.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { copyRows } from '#engine/store/copy-text.ts';
import type { Tx } from '#engine/store/db.ts';
import { ownFields, selectList } from '#engine/store/projection.ts';
import { columnsOfObject } from '#engine/store/schema.ts';
import { and, Params } from '#engine/store/sql.ts';
import { fold } from '#kit/fold.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import type { Values } from './context.ts';
import { type Context, sqlContext } from './context.ts';
import { insertFigures } from './figures.ts';

/**
 * How canonical values become rows, and back. Batches of every size travel as one JSON parameter, so that one prepared
 * statement serves a form and an import chunk alike.
 */
export interface RowItem {
  id: string;
  values: Values;
  before: Values | null;
  get(key: string): unknown;
  changes(key: string): boolean;
}

const stored = (object: ModelObject): BoundField[] => object.declared.filter((field) => typeOf(field).storage === 'columns');

const insertTexts = new WeakMap<ModelObject, string>();

/** Batches from this size on are copied instead of inserted. */
const COPY_FROM = 500;

/** Inserts new rows; base amounts are reckoned by the database with the rate of the transaction's day. */
export async function insertRows(tx: Tx, object: ModelObject, items: readonly RowItem[], user: string | null): Promise<void> {
  await insertFigures(
    tx,
    object,
    items.map((item) => item.id),
  );
  if (items.length >= COPY_FROM && (await copyNew(tx, object, items, user))) return;
  let text = insertTexts.get(object);
  if (!text) {
    const columns = columnsOfObject(object);
    const definition = ['id uuid', ...columns.map(({ name, type }) => `${name} ${type}`)].join(', ');
    const values = columns.map(({ name }) => baseExpression(object, name, 'x') ?? `x.${name}`);
    text = `insert into ${object.table} (id, created_by_id, updated_by_id, ${columns.map(({ name }) => name).join(', ')})
      select x.id, $2::uuid, $2::uuid, ${values.join(', ')} from json_to_recordset($1::json) as x(${definition})`;
    insertTexts.set(object, text);
  }
  const fields = stored(object);
  const rows = items.map((item) => {
    const row: JsonObject = { id: item.id };
    for (const field of fields) {
      const value = item.values[field.key];
      if (value !== null && value !== undefined) columnValues(field, value, row);
    }
    return row;
  });
  await tx.query(text, [JSON.stringify(rows), user]);
}

/** Copies new rows, only the columns they fill; false where amounts ask for the rates of the base. */
async function copyNew(tx: Tx, object: ModelObject, items: readonly RowItem[], user: string | null): Promise<boolean> {
  const filled = stored(object).filter((field) =>
    items.some((item) => item.values[field.key] !== null && item.values[field.key] !== undefined),
  );
  if (filled.some((field) => field.type === 'money')) return false;
  const columns = filled.flatMap((field) =>
    typeOf(field)
      .columns(field)
      .map(({ suffix, type }) => ({ name: field.column + suffix, type })),
  );
  const rows = items.map((item) => {
    const cells: (Json | undefined)[] = [item.id, user, user];
    for (const field of filled) {
      const type = typeOf(field);
      const value = item.values[field.key] ?? null;
      const given = value === null ? [] : type.store(value, field);
      const width = type.columns(field).length;
      for (let i = 0; i < width; i++) cells.push(given[i] ?? null);
    }
    return cells;
  });
  await copyRows(
    tx,
    object.table,
    [{ name: 'id', type: 'uuid' }, { name: 'created_by_id', type: 'uuid' }, { name: 'updated_by_id', type: 'uuid' }, ...columns],
    rows,
  );
  return true;
}

function columnValues(field: BoundField, value: unknown, row: JsonObject): void {
  const type = typeOf(field);
  const cells = type.store(value, field);
  type.columns(field).forEach(({ suffix }, i) => {
    row[field.column + suffix] = cells[i] ?? null;
  });
}

/** SQL reckoning a base amount column from the row `x`; null for other columns. */
function baseExpression(object: ModelObject, column: string, x: string): string | null {
  const field = stored(object).find((candidate) => candidate.type === 'money' && column === candidate.column + BASE);
  if (!field) return null;
  const on = object.fields.get(String(field.with.rateOn ?? ''));
  const day = on ? `coalesce(${x}.${on.column}::date, current_date)` : 'current_date';
  return `perigon_to_base(${x}.${field.column}, ${x}.${field.column}_currency, ${day})`;
}

/** Updates rows to their after-images: the columns that any record of the batch changes, for all of them. */
export async function updateRows(tx: Tx, object: ModelObject, items: readonly RowItem[], user: string | null): Promise<void> {
  const changed = stored(object).filter((field) => items.some((item) => item.changes(field.key)));
  // The rate's day decides the base amount, so a money field follows its date.
  const fields = stored(object).filter((field) => changed.includes(field) || changed.some((other) => field.with.rateOn === other.key));
  const withRates = new Set(fields);
  for (const field of fields) {
    const on = object.fields.get(String(field.with.rateOn ?? ''));
    if (on) withRates.add(on);
  }
  const rows = items.map((item) => {
    const row: JsonObject = { id: item.id };
    for (const field of withRates) columnValues(field, item.get(field.key) ?? null, row);
    return row;
  });
  const columns = [...withRates].flatMap((field) =>
    typeOf(field)
      .columns(field)
      .map(({ suffix, type }) => ({ name: field.column + suffix, type })),
  );
  const sets = [
    'version = t.version + 1',
    'updated_at = now()',
    'updated_by_id = $2::uuid',
    ...columns.map(({ name }) => `${name} = ${baseExpression(object, name, 'x') ?? `x.${name}`}`),
  ];
  const definition = ['id uuid', ...columns.map(({ name, type }) => `${name} ${type}`)].join(', ');
  await tx.query(`update ${object.table} t set ${sets.join(', ')} from json_to_recordset($1::json) as x(${definition}) where t.id = x.id`, [
    JSON.stringify(rows),
    user,
  ]);
}

export interface ChangeRow {
  id: string;
  party: string | null;
  action: 'create' | 'update' | 'delete' | 'restore';
  version: number;
  before: JsonObject | null;
  after: JsonObject | null;
  /** What roll-ups read of the record and the row does not say by itself. */
  carried: JsonObject | null;
}

const CHANGE_COLUMNS = [
  { name: 'cause', type: 'uuid' },
  { name: 'object', type: 'text' },
  { name: 'record_id', type: 'uuid' },
  { name: 'party_id', type: 'uuid' },
  { name: 'action', type: 'text' },
  { name: 'version', type: 'integer' },
  { name: 'before', type: 'jsonb' },
  { name: 'after', type: 'jsonb' },
  { name: 'carried', type: 'jsonb' },
  { name: 'pending_search', type: 'boolean' },
];

/** Adds the log rows, and the cause where this is its first write. */
export async function insertChanges(
  tx: Tx,
  ctx: Context,
  object: ModelObject,
  rows: readonly ChangeRow[],
  pendingSearch: boolean,
): Promise<void> {
  const { cause, actor } = ctx;
  if (rows.length >= COPY_FROM) {
    await tx.query(
      `insert into causes (id, kind, label, actor_kind, actor_id, parent) values ($1::uuid, $2::text, $3::text, $4::text, $5::uuid, $6::uuid) on conflict (id) do nothing`,
      [cause.id, cause.kind, cause.label ?? (actor.kind === 'system' ? actor.name : null), actor.kind, authorOf(actor), cause.parent],
    );
    const cells = rows.map((row) => [
      cause.id,
      object.key,
      row.id,
      row.party,
      row.action,
      row.version,
      row.before,
      row.after,
      row.carried,
      pendingSearch,
    ]);
    await copyRows(tx, 'changes', CHANGE_COLUMNS, cells);
    return;
  }
  await tx.query(
    `with c as (
       insert into causes (id, kind, label, actor_kind, actor_id, parent)
       values ($3::uuid, $4::text, $5::text, $6::text, $7::uuid, $8::uuid) on conflict (id) do nothing)
     insert into changes (cause, object, record_id, party_id, action, version, before, after, carried, pending_search)
     select $3::uuid, $2::text, x.id, x.party, x.action, x.version, x.before, x.after, x.carried, $9::boolean
     from json_to_recordset($1::json) as x(id uuid, party uuid, action text, version integer, before jsonb, after jsonb, carried jsonb)`,
    [
      JSON.stringify(rows),
      object.key,
      cause.id,
      cause.kind,
      cause.label ?? (actor.kind === 'system' ? actor.name : null),
      actor.kind,
      authorOf(actor),
      cause.parent,
      pendingSearch,
    ],
  );
}

const EXTERNAL_COLUMNS = [
  { name: 'object', type: 'text' },
  { name: 'system', type: 'text' },
  { name: 'value', type: 'text' },
  { name: 'record_id', type: 'uuid' },
];
const IDENTIFIER_COLUMNS = [
  { name: 'kind', type: 'text' },
  { name: 'value', type: 'text' },
  { name: 'object', type: 'text' },
  { name: 'record_id', type: 'uuid' },
  { name: 'label', type: 'text' },
  { name: 'is_primary', type: 'boolean' },
];

/** Rows beside the table that belong to a record: links, external ids, identifiers. */
export async function writeSatellites(tx: Tx, object: ModelObject, items: readonly RowItem[]): Promise<void> {
  const identifiers: { k: string; v: string; l: string | null; p: boolean; r: string }[] = [];
  for (const field of object.declared) {
    const type = typeOf(field);
    if (type.storage === 'columns' && !field.identifies) continue;
    const touched = items.filter((item) => item.changes(field.key));
    if (touched.length === 0) continue;
    const ids = touched.filter((item) => item.before).map((item) => item.id);
    if (type.storage === 'link') {
      const link = linkTable(field);
      if (ids.length > 0) await tx.query(`delete from ${link} where from_id = any($1::uuid[])`, [ids]);
      const rows = touched.flatMap((item) =>
        ((item.get(field.key) ?? []) as Link[]).map((l) => ({
          f: item.id,
          t: l.id,
          r: l.role,
          s: l.since,
          u: l.until,
          l: l.level ?? 'write',
        })),
      );
      const terms = membershipOf(field);
      if (rows.length > 0)
        await tx.query(
          `insert into ${link} (from_id, to_id, role${terms ? ', since, until, level' : ''}) select f, t, r${terms ? ', s, u, l' : ''}
           from json_to_recordset($1::json) as x(f uuid, t uuid, r text, s timestamptz, u timestamptz, l text)`,
          [JSON.stringify(rows)],
        );
    } else if (type.storage === 'external') {
      if (ids.length > 0)
        await tx.query('delete from external_ids where object = $2::text and record_id = any($1::uuid[])', [ids, object.key]);
      const rows = touched.flatMap((item) =>
        ((item.get(field.key) ?? []) as { system: string; value: string }[]).map((e) => ({ s: e.system, v: e.value, r: item.id })),
      );
      if (rows.length >= COPY_FROM)
        await copyRows(
          tx,
          'external_ids',
          EXTERNAL_COLUMNS,
          rows.map((row) => [object.key, row.s, row.v, row.r]),
        );
      else if (rows.length > 0)
        await tx.query(
          'insert into external_ids (object, system, value, record_id) select $2::text, s, v, r from json_to_recordset($1::json) as x(s text, v text, r uuid)',
          [JSON.stringify(rows), object.key],
        );
    } else if (field.identifies) {
      if (ids.length > 0)
        await tx.query('delete from identifiers where kind = $2::text and record_id = any($1::uuid[])', [ids, field.identifies]);
      for (const item of touched)
        for (const p of identifiersOf(item.get(field.key)))
          identifiers.push({ k: field.identifies, v: p.value, l: p.label, p: p.primary, r: item.id });
    }
  }
  // Addresses and numbers go together: one way to the database less for every record that has both.
  if (identifiers.length >= COPY_FROM) {
    // The rows of these records and kinds were removed above, so only a record's own value given twice could be there already.
    const held = new Set<string>();
    const fresh = identifiers.filter(({ k, v, r }) => {
      const key = `${k}\u0001${v}\u0001${r}`;
      return !held.has(key) && held.add(key);
    });
    await copyRows(
      tx,
      'identifiers',
      IDENTIFIER_COLUMNS,
      fresh.map((row) => [row.k, row.v, object.key, row.r, row.l, row.p]),
    );
  } else if (identifiers.length > 0) {
    await tx.query(
      `insert into identifiers (kind, value, object, record_id, label, is_primary) select k, v, $2::text, r, l, p
       from json_to_recordset($1::json) as x(k text, v text, l text, p boolean, r uuid) on conflict do nothing`,
      [JSON.stringify(identifiers), object.key],
    );
  }
}

/** Sets the external ids of records aside with them, so that a live record may claim the name; restoring claims it back or conflicts. */
export async function trashSatellites(tx: Tx, object: ModelObject, ids: readonly string[], restore: boolean): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    restore
      ? `update external_ids set object = $2::text where record_id = any($1::uuid[]) and object = '~' || $2::text || record_id::text`
      : `update external_ids set object = '~' || $2::text || record_id::text where record_id = any($1::uuid[]) and object = $2::text`,
    [ids, object.key],
  );
}

/** The identifiers in a contact field's value, folded as they are compared. */
export function identifiersOf(value: unknown): { value: string; label: string | null; primary: boolean }[] {
  if (value === null || value === undefined) return [];
  const points = Array.isArray(value) ? value : [value];
  return points.map((point) =>
    typeof point === 'string'
      ? { value: fold(point), label: null, primary: true }
      : {
          value: fold(String((point as { value: string }).value)),
          label: (point as { label?: string | null }).label ?? null,
          primary: (point as { primary?: boolean }).primary !== false,
        },
  );
}

/** Locks records, in the trash or not, in the order of their ids: what is read in the statements after it is what others have committed. */
export async function lockRecords(tx: Tx, object: ModelObject, ids: readonly string[]): Promise<void> {
  await tx.query(`select 1 from ${object.table} t where t.id = any($1::uuid[]) order by t.id for no key update`, [[...ids].sort()]);
}

/** Records as rules and undo see them, optionally locked in id order, optionally with those in the trash. Not limited by rights. */
export async function loadStored(
  tx: Tx,
  ctx: Pick<Context, 'model' | 'actor'>,
  object: ModelObject,
  ids: readonly string[],
  o: { lock?: boolean; deleted?: boolean } = {},
): Promise<Map<string, Values>> {
  const params = new Params();
  const list = params.add([...ids].sort(), 'uuid[]');
  if (o.lock) await lockRecords(tx, object, ids);
  const fields = selectList(ctx.model, object, ownFields(object), 't', sqlContext(ctx, params), 'stored');
  const where = and([`t.id = any(${list})`, o.deleted ? null : 't.deleted_at is null']);
  const rows = await tx.query<{ j: Values }>(
    `select row_to_json(x) as j from (select ${fields}, t.deleted_at as "deletedAt" from ${object.table} t where ${where}) x`,
    params.values,
  );
  return new Map(rows.map((row) => [String(row.j.id), row.j]));
}
