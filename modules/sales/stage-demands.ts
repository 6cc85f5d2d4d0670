import { mayReadField } from '#engine/access/policy.ts';
import type { Cause, RuleBatch, RuleItem } from '#engine/record/context.ts';
import { directionOf, type Stage } from './stages.ts';

/** Nothing is demanded of what brings back what was, or tells what has been. */
const TOLD: readonly Cause['kind'][] = ['undo', 'sample', 'seed', 'setup'];

/**
 * What must be known of a deal before it comes into a stage, and done before it goes on from one. Whoever goes back, gives a deal up
 * or moves it to another pipeline need not have finished what they leave.
 */
export async function demandOfStages(batch: RuleBatch, items: readonly RuleItem[], stages: ReadonlyMap<string, Stage>): Promise<void> {
  if (TOLD.includes(batch.ctx.cause.kind)) return;
  const going = items.flatMap((item) => {
    const to = stages.get(String(item.get('stage')));
    if (!to || !item.changes('stage')) return [];
    const from = stages.get(String(item.before?.stage ?? ''));
    return [{ item, from, to, direction: directionOf(from, to) }];
  });
  for (const { item, from, to, direction } of going) {
    if (direction === 'back') continue;
    const entering = to.toEnter ?? [];
    const leaving = direction === 'forward' || direction === 'won' ? (from?.toLeave ?? []) : [];
    for (const key of entering) need(batch, item, key, to);
    for (const key of leaving) if (!entering.includes(key)) need(batch, item, key, from ?? to);
  }
  const onward = going.filter(({ from, direction }) => from && (direction === 'forward' || direction === 'won'));
  for (const { item, step } of await undone(batch, onward))
    item.refuse('stage', 'playbook', `“${step}” of the playbook is still to be done: check it off first.`);
}

function need({ ctx }: RuleBatch, item: RuleItem, key: string, stage: Stage): void {
  const object = ctx.model.object('opportunity');
  const field = object.fields.get(key);
  // A field that has gone since is asked for no more.
  if (!field || field.retired || !isEmpty(item.get(key))) return;
  const known = mayReadField(ctx.actor, object, field);
  item.refuse(
    known ? key : 'stage',
    'neededByStage',
    known ? `“${stage.name}” needs a value here.` : `“${stage.name}” needs a value that you cannot see: ask somebody who can.`,
  );
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** Steps without which a deal does not go on: not checked off, nor answered by the field they ask for. */
async function undone(
  { tx }: RuleBatch,
  going: readonly { item: RuleItem; from: Stage | undefined }[],
): Promise<{ item: RuleItem; step: string }[]> {
  if (going.length === 0) return [];
  const steps = await tx.query<{ id: string; stage: string; text: string; asks: string | null }>(
    'select p.id, p.stage_id as stage, p.text, p.asks from playbook_steps p where p.stage_id = any($1::uuid[]) and p.required and p.deleted_at is null order by p.position, p.id',
    [[...new Set(going.map(({ from }) => from?.id))]],
  );
  if (steps.length === 0) return [];
  const checks = await tx.query<{ opportunity: string; step: string }>(
    'select c.opportunity_id as opportunity, c.step_id as step from playbook_checks c where c.opportunity_id = any($1::uuid[]) and c.deleted_at is null',
    [going.map(({ item }) => item.id)],
  );
  const done = new Set(checks.map(({ opportunity, step }) => `${opportunity} ${step}`));
  return going.flatMap(({ item, from }) => {
    const left = steps.find(
      (step) => step.stage === from?.id && !done.has(`${item.id} ${step.id}`) && !(step.asks !== null && !isEmpty(item.get(step.asks))),
    );
    return left ? [{ item, step: left.text }] : [];
  });
}
