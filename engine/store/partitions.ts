import type { ModelObject } from '#engine/declare/object.ts';
import { type Db, type Queryable, sqlState, type Tx } from './db.ts';
import {
  aboutOf,
  boundsSql,
  gapsIn,
  MOST_PARTITIONS,
  MOVED_AT_ONCE,
  momentSql,
  nextStep,
  type Partition,
  type PartitionState,
  type PartitionStep,
  readBounds,
} from './partition-plan.ts';
import { INDEX_LOCK, patiently } from './patiently.ts';
import { ident } from './sql.ts';

/**
 * Keeps the partitions of tables by time: the years to come before they begin, a year for rows that strayed into the default partition,
 * none that stands empty, and never more than forty. Run at the start and every hour, by any number of servers. Nothing here waits for a
 * lock longer than a moment, for who comes behind it would wait as long, nor holds one for more than a part of a second. What does not come about is tried again in an hour; until then rows
 * lie in the default partition, which has all indexes, and nothing is refused.
 */

/** What a partition is remembered by once it was seen with rows. */
const USED = 'held rows';
/** Whether a larger one holds anything is not looked for: it might be all dead rows, which vacuum gives back first. */
const LOOK_INTO_BYTES = 8 << 20;
/** For how long a step is tried; there is always another hour. */
const PATIENCE_MS = 10_000;
const UNDEFINED_TABLE = '42P01';
/** Steps at once; more than any plan has. */
const STEPS = 200;

/** A table by time, as the steps need it. */
interface Table {
  name: string;
  /** The column of the time. */
  at: string;
}

/** Does what there is to do; gives how many steps that were. */
export async function keepPartitions(db: Db, objects: Iterable<ModelObject>, now = new Date()): Promise<number> {
  let done = 0;
  for (const table of tablesOf(objects)) done += await keepTable(db, table, now);
  return done;
}

const tablesOf = (objects: Iterable<ModelObject>): Table[] =>
  [...objects].flatMap((object) => {
    const at = object.partitionBy && object.fields.get(object.partitionBy)?.column;
    return at ? [{ name: object.table, at }] : [];
  });

async function keepTable(db: Db, table: Table, now: Date): Promise<number> {
  const strays = await straysOf(db, table);
  const refused = new Set<string>();
  let done = 0;
  let busy: unknown = null;
  for (let turn = 0; turn < STEPS; turn++) {
    // Looked at without a lock first: nearly always there is nothing to do.
    const planned = await unlessGone(async () => {
      const state = await readState(db, table, strays, refused);
      return state && nextStep(state, now);
    });
    if (planned === 'gone') continue;
    if (!planned) break;
    const outcome = await tried(db, table, planned, async (tx) => {
      const state = await readState(tx, table, strays, refused);
      return JSON.stringify(state && nextStep(state, now)) === JSON.stringify(planned);
    }).catch((error: unknown) => {
      // Something else may be done all the same.
      busy = error;
      return 'refused' as const;
    });
    if (outcome === 'building') break;
    if (outcome === 'refused') refused.add(aboutOf(planned));
    if (outcome === 'done') done++;
  }
  if (busy !== null) throw busy;
  return done;
}

