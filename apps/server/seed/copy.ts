import { Readable } from 'node:stream';
import { typeOf } from '#engine/declare/fields/index.ts';
import { figuresOf } from '#engine/declare/figures.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { FIGURES, reckonFigures } from '#engine/record/figures.ts';
import { raiseCounters } from '#engine/record/numbers.ts';
import { identifiersOf } from '#engine/record/rows.ts';
import { indexNow } from '#engine/record/search-rows.ts';
import { learnAllWords } from '#engine/search/words.ts';
import type { Db } from '#engine/store/db.ts';
import { sameJson } from '#kit/json.ts';
import type { SeedObject, SeedRow } from './world.ts';

/**
 * Writes seeded rows by COPY, past the pipeline, leaving what it would have left: the record, its log row, its identifiers
 * and its search row. `seed.test.ts` compares both for 2,000 parties.
 */
const CHUNK = 20_000;
/** From this size on indexes are dropped ahead and built after. */
const BULK = 20_000;

export async function copyWorld(ctx: Context, world: readonly SeedObject[], report: (line: string) => void): Promise<void> {
  const { db, model } = ctx;
  const tables = world.map(({ key }) => model.object(key).table);
  const bulk = world.some(({ count }) => count > BULK);
  const indexes = bulk ? await dropIndexes(db, [...tables, 'changes', 'identifiers', 'search']) : [];
  await db.query(`insert into causes (id, kind, label, actor_kind) values ($1::uuid, 'seed', $2::text, 'system')`, [
    ctx.cause.id,
    ctx.cause.label,
  ]);
  try {
    for (const seeded of world) {
      const began = Date.now();
      await copyObject(ctx, model.object(seeded.key), seeded);
      report(`${seeded.key}: ${seeded.count} rows in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    }
    const began = Date.now();
    for (const { key } of world) await indexAll(ctx, model.object(key));
    await learnAllWords(ctx.db);
    report(`search rows in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  } finally {
    const began = Date.now();
    for (const definition of indexes) await db.query(definition.replace(/ INDEX /, ' INDEX IF NOT EXISTS '));
    if (indexes.length > 0) report(`${indexes.length} indexes in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
  for (const { key } of world) {
    const object = model.object(key);
    for (const field of object.declared.filter((one) => one.type === 'autoNumber')) await raiseCounters(db, object, field);
  }
  // The search rows are there already, and figures are reckoned here, so their readers of the log begin behind them.
  await db.query(
    `insert into consumers (name, cursor) select name, coalesce((select max(seq) from changes), 0) from unnest($1::text[]) as name on conflict (name) do update set cursor = excluded.cursor`,
    [['search', FIGURES]],
  );
  for (const { key } of world) await reckonAll(ctx, model.object(key), report);
  const client = await db.connect();
  await client.query('set maintenance_work_mem = "512MB"');
  await client.query('vacuum (analyze)');
  await client.end();
}

async function dropIndexes(db: Db, tables: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ name: string; def: string }>(
    `select i.indexname as name, i.indexdef as def from pg_indexes i join pg_class c on c.relname = i.indexname
     where i.schemaname = 'public' and not exists (select 1 from pg_constraint k where k.conindid = c.oid) and not exists (select 1 from pg_inherits h where h.inhrelid = c.oid)
       and i.tablename = any($1::text[])`,
    [tables],
  );
  for (const { name } of rows) await db.query(`drop index if exists "${name}"`);
  return rows.map((row) => row.def.replace(' ON ONLY ', ' ON '));
}

interface Encoder {
  columns: string;
  line(row: SeedRow): string;
}

function encoderOf(ctx: Context, object: ModelObject): Encoder {
  const fields = object.declared
    .filter((field) => typeOf(field).storage === 'columns')
    .map((field) => ({ field, type: typeOf(field), columns: typeOf(field).columns(field) }));
  return {
    columns: ['id', ...fields.flatMap(({ field, columns }) => columns.map(({ suffix }) => field.column + suffix))].join(', '),
    line(row) {
      let text = row.id;
      for (const { field, type, columns } of fields) {
        const value = row.values[field.key];
        if (value === null || value === undefined) {
          for (let i = 0; i < columns.length; i++) text += '\t\\N';
          continue;
        }
        const cells = type.store(value, field);
        if (field.type === 'money') {
          const { amount, currency } = value as { amount: string; currency: string };
          cells[2] = currency === ctx.env.baseCurrency ? amount : null;
        }
        for (let i = 0; i < columns.length; i++) text += `\t${cell(cells[i] ?? null, columns[i]?.type ?? 'text')}`;
      }
      return `${text}\n`;
    },
  };
}

/** A value in COPY's text form. */
function cell(value: unknown, type: string): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  if (type.endsWith('[]')) return escaped(`{${(value as string[]).map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`);
  return escaped(JSON.stringify(value));
}
const escaped = (text: string): string =>
  /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[c] ?? c) : text;

async function copyObject(ctx: Context, object: ModelObject, seeded: SeedObject): Promise<void> {
  const encoder = encoderOf(ctx, object);
  const identifying = object.declared.filter((field) => field.identifies);
  const sent: Promise<void>[] = [];
  for (let from = 0; from < seeded.count; from += CHUNK) {
    const rows: string[] = [];
    const changes: string[] = [];
    const identifiers: string[] = [];
    for (let n = from; n < Math.min(from + CHUNK, seeded.count); n++) {
      const row = seeded.row(n);
      if (!row) continue;
      rows.push(encoder.line(row));
      const party = object.key === 'party' ? row.id : object.party ? row.values[object.party] : null;
      const after: Record<string, unknown> = {};
      for (const key of Object.keys(row.values)) if (!sameJson(row.values[key], null)) after[key] = row.values[key];
      changes.push(`${ctx.cause.id}\t${object.key}\t${row.id}\t${party ?? '\\N'}\tcreate\t1\t${escaped(JSON.stringify(after))}\n`);
      for (const field of identifying) {
        for (const point of identifiersOf(row.values[field.key]))
          identifiers.push(
            `${field.identifies}\t${cell(point.value, 'text')}\t${object.key}\t${row.id}\t${cell(point.label, 'text')}\t${point.primary ? 't' : 'f'}\n`,
          );
      }
    }
    // While PostgreSQL takes this chunk the next is made.
    if (sent.length >= 2) await sent.shift();
    const work = ctx.db.transaction(async (tx) => {
      await tx.copyIn(`copy ${object.table} (${encoder.columns}) from stdin`, Readable.from([rows.join('')]));
      await tx.copyIn(
        'copy changes (cause, object, record_id, party_id, action, version, after) from stdin',
        Readable.from([changes.join('')]),
      );
      if (identifiers.length > 0)
        await tx.copyIn(
          'copy identifiers (kind, value, object, record_id, label, is_primary) from stdin',
          Readable.from([identifiers.join('')]),
        );
    });
    work.catch(() => undefined);
    sent.push(work);
  }
  await Promise.all(sent);
}

async function indexAll(ctx: Context, object: ModelObject): Promise<void> {
  if (object.unsearchable) return;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const ids = (
      await ctx.db.query<{ id: string }>(
        `select id from ${object.table} where id > $1::uuid and deleted_at is null order by id limit ${CHUNK}`,
        [after],
      )
    ).map((row) => row.id);
    if (ids.length === 0) return;
    after = ids.at(-1) ?? after;
    await indexNow(ctx.db, ctx.model, object, ids);
  }
}

async function reckonAll(ctx: Context, object: ModelObject, report: (line: string) => void): Promise<void> {
  if (figuresOf(object).length === 0) return;
  const began = Date.now();
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const ids = (
      await ctx.db.query<{ id: string }>(`select id from ${object.table} where id > $1::uuid order by id limit 5000`, [after])
    ).map((row) => row.id);
    if (ids.length === 0) break;
    after = ids.at(-1) ?? after;
    await ctx.db.transaction((tx) => reckonFigures(tx, ctx.model, object, ids));
  }
  report(`figures of ${object.plural} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
