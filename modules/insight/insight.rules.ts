import type { Predicate } from '#engine/declare/condition.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Context, type RuleItem, type Rules } from '#engine/record/context.ts';
import { PeriodShape, questionFaults, readDrawing, readQuestion, readTiles } from '#engine/reports/question.ts';
import { isPerigonError, type Problem } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';

/** What is played back or written by Perigon itself was asked by somebody who might, when they did. */
const isQuiet = (ctx: Context): boolean => ctx.actor.kind === 'system' || ctx.cause.kind === 'undo' || ctx.cause.kind === 'sample';

const refuseAll = (item: RuleItem, field: string, problems: readonly Problem[]): void => {
  for (const { path, code, detail } of problems) item.refuse([field, path].filter(Boolean).join('.'), code, detail);
};

/** Who makes one owns it unless they say otherwise. */
export function ownedByMaker(ctx: Context, item: RuleItem): void {
  if (item.op === 'create' && (item.get('owner') ?? null) === null && ctx.actor.userId) item.set('owner', ctx.actor.userId);
}

export function checkPeriod(item: RuleItem): void {
  const period = item.get('period') ?? null;
  if (!item.changes('period') || period === null) return;
  const read = PeriodShape.safeParse(period);
  if (!read.success) refuseAll(item, 'period', [{ path: '', code: 'invalid', detail: read.error.issues[0]?.message ?? 'Not a period.' }]);
}

/** A report asks what its writer may ask, and is drawn in a way that there is. */
export const reportRules: Rules = {
  object: 'report',
  before({ ctx, items }) {
    for (const item of items) {
      ownedByMaker(ctx, item);
      if (item.op === 'delete' || item.op === 'restore' || isQuiet(ctx)) continue;
      if (item.changes('question')) {
        const { value, problems } = readQuestion(item.get('question'));
        refuseAll(item, 'question', value ? questionFaults(ctx, value) : problems);
      }
      if (item.changes('drawing')) refuseAll(item, 'drawing', readDrawing(item.get('drawing')).problems);
    }
  },
};

/** A dashboard is made of tiles that each could be a report. */
export const dashboardRules: Rules = {
  object: 'dashboard',
  before({ ctx, items }) {
    for (const item of items) {
      ownedByMaker(ctx, item);
      if (item.op === 'delete' || item.op === 'restore' || isQuiet(ctx)) continue;
      checkPeriod(item);
      if (item.changes('tiles')) {
        const { value, problems } = readTiles(item.get('tiles'));
        refuseAll(item, 'tiles', problems);
        value?.forEach((tile, i) => {
          if (tile.report === undefined) refuseAll(item, `tiles.${i}.question`, questionFaults(ctx, tile.question));
        });
      }
      if (item.changes('filter') && item.get('filter')) checkFilter(ctx, item);
    }
  },
};

function checkFilter(ctx: Context, item: RuleItem): void {
  const filter = item.get('filter');
  const object = isObject(filter) ? ctx.model.objects.get(String(filter.object)) : undefined;
  if (!object || !isObject(filter) || ctx.actor.rights.scope(object.key, 'read') === 'none') {
    item.refuse('filter', 'unknownObject', 'There is no such object.');
    return;
  }
  try {
    bindPredicate(bindContext(ctx), object, filter.where as Predicate);
  } catch (error) {
    if (!isPerigonError(error)) throw error;
    refuseAll(item, 'filter', error.errors);
  }
}
