import type { Rules } from '#engine/record/context.ts';

/** A task that is done remembers when. */
export const taskRules: Rules = {
  object: 'task',
  before({ ctx, items }) {
    for (const item of items) {
      if (!item.changes('status') || item.changes('doneAt')) continue;
      item.set('doneAt', item.get('status') === 'done' ? ctx.env.now.toISOString() : null);
    }
  },
};
