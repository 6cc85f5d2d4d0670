import { defineAction } from '#engine/declare/action.ts';
import { date, reference, select, text } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import { write } from '#engine/record/write.ts';
import { invalid } from '#kit/errors.ts';

/** Wins or loses opportunities: moves each to that stage of its own pipeline. */
export const closeOpportunity = defineAction({
  key: 'closeOpportunity',
  object: 'opportunity',
  verb: 'update',
  bulk: true,
  input: {
    as: select(['won', 'lost'], { required: true }),
    on: date(),
    closeReason: reference({ to: 'closeReason' }),
    lostReason: text({ max: 300 }),
    lostTo: reference({ to: 'competitor' }),
  },
});

export const runCloseOpportunity = runAction(closeOpportunity, async (ctx, input, ids) => {
  if (input.as === 'won' && input.lostReason)
    throw invalid('A won opportunity has no reason for its loss.', [
      { path: 'lostReason', code: 'unexpected', detail: 'Leave it empty, or close as lost.' },
    ]);
  if (input.as === 'won' && input.lostTo)
    throw invalid('Nobody else has won a won opportunity.', [
      { path: 'lostTo', code: 'unexpected', detail: 'Leave it empty, or close as lost.' },
    ]);
  const stages = await ctx.db.query<{ id: string; stage: string | null }>(
    `select t.id, (select s.id from stages s where s.pipeline_id = t.pipeline_id and s.category = $2::text and s.deleted_at is null order by s.position limit 1) as stage
     from opportunities t where t.id = any($1::uuid[]) and t.deleted_at is null`,
    [ids, input.as],
  );
  const target = new Map(stages.map((row) => [row.id, row.stage]));
  const results = await write(
    ctx,
    ctx.model.object('opportunity'),
    ids.map((id) => ({
      op: 'update',
      id,
      values: {
        stage: target.get(id) ?? null,
        ...(input.on ? { closedOn: input.on } : {}),
        closeReason: input.closeReason ?? null,
        ...(input.as === 'lost' ? { lostReason: input.lostReason, lostTo: input.lostTo ?? null } : { lostReason: null, lostTo: null }),
      },
    })),
  );
  return { changed: results.filter((result) => result.ok && result.changed).length };
});
