import { memberLexemes } from '#engine/access/members.ts';
import { isShareable, shareLexemes } from '#engine/access/shares.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { titleSql } from '#engine/store/projection.ts';
import { lockRecords } from './rows.ts';

/**
 * Search rows are made by the database from the record as it stands, so one statement serves a single write (at once, in
 * the same transaction), a bulk (from the log) and a rebuild.
 */

const texts = new WeakMap<ModelObject, string>();

/** SQL of what search knows of a row: title, subtitle, words, phones; `visible` leaves out fields a reader may not see. */
export function searchParts(
  object: ModelObject,
  t: string,
  visible: (field: BoundField) => boolean = () => true,
): { title: string; subtitle: string; words: string; phones: string } {
  const words: string[] = [];
  const phones: string[] = [];
  for (const field of object.declared) {
    if (!field.search || !visible(field)) continue;
    const sql = typeOf(field).words?.(field, t);
    if (!sql) continue;
    if (field.search === 'phone') phones.push(sql);
    else if (field.key !== object.title) words.push(sql);
  }
  const external = `(select string_agg(e.value, ' ') from external_ids e where e.object = '${object.key}' and e.record_id = ${t}.id)`;
  const title = object.fields.get(object.title);
  const subtitle = object.subtitle ? object.fields.get(object.subtitle) : undefined;
  return {
    title: title && visible(title) ? titleSql(object, t) : 'null::text',
    subtitle: subtitle && visible(subtitle) ? subtitleSql(subtitle, t) : 'null::text',
    words: `concat_ws(' ', ${[...words, external].join(', ')})`,
    phones: phones.length > 0 ? `concat_ws(' ', ${phones.join(', ')})` : `''`,
  };
}

const subtitleSql = (field: BoundField, t: string): string =>
  typeOf(field).words?.(field, t) ??
  (typeOf(field).storage === 'columns' && targetOf(field) === null ? `(${typeOf(field).read(field, t)})::text` : 'null::text');

/** Lexemes of who may see a row: its owner, the owner's team, the account team, its territory, with whom it is shared, and whose party it is about. */
function rightsSql(model: Model, object: ModelObject, t: string): string {
  const parts: string[] = [];
  const people = (alias: string, of: ModelObject) => {
    const owner = of.owner ? of.fields.get(of.owner) : undefined;
    if (owner) {
      parts.push(
        `array['o:' || ${alias}.${owner.column}_id, 't:' || (select u.team_id from users u where u.id = ${alias}.${owner.column}_id)]`,
      );
    }
    const team = of.team ? of.fields.get(of.team) : undefined;
    if (team) parts.push(memberLexemes(team, `${alias}.id`));
    const territory = of.territory ? of.fields.get(of.territory) : undefined;
    if (territory) parts.push(`array['r:' || ${alias}.${territory.column}_id]`);
  };
  people(t, object);
  const shares = model.objects.has('share');
  if (shares && isShareable(object)) parts.push(shareLexemes(object.key, `${t}.id`));
  const party = object.party ? object.fields.get(object.party) : undefined;
  const target = party && targetOf(party);
  if (party && target) {
    const far = model.object(target);
    const team = far.team ? far.fields.get(far.team) : undefined;
    const owner = far.owner ? far.fields.get(far.owner) : undefined;
    if (shares && isShareable(far)) parts.push(shareLexemes(far.key, `${t}.${party.column}_id`));
    if (team) parts.push(memberLexemes(team, `${t}.${party.column}_id`));
    const territory = far.territory ? far.fields.get(far.territory) : undefined;
    if (territory) parts.push(`(select array['r:' || p.${territory.column}_id] from ${far.table} p where p.id = ${t}.${party.column}_id)`);
    if (owner && object.owner)
      parts.push(`(select array['o:' || p.${owner.column}_id] from ${far.table} p where p.id = ${t}.${party.column}_id)`);
    if (owner && !object.owner)
      parts.push(
        `(select array['o:' || p.${owner.column}_id, 't:' || (select u.team_id from users u where u.id = p.${owner.column}_id)] from ${far.table} p where p.id = ${t}.${party.column}_id)`,
      );
  }
  return parts.length > 0 ? parts.join(' || ') : `'{}'::text[]`;
}

/** What the search row of a record is: a select over its table, without a condition. A change of it means that the rows made before are no longer what they would be. */
export function searchRowSql(model: Model, object: ModelObject): string {
  let text = texts.get(object);
  if (!text) {
    const parts = searchParts(object, 't');
    const party = object.key === 'party' ? 't.id' : object.party ? `t.${object.fields.get(object.party)?.column}_id` : 'null::uuid';
    text = `select t.id, '${object.key}', ${party}, coalesce(${parts.title}, ''), ${parts.subtitle}, perigon_lexemes(coalesce(${parts.title}, ''), ${parts.words}, ${parts.phones}, ${rightsSql(model, object, 't')}), t.updated_at, t.version
      from ${object.table} t`;
    texts.set(object, text);
  }
  return text;
}

/** Takes the search rows of those among some records that are in the trash or gone. */
export async function unindexNow(tx: Queryable, object: ModelObject, ids: readonly string[]): Promise<void> {
  if (object.unsearchable || ids.length === 0) return;
  await tx.query(
    `delete from search s where s.record_id = any($1::uuid[]) and not exists (select 1 from ${object.table} t where t.id = s.record_id and t.deleted_at is null)`,
    [ids],
  );
}

/**
 * Brings the search rows of some living records up to what they are now. The caller has locked the records in a statement before this
 * one, or made them in this transaction: of two who index a record the later one must begin to read after the earlier one has
 * committed, or it would write over a newer row what it saw before.
 */
export async function indexNow(tx: Queryable, model: Model, object: ModelObject, ids: readonly string[]): Promise<void> {
  if (object.unsearchable || ids.length === 0) return;
  await tx.query(
    `insert into search (record_id, object, party_id, title, subtitle, lexemes, at, version)
     ${searchRowSql(model, object)} where t.id = any($1::uuid[]) and t.deleted_at is null
     on conflict (record_id) do update set party_id = excluded.party_id, title = excluded.title, subtitle = excluded.subtitle, lexemes = excluded.lexemes, at = excluded.at, version = excluded.version`,
    [ids],
  );
}

/** Both for records that the transaction has not written: waits for those who write or index them, in the order in which writers lock. */
export async function indexBehind(tx: Tx, model: Model, object: ModelObject, ids: readonly string[]): Promise<void> {
  if (object.unsearchable || ids.length === 0) return;
  await lockRecords(tx, object, ids);
  await unindexNow(tx, object, ids);
  await indexNow(tx, model, object, ids);
}
