import { mayReadField } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { titleSql } from '#engine/store/projection.ts';
import { and, Params } from '#engine/store/sql.ts';
import { isId } from '#kit/ids.ts';
import { isObject, type JsonObject } from '#kit/json.ts';
import { recordNamesSql } from './causes.ts';
import { type Context, sqlContext } from './context.ts';
import { readOne } from './read.ts';
import { causeOf } from './undo.ts';

/** A page of what happened to one record, newest first; fields the actor may not read are left out. */
export async function readHistory(
  ctx: Context,
  object: ModelObject,
  id: string,
  cursor: string | null,
  limit = 50,
): Promise<{ items: unknown[]; next: string | null }> {
  await readOne(ctx, object, id, ['id']);
  const before = cursor && /^\d{1,18}$/.test(cursor) ? cursor : null;
  const about = await idsAbout(ctx, object, id);
  const rows = await ctx.db.keyed<{
    seq: number;
    at: string;
    object: string;
    id: string;
    action: string;
    before: JsonObject | null;
    after: JsonObject | null;
    cause: string;
    kind: string;
    label: string | null;
    actor_kind: string;
    actor_id: string | null;
    actor_name: string | null;
  }>(
    `select c.seq, ${instantText('c.at')} as at, c.object, c.record_id as id, c.action, c.before, c.after, c.cause, u.kind, u.label, u.actor_kind, u.actor_id, a.name as actor_name
     from changes c join causes u on u.id = c.cause left join users a on a.id = u.actor_id
     where c.record_id ${about.ids.length > 0 ? '= any($1::uuid[])' : '= $1::uuid'} and c.object ${about.ids.length > 0 ? '= any($2::text[])' : '= $2::text'}
       and ($3::bigint is null or c.seq < $3::bigint) order by c.seq desc limit $4::int`,
    [
      about.ids.length > 0 ? [id, ...about.ids] : id,
      about.ids.length > 0 ? [object.key, ...about.objects.map(({ key }) => key)] : object.key,
      before,
      limit + 1,
    ],
  );
  const page = rows.slice(0, limit);
  const names = new Map<string, string>();
  for (const of of [object, ...about.objects])
    for (const [key, name] of await namesIn(
      ctx,
      of,
      page.filter((row) => row.object === of.key),
    ))
      names.set(key, name);
  const items = page.map((row) => ({
    seq: row.seq,
    at: row.at,
    action: row.action,
    // What happened to something that is about the record: with whom it was shared.
    ...(row.id === id ? {} : { about: { object: row.object, id: row.id } }),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name ?? row.label ?? 'Perigon' },
    cause: { id: row.cause, kind: row.kind, label: row.label },
    fields: fieldsOf(ctx, ctx.model.object(row.object), row, names),
  }));
  return { items, next: rows.length > limit ? String(items.at(-1)?.seq ?? '') : null };
}

/** Most that is about one record whose changes stand in its history. */
const ABOUT = 200;

/** What is about a record (shares), in the trash too, as far as the actor may read such records: who reads the one reads the other. */
async function idsAbout(ctx: Context, object: ModelObject, id: string): Promise<{ ids: string[]; objects: ModelObject[] }> {
  const found: { ids: string[]; objects: ModelObject[] } = { ids: [], objects: [] };
  for (const about of ctx.model.objects.values()) {
    const [name, record] = [about.fields.get(about.about?.object ?? ''), about.fields.get(about.about?.record ?? '')];
    if (!name || !record || ctx.actor.rights.scope(about.key, 'read') === 'none') continue;
    const rows = await ctx.db.keyed<{ id: string }>(
      `select t.id from ${about.table} t where t.${name.column} = $1::text and t.${record.column} = $2::uuid order by t.id desc limit ${ABOUT}`,
      [object.key, id],
    );
    if (rows.length === 0) continue;
    found.ids.push(...rows.map((row) => row.id));
    found.objects.push(about);
  }
  return found;
}

