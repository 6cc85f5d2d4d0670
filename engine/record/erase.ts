import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { ERASED, erasedFields } from '#engine/declare/personal.ts';
import type { Tx } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import type { Context } from './context.ts';
import { figuresBehind, reckonFigures } from './figures.ts';
import { forgetOut } from './outbox.ts';
import { insertChanges, lockRecords } from './rows.ts';
import { indexBehind } from './search-rows.ts';

/** A file that no record holds any more, whose bytes can go. */
export interface LooseFile {
  id: string;
  sha256: string;
}

/**
 * Empties what tells of a person in some records, past the pipeline: in the rows, beside them and in the log, where before and after
 * images would bring it back. What sums and counts stand on stays as it is. Doing it again changes nothing. Gives files to remove.
 */
export async function eraseRecords(
  tx: Tx,
  ctx: Context,
  object: ModelObject,
  ids: readonly string[],
  title: ((id: string) => string) | null = null,
): Promise<LooseFile[]> {
  if (ids.length === 0) return [];
  // A reader of the log that is at work on these rows is let finish, so that it cannot write anew what is taken away here.
  await tx.query('select name from consumers order by name for update');
  await lockRecords(tx, object, ids);
  const fields = erasedFields(object);
  const changed = await emptyRows(tx, object, fields, ids, title);
  for (const field of fields)
    if (typeOf(field).storage === 'link') await tx.query(`delete from ${linkTable(field)} where from_id = any($1::uuid[])`, [ids]);
  if (fields.some((field) => typeOf(field).storage === 'external'))
    await tx.query('delete from external_ids where record_id = any($1::uuid[])', [ids]);
  if (fields.some((field) => field.identifies)) await tx.query('delete from identifiers where record_id = any($1::uuid[])', [ids]);
  const keys = fields.map((field) => field.key);
  await tx.query(
    `update changes set before = before - $3::text[], after = after - $3::text[], carried = carried - $3::text[]
     where record_id = any($1::uuid[]) and object = $2::text and (before ?| $3::text[] or after ?| $3::text[] or carried ?| $3::text[])`,
    [ids, object.key, keys],
  );
  await eraseBeside(tx, ids);
  const loose = await releaseFiles(tx, object, ids, keys);
  if (changed.length > 0)
    await insertChanges(
      tx,
      ctx,
      object,
      changed.map(({ id, version, party }) => ({
        id,
        party,
        action: 'update' as const,
        version,
        before: {},
        after: title ? { [object.title]: title(id) } : {},
        carried: null,
      })),
      false,
    );
  await indexBehind(tx, ctx.model, object, ids);
  for (const mend of await figuresBehind(tx, ctx.model, object, ids)) await reckonFigures(tx, ctx.model, mend.object, mend.ids);
  return loose;
}

/** Empties columns; gives the records that held anything. */
async function emptyRows(
  tx: Tx,
  object: ModelObject,
  fields: readonly BoundField[],
  ids: readonly string[],
  title: ((id: string) => string) | null,
): Promise<{ id: string; version: number; party: string | null }[]> {
  const params = new Params();
  const list = params.add(ids, 'uuid[]');
  const names = params.add(title ? ids.map(title) : [], 'text[]');
  const cells: { name: string; value: string }[] = [];
  for (const field of fields) {
    const type = typeOf(field);
    if (type.storage !== 'columns') continue;
    const titled = title !== null && field.key === object.title;
    // What must be unique cannot all be the same dash.
    const text = field.required && !field.unique && ['text', 'longText'].includes(field.type);
    const stored = text ? type.store(ERASED, field) : [];
    type.columns(field).forEach(({ suffix, type: column }, i) => {
      const value = titled
        ? 'x.title'
        : stored[i] === undefined || stored[i] === null
          ? `null::${column}`
          : `${params.add(stored[i], column)}`;
      cells.push({ name: field.column + suffix, value });
    });
  }
  if (cells.length === 0) return [];
  const party = object.key === 'party' ? 't.id' : object.party ? `t.${object.fields.get(object.party)?.column}_id` : 'null::uuid';
  return tx.query(
    `update ${object.table} t set version = t.version + 1, updated_at = now(), ${cells.map(({ name, value }) => `${name} = ${value}`).join(', ')}
     from (select i.id, n.title from unnest(${list}) with ordinality i(id, at) left join unnest(${names}) with ordinality n(title, at) on n.at = i.at) x
     where t.id = x.id and (${cells.map(({ name, value }) => `t.${name} is distinct from ${value}`).join(' or ')})
     returning t.id, t.version, ${party} as party`,
    params.values,
  );
}

/** What the engine keeps of records beside them: prints, likely doubles, notices, automations under way, what left or leaves the house. */
async function eraseBeside(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query('delete from match_prints where record_id = any($1::uuid[])', [ids]);
  await tx.query('delete from duplicates where one = any($1::uuid[]) or other = any($1::uuid[])', [ids]);
  await tx.query('delete from notices where record_id = any($1::uuid[])', [ids]);
  await tx.query('delete from dead_letters where record_id = any($1::uuid[])', [ids]);
  await tx.query(
    'with gone as (delete from flow_runs where record_id = any($1::uuid[]) returning id) delete from flow_run_steps where run in (select id from gone)',
    [ids],
  );
  await forgetOut(tx, ids);
}

/** Lets go of the files that erased fields held; gives those that nothing else holds. */
async function releaseFiles(tx: Tx, object: ModelObject, ids: readonly string[], keys: readonly string[]): Promise<LooseFile[]> {
  return tx.query<LooseFile>(
    `with gone as (delete from file_uses where record_id = any($1::uuid[]) and object = $2::text and field = any($3::text[]) returning file_id, object, record_id, field)
     update files f set attached_at = null where f.id in (select file_id from gone)
       and not exists (select 1 from file_uses u where u.file_id = f.id
         and not exists (select 1 from gone g where g.file_id = u.file_id and g.object = u.object and g.record_id = u.record_id and g.field = u.field))
     returning f.id, f.sha256`,
    [ids, object.key, keys],
  );
}
