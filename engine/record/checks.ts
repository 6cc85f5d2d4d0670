import { scopeCondition } from '#engine/access/policy.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type ExternalKey, pendingKey } from '#engine/declare/fields/reference/reference.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Tx } from '#engine/store/db.ts';
import { and, CAST, Params } from '#engine/store/sql.ts';
import type { Problem } from '#kit/errors.ts';
import { fold } from '#kit/fold.ts';
import type { Context, Values } from './context.ts';
import { followMerges } from './merges.ts';

/** The part of a pipeline item that checks look at. */
interface Checked {
  id: string;
  op: string;
  values: Values;
  get(key: string): unknown;
  changes(key: string): boolean;
  problems: Problem[];
}

/** Resolves references by external id, and refuses those that lead to nothing the actor may read; one query per target. */
export async function resolveReferences(tx: Tx, ctx: Context, object: ModelObject, items: readonly Checked[]): Promise<void> {
  const wanted = new Map<string, { item: Checked; key: string; path: string; id: string }[]>();
  const pending = new Map<string, { item: Checked; key: string; external: ExternalKey }[]>();
  const push = <T>(map: Map<string, T[]>, key: string, value: T) => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  const fields = object.declared.filter((field) => targetOf(field) !== null && typeOf(field).storage !== 'inverse');
  for (const item of items) {
    for (const field of fields) {
      const value = item.values[field.key];
      if (value === null || value === undefined || !item.changes(field.key)) continue;
      const target = targetOf(field) ?? '';
      if (Array.isArray(value))
        for (const [i, link] of (value as { id: string }[]).entries())
          push(wanted, target, { item, key: field.key, path: `${field.key}.${i}.id`, id: link.id });
      else {
        const external = pendingKey(String(value));
        if (external) push(pending, target, { item, key: field.key, external });
        else if (value !== ctx.actor.userId) push(wanted, target, { item, key: field.key, path: field.key, id: String(value) });
      }
    }
  }
  for (const [target, list] of pending) {
    const rows = await tx.query<{ system: string; value: string; id: string }>(
      `select e.system, e.value, e.record_id as id from external_ids e where e.object = $1::text and (e.system, e.value) in (select s, v from json_to_recordset($2::json) as x(s text, v text))`,
      [target, JSON.stringify(list.map(({ external }) => ({ s: external.system, v: external.value })))],
    );
    const found = new Map(rows.map((row) => [`${row.system} ${row.value}`, row.id]));
    for (const { item, key, external } of list) {
      const id = found.get(`${external.system} ${external.value}`);
      if (id) {
        item.values[key] = id;
        push(wanted, target, { item, key, path: key, id });
      } else
        item.problems.push({
          path: key,
          code: 'reference',
          detail: `No ${target} is called “${external.value.slice(0, 60)}” in ${external.system.slice(0, 40)}.`,
        });
    }
  }
  for (const [target, list] of wanted) {
    const far = ctx.model.object(target);
    const found = await readableIds(tx, ctx, far, [...new Set(list.map(({ id }) => id))]);
    const lost = list.filter(({ id }) => !found.has(id));
    if (lost.length > 0) await leadOn(tx, ctx, far, lost);
  }
}

interface Lost {
  item: Checked;
  key: string;
  path: string;
  id: string;
}

/** Ids that name nothing live: those of records that were merged lead on to the one that stayed, the others are refused. */
async function leadOn(tx: Tx, ctx: Context, target: ModelObject, lost: readonly Lost[]): Promise<void> {
  const ids = [...new Set(lost.map(({ id }) => id))];
  const led = await followMerges(tx, target, ids);
  const readable = await readableIds(tx, ctx, target, [...new Set(led.values())]);
  for (const { item, key, path, id } of lost) {
    const to = led.get(id);
    if (to === undefined || !readable.has(to)) item.problems.push({ path, code: 'reference', detail: `There is no such ${target.key}.` });
    else {
      const value = item.values[key];
      item.values[key] = Array.isArray(value)
        ? (value as { id: string }[]).map((link) => (link.id === id ? { ...link, id: to } : link))
        : to;
    }
  }
}

/** Which of these live records the actor may read. */
async function readableIds(tx: Tx, ctx: Context, object: ModelObject, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const params = new Params();
  const list = params.add(ids, 'uuid[]');
  const visible = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params);
  const rows = await tx.query<{ id: string }>(
    `select t.id from ${object.table} t where ${and([`t.id = any(${list})`, 't.deleted_at is null', visible])}`,
    params.values,
  );
  return new Set(rows.map((row) => row.id));
}

/** Refuses values that must be unique and are not, within the batch and against the base; set-wise. */
export async function checkUnique(tx: Tx, object: ModelObject, items: readonly Checked[]): Promise<void> {
  for (const field of object.declared) {
    const type = typeOf(field);
    if (type.storage === 'external') await checkExternal(tx, object, items, field.key);
    if (!field.unique || !type.shape) continue;
    const shape = type.shape;
    const claims = new Map<string, Checked>();
    const scalarOf = (item: Checked) => {
      const value = item.get(field.key);
      return value === null || value === undefined ? null : String(shape.of(value, field));
    };
    for (const item of items) {
      const scalar = item.op === 'delete' || !item.changes(field.key) ? null : scalarOf(item);
      if (scalar === null) continue;
      const key = shape.kind === 'text' ? fold(scalar) : scalar;
      if (claims.has(key)) item.problems.push({ path: field.key, code: 'taken', detail: 'The same value stands twice in the batch.' });
      else claims.set(key, item);
    }
    if (claims.size === 0) continue;
    const params = new Params();
    const list = params.add([...claims.keys()], `${CAST[shape.kind]}[]`);
    const rows = await tx.query<{ id: string; v: string }>(
      `select t.id, ${shape.sql(field, 't')}::text as v from ${object.table} t where ${shape.sql(field, 't')} = any(${list}) and t.deleted_at is null`,
      params.values,
    );
    for (const row of rows) {
      const item = claims.get(row.v);
      if (item && item.id !== row.id)
        item.problems.push({ path: field.key, code: 'taken', detail: `Another ${object.key} has this value already.` });
    }
  }
}

async function checkExternal(tx: Tx, object: ModelObject, items: readonly Checked[], key: string): Promise<void> {
  const claims = new Map<string, Checked>();
  for (const item of items) {
    if (!item.changes(key)) continue;
    for (const { system, value } of (item.get(key) ?? []) as ExternalKey[]) {
      const name = JSON.stringify([system, value]);
      if (claims.has(name) && claims.get(name) !== item)
        item.problems.push({ path: key, code: 'taken', detail: `“${value}” of ${system} stands twice in the batch.` });
      else claims.set(name, item);
    }
  }
  if (claims.size === 0) return;
  const rows = await tx.query<{ system: string; value: string; id: string }>(
    `select e.system, e.value, e.record_id as id from external_ids e join ${object.table} t on t.id = e.record_id and t.deleted_at is null
     where e.object = $1::text and (e.system, e.value) in (select s, v from json_to_recordset($2::json) as x(s text, v text))`,
    [object.key, JSON.stringify([...claims.keys()].map((name) => JSON.parse(name) as [string, string]).map(([s, v]) => ({ s, v })))],
  );
  for (const row of rows) {
    const item = claims.get(JSON.stringify([row.system, row.value]));
    if (item && item.id !== row.id)
      item.problems.push({ path: key, code: 'taken', detail: `Another ${object.key} is called “${row.value}” in ${row.system}.` });
  }
}
