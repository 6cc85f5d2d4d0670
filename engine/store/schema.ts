import { createHash } from 'node:crypto';
import type { Predicate } from '#engine/declare/condition.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { membershipColumns, membershipOf } from '#engine/declare/fields/many-to-many/membership.ts';
import { figuresOf, figuresTable } from '#engine/declare/figures.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Db, Queryable, Tx } from './db.ts';
import { MIGRATIONS } from './engine-tables.sql.ts';
import { ownSql } from './formula-sql.ts';
import { FUNCTIONS } from './functions.sql.ts';
import { boundsSql, firstPartitions } from './partition-plan.ts';
import { INDEX_LOCK, patiently, SCHEMA_LOCK } from './patiently.ts';

/**
 * Tables follow from the declarations. What is missing is added: a table, a nullable column, an index; nothing is changed
 * or dropped here, so two versions of the server may run at once. Everything else is a numbered migration.
 */

/** Columns that every object's table has. */
const SYSTEM_COLUMNS = `id uuid not null, version integer not null default 1, created_at timestamptz(3) not null default now(), created_by_id uuid,
  updated_at timestamptz(3) not null default now(), updated_by_id uuid, deleted_at timestamptz(3)`;

export interface IndexDeclaration {
  name: string;
  table: string;
  sql: string;
}

/** The number of the last migration this version knows. */
export const lastMigration = (): number => Math.max(...MIGRATIONS.map(({ number }) => number));

/** The numbers of migrations that a base has not taken yet; null where there is no base. */
export async function pendingMigrations(db: Queryable): Promise<number[] | null> {
  const [there] = await db.query<{ there: boolean }>("select to_regclass('schema_migrations') is not null as there");
  if (!there?.there) return null;
  const done = new Set((await db.query<{ number: number }>('select number from schema_migrations')).map((row) => row.number));
  return MIGRATIONS.map(({ number }) => number).filter((number) => !done.has(number));
}

/** Brings the engine's own tables and functions up to this version. */
export async function applyMigrations(db: Db): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1::bigint)', [SCHEMA_LOCK]);
    await tx.script(
      'create table if not exists schema_migrations (number integer primary key, title text not null, at timestamptz not null default now())',
    );
    const done = new Set((await tx.query<{ number: number }>('select number from schema_migrations')).map((row) => row.number));
    for (const migration of MIGRATIONS) {
      if (done.has(migration.number)) continue;
      if (migration.withFunctions) await functionsIfChanged(tx);
      await tx.script(migration.sql);
      await tx.query('insert into schema_migrations (number, title) values ($1::int, $2::text)', [migration.number, migration.title]);
    }
    await functionsIfChanged(tx);
  });
}

/** Adds what tables and columns these objects lack; gives the tables that are new. */
export async function applyTables(db: Db, objects: readonly ModelObject[]): Promise<ReadonlySet<string>> {
  const existing = await columnsOf(db);
  const fresh = new Set<string>();
  for (const object of objects) await applyTable(db, object, existing, fresh);
  return fresh;
}

/** Makes the indexes these objects lack, beside all traffic unless the table is fresh; what a broken-off build left is made anew. */
export async function applyIndexes(db: Db, objects: readonly ModelObject[], fresh: ReadonlySet<string> = new Set()): Promise<void> {
  const ready = await readyIndexes(db);
  for (const object of objects) {
    const lacking = indexesOf(object).filter(({ name }) => !ready.has(name));
    // Of an empty table all at once: a first start makes more than a thousand, and each would be a transaction of its own.
    const first = lacking.filter(({ table }) => fresh.has(table)).map(({ sql }) => `create ${sql.replace('%s', 'if not exists')}`);
    if (first.length > 0) await patiently(db, (tx) => tx.script(first.join(';\n')));
    for (const index of lacking) if (!fresh.has(index.table)) await createIndex(db, object, index);
  }
}

/** Takes indexes down beside the traffic. */
export async function dropIndexes(db: Db, object: ModelObject, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  // PostgreSQL takes an index over partitions down in one piece only; that is done in a moment, once nobody holds the table.
  if (object.partitionBy) return patiently(db, (tx) => tx.script(`drop index if exists ${names.join(', ')}`));
  const client = await db.connect();
  try {
    for (const name of names) await client.query(`drop index concurrently if exists ${name}`);
  } finally {
    await client.end();
  }
}

/** Names of all indexes that serve. One that is still building, or whose building broke off, is not among them. */
export async function readyIndexes(db: Queryable): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ name: string }>(
    `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and i.indisvalid`,
  );
  return new Set(rows.map((row) => row.name));
}

