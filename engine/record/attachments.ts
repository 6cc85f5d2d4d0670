import { mayReadField, scopeCondition } from '#engine/access/policy.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { accepted, accepts, type FileValue } from '#engine/declare/fields/file/file.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { PICTURE_BYTES } from '#engine/declare/fields/rich-text/rich-text.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { and, Params } from '#engine/store/sql.ts';
import type { Problem } from '#kit/errors.ts';
import type { Context, Values } from './context.ts';

/**
 * Files in records. A file belongs to nobody: whoever may read a record and the field that holds it may read it, and until some
 * record does, whoever sent it. So nothing may be put into a record that its writer could not read, or naming an id would open it.
 */

interface Holder {
  id: string;
  values: Values;
  before: Values | null;
  changes(key: string): boolean;
  problems: Problem[];
}

const holding = (object: ModelObject): BoundField[] => object.declared.filter((field) => typeOf(field).files !== undefined);
const idsOf = (field: BoundField, value: unknown): string[] =>
  value === null || value === undefined ? [] : (typeOf(field).files?.(value) ?? []);

/** Those of some files that the actor may read. */
export async function readableFiles(db: Queryable, ctx: Pick<Context, 'model' | 'actor'>, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const me = ctx.actor.userId;
  const uses = await db.query<{ file: string; mine: boolean; object: string | null; record: string | null; field: string | null }>(
    `select f.id as file, f.created_by_id is not null and f.created_by_id = $2::uuid as mine, u.object, u.record_id as record, u.field
     from files f left join file_uses u on u.file_id = f.id where f.id = any($1::uuid[])`,
    [[...ids], me],
  );
  const found = new Set<string>();
  const byObject = new Map<string, { file: string; record: string }[]>();
  for (const use of uses) {
    if (use.object === null || use.record === null) {
      if (use.mine || ctx.actor.kind === 'system') found.add(use.file);
      continue;
    }
    const object = ctx.model.objects.get(use.object);
    const field = object?.fields.get(use.field ?? '');
    if (!object || !field || !mayReadField(ctx.actor, object, field)) continue;
    const list = byObject.get(object.key);
    if (list) list.push({ file: use.file, record: use.record });
    else byObject.set(object.key, [{ file: use.file, record: use.record }]);
  }
  for (const [key, list] of byObject) {
    const object = ctx.model.object(key);
    const params = new Params();
    const records = params.add([...new Set(list.map(({ record }) => record))], 'uuid[]');
    const scope = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params);
    const rows = await db.query<{ id: string }>(
      `select t.id from ${object.table} t where ${and([`t.id = any(${records})`, 't.deleted_at is null', scope])}`,
      params.values,
    );
    const open = new Set(rows.map((row) => row.id));
    for (const { file, record } of list) if (open.has(record)) found.add(file);
  }
  return found;
}

/**
 * Makes whole values of the file ids in a batch, and refuses files that are not there, not readable to the writer, or not what
 * the field takes. Undo puts back what the log says, so it asks only whether the file is still there.
 */
export async function resolveFiles(tx: Tx, ctx: Context, object: ModelObject, items: readonly Holder[], trusted: boolean): Promise<void> {
  const fields = holding(object);
  const named = items.flatMap((item) =>
    fields.flatMap((field) => (item.changes(field.key) ? idsOf(field, item.values[field.key]).map((id) => ({ item, field, id })) : [])),
  );
  if (named.length === 0) return;
  const ids = [...new Set(named.map(({ id }) => id))];
  // Held until the end of the transaction, so that the sweep of unused files cannot take one away meanwhile.
  const rows = await tx.query<{ id: string; value: FileValue }>(
    'select f.id, perigon_file(f.id) as value from files f where f.id = any($1::uuid[]) order by f.id for key share',
    [ids],
  );
  const there = new Map(rows.map((row) => [row.id, row.value]));
  const readable = trusted ? new Set(ids) : await readableFiles(tx, ctx, ids);
  for (const { item, field, id } of named) {
    const value = there.get(id);
    const own = value !== undefined && (readable.has(id) || idsOf(field, item.before?.[field.key]).includes(id));
    const list = Array.isArray(item.values[field.key]);
    const refuse = (code: string, detail: string) =>
      item.problems.push({ path: list ? `${field.key}.${idsOf(field, item.values[field.key]).indexOf(id)}` : field.key, code, detail });
    if (!value || !own) {
      refuse('reference', 'There is no such file.');
      continue;
    }
    if (typeof item.values[field.key] === 'string') {
      // What stood there before stays, whatever was taken then.
      if (trusted || idsOf(field, item.before?.[field.key]).includes(id)) continue;
      if (value.width === undefined) refuse('picture', `${value.name} cannot be read as a picture, or has more than 50 million dots.`);
      else if (value.size > PICTURE_BYTES)
        refuse(
          'tooLarge',
          `${value.name} has ${value.size.toLocaleString('en')} bytes; a text takes pictures of at most ${PICTURE_BYTES.toLocaleString('en')}.`,
        );
      continue;
    }
    const { accept, maxBytes } = accepted(field);
    if (!accepts(accept, value.type)) refuse('mediaType', `${value.name} is ${value.type}; this takes ${accept.join(', ')}.`);
    else if (field.type === 'image' && value.width === undefined)
      refuse('picture', `${value.name} cannot be read as a picture, or has more than 50 million dots.`);
    else if (maxBytes !== null && value.size > maxBytes)
      refuse(
        'tooLarge',
        `${value.name} has ${value.size.toLocaleString('en')} bytes; this takes at most ${maxBytes.toLocaleString('en')}.`,
      );
    const whole = (part: unknown) => ((part as { id: string }).id === id ? value : part);
    const held = item.values[field.key];
    item.values[field.key] = Array.isArray(held) ? held.map(whole) : whole(held);
  }
}

/** Notes which records hold which files, and that those are in use. */
export async function writeFileUses(tx: Tx, object: ModelObject, items: readonly Omit<Holder, 'problems'>[]): Promise<void> {
  for (const field of holding(object)) {
    const touched = items.filter((item) => item.changes(field.key));
    const held = touched.filter((item) => idsOf(field, item.before?.[field.key]).length > 0).map((item) => item.id);
    if (held.length > 0)
      await tx.query('delete from file_uses where record_id = any($1::uuid[]) and object = $2::text and field = $3::text', [
        held,
        object.key,
        field.key,
      ]);
    const uses = touched.flatMap((item) => idsOf(field, item.values[field.key]).map((id) => ({ f: id, r: item.id })));
    if (uses.length === 0) continue;
    await tx.query(
      `insert into file_uses (file_id, object, record_id, field) select f, $2::text, r, $3::text from json_to_recordset($1::json) as x(f uuid, r uuid)
       on conflict do nothing`,
      [JSON.stringify(uses), object.key, field.key],
    );
    await tx.query('update files set attached_at = now() where id = any($1::uuid[]) and attached_at is null', [uses.map(({ f }) => f)]);
  }
}
