import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type RuleItem, type Rules } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';

/** A demand speaks of an object and fields that are there; both conditions are the ones of every filter. */
export const qualityRuleRules: Rules = {
  object: 'qualityRule',
  before({ ctx, items }) {
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore') continue;
      const weight = item.get('weight');
      if (item.changes('weight') && (typeof weight !== 'number' || weight < 1 || weight > 10))
        item.refuse('weight', 'range', 'Between 1 and 10.');
      if (!item.changes('object') && !item.changes('good') && !item.changes('applies')) continue;
      const object = ctx.model.objects.get(String(item.get('object')));
      if (!object || object.retired) {
        item.refuse('object', 'unknown', 'There is no such object.');
        continue;
      }
      const check = (field: 'applies' | 'good'): void => {
        const condition = item.get(field);
        if (condition === null || condition === undefined) return;
        try {
          bindPredicate(bindContext(ctx), object, condition, field);
        } catch (error) {
          refuseAs(item, error);
        }
      };
      check('applies');
      check('good');
    }
  },
};

function refuseAs(item: RuleItem, error: unknown): void {
  if (!isPerigonError(error)) throw error;
  for (const problem of error.errors) item.refuse(problem.path, problem.code, problem.detail);
}