/** A column that is there already, but of another type than the object's fields would have it; null where none is. */
export async function clashingColumn(db: Queryable, object: ModelObject): Promise<string | null> {
  const columns = columnsOfObject(object);
  const rows = await db.query<{ name: string }>(
    `select w.name from unnest($2::text[], $3::text[]) w(name, type)
       join pg_attribute a on a.attrelid = to_regclass($1::text) and a.attname = w.name and not a.attisdropped
     where a.atttypid <> w.type::regtype limit 1`,
    [object.table, columns.map(({ name }) => name), columns.map(({ type }) => type)],
  );
  return rows[0]?.name ?? null;
}

// Replacing a function locks it and makes every cached plan stale, so it is done only when its text changed.
async function functionsIfChanged(tx: Tx): Promise<void> {
  const hash = createHash('sha256').update(FUNCTIONS).digest('hex');
  const [held] = await tx.query<{ value: string }>(`select value #>> '{}' as value from settings where key = 'functions'`);
  if (held?.value === hash) return;
  await tx.script('set local check_function_bodies = off');
  await tx.script(FUNCTIONS);
  await tx.query(
    `insert into settings (key, value) values ('functions', to_jsonb($1::text)) on conflict (key) do update set value = excluded.value`,
    [hash],
  );
}

async function columnsOf(db: Db): Promise<Map<string, Set<string>>> {
  const tables = new Map<string, Set<string>>();
  const rows = await db.query<{ t: string; c: string }>(
    `select table_name as t, column_name as c from information_schema.columns where table_schema = 'public'`,
  );
  for (const { t, c } of rows) tables.set(t, (tables.get(t) ?? new Set()).add(c));
  return tables;
}

/** The columns of an object's declared fields, in order. */
export const columnsOfObject = (object: ModelObject): { name: string; type: string }[] =>
  object.declared.filter((field) => !['figure', 'formula'].includes(typeOf(field).storage)).flatMap(columnsOfField);

/** The columns of the figures beside an object. */
export const columnsOfFigures = (object: ModelObject): { name: string; type: string }[] => figuresOf(object).flatMap(columnsOfField);

const columnsOfField = (field: BoundField): { name: string; type: string }[] =>
  typeOf(field)
    .columns(field)
    .map(({ suffix, type }) => ({ name: field.column + suffix, type }));

async function applyTable(db: Db, object: ModelObject, existing: Map<string, Set<string>>, fresh: Set<string>): Promise<void> {
  const have = existing.get(object.table);
  const columns = columnsOfObject(object);
  if (!have) {
    await patiently(db, async (tx) => {
      for (const statement of createTable(object, columns)) await tx.script(statement);
    });
    fresh.add(object.table);
  } else {
    for (const { name, type } of columns) {
      if (!have.has(name)) await patiently(db, (tx) => tx.script(`alter table ${object.table} add column if not exists ${name} ${type}`));
    }
  }
  await applyFigures(db, object, existing, fresh);
  for (const field of object.declared) {
    if (typeOf(field).storage !== 'link') continue;
    const link = linkTable(field);
    const held = existing.get(link);
    const terms = membershipColumns(field);
    if (!held) {
      const body = ['from_id uuid not null', 'to_id uuid not null', 'role text', ...terms.map(({ name, type }) => `${name} ${type}`)];
      await patiently(db, async (tx) => {
        await tx.script(`create table if not exists ${link} (${body.join(', ')}, unique nulls not distinct (from_id, to_id, role))`);
        await tx.script(`create index if not exists ${link}_to on ${link} (to_id, from_id)`);
      });
      fresh.add(link);
    } else
      for (const { name, type } of terms)
        if (!held.has(name)) await patiently(db, (tx) => tx.script(`alter table ${link} add column if not exists ${name} ${type}`));
  }
}

/**
 * The figures of an object: narrow rows that change often, so each page keeps room for their next version. Nothing is filled in
 * here; the figures of records that are there are reckoned by a job (`engine/figures`).
 */
async function applyFigures(db: Db, object: ModelObject, existing: Map<string, Set<string>>, fresh: Set<string>): Promise<void> {
  const columns = columnsOfFigures(object);
  if (columns.length === 0) return;
  const table = figuresTable(object);
  const have = existing.get(table);
  if (!have) {
    const body = ['id uuid primary key', ...columns.map(({ name, type }) => `${name} ${type}`)].join(', ');
    await patiently(db, (tx) => tx.script(`create table if not exists ${table} (${body}) with (fillfactor = 80)`));
    fresh.add(table);
  } else
    for (const { name, type } of columns)
      if (!have.has(name)) await patiently(db, (tx) => tx.script(`alter table ${table} add column if not exists ${name} ${type}`));
}

