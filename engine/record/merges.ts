import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';

/** Where records went that were merged into others: their ids go on naming the ones that stayed. */

/** Keeps that `loser` went into `survivor`, and that the two were the same one after all. */
export async function keepMerge(
  tx: Tx,
  o: { object: string; survivor: string; loser: string; cause: string; by: string | null },
): Promise<void> {
  await tx.query('insert into merges (loser, survivor, object, cause) values ($1::uuid, $2::uuid, $3::text, $4::uuid)', [
    o.loser,
    o.survivor,
    o.object,
    o.cause,
  ]);
  await tx.query(
    `update duplicates set state = 'merged', decided_by = $3::uuid, decided_at = now() where one = least($1::uuid, $2::uuid) and other = greatest($1::uuid, $2::uuid)`,
    [o.loser, o.survivor, o.by],
  );
}

/** Records that are back from the trash stand for themselves again; who took them apart has said that they are not the same. */
export async function endMerges(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(
    `with ended as (delete from merges where loser = any($1::uuid[]) returning loser, survivor)
     update duplicates d set state = 'dismissed', decided_at = now() from ended e
     where d.state = 'merged' and d.one = least(e.loser, e.survivor) and d.other = greatest(e.loser, e.survivor)`,
    [ids],
  );
}

/** Follows merges from ids to the records that are there now; ids that were never merged are not in the outcome. */
export async function followMerges(q: Queryable, object: ModelObject, ids: readonly string[]): Promise<Map<string, string>> {
  if (!object.duplicates || ids.length === 0) return new Map();
  const rows = await q.query<{ loser: string; survivor: string }>(
    `with recursive way as (
       select loser, survivor, 1 as n from merges where loser = any($1::uuid[]) and object = $2::text
       union all select w.loser, m.survivor, w.n + 1 from way w join merges m on m.loser = w.survivor where w.n < 50)
     select distinct on (loser) loser, survivor from way order by loser, n desc`,
    [ids, object.key],
  );
  return new Map(rows.map(({ loser, survivor }) => [loser, survivor]));
}
