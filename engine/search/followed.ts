import { createHash } from 'node:crypto';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { indexNow, searchStatement } from '#engine/record/search-rows.ts';
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

/** Notes records whose followers are to be made anew. */
export async function followLater(tx: Tx, rows: readonly { object: string; record_id: string }[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    'insert into search_followed (object, record_id) select distinct o, r from unnest($1::text[], $2::uuid[]) x (o, r) on conflict (object, record_id) do update set at = now()',
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
      if (!object.unsearchable) now[object.key] = createHash('sha256').update(searchStatement(model, object)).digest('hex').slice(0, 16);
    const other = Object.keys(now).filter((key) => held?.value[key] !== now[key]);
    if (other.length === 0) return;
    await followLater(
      tx,
      other.map((object) => ({ object, record_id: ALL })),
    );
    await tx.query(`update settings set value = $1::jsonb where key = 'searchStatements'`, [JSON.stringify({ ...held?.value, ...now })]);
  });
}

/** Makes the followers of one noted record anew; false when none is noted. Broken off, it begins with that record again. */
export async function followOne(db: Db, model: Model): Promise<boolean> {
  const [next] = await db.query<{ object: string; id: string; at: string }>(
    `select object, record_id as id, at::text as at from search_followed order by at, record_id limit 1`,
  );
  if (!next) return false;
  const whole = next.id === ALL ? model.objects.get(next.object) : undefined;
  if (whole) await piecewise(db, whole, null, next.id, (tx, ids) => indexNow(tx, model, whole, ids));
  for (const { object, column } of next.id === ALL ? [] : followers(model, next.object)) {
    if (object.unsearchable) continue;
    await piecewise(db, object, column, next.id, async (tx, ids) => {
      await indexNow(tx, model, object, ids);
      // What follows the records of a user follows their team, too.
      if (next.object === 'user' && followers(model, object.key).length > 0)
        await followLater(
          tx,
          ids.map((record_id) => ({ object: object.key, record_id })),
        );
    });
  }
  // Noted anew meanwhile, it stays.
  await db.query('delete from search_followed where object = $1::text and record_id = $2::uuid and at = $3::timestamptz', [
    next.object,
    next.id,
    next.at,
  ]);
  return true;
}

/** Objects whose search rows hold rights taken from a record of this one, and the column that leads to it. */
function followers(model: Model, key: string): { object: ModelObject; column: string }[] {
  const found: { object: ModelObject; column: string }[] = [];
  for (const object of model.objects.values()) {
    for (const field of [object.fields.get(object.party ?? ''), object.fields.get(object.owner ?? '')])
      if (field && targetOf(field) === key) found.push({ object, column: `${field.column}_id` });
  }
  return found;
}

async function piecewise(
  db: Db,
  object: ModelObject,
  column: string | null,
  id: string,
  work: (tx: Tx, ids: string[]) => Promise<void>,
): Promise<void> {
  let after = ALL;
  for (;;) {
    const ids = (
      await db.query<{ id: string }>(
        `select t.id from ${object.table} t where ${column ? `t.${column} = $3::uuid and` : ''} t.deleted_at is null and t.id > $1::uuid order by t.id limit $2::int`,
        column ? [after, PIECE, id] : [after, PIECE],
      )
    ).map((row) => row.id);
    if (ids.length === 0) return;
    await db.transaction((tx) => work(tx, ids));
    after = ids.at(-1) ?? after;
  }
}
