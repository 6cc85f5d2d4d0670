import type { Question } from '#engine/declare/report.ts';
import { measureOf } from '#engine/measures/measures.ts';
import type { Rules } from '#engine/record/context.ts';
import { questionFaults } from '#engine/reports/question.ts';
import { isPerigonError } from '#kit/errors.ts';
import { checkPeriod, ownedByMaker } from './insight.rules.ts';

/** What an alert looks at; when it changes, what was found before says nothing any more. */
const LOOKS = ['measure', 'filter', 'period', 'bound', 'threshold', 'active'] as const;

/** An alert watches a measure that its writer may read, against a bound that can be met. */
export const alertRules: Rules = {
  object: 'measureAlert',
  before({ ctx, items }) {
    for (const item of items) {
      ownedByMaker(ctx, item);
      if (item.op === 'delete' || ctx.actor.kind === 'system' || ctx.cause.kind === 'undo') continue;
      checkPeriod(item);
      if (item.op !== 'create' && !LOOKS.some((key) => item.changes(key))) continue;
      item.set('met', false);
      item.set('metAt', null);
      const where = item.get('filter') ?? undefined;
      const question = { measures: [String(item.get('measure') ?? '')], ...(where === undefined ? {} : { where }) } as Question;
      for (const { path, code, detail } of questionFaults(ctx, question))
        item.refuse(path.startsWith('where') ? path.replace('where', 'filter') : 'measure', code, detail);
      if (item.get('bound') !== 'change') continue;
      if (Number(item.get('threshold')) <= 0) item.refuse('threshold', 'range', 'A change is more than nothing.');
      try {
        if (measureOf(ctx, String(item.get('measure'))).at === undefined)
          item.refuse('bound', 'noTime', 'This figure says how things stand now: there is no period before.');
        else if ((item.get('period') ?? null) === null) item.refuse('period', 'required', 'Which days are compared with those before?');
      } catch (error) {
        if (!isPerigonError(error, 'notFound')) throw error;
      }
    }
  },
};