function createTable(object: ModelObject, columns: { name: string; type: string }[]): string[] {
  const body = [SYSTEM_COLUMNS, ...columns.map(({ name, type }) => `${name} ${type}`)].join(', ');
  const at = object.partitionBy && object.fields.get(object.partitionBy)?.column;
  if (!at) return [`create table if not exists ${object.table} (${body}, primary key (id))`];
  const party = `${object.fields.get(object.party ?? '')?.column}_id`;
  const statements = [`create table if not exists ${object.table} (${body}, primary key (${party}, ${at}, id)) partition by range (${at})`];
  for (const part of firstPartitions(object.table, new Date()))
    statements.push(`create table if not exists ${part.name} partition of ${object.table} for values ${boundsSql(part)}`);
  statements.push(`create table if not exists ${object.table}_default partition of ${object.table} default`);
  return statements;
}

/** All indexes an object's declaration asks for. */
export function indexesOf(object: ModelObject): IndexDeclaration[] {
  const found: IndexDeclaration[] = [];
  const live = 'where deleted_at is null';
  const add = (expressions: string[], o: { unique?: boolean; method?: string; where?: string; table?: string } = {}) => {
    const table = o.table ?? object.table;
    const definition = `${o.method ? `using ${o.method} ` : ''}(${expressions.join(', ')}) ${o.where ?? live}`;
    const name = `${table}_${createHash('sha256')
      .update(definition + String(o.unique))
      .digest('hex')
      .slice(0, 10)}`;
    if (!found.some((index) => index.name === name))
      found.push({ name, table, sql: `${o.unique ? 'unique ' : ''}index %s ${name} on ${table} ${definition}` });
  };
  const sortKey = (key: string): string[] => {
    const field = object.fields.get(key);
    if (!field) return [];
    const type = typeOf(field);
    const expression = type.sort ? type.sort.sql(field, object.table) : type.shape?.sql(field, object.table);
    return expression ? [bare(expression, object.table)] : [];
  };
  const valueKey = (key: string): string[] => {
    const field = object.fields.get(key);
    const shape = field && typeOf(field).shape;
    return field && shape && !shape.many ? [bare(shape.sql(field, object.table), object.table)] : [];
  };
  if (object.partitionBy) {
    add(['id'], { where: '' });
    add([...sortKey(object.partitionBy), 'id']);
    const counted = countedKeys(object);
    const party = object.fields.get(object.party ?? '');
    // Of what grows without bound a customer may have very many: what their 360° view counts is counted from here, without the rows.
    if (counted.length > 0) add([`${party?.column}_id`, ...counted.flatMap(valueKey), ...valueKey(object.partitionBy), 'id']);
  }
  // What is about a record, in the trash too: its history tells of it.
  if (object.about) add([...sortKey(object.about.record), 'id'], { where: '' });
  // What runs out, and what begins: asked for by the moment, among the few that have one.
  if (object.about?.until) {
    const until = sortKey(object.about.until);
    add(until, { where: `where ${until[0]} is not null and deleted_at is null` });
  }
  for (const field of object.declared)
    if (typeOf(field).storage === 'link' && membershipOf(field))
      for (const moment of ['since', 'until']) add([moment], { table: linkTable(field), where: `where ${moment} is not null` });
  // What lies in the trash, latest first.
  add(['deleted_at', 'id'], { where: 'where deleted_at is not null' });
  const sorts = [object.list.sort, ...(object.indexes ?? [])].map((keys) => keys.map((key) => key.replace(/^-/, '')));
  for (const keys of sorts) {
    const expressions = keys.flatMap(sortKey);
    if (expressions.length === keys.length) add([...expressions, 'id']);
  }
  if (object.owner) {
    const owner = `${object.fields.get(object.owner)?.column}_id`;
    add([owner, ...(object.list.sort[0] ? sortKey(object.list.sort[0].replace(/^-/, '')) : []), 'id']);
  }
  for (const field of object.declared) {
    const type = typeOf(field);
    if (type.storage === 'figure') {
      const order = type.sort ?? type.shape;
      if (field.index && order) add([bare(order.sql(field, field.table), field.table), 'id'], { table: field.table, where: '' });
      continue;
    }
    if (type.storage === 'formula') {
      const held = heldExpression(object, field);
      // Whole: of an index with a condition the planner does not take how many are empty, and would sort those for every page.
      if (held) add([held, 'id'], { where: '' });
      continue;
    }
    // What may stand once is the value itself, whatever it sorts by.
    if (field.unique) add(type.shape ? [bare(type.shape.sql(field, object.table), object.table)] : [], { unique: true });
    else if (field.index && type.shape?.many)
      add([`(${bare(type.shape.sql(field, object.table), object.table).replace(/^\((.*)\)$/, '$1')})`], { method: 'gin' });
    else if (field.index) add([...sortKey(field.key), 'id']);
    const covered = field.key === object.owner || (object.partitionBy !== undefined && field.key === object.party);
    if (type.shape?.kind === 'uuid' && !type.shape.many && !covered)
      for (const { suffix } of type.columns(field))
        add([`${field.column}${suffix}`], { where: `where ${field.column}${suffix} is not null and deleted_at is null` });
  }
  for (const keys of object.uniqueTogether ?? []) add(keys.flatMap(sortKey), { unique: true });
  return found;
}