/** Does a step, unless it is no longer the next: then another server did it, or part of it. */
async function tried(
  db: Db,
  table: Table,
  step: PartitionStep,
  stillNext: (tx: Tx) => Promise<boolean>,
): Promise<'done' | 'refused' | 'other' | 'building'> {
  if (step.do === 'merge' && (await unlessGone(() => widen(db, table, step))) === 'gone') return 'other';
  return patiently(
    db,
    async (tx) => {
      // Who builds an index over all partitions counts on them.
      const [free] = await tx.query<{ ok: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as ok', [INDEX_LOCK]);
      if (!free?.ok) return 'building';
      if (!(await stillNext(tx))) return 'other';
      return (await take(tx, table, step)) ? 'done' : 'refused';
    },
    PATIENCE_MS,
  );
}

/** Another server may take a partition away between two looks. */
async function unlessGone<T>(look: () => Promise<T>): Promise<T | 'gone'> {
  try {
    return await look();
  } catch (error) {
    if (sqlState(error) !== UNDEFINED_TABLE) throw error;
    return 'gone';
  }
}

/** Does one step under the lock of all steps; false where the table turns out to be otherwise than it looked. */
async function take(tx: Tx, table: Table, step: PartitionStep): Promise<boolean> {
  if (step.do === 'mark') {
    await tx.script(`comment on table ${ident(step.name)} is '${USED}'`);
    return true;
  }
  if (step.do === 'retire') return retire(tx, table, step.name);
  if (step.do === 'merge') return merge(tx, table, step);
  return make(tx, table, step.parts);
}

/**
 * A partition beside the table first, then joined to it. Writers wait meanwhile: PostgreSQL would have let them begin, and then refused a
 * row that was on its way to the default partition. Readers wait only where they want that one.
 */
async function make(tx: Tx, table: Table, parts: readonly { name: string; from: number; to: number }[]): Promise<boolean> {
  const fallback = await defaultOf(tx, table);
  await tx.script(`lock table only ${table.name} in share row exclusive mode`);
  if (fallback) await tx.script(`lock table ${ident(fallback)} in access exclusive mode`);
  const columns = await columnsOf(tx, table.name);
  for (const part of parts) {
    const its = `${table.at} >= ${momentSql(part.from)} and ${table.at} < ${momentSql(part.to)}`;
    const strayed = fallback ? await rowsIn(tx, fallback, its) : 0;
    if (strayed > MOVED_AT_ONCE) return false;
    await tx.script(`create table ${ident(part.name)} (like ${table.name} including all excluding indexes)`);
    if (fallback && strayed > 0)
      await tx.script(
        `with gone as (delete from ${ident(fallback)} where ${its} returning ${columns}) insert into ${ident(part.name)} (${columns}) select ${columns} from gone`,
      );
    await tx.script(`alter table ${table.name} attach partition ${ident(part.name)} for values ${boundsSql(part)}`);
    if (strayed > 0) await tx.script(`analyze ${ident(part.name)}`);
  }
  return true;
}

async function retire(tx: Tx, table: Table, name: string): Promise<boolean> {
  await tx.script(`lock table only ${table.name} in access exclusive mode; lock table ${ident(name)} in access exclusive mode`);
  const [held] = await tx.query<{ some: boolean }>(`select exists (select 1 from ${ident(name)}) as some`);
  if (held?.some !== false) return false;
  await tx.script(`drop table ${ident(name)}`);
  return true;
}

type Merge = Extract<PartitionStep, { do: 'merge' }>;
const wider = (name: string): string => ident(`${name}_wider`);

/** Has the larger of two promise beforehand that it fits the wider bounds, beside the traffic; joined again it is not read through then. */
async function widen(db: Db, table: Table, { keep, span }: Merge): Promise<void> {
  const own = `${table.at} >= ${momentSql(span.from)} and ${table.at} < ${momentSql(span.to)}`;
  const bounded = Number.isFinite(span.from) && Number.isFinite(span.to);
  if (!bounded) return;
  await patiently(
    db,
    (tx) =>
      tx.script(
        `alter table if exists ${ident(keep)} drop constraint if exists ${wider(keep)}; alter table if exists ${ident(keep)} add constraint ${wider(keep)} check (${own}) not valid`,
      ),
    PATIENCE_MS,
  );
  await db.query(`alter table if exists ${ident(keep)} validate constraint ${wider(keep)}`);
}

/** Two neighbours become one: the few rows of the smaller go into the larger. */
async function merge(tx: Tx, table: Table, { keep, gone, span, name }: Merge): Promise<boolean> {
  await tx.script(
    `lock table only ${table.name} in access exclusive mode; lock table ${ident(gone)} in access exclusive mode; lock table ${ident(keep)} in access exclusive mode`,
  );
  if ((await rowsIn(tx, gone, 'true')) > MOVED_AT_ONCE) return false;
  const columns = await columnsOf(tx, table.name);
  await tx.script(
    `alter table ${table.name} detach partition ${ident(gone)};
     alter table ${table.name} detach partition ${ident(keep)};
     insert into ${ident(keep)} (${columns}) select ${columns} from ${ident(gone)};
     drop table ${ident(gone)};
     alter table ${table.name} attach partition ${ident(keep)} for values ${boundsSql(span)};
     alter table ${ident(keep)} drop constraint if exists ${wider(keep)};
     alter table ${ident(keep)} rename to ${ident(name)}`,
  );
  return true;
}

/** How the partitions of a table stand; null where there is no such table, or where some are of another kind than those made here. */
async function readState(
  q: Queryable,
  table: Table,
  strays: ReadonlyMap<number, number>,
  refused: ReadonlySet<string>,
): Promise<PartitionState | null> {
  const rows = await q.query<{ name: string; bound: string; rows: number; bytes: number; kind: string; note: string | null }>(
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound, greatest(c.reltuples, 0)::float8 as rows, pg_relation_size(c.oid)::float8 as bytes,
       c.relkind::text as kind, obj_description(c.oid, 'pg_class') as note
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where i.inhparent = to_regclass($1::text) and p.relkind = 'p' order by c.relname`,
    [table.name],
  );
  const own = rows.filter(({ bound }) => bound !== 'DEFAULT');
  if (rows.length === 0) return null;
  const small = own.filter(({ bytes, kind }) => kind === 'r' && bytes <= LOOK_INTO_BYTES);
  const [found] =
    small.length === 0
      ? []
      : await q.query<{ empty: string[] }>(
          `select array_remove(array[${small.map(({ name }, i) => `case when not exists (select 1 from ${ident(name)}) then $${i + 1}::text end`).join(', ')}], null) as empty`,
          small.map(({ name }) => name),
        );
  const partitions: Partition[] = [];
  for (const { name, bound, rows: n, note, bytes } of own) {
    const span = readBounds(bound);
    if (!span) return null;
    // What nobody has counted yet is taken for as much as may lie in so many bytes.
    partitions.push({ name, ...span, rows: Math.max(n, bytes / 200), empty: found?.empty.includes(name) ?? false, used: note === USED });
  }
  return { table: table.name, partitions: partitions.sort((a, b) => a.from - b.from), strays, refused };
}

async function defaultOf(q: Queryable, table: Table): Promise<string | null> {
  const [row] = await q.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = to_regclass($1::text) and pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'`,
    [table.name],
  );
  return row?.name ?? null;
}

/** Rows of the default partition by their year. */
async function straysOf(q: Queryable, table: Table): Promise<ReadonlyMap<number, number>> {
  const fallback = await defaultOf(q, table);
  if (!fallback) return new Map();
  const rows = await q.query<{ year: number; n: number }>(
    `select extract(year from ${table.at} at time zone 'UTC')::int as year, count(*)::int as n from ${ident(fallback)} group by 1`,
  );
  return new Map(rows.map(({ year, n }) => [year, n]));
}

/** How many rows meet a condition, as far as it matters. */
async function rowsIn(q: Queryable, name: string, condition: string): Promise<number> {
  const [row] = await q.query<{ n: number }>(
    `select count(*)::int as n from (select 1 from ${ident(name)} where ${condition} limit ${MOVED_AT_ONCE + 1}) x`,
  );
  return row?.n ?? 0;
}

async function columnsOf(q: Queryable, table: string): Promise<string> {
  const rows = await q.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute where attrelid = to_regclass($1::text) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [table],
  );
  return rows.map(({ name }) => name).join(', ');
}

