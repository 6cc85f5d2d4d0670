import { fullName, type PersonName, splitName } from '#engine/declare/fields/person-name/person-name.ts';
import type { RuleItem, Rules } from '#engine/record/context.ts';
import { assignTerritories } from '#engine/record/territories.ts';
import { invalid } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';

/**
 * A person is shown by the written-out parts of their name; whoever knows only the whole gets the parts split. City and
 * country follow the primary address where nobody said otherwise. No party stands above itself.
 */
export const partyRules: Rules = {
  object: 'party',
  async before({ ctx, tx, items }) {
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore') continue;
      nameOf(item);
      placeOf(item);
      if (item.get('parent') === item.id) item.refuse('parent', 'circle', 'A party cannot stand above itself.');
    }
    await assignTerritories({ ctx, tx, items });
  },
  async after({ tx, items }) {
    const moved = items.filter((item) => item.op !== 'delete' && item.changes('parent') && item.get('parent')).map((item) => item.id);
    if (moved.length === 0) return;
    const rows = await tx.query(
      `with recursive up as (select id as start, parent_id, 1 as n from parties where id = any($1::uuid[])
         union all select u.start, p.parent_id, u.n + 1 from up u join parties p on p.id = u.parent_id where u.n < 50 and u.parent_id <> u.start)
       select 1 from up where parent_id = start limit 1`,
      [moved],
    );
    if (rows.length > 0)
      throw invalid('A party cannot stand above itself.', [
        { path: 'parent', code: 'circle', detail: 'The one you chose stands below this party.' },
      ]);
  },
};

function nameOf(item: RuleItem): void {
  if (item.get('kind') !== 'person') return;
  if (item.changes('personName') && isObject(item.get('personName')))
    item.set('name', fullName(item.get('personName') as unknown as PersonName));
  else if (item.changes('name') && typeof item.get('name') === 'string') item.set('personName', splitName(String(item.get('name'))));
}

function placeOf(item: RuleItem): void {
  if (!item.changes('addresses')) return;
  const [primary] = (item.get('addresses') ?? []) as { city: string | null; country: string | null }[];
  if (primary?.city && !item.changes('city')) item.set('city', primary.city.slice(0, 120));
  if (primary?.country && !item.changes('country')) item.set('country', primary.country);
}
