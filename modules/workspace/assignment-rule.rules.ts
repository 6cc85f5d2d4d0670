import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type RuleItem, type Rules } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';
import { ASSIGNABLE } from './assignment/assign.ts';

/** A rule names an object whose records it can give away, asks what every filter asks, and says to whom they go. */
export const assignmentRuleRules: Rules = {
  object: 'assignmentRule',
  before({ ctx, items }) {
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore') continue;
      const object = ctx.model.objects.get(String(item.get('object')));
      if (!object || !ASSIGNABLE.includes(object.key)) {
        item.refuse('object', 'unknown', `Records that can be given away by rules: ${ASSIGNABLE.join(', ')}.`);
        continue;
      }
      const condition = item.get('condition');
      if (item.changes('condition') && condition !== null && condition !== undefined)
        try {
          bindPredicate(bindContext(ctx), object, condition, 'condition');
        } catch (error) {
          if (!isPerigonError(error)) throw error;
          for (const problem of error.errors) item.refuse(problem.path, problem.code, problem.detail);
        }
      if (['way', 'members', 'teams', 'skills', 'skillsFrom'].some((key) => item.changes(key))) checkWay(item);
    }
  },
};

const count = (item: RuleItem, key: string): number => (item.get(key) as unknown[] | null | undefined)?.length ?? 0;

/** Says what the way of a rule lacks. */
function checkWay(item: RuleItem): void {
  const way = item.get('way');
  if (way === 'fixed' && (count(item, 'members') !== 1 || count(item, 'teams') > 0))
    item.refuse('members', 'one', 'Name the one who gets them.');
  if (['roundRobin', 'load', 'skill'].includes(String(way)) && count(item, 'members') + count(item, 'teams') === 0)
    item.refuse('members', 'required', 'Name those who get them, or a team.');
  if (way === 'skill' && count(item, 'skills') + count(item, 'skillsFrom') === 0)
    item.refuse('skills', 'required', 'Say what is asked for.');
}
