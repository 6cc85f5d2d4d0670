import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable } from '#engine/store/db.ts';

/**
 * What the base holds about one party, whoever may see it and whether it lies in the trash: what an export of personal data must
 * tell and an erasure must reach. Both ask here, so that neither forgets what the other knows.
 */
export interface Belongings {
  /** The ids the party is known under: its own, and those of records that were merged into it. */
  ids: readonly string[];
  /** Records about it, by object: what names it as its party, what stands between it and another, and what cannot be without those. */
  records: ReadonlyMap<ModelObject, readonly string[]>;
  /** Records of others that merely name it, such as what stands below it: the link is about the party, the record is not. */
  named: readonly { object: ModelObject; field: BoundField; ids: readonly string[] }[];
}

/** The ids a party is known under: its own first, then those of whatever was merged into it. */
export async function idsOfParty(q: Queryable, id: string): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    `with recursive known as (
       select $1::uuid as id, 0 as n union select m.loser, k.n + 1 from known k join merges m on m.survivor = k.id where k.n < 50)
     select id, min(n) as n from known group by id order by 2, 1`,
    [id],
  );
  return rows.map((row) => row.id);
}

/** Everything about a party. */
export async function belongingsOf(q: Queryable, model: Model, id: string): Promise<Belongings> {
  const ids = await idsOfParty(q, id);
  const found = new Map<ModelObject, Set<string>>();
  const named: { object: ModelObject; field: BoundField; ids: readonly string[] }[] = [];
  const party = model.object('party');
  found.set(party, new Set(ids));
  for (const object of model.objects.values())
    for (const field of object.declared) {
      const { storage } = typeOf(field);
      if (targetOf(field) !== party.key || (storage !== 'link' && storage !== 'columns')) continue;
      const rows = await q.query<{ id: string }>(
        storage === 'link'
          ? `select distinct from_id as id from ${linkTable(field)} where to_id = any($1::uuid[]) order by 1`
          : `select t.id from ${object.table} t where t.${field.column}_id = any($1::uuid[]) order by t.id`,
        [ids],
      );
      const others = rows.map((row) => row.id).filter((one) => object !== party || !ids.includes(one));
      if (others.length === 0) continue;
      if (isAbout(object, field)) add(found, object, others);
      else named.push({ object, field, ids: others });
    }
  // What cannot be without one of these, and says of itself not whose it is, is about the party as well; and what is about a record.
  for (let reached = [...found]; reached.length > 0; ) {
    const next: [ModelObject, Set<string>][] = [];
    for (const [object, held] of reached) {
      const list = [...held];
      for (const { object: child, field } of model.pointingTo(object.key)) {
        if (object === party || !field.required || child.party) continue;
        const rows = await q.query<{ id: string }>(`select id from ${child.table} where ${field.column}_id = any($1::uuid[])`, [list]);
        next.push([
          child,
          add(
            found,
            child,
            rows.map((row) => row.id),
          ),
        ]);
      }
      for (const about of model.objects.values()) {
        const [name, record] = [about.fields.get(about.about?.object ?? ''), about.fields.get(about.about?.record ?? '')];
        if (!name || !record) continue;
        const rows = await q.query<{ id: string }>(
          `select id from ${about.table} where ${name.column} = $1::text and ${record.column} = any($2::uuid[])`,
          [object.key, list],
        );
        next.push([
          about,
          add(
            found,
            about,
            rows.map((row) => row.id),
          ),
        ]);
      }
    }
    reached = next.filter(([, fresh]) => fresh.size > 0);
  }
  return { ids, records: new Map([...found].map(([object, held]) => [object, [...held]])), named };
}

/** Whether a record that names a party by this field is about that party: it is its party, or one end of what ties two. */
const isAbout = (object: ModelObject, field: BoundField): boolean =>
  object.party === field.key || object.relation?.from === field.key || object.relation?.to === field.key;

/** Adds ids; gives those that are new. */
function add(found: Map<ModelObject, Set<string>>, object: ModelObject, ids: readonly string[]): Set<string> {
  const held = found.get(object) ?? new Set<string>();
  const fresh = new Set(ids.filter((id) => !held.has(id)));
  for (const id of fresh) held.add(id);
  if (held.size > 0) found.set(object, held);
  return fresh;
}
