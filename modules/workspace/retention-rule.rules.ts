import { retentionScope } from '#engine/privacy/retention.ts';
import type { Rules } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';
import { forAdministrators } from './role.rules.ts';

/** What is kept for how long is for administrators to say; a rule speaks of an object and fields that are there, and never of all its records. */
export const retentionRuleRules: Rules = {
  object: 'retentionRule',
  before({ ctx, items }) {
    for (const item of items) {
      forAdministrators(ctx, item, 'name');
      if (item.op === 'delete' || item.op === 'restore') continue;
      const days = item.get('days');
      if (typeof days !== 'number' || days < 1 || days > 3650) item.refuse('days', 'range', 'Between 1 and 3650.');
      const act = String(item.get('act'));
      if (act === 'files') continue;
      try {
        retentionScope(ctx, { act, object: item.get('object'), where: item.get('condition') });
      } catch (error) {
        if (!isPerigonError(error)) throw error;
        for (const problem of error.errors) item.refuse(problem.path, problem.code, problem.detail);
      }
    }
  },
};