/** Own fields by whose values the 360° view counts: of its tally, and those that its conditions name a value of. */
function countedKeys(object: ModelObject): string[] {
  const { tally, blocks = {}, matters = [] } = object.overview ?? {};
  const named = (where: Predicate | undefined): string[] =>
    !where
      ? []
      : 'all' in where
        ? where.all.flatMap(named)
        : 'field' in where && where.op === 'eq' && object.fields.has(where.field)
          ? [where.field]
          : [];
  const conditions = [...Object.values(blocks), ...matters].flatMap(({ where }) => named(where));
  return [...new Set([...(tally ? [tally.by] : []), ...conditions])];
}

/** What the index of a formula holds; null where it has none. */
export function heldExpression(object: ModelObject, field: BoundField): string | null {
  const type = typeOf(field);
  const order = type.sort ?? type.shape;
  if (!field.index || !order) return null;
  return bare(
    ownSql(field, (at) => order.sql(field, at)),
    object.table,
  );
}

/** An expression over the table as an index wants it: without the alias, in parentheses unless it is a bare column. */
function bare(expression: string, table: string): string {
  const own = expression.replaceAll(`${table}.`, '');
  return /^[a-z_0-9]+$/.test(own) ? own : own.endsWith(' collate "C"') ? `(${own.slice(0, -12)}) collate "C"` : `(${own})`;
}

async function createIndex(db: Db, object: ModelObject, index: IndexDeclaration): Promise<void> {
  const client = await db.connect();
  try {
    // Asked for again and again: who waits inside a statement holds a snapshot, and the build that is under way waits for that.
    for (;;) {
      const { rows } = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1::bigint) as ok', [INDEX_LOCK]);
      if (rows[0]?.ok) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    if (!object.partitionBy || index.table !== object.table) {
      const built = await buildIndex(client, index.name, index.sql);
      // What an expression gives, and how often nothing, the planner learns from the table's next look at itself: of a whole index now,
      // or it would walk the table for the few empty values of a page.
      if (built && !index.sql.includes(' where ')) await client.query(`analyze ${index.table}`);
      return;
    }
    // Of a partitioned table: the partitions' own beside the traffic, one by one, then the whole, which serves once all have joined.
    const { rows } = await client.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = to_regclass('public.${object.table}') order by 1`,
    );
    const mark = index.name.slice(object.table.length);
    const joining: string[] = [];
    for (const { name } of rows) {
      await buildIndex(client, name + mark, index.sql.replace(`${index.name} on ${object.table} `, `${name}${mark} on ${name} `));
      joining.push(`alter index ${index.name} attach partition ${name}${mark}`);
    }
    await patiently(db, async (tx) => {
      await tx.script(`create ${index.sql.replace('%s', 'if not exists').replace(` on ${object.table} `, ` on only ${object.table} `)}`);
      for (const statement of joining) await tx.script(statement);
    });
  } finally {
    await client.end();
  }
}

/** Builds an index beside the traffic; false where it is there. Nobody else builds now, so one that is there and does not serve is what a broken-off build left. */
async function buildIndex(
  client: { query(text: string): Promise<{ rows: { broken?: boolean }[] }> },
  name: string,
  sql: string,
): Promise<boolean> {
  const { rows } = await client.query(
    `select not i.indisvalid as broken from pg_index i where i.indexrelid = to_regclass('public.${name}')`,
  );
  if (rows[0]?.broken) await client.query(`drop index concurrently if exists ${name}`);
  if (rows[0] && !rows[0].broken) return false;
  await client.query(`create ${sql.replace('%s', 'concurrently if not exists')}`);
  return true;
}
