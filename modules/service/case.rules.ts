import type { Rules } from '#engine/record/context.ts';

const ended = (status: unknown) => status === 'solved' || status === 'closed';

/** A case remembers when it was opened and when it ended; reopening forgets the end. */
export const caseRules: Rules = {
  object: 'case',
  before({ ctx, items }) {
    for (const item of items) {
      const now = ctx.env.now.toISOString();
      if (item.op === 'create' && !item.get('openedAt')) item.set('openedAt', now);
      if (!item.changes('status') || item.changes('closedAt')) continue;
      if (ended(item.get('status')) && !item.get('closedAt')) item.set('closedAt', now);
      if (!ended(item.get('status')) && item.get('closedAt')) item.set('closedAt', null);
    }
  },
};
