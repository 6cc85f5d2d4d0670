import { requireVerb } from '#engine/access/policy.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import { notFound } from '#kit/errors.ts';

/** A step of a playbook as it shall be; one that is there already by its id. */
export interface StepDraft {
  id: string | null;
  [field: string]: unknown;
}

/**
 * Writes what a stage asks of its deals, and the whole playbook with it: both or neither, and taken back together. Steps that are
 * not named go; the others stand as they are named.
 */
export async function writeStageRules(
  ctx: Context,
  id: string,
  values: Record<string, unknown>,
  steps: readonly StepDraft[],
): Promise<void> {
  const [stage, step] = [ctx.model.object('stage'), ctx.model.object('playbookStep')];
  requireVerb(ctx.actor, stage, 'update');
  requireVerb(ctx.actor, step, 'read');
  await readOne(ctx, stage, id, ['id']);
  await transact(ctx, async (tx) => {
    // Two who write the playbook of a stage at once meet at the stage.
    await tx.query('select 1 as ok from stages where id = $1::uuid for update', [id]);
    const rows = await tx.query<{ id: string }>(
      'select p.id from playbook_steps p where p.stage_id = $1::uuid and p.deleted_at is null order by p.position, p.id',
      [id],
    );
    const held = new Set(rows.map((row) => row.id));
    const named = new Set(steps.map((one) => one.id));
    if (steps.some((one) => one.id !== null && !held.has(one.id))) throw notFound();
    const gone = [...held].filter((one) => !named.has(one));
    const ops = [
      ...gone.map((one): WriteOp => ({ op: 'delete', id: one })),
      ...steps.map(({ id: of, ...step }, at): WriteOp => {
        const written = { ...step, position: at + 1 };
        return of === null ? { op: 'create', values: { ...written, stage: id } } : { op: 'update', id: of, values: written };
      }),
    ];
    if (ops.length > 0) await writeIn(tx, ctx, step, ops);
    await writeIn(tx, ctx, stage, [{ op: 'update', id, values }]);
  });
}
