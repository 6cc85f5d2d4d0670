import type { Rules } from '#engine/record/context.ts';
import { invalid } from '#kit/errors.ts';

/** Teams form a tree: no team stands above itself. */
export const teamRules: Rules = {
  object: 'team',
  async after({ tx, items }) {
    const moved = items.filter((item) => item.op !== 'delete' && item.changes('parent') && item.get('parent')).map((item) => item.id);
    if (moved.length === 0) return;
    const rows = await tx.query(
      `with recursive up as (select id, parent_id, 1 as n from teams where id = any($1::uuid[])
         union all select u.id, t.parent_id, u.n + 1 from up u join teams t on t.id = u.parent_id where u.n < 50 and t.parent_id is distinct from u.id or (t.parent_id = u.id and u.n < 50))
       select 1 from up where parent_id = id limit 1`,
      [moved],
    );
    if (rows.length > 0)
      throw invalid('A team cannot stand above itself.', [
        { path: 'parent', code: 'circle', detail: 'This team stands below the one you chose.' },
      ]);
  },
};