/** What a cause wrote, record by record, in the order it did; only of records and fields that the actor may read. */
export async function readCauseChanges(
  ctx: Context,
  id: string,
  cursor: string | null,
  limit = 50,
): Promise<{ items: unknown[]; next: string | null }> {
  await causeOf(ctx, id);
  const after = cursor && /^\d{1,18}$/.test(cursor) ? cursor : null;
  const rows = await ctx.db.keyed<{
    seq: number;
    at: string;
    object: string;
    id: string;
    action: string;
    before: JsonObject | null;
    after: JsonObject | null;
  }>(
    `select c.seq, ${instantText('c.at')} as at, c.object, c.record_id as id, c.action, c.before, c.after from changes c
     where c.cause = $1::uuid and ($2::bigint is null or c.seq > $2::bigint) order by c.seq limit $3::int`,
    [id, after, limit + 1],
  );
  const page = rows.slice(0, limit);
  const items: unknown[] = [];
  const shown = new Map<string, { names: Map<string, string>; records: Map<string, string | null> }>();
  for (const key of new Set(page.map((row) => row.object))) {
    const object = ctx.model.objects.get(key);
    if (!object || ctx.actor.rights.scope(key, 'read') === 'none') continue;
    const own = page.filter((row) => row.object === key);
    const params = new Params();
    const sql = recordNamesSql(ctx, object, [...new Set(own.map((row) => row.id))], params);
    const records = new Map(
      (await ctx.db.keyed<{ id: string; name: string | null }>(sql, params.values)).map((row) => [row.id, row.name] as const),
    );
    shown.set(key, { names: await namesIn(ctx, object, own), records });
  }
  for (const row of page) {
    const object = ctx.model.objects.get(row.object);
    const of = shown.get(row.object);
    if (!object || !of?.records.has(row.id)) continue;
    items.push({
      seq: row.seq,
      at: row.at,
      object: row.object,
      id: row.id,
      name: of.records.get(row.id) ?? null,
      action: row.action,
      fields: fieldsOf(ctx, object, row, of.names),
    });
  }
  return { items, next: rows.length > limit ? String(page.at(-1)?.seq ?? '') : null };
}

/** What rows of the log about one object changed, as the actor may read it: by row, in their order. */
export async function shownChanges(
  ctx: Context,
  object: ModelObject,
  rows: readonly { before: JsonObject | null; after: JsonObject | null }[],
): Promise<Record<string, { from: unknown; to: unknown }>[]> {
  const names = await namesIn(ctx, object, rows);
  return rows.map((row) => fieldsOf(ctx, object, row, names));
}

/** The fields of a log row that the actor may read, each from what to what; references with their names. */
function fieldsOf(
  ctx: Context,
  object: ModelObject,
  row: { before: JsonObject | null; after: JsonObject | null },
  names: ReadonlyMap<string, string>,
): Record<string, { from: unknown; to: unknown }> {
  const named = (value: unknown, key: string): unknown => {
    const field = object.fields.get(key);
    if (!field || targetOf(field) === null || value === null || value === undefined) return value ?? null;
    if (typeof value === 'string') return { id: value, name: names.get(value) ?? null };
    return Array.isArray(value)
      ? value.map((link) => (isObject(link) ? { ...link, name: names.get(String(link.id)) ?? null } : link))
      : value;
  };
  return Object.fromEntries(
    [...new Set([...Object.keys(row.before ?? {}), ...Object.keys(row.after ?? {})])]
      .filter((key) => {
        const field = object.fields.get(key);
        return field !== undefined && mayReadField(ctx.actor, object, field);
      })
      .map((key) => [key, { from: named(row.before?.[key], key), to: named(row.after?.[key], key) }]),
  );
}

/** Names of the records that log rows point to, as far as the actor may read them; one query per object. */
async function namesIn(
  ctx: Context,
  object: ModelObject,
  rows: readonly { before: JsonObject | null; after: JsonObject | null }[],
): Promise<Map<string, string>> {
  const wanted = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const values of [row.before, row.after]) {
      for (const [key, value] of Object.entries(values ?? {})) {
        const field = object.fields.get(key);
        const target = field && targetOf(field);
        if (!target) continue;
        const ids = wanted.get(target) ?? new Set();
        for (const one of Array.isArray(value) ? value : [value]) {
          const id = isObject(one) ? one.id : one;
          if (isId(id)) ids.add(id);
        }
        wanted.set(target, ids);
      }
    }
  }
  const names = new Map<string, string>();
  for (const [key, ids] of wanted) {
    const target = ctx.model.object(key);
    const params = new Params();
    const where = and([
      `t.id = any(${params.add([...ids], 'uuid[]')})`,
      't.deleted_at is null',
      sqlContext(ctx, params).visible(target, 't'),
    ]);
    for (const row of await ctx.db.keyed<{ id: string; name: string }>(
      `select t.id, ${titleSql(target, 't')} as name from ${target.table} t where ${where}`,
      params.values,
    ))
      names.set(row.id, row.name);
  }
  return names;
}
