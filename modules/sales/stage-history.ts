import { SYSTEM } from '#engine/access/actor.ts';
import { isoDuration } from '#engine/declare/fields/duration/duration.ts';
import type { Context, RuleBatch, RuleItem } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import { dateIn, startOfDate } from '#kit/calendar.ts';
import { directionOf, type Stage } from './stages.ts';

/** A dated history (an import, a late entry) is told by the opportunity's own dates, today's by the clock. */
function momentAt({ env }: Context, date: unknown): string {
  const dated = typeof date === 'string' && date !== dateIn(env.now, env.timeZone);
  return (dated ? startOfDate(date, env.timeZone) : env.now).toISOString();
}

/** When a deal that is being written comes into a stage. */
export const momentOf = (ctx: Context, item: RuleItem, stage: Stage): string =>
  momentAt(ctx, stage.category === 'open' ? (item.op === 'create' ? item.get('openedOn') : null) : item.get('closedOn'));

/** How long lies between two moments; nothing where one is not known. */
function between(from: unknown, to: string): string | null {
  if (typeof from !== 'string') return null;
  return isoDuration(Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)));
}

/** Keeps which stages the deals left and entered, after how long, by whom, and what they were then. */
export async function writeStageChanges(batch: RuleBatch, moved: readonly RuleItem[], stages: ReadonlyMap<string, Stage>): Promise<void> {
  const { ctx, tx } = batch;
  const firstOpen = (pipeline: unknown) => [...stages.values()].find((stage) => stage.pipeline === pipeline && stage.category === 'open');
  const rows = moved.flatMap((item): Record<string, unknown>[] => {
    const to = stages.get(String(item.get('stage')));
    if (!to) return [];
    const from = stages.get(String(item.before?.stage ?? ''));
    const at = momentOf(ctx, item, to);
    const base = {
      opportunity: item.id,
      customer: item.get('customer') ?? null,
      by: ctx.actor.userId,
      amount: item.get('amount') ?? null,
      closeDate: item.get('closeDate') ?? null,
    };
    const first = firstOpen(item.get('pipeline'));
    const opened = item.get('openedOn');
    // A deal that comes closed, with the day it was opened, went through its pipeline elsewhere.
    if (item.op === 'create' && to.category !== 'open' && opened && first) {
      const began = momentAt(ctx, opened);
      return [
        { ...base, from: null, to: first.id, at: began, direction: 'entered' },
        { ...base, from: first.id, to: to.id, at, direction: to.category, stayed: between(began, at) },
      ];
    }
    return [
      {
        ...base,
        from: item.before?.stage ?? null,
        to: to.id,
        at,
        direction: directionOf(from, to),
        stayed: item.before ? between(item.before.stageSince, at) : null,
      },
    ];
  });
  await writeIn(
    tx,
    { ...ctx, actor: SYSTEM },
    ctx.model.object('stageChange'),
    rows.map((values) => ({ op: 'create', values })),
  );
}
