import type { RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import { invalid } from '#kit/errors.ts';
import { fold } from '#kit/fold.ts';
import { unaskable } from './askable.ts';
import { forecastCategoryOf } from './forecast-category.ts';

/** Opportunities that are not in the trash, by the stage or pipeline they lie in. */
async function dealsIn({ tx }: RuleBatch, by: 'stage_id' | 'pipeline_id', ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; n: number }>(
    `select t.${by} as id, count(*)::int as n from opportunities t where t.${by} = any($1::uuid[]) and t.deleted_at is null group by 1`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.n]));
}

/**
 * One pipeline is the default: the first, then the one last called so. A pipeline goes only when no opportunity lies in it, takes
 * its stages along, and brings them back.
 */
export const pipelineRules: Rules = {
  object: 'pipeline',
  async before(batch) {
    const going = batch.items.filter((item) => item.op === 'delete');
    const deals = await dealsIn(
      batch,
      'pipeline_id',
      going.map((item) => item.id),
    );
    for (const item of going) refuseWithDeals(item, deals, 'Opportunities lie in this pipeline: move them to another one first.');
  },
  async after(batch) {
    const { ctx, tx, items } = batch;
    const pipelines = await tx.query<{ id: string; isDefault: boolean }>(
      `select id, coalesce(is_default, false) as "isDefault" from pipelines where deleted_at is null order by created_at, id for update`,
    );
    const defaults = pipelines.filter((pipeline) => pipeline.isDefault);
    const called = items.findLast((item) => item.op !== 'delete' && item.get('isDefault') === true && item.changes('isDefault'));
    const chosen = called?.id ?? defaults[0]?.id;
    if (chosen === undefined && pipelines.length > 0 && items.some((item) => item.op === 'delete' || item.before?.isDefault === true))
      throw invalid('One pipeline is the default one.', [
        { path: 'isDefault', code: 'needed', detail: 'Make another pipeline the default one first.' },
      ]);
    const others = defaults.filter((pipeline) => pipeline.id !== chosen);
    const ops = [
      ...others.map(({ id }) => ({ op: 'update' as const, id, values: { isDefault: false } })),
      ...(chosen === undefined && pipelines[0] ? [{ op: 'update' as const, id: pipelines[0].id, values: { isDefault: true } }] : []),
    ];
    // What this writes comes here again, with nothing left to do.
    if (ops.length > 0) await writeIn(tx, ctx, ctx.model.object('pipeline'), ops);
    await takeStagesAlong(batch);
  },
};

async function takeStagesAlong({ ctx, tx, items }: RuleBatch): Promise<void> {
  // An undo brings back what its cause took, stage by stage.
  if (ctx.cause.kind === 'undo') return;
  const of = (op: RuleItem['op']) => items.filter((item) => item.op === op).map((item) => item.id);
  const gone = await tx.query<{ id: string }>('select s.id from stages s where s.pipeline_id = any($1::uuid[]) and s.deleted_at is null', [
    of('delete'),
  ]);
  // Those that went with their pipeline, not those that somebody had taken out of it before.
  const back = await tx.query<{ id: string }>(
    `select s.id from stages s where s.pipeline_id = any($1::uuid[]) and s.deleted_at is not null and exists (
       select 1 from changes c join changes p on p.cause = c.cause and p.object = 'pipeline' and p.record_id = s.pipeline_id and p.action = 'delete'
       where c.object = 'stage' and c.record_id = s.id and c.action = 'delete'
         and c.seq = (select max(l.seq) from changes l where l.object = 'stage' and l.record_id = s.id))`,
    [of('restore')],
  );
  const ops = [...gone.map(({ id }) => ({ op: 'delete' as const, id })), ...back.map(({ id }) => ({ op: 'restore' as const, id }))];
  if (ops.length > 0) await writeIn(tx, ctx, ctx.model.object('stage'), ops);
}

/**
 * A new stage stands last in its pipeline, with a key made of its name. Its category decides what it means to lie in it, so it
 * changes, like the pipeline, only while no opportunity does; a stage with opportunities is not taken away.
 */
export const stageRules: Rules = {
  object: 'stage',
  async before(batch) {
    const { items, tx } = batch;
    const kept = await tx.query<{ id: string; pipeline: string; key: string; position: number }>(
      'select s.id, s.pipeline_id as pipeline, s.key, s.position::int as position from stages s where s.deleted_at is null',
    );
    const leaving = items.filter((item) => item.before && (item.op === 'delete' || item.changes('category') || item.changes('pipeline')));
    const deals = await dealsIn(
      batch,
      'stage_id',
      leaving.map((item) => item.id),
    );
    for (const item of leaving) {
      if (item.op === 'delete') refuseWithDeals(item, deals, 'Opportunities lie in this stage: move them to another one first.');
      else
        refuseWithDeals(
          item,
          deals,
          'Opportunities lie in this stage: move them to another one before it changes what it means.',
          item.changes('category') ? 'category' : 'pipeline',
        );
    }
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore') continue;
      for (const key of ['requiredToEnter', 'requiredToLeave'])
        if (item.changes(key))
          for (const asked of (item.get(key) as string[] | null) ?? [])
            if (unaskable(batch.ctx.model, asked))
              item.refuse(key, 'unknownField', `An opportunity has no field “${asked}” that can be filled in.`);
      const category = item.get('category');
      if (item.changes('category') && (item.op === 'update' ? !item.changes('probability') : !item.get('probability'))) {
        if (category === 'won') item.set('probability', 1);
        if (category === 'lost') item.set('probability', 0);
      }
      if (!item.changes('forecastCategory') && (!item.get('forecastCategory') || item.changes('category')))
        item.set('forecastCategory', forecastCategoryOf(String(category), Number(item.get('probability') ?? 0)));
      const beside = kept.filter((stage) => stage.pipeline === item.get('pipeline') && stage.id !== item.id);
      if (!item.get('key')) item.set('key', keyFor(String(item.get('name') ?? ''), new Set(beside.map((stage) => stage.key))));
      if (typeof item.get('position') !== 'number') item.set('position', Math.max(0, ...beside.map((stage) => stage.position)) + 1);
      if (item.op === 'create')
        kept.push({
          id: item.id,
          pipeline: String(item.get('pipeline')),
          key: String(item.get('key')),
          position: Number(item.get('position')),
        });
    }
  },
};

function refuseWithDeals(item: RuleItem, deals: ReadonlyMap<string, number>, detail: string, path = ''): void {
  if (deals.has(item.id)) item.refuse(path, 'inUse', detail);
}

/** A key that nothing beside it has: the name without accents and signs, numbered where it is taken. */
function keyFor(name: string, taken: ReadonlySet<string>): string {
  const base =
    fold(name)
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 50) || 'stage';
  let key = base;
  for (let n = 2; taken.has(key); n++) key = `${base}-${n}`;
  return key;
}
