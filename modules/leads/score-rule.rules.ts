import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Rules } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';
import { ruledObject } from './score-leads.ts';

/** A rule asks what every filter asks, of fields that whoever writes it may read. */
export const scoreRuleRules: Rules = {
  object: 'scoreRule',
  before({ ctx, items }) {
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore' || (!item.changes('condition') && !item.changes('kind'))) continue;
      try {
        bindPredicate(bindContext(ctx), ruledObject(ctx.model, item.get('kind')), item.get('condition'), 'condition');
      } catch (error) {
        if (!isPerigonError(error)) throw error;
        for (const problem of error.errors) item.refuse(problem.path, problem.code, problem.detail);
      }
    }
  },
};
