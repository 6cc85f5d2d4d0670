import type { Rules } from '#engine/record/context.ts';
import { unaskable } from './askable.ts';

/** A new step stands last in the playbook of its stage, and asks for a field that a deal has. */
export const playbookStepRules: Rules = {
  object: 'playbookStep',
  async before({ ctx, tx, items }) {
    const written = items.filter((item) => item.op === 'create' || item.op === 'update');
    for (const item of written) {
      const asks = item.get('asks');
      if (item.changes('asks') && asks && unaskable(ctx.model, String(asks)))
        item.refuse('asks', 'unknownField', 'An opportunity has no such field that can be filled in.');
    }
    const unplaced = written.filter((item) => typeof item.get('position') !== 'number');
    if (unplaced.length === 0) return;
    const rows = await tx.query<{ stage: string; last: number }>(
      'select p.stage_id as stage, max(p.position)::int as last from playbook_steps p where p.stage_id = any($1::uuid[]) and p.deleted_at is null group by 1',
      [unplaced.map((item) => item.get('stage'))],
    );
    const last = new Map(rows.map((row) => [row.stage, row.last]));
    for (const item of unplaced) {
      const stage = String(item.get('stage'));
      const position = (last.get(stage) ?? 0) + 1;
      last.set(stage, position);
      item.set('position', position);
    }
  },
};
