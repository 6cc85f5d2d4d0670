import type { RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { dateIn } from '#kit/calendar.ts';
import { keepReasons } from './close-reasons.ts';
import { creditTheOwner } from './deal-credit.ts';
import { sumOfLines, worthOfLines } from './deal-line.rules.ts';
import { partsFollow } from './deal-parts.rules.ts';
import { forecastCategoryOf } from './forecast-category.ts';
import type { ForecastCategory } from './pipeline.object.ts';
import { keepDates } from './slippage.ts';
import { demandOfStages } from './stage-demands.ts';
import { momentOf, writeStageChanges } from './stage-history.ts';
import { type Stage, stagesIn } from './stages.ts';

const PLACED = ['stage', 'pipeline', 'forecastCategory', 'closeReason'];

/**
 * An opportunity lies in a stage of its pipeline, the first open one of the default pipeline unless said. Winning or losing
 * closes it on that day; reopening takes the day away. Probability follows the stage until somebody sets it. What a stage demands
 * is there before a deal goes on; what happens to the deal is kept beside it.
 */
export const opportunityRules: Rules = {
  object: 'opportunity',
  async before(batch) {
    const written = batch.items.filter((item) => item.op === 'create' || item.op === 'update');
    for (const item of written) keepDates(item, batch.ctx.cause.kind === 'undo');
    await sumOfLines(batch);
    const items = written.filter((item) => item.op === 'create' || PLACED.some((key) => item.changes(key)));
    if (items.length === 0) return;
    const stages = await stagesIn(batch.tx);
    const byId = new Map(stages.map((stage) => [stage.id, stage]));
    const today = dateIn(batch.ctx.env.now, batch.ctx.env.timeZone);
    for (const item of items) {
      place(item, stages, byId, today);
      since(batch, item, byId.get(String(item.get('stage'))));
    }
    await keepReasons(batch, items, byId);
    await demandOfStages(batch, items, byId);
  },
  async after(batch) {
    await partsFollow(batch);
    const back = batch.items.filter((item) => item.op === 'restore').map(({ id }) => id);
    await worthOfLines(batch.ctx, batch.tx, back);
    // What an undo brings back was written then, with what followed from it.
    if (batch.ctx.cause.kind === 'undo') return;
    const moved = batch.items.filter((item) => item.op !== 'delete' && item.op !== 'restore' && item.changes('stage'));
    if (moved.length === 0) return;
    const stages = new Map((await stagesIn(batch.tx)).map((stage) => [stage.id, stage]));
    await writeStageChanges(batch, moved, stages);
    await creditTheOwner(batch, moved, stages);
  },
};

/** Since when it lies where it lies. */
function since({ ctx }: RuleBatch, item: RuleItem, stage: Stage | undefined): void {
  if (!stage || !item.changes('stage') || (ctx.cause.kind === 'undo' && item.changes('stageSince'))) return;
  item.set('stageSince', momentOf(ctx, item, stage));
}

function place(item: RuleItem, stages: readonly Stage[], byId: ReadonlyMap<string, Stage>, today: string): void {
  let stage = byId.get(String(item.get('stage') ?? ''));
  if (!stage) {
    if (item.get('stage')) return;
    const pipeline = item.get('pipeline');
    stage = stages.find((candidate) => candidate.category === 'open' && (!pipeline || candidate.pipeline === pipeline));
    if (!stage) {
      item.refuse('stage', 'required', 'There is no pipeline with an open stage yet; make one first.');
      return;
    }
    item.set('stage', stage.id);
  }
  if (!item.get('pipeline') || (item.changes('stage') && !item.changes('pipeline'))) item.set('pipeline', stage.pipeline);
  if (item.get('pipeline') !== stage.pipeline) {
    item.refuse('stage', 'pipeline', 'This stage belongs to another pipeline.');
    return;
  }
  const was = byId.get(String(item.before?.stage ?? ''));
  if (
    !item.changes('probability') &&
    (item.get('probability') === null || item.get('probability') === undefined || !was || item.get('probability') === was.probability)
  )
    item.set('probability', stage.probability);
  foretell(item, stage, was);
  if (item.changes('closedOn')) return;
  if (stage.category !== 'open' && !item.get('closedOn'))
    item.set('closedOn', item.op === 'create' && item.get('closeDate') ? item.get('closeDate') : today);
  if (stage.category === 'open' && item.get('closedOn')) item.set('closedOn', null);
}

/** How sure one is of the deal: as its stage says until somebody sets it, and again once it is closed or that is taken away. */
function foretell(item: RuleItem, stage: Stage, was: Stage | undefined): void {
  const held = item.get('forecastCategory') ?? null;
  const followed = held === null || !was || held === certaintyOf(was);
  if (stage.category !== 'open' || (followed && !item.changes('forecastCategory')) || held === null)
    item.set('forecastCategory', certaintyOf(stage));
}

const certaintyOf = (stage: Stage): ForecastCategory | null =>
  stage.forecastCategory ?? forecastCategoryOf(stage.category, stage.probability);
