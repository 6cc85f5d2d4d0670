import type { Rules } from '#engine/record/context.ts';
import { faultOfRule } from '#engine/record/territories.ts';
import { invalid } from '#kit/errors.ts';

/** Territories form a tree; their rules look at a customer's own fields. One with others below it is not taken away. */
export const territoryRules: Rules = {
  object: 'territory',
  before({ ctx, items }) {
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore' || !item.changes('rule')) continue;
      const fault = faultOfRule(ctx, item.get('rule'));
      if (fault) item.refuse('rule', 'condition', fault);
    }
  },
  async after({ tx, items }) {
    const gone = items.filter((item) => item.op === 'delete').map((item) => item.id);
    if (gone.length > 0) {
      const below = await tx.query('select 1 as ok from territories where parent_id = any($1::uuid[]) and deleted_at is null limit 1', [
        gone,
      ]);
      if (below.length > 0)
        throw invalid('There are territories below it.', [
          { path: 'parent', code: 'below', detail: 'Move or delete the territories below it first.' },
        ]);
    }
    const moved = items.filter((item) => item.op !== 'delete' && item.changes('parent') && item.get('parent')).map((item) => item.id);
    if (moved.length === 0) return;
    const rows = await tx.query(
      `with recursive up as (select id as start, parent_id, 1 as n from territories where id = any($1::uuid[])
         union all select u.start, t.parent_id, u.n + 1 from up u join territories t on t.id = u.parent_id where u.n < 50 and u.parent_id <> u.start)
       select 1 as ok from up where parent_id = start limit 1`,
      [moved],
    );
    if (rows.length > 0)
      throw invalid('A territory cannot stand above itself.', [
        { path: 'parent', code: 'circle', detail: 'The one you chose stands below this territory.' },
      ]);
  },
};
