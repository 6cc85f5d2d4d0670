import { SYSTEM } from '#engine/access/actor.ts';
import type { RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import { dateIn, startOfDate } from '#kit/calendar.ts';
import { forecastCategoryOf } from './forecast-category.ts';
import type { ForecastCategory } from './pipeline.object.ts';

interface Stage {
  id: string;
  pipeline: string;
  category: 'open' | 'won' | 'lost';
  probability: number;
  forecastCategory: ForecastCategory | null;
}

const stagesOf = ({ tx }: RuleBatch): Promise<(Stage & { isDefault: boolean; position: number })[]> =>
  tx.query(
    `select s.id, s.pipeline_id as pipeline, s.category, s.probability::float8 as probability, s.forecast_category as "forecastCategory", s.position::int as position, coalesce(p.is_default, false) as "isDefault"
     from stages s join pipelines p on p.id = s.pipeline_id and p.deleted_at is null where s.deleted_at is null order by coalesce(p.is_default, false) desc, p.created_at, s.position`,
  );

/**
 * An opportunity lies in a stage of its pipeline, the first open one of the default pipeline unless said. Winning or losing
 * closes it on that day; reopening takes the day away. Probability follows the stage until somebody sets it.
 */
export const opportunityRules: Rules = {
  object: 'opportunity',
  async before(batch) {
    const items = batch.items.filter(
      (item) => item.op === 'create' || ['stage', 'pipeline', 'forecastCategory'].some((key) => item.changes(key)),
    );
    if (items.length === 0) return;
    const stages = await stagesOf(batch);
    const byId = new Map(stages.map((stage) => [stage.id, stage]));
    for (const item of items) place(item, stages, byId, dateIn(batch.ctx.env.now, batch.ctx.env.timeZone));
  },
  async after(batch) {
    const { ctx, tx } = batch;
    const moved = batch.items.filter((item) => item.op !== 'delete' && item.op !== 'restore' && item.changes('stage'));
    if (moved.length === 0 || ctx.cause.kind === 'undo') return;
    const stages = new Map((await stagesOf(batch)).map((stage) => [stage.id, stage]));
    const today = dateIn(ctx.env.now, ctx.env.timeZone);
    // A dated history (an import, a late entry) is told by the opportunity's own dates, today's by the clock.
    const at = (date: unknown) =>
      (typeof date === 'string' && date !== today ? startOfDate(date, ctx.env.timeZone) : ctx.env.now).toISOString();
    const firstOpen = (pipeline: unknown) =>
      [...stages.values()].find((stage) => stage.pipeline === pipeline && stage.category === 'open')?.id;
    const rows = moved.flatMap((item) => {
      const stage = stages.get(String(item.get('stage')));
      const base = { opportunity: item.id, customer: item.get('customer') ?? null };
      const closed = stage && stage.category !== 'open';
      const opened = item.get('openedOn');
      const first = firstOpen(item.get('pipeline'));
      if (item.op === 'create' && closed && opened && first) {
        return [
          { ...base, from: null, to: first, at: at(opened) },
          { ...base, from: first, to: stage.id, at: at(item.get('closedOn')) },
        ];
      }
      return [
        {
          ...base,
          from: item.before?.stage ?? null,
          to: item.get('stage'),
          at: at(closed ? item.get('closedOn') : item.op === 'create' ? opened : null),
        },
      ];
    });
    await writeIn(
      tx,
      { ...ctx, actor: SYSTEM },
      ctx.model.object('stageChange'),
      rows.map((values) => ({ op: 'create', values })),
    );
  },
};

function place(item: RuleItem, stages: readonly (Stage & { isDefault: boolean })[], byId: ReadonlyMap<string, Stage>, today: string): void {
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