export interface PartitionReport {
  table: string;
  partitions: number;
  /** Rows in the default partition, as the planner's statistics have it. */
  strays: number;
  /** Whether this year and the next have a place of their own. */
  ahead: boolean;
  tooMany: boolean;
}

/** How it stands with all tables by time, for whoever looks after the base. */
export async function lookAtPartitions(q: Queryable, now = new Date()): Promise<PartitionReport[]> {
  const rows = await q.query<{ table: string; bound: string; rows: number }>(
    `select p.relname as table, pg_get_expr(c.relpartbound, c.oid) as bound, greatest(c.reltuples, 0)::float8 as rows
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent join pg_namespace n on n.oid = p.relnamespace
     where p.relkind = 'p' and n.nspname = current_schema() order by 1`,
  );
  const year = now.getUTCFullYear();
  return [...new Set(rows.map(({ table }) => table))].map((table) => {
    const own = rows.filter((row) => row.table === table);
    const spans = own.flatMap(({ bound }) => readBounds(bound) ?? []);
    return {
      table,
      partitions: own.length,
      strays: own.find(({ bound }) => bound === 'DEFAULT')?.rows ?? 0,
      ahead: gapsIn({ from: Date.UTC(year), to: Date.UTC(year + 2) }, spans).length === 0,
      tooMany: own.length > MOST_PARTITIONS,
    };
  });
}
