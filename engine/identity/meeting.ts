import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable } from '#engine/store/db.ts';
import type { Print } from './matching.ts';
import type { PrintRow } from './prints.ts';

/** Records one record is compared with at most: who shares a key with more of them shares it with everybody. */
const MOST = 200;

/** For each print, those of other records of the same variant that share a key with it. */
export async function meeting(
  q: Queryable,
  object: ModelObject,
  prints: readonly PrintRow[],
): Promise<{ mine: PrintRow; theirs: { id: string; print: Print } }[]> {
  if (prints.length === 0) return [];
  const rows = await q.query<{ mine: string; id: string; print: Print }>(
    `select x.id as mine, o.record_id as id, o.print
     from json_to_recordset($1::json) as x(id uuid, variant text, keys bigint[])
     cross join lateral (
       select p.record_id, p.print from match_prints p
       where p.keys && x.keys and p.object = $2::text and p.variant = x.variant and p.record_id <> x.id limit ${MOST}) o`,
    [JSON.stringify(prints.map(({ id, variant, keys }) => ({ id, variant, keys: `{${keys.join()}}` }))), object.key],
  );
  const known = new Map(prints.map((print) => [print.id, print]));
  return rows.flatMap(({ mine, id, print }) => {
    const own = known.get(mine);
    return own ? [{ mine: own, theirs: { id, print } }] : [];
  });
}
