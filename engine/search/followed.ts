import { createHash } from 'node:crypto';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { indexBehind, searchRowSql } from '#engine/record/search-rows.ts';
import type { Db, Tx } from '#engine/store/db.ts';

/**
 * Rights are lexemes of a search row, taken from the record, its party and its owner's team. When a party gets another owner
 * or a user another team, the rows that followed them are made anew: in pieces, behind the writers. Until then a search may
 * miss one of them for its new reader; it shows none to anyone who may not read it, because the last select asks again. The
 * same is done with all records of an object whose declaration says something else about its search than it did.
 */

/** Stands for all records of an object. */
const ALL = '00000000-0000-0000-0000-000000000000';

/** Search rows made anew in one transaction. */
const PIECE = 2000;
/** Notes taken together. */
const TOGETHER = 500;

/** Notes records whose followers are to be made anew. */
export async function followLater(tx: Tx, rows: readonly { object: string; record_id: string }[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    'insert into search_followed (object, record_id) select distinct o, r from unnest($1::text[], $2::uuid[]) x (o, r) on conflict (object, record_id) do update set at = now(), way = excluded.way, after = excluded.after',
    [rows.map((row) => row.object), rows.map((row) => row.record_id)],
  );
}

/** Notes the objects whose search rows would be made otherwise now than those in the base were: their fields or rights are declared anew. */
export async function followDeclarations(db: Db, model: Model): Promise<void> {
  await db.transaction(async (tx) => {
    const [held] = await tx.query<{ value: Record<string, string> }>(
      `insert into settings (key, value) values ('searchStatements', '{}') on conflict (key) do update set value = settings.value returning value`,
    );
    const now: Record<string, string> = {};
    for (const object of model.objects.values())
      if (!object.unsearchable) now[object.key] = createHash('sha256').update(searchRowSql(model, object)).digest('hex').slice(0, 16);
    const other = Object.keys(now).filter((key) => held?.value[key] !== now[key]);
    if (other.length === 0) return;
    await followLater(
      tx,
      other.map((object) => ({ object, record_id: ALL })),
    );
    await tx.query(`update settings set value = $1::jsonb where key = 'searchStatements'`, [JSON.stringify({ ...held?.value, ...now })]);
  });
}

/**
 * Makes the next piece of what follows a noted record anew; false when none is noted. How far it is lies with the note, in the
 * transaction of the piece: the caller may stop between any two, and goes on there.
 */
export async function followOne(db: Db, model: Model): Promise<boolean> {
  // Notes of one object that are equally far go together: who moves may take thousands of customers along.
  const notes = await db.query<{ object: string; id: string; at: string; way: string; after: string }>(
    `select n.object, n.record_id as id, n.at::text as at, n.way, n.after
     from (select * from search_followed order by at, record_id limit 1) f
     join search_followed n on n.object = f.object and n.way = f.way and n.after = f.after and (n.record_id = '${ALL}') = (f.record_id = '${ALL}')
     limit ${TOGETHER}`,
  );
  const [next] = notes;
  if (!next) return false;
  const note = [next.object, notes.map(({ id }) => id), notes.map(({ at }) => at)];
  const isNote = 'object = $1::text and (record_id, at) in (select r, a from unnest($2::uuid[], $3::timestamptz[]) x (r, a))';
  const way = waysFrom(model, next.object, next.id).find(({ name }) => name >= next.way);
  if (!way) {
    // Noted anew meanwhile, it stays.
    await db.query(`delete from search_followed where ${isNote}`, note);
    return true;
  }
  const { object, column } = way;
  const after = way.name === next.way ? next.after : ALL;
  const ids = (
    await db.query<{ id: string }>(
      `select t.id from ${object.table} t where ${column ? `t.${column} = any($3::uuid[]) and` : ''} t.deleted_at is null and t.id > $1::uuid order by t.id limit $2::int`,
      column ? [after, PIECE, note[1]] : [after, PIECE],
    )
  ).map((row) => row.id);
  await db.transaction(async (tx) => {
    await indexBehind(tx, model, object, ids);
    // What follows the records of a user follows their team, too.
    if (next.object === 'user' && object.key !== 'user' && next.id !== ALL && waysFrom(model, object.key, next.id).length > 0)
      await followLater(
        tx,
        ids.map((record_id) => ({ object: object.key, record_id })),
      );
    await tx.query(`update search_followed set way = $4::text, after = $5::uuid where ${isNote}`, [
      ...note,
      // Behind this name and before any other.
      ids.length < PIECE ? `${way.name} ` : way.name,
      ids.at(-1) ?? ALL,
    ]);
  });
  return true;
}

/** Where search rows lie that hold what a record gives them: objects and the columns that lead to it; for all records of an object, itself. */
function waysFrom(model: Model, key: string, id: string): { name: string; object: ModelObject; column: string | null }[] {
  const whole = model.objects.get(key);
  if (id === ALL) return whole && !whole.unsearchable ? [{ name: whole.key, object: whole, column: null }] : [];
  const found: { name: string; object: ModelObject; column: string }[] = [];
  // Its own row as well: one that was made anew at the very moment in which its rights moved may hold those of before.
  if (whole && !whole.unsearchable) found.push({ name: whole.key, object: whole, column: 'id' });
  for (const object of model.objects.values()) {
    if (object.unsearchable) continue;
    for (const field of [object.fields.get(object.party ?? ''), object.fields.get(object.owner ?? '')])
      if (field && targetOf(field) === key) found.push({ name: `${object.key}.${field.key}`, object, column: `${field.column}_id` });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
