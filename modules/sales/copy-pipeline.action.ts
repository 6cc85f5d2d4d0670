import { requireVerb } from '#engine/access/policy.ts';
import { defineAction } from '#engine/declare/action.ts';
import { text } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import { readOne } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import { invalid } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';

/** Makes a pipeline with the stages and playbook of another one: both or neither, and taken back together. */
export const copyPipeline = defineAction({
  key: 'copyPipeline',
  object: 'pipeline',
  verb: 'create',
  input: { name: text({ required: true, max: 100 }) },
});

export const runCopyPipeline = runAction(copyPipeline, async (ctx, { name }, ids) => {
  const [from] = ids;
  if (from === undefined || ids.length > 1)
    throw invalid('One pipeline is copied at a time.', [{ path: 'ids', code: 'one', detail: 'Send the id of one pipeline.' }]);
  const [pipeline, stage] = [ctx.model.object('pipeline'), ctx.model.object('stage')];
  await readOne(ctx, pipeline, from, ['id']);
  requireVerb(ctx.actor, stage, 'read');
  return transact(ctx, async (tx) => {
    const id = newId();
    const stages = await tx.query<{ id: string; probability: string } & Record<string, unknown>>(
      `select s.id, s.name, s.category, s.probability::text as probability, s.forecast_category as "forecastCategory", s.guidance,
         s.required_to_enter as "requiredToEnter", s.required_to_leave as "requiredToLeave", s.max_age_days::int as "maxAgeDays"
       from stages s where s.pipeline_id = $1::uuid and s.deleted_at is null order by s.position, s.id`,
      [from],
    );
    const steps = await tx.query<{ stage: string } & Record<string, unknown>>(
      `select p.stage_id as stage, p.text, p.detail, p.asks, p.required, p.makes_task as "makesTask", p.position::int as position
       from playbook_steps p where p.stage_id = any($1::uuid[]) and p.deleted_at is null order by p.position, p.id`,
      [stages.map((one) => one.id)],
    );
    await writeIn(tx, ctx, pipeline, [{ op: 'create', id, values: { name } }]);
    const made = new Map(stages.map((one) => [one.id, newId()]));
    const ops = stages.map(
      ({ id: was, ...one }, at): WriteOp => ({
        op: 'create',
        id: made.get(was),
        values: { ...one, probability: Number(one.probability), pipeline: id, position: at + 1 },
      }),
    );
    if (ops.length > 0) await writeIn(tx, ctx, stage, ops);
    const playbook = steps.map((step): WriteOp => ({ op: 'create', values: { ...step, stage: made.get(step.stage) } }));
    if (playbook.length > 0) await writeIn(tx, ctx, ctx.model.object('playbookStep'), playbook);
    return { id };
  });
});
