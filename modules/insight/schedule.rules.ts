import type { Context, RuleItem, Rules } from '#engine/record/context.ts';
import { dashboardNamed, reportNamed } from '#engine/reports/named.ts';
import { nextMoment, type Timing } from '#engine/reports/schedules.ts';
import { isPerigonError } from '#kit/errors.ts';

/** What says when it goes out; when one of these is written the next moment is reckoned anew. */
const WHEN = ['every', 'day', 'at', 'active'] as const;

/** A plan carries data out of the house: who makes it may export and open what it delivers, and says when and to whom. */
export const scheduleRules: Rules = {
  object: 'reportSchedule',
  async before({ ctx, items }) {
    for (const item of items) {
      if (ctx.actor.kind === 'system' || item.op === 'delete') continue;
      const good = checkTiming(item);
      if (ctx.cause.kind !== 'undo') await checkPlan(ctx, item);
      if (good && (item.op !== 'update' || item.changes('nextAt') || WHEN.some((key) => item.changes(key))))
        item.set('nextAt', item.get('active') === false ? null : nextMoment(timingOf(item), ctx.env.now, ctx.env.timeZone).toISOString());
    }
  },
};

const timingOf = (item: RuleItem): Timing => ({
  every: item.get('every') as Timing['every'],
  day: (item.get('day') ?? null) as number | null,
  at: String(item.get('at') ?? ''),
});

function checkTiming(item: RuleItem): boolean {
  const { every, day, at } = timingOf(item);
  const most = every === 'week' ? 7 : 31;
  const goodTime = /^([01]\d|2[0-3]):[0-5]\d$/.test(at);
  const goodDay = every === 'day' || (day !== null && day >= 1 && day <= most);
  if (!goodTime) item.refuse('at', 'range', 'A time is written as 08:00.');
  if (!goodDay) item.refuse('day', 'range', `A day between 1 and ${most}.`);
  return goodTime && goodDay;
}

async function checkPlan(ctx: Context, item: RuleItem): Promise<void> {
  if (!ctx.actor.rights.may('export') || ctx.actor.userId === null) item.refuse('', 'denied', 'Your roles do not let you take data out.');
  const count = (key: string): number => ((item.get(key) ?? []) as unknown[]).length;
  if (count('users') + count('teams') === 0) item.refuse('users', 'required', 'Nobody gets it yet.');
  if (item.op === 'update' && !item.changes('report') && !item.changes('dashboard')) return;
  item.set('owner', ctx.actor.userId);
  const [report, dashboard] = [item.get('report') ?? null, item.get('dashboard') ?? null] as (string | null)[];
  if ((report === null) === (dashboard === null)) {
    item.refuse('report', 'one', 'Name one report or one dashboard.');
    return;
  }
  try {
    await (dashboard ? dashboardNamed(ctx, dashboard, () => undefined) : reportNamed(ctx, report ?? '', () => undefined));
  } catch (error) {
    if (!isPerigonError(error, 'notFound')) throw error;
    item.refuse(dashboard ? 'dashboard' : 'report', 'notFound', 'It is not there, or not shared with you.');
  }
}
