import { scopeCondition } from '#engine/access/policy.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { titleSql } from '#engine/store/projection.ts';
import { and, CAST, Params } from '#engine/store/sql.ts';
import { fold } from '#kit/fold.ts';
import { isId } from '#kit/ids.ts';
import { keyField } from './mapping.ts';

export interface Found {
  id: string;
  name: string | null;
}

/** The form of a text under which a record is found by name, key, external id or a field. */
export function lookupKey(object: ModelObject, by: string, system: string | null, text: string): string {
  if (by === 'id') return text.trim().toLowerCase();
  if (by === 'externalId') return `${system ?? ''}\u0001${text}`;
  const field = object.fields.get(fieldOf(object, by));
  return field && typeOf(field).shape?.kind !== 'text' ? text : fold(text.normalize('NFC').replace(/\s+/g, ' ').trim());
}

/** The field that a way of finding means. */
export const fieldOf = (object: ModelObject, by: string): string =>
  by === 'name' ? object.title : by === 'key' ? (keyField(object)?.key ?? 'id') : by;

/** Which live records the actor may see under these keys; one query, however many keys. */
export async function findRecords(
  q: Queryable,
  ctx: Context,
  object: ModelObject,
  by: string,
  keys: readonly string[],
): Promise<Map<string, Found[]>> {
  const found = new Map<string, Found[]>();
  const wanted = by === 'id' ? keys.filter(isId) : keys;
  if (wanted.length === 0) return found;
  const params = new Params();
  const source = sourceOf(object, by, wanted, params);
  const where = and([source.where, 't.deleted_at is null', scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params)]);
  const rows = await q.query<{ k: string; id: string; name: string | null }>(
    `select ${source.key} as k, t.id, ${titleSql(object, 't')} as name from ${source.from} where ${where}`,
    params.values,
  );
  for (const { k, id, name } of rows) {
    const list = found.get(k);
    if (!list) found.set(k, [{ id, name }]);
    else if (!list.some((one) => one.id === id)) list.push({ id, name });
  }
  return found;
}

function sourceOf(object: ModelObject, by: string, keys: readonly string[], params: Params): { key: string; from: string; where: string } {
  if (by === 'id') return { key: 't.id::text', from: `${object.table} t`, where: `t.id = any(${params.add(keys, 'uuid[]')})` };
  if (by === 'externalId') {
    const pairs = keys.map((key) => key.split('\u0001'));
    const list = params.add(JSON.stringify(pairs.map(([s = '', v = '']) => ({ s, v }))), 'json');
    return {
      key: `x.s || E'\\x01' || x.v`,
      from: `json_to_recordset(${list}) as x(s text, v text) join external_ids e on e.object = ${params.add(object.key, 'text')} and e.system = x.s and e.value = x.v join ${object.table} t on t.id = e.record_id`,
      where: 'true',
    };
  }
  const field = object.fields.get(fieldOf(object, by));
  const shape = field && typeOf(field).shape;
  if (!field || !shape) return { key: 't.id::text', from: `${object.table} t`, where: 'false' };
  if (field.identifies) {
    return {
      key: 'i.value',
      from: `identifiers i join ${object.table} t on t.id = i.record_id`,
      where: `i.kind = ${params.add(field.identifies, 'text')} and i.object = ${params.add(object.key, 'text')} and i.value = any(${params.add(keys, 'text[]')})`,
    };
  }
  return {
    key: `${shape.sql(field, 't')}::text`,
    from: `${object.table} t`,
    where: `${shape.sql(field, 't')} = any(${params.add(keys, `${CAST[shape.kind]}[]`)})`,
  };
}
