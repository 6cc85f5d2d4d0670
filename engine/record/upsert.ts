import { typeOf } from '#engine/declare/fields/index.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { CAST, Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { fold } from '#kit/fold.ts';
import { isObject } from '#kit/json.ts';
import type { Context } from './context.ts';
import type { WriteOp } from './write.ts';

/** An operation of a batch as it stands on the wire. */
export interface BatchOp {
  op: 'create' | 'update' | 'upsert' | 'delete';
  id?: string;
  version?: number;
  values?: Record<string, unknown>;
  /** Of an upsert: the unique field that names the record; an external id in the values is used otherwise. */
  match?: string;
}

/** Turns upserts into creates and updates by looking all of them up at once; the others pass through. */
export async function resolveUpserts(ctx: Context, object: ModelObject, ops: readonly BatchOp[]): Promise<WriteOp[]> {
  const external = new Map<string, number[]>();
  const byField = new Map<string, Map<string, number[]>>();
  ops.forEach((op, i) => {
    if (op.op !== 'upsert') return;
    const key = op.match ?? 'externalIds';
    const value = op.values?.[key];
    if (key === 'externalIds') {
      const [first] = Array.isArray(value) ? value : value ? [value] : [];
      if (!isObject(first) || typeof first.system !== 'string' || typeof first.value !== 'string')
        throw invalid('An upsert needs what it is recognised by.', [
          { path: `${i}.values.externalIds`, code: 'required', detail: 'Give an external id, or name a unique field in “match”.' },
        ]);
      const name = JSON.stringify([first.system, first.value]);
      external.set(name, [...(external.get(name) ?? []), i]);
      return;
    }
    const field = object.fields.get(key);
    if (!field?.unique || !typeOf(field).shape || typeof value !== 'string')
      throw invalid('An upsert needs what it is recognised by.', [
        { path: `${i}.match`, code: 'match', detail: `“${key.slice(0, 40)}” is not a unique field with a value.` },
      ]);
    const values = byField.get(key) ?? new Map<string, number[]>();
    values.set(fold(value.trim()), [...(values.get(fold(value.trim())) ?? []), i]);
    byField.set(key, values);
  });
  const found = new Map<number, string>();
  if (external.size > 0) {
    const rows = await ctx.db.query<{ system: string; value: string; id: string }>(
      `select e.system, e.value, e.record_id as id from external_ids e where e.object = $1::text and (e.system, e.value) in (select s, v from json_to_recordset($2::json) as x(s text, v text))`,
      [object.key, JSON.stringify([...external.keys()].map((name) => JSON.parse(name) as [string, string]).map(([s, v]) => ({ s, v })))],
    );
    for (const row of rows) for (const i of external.get(JSON.stringify([row.system, row.value])) ?? []) found.set(i, row.id);
  }
  for (const [key, values] of byField) {
    const field = object.fields.get(key);
    const shape = field && typeOf(field).shape;
    if (!field || !shape) continue;
    const params = new Params();
    const rows = await ctx.db.query<{ id: string; v: string }>(
      `select t.id, ${shape.sql(field, 't')}::text as v from ${object.table} t where ${shape.sql(field, 't')} = any(${params.add([...values.keys()], `${CAST[shape.kind]}[]`)}) and t.deleted_at is null`,
      params.values,
    );
    for (const row of rows) for (const i of values.get(row.v) ?? []) found.set(i, row.id);
  }
  return ops.map((op, i): WriteOp => {
    const values = op.values ?? {};
    if (op.op === 'create') return { op: 'create', values };
    const id = op.op === 'upsert' ? found.get(i) : op.id;
    if (op.op === 'upsert') return id ? { op: 'update', id, values } : { op: 'create', values };
    if (!id) throw invalid('An operation names no record.', [{ path: `${i}.id`, code: 'required', detail: 'Which record?' }]);
    return op.op === 'delete' ? { op: 'delete', id, version: op.version } : { op: 'update', id, values, version: op.version };
  });
}
