import { defineAction } from '#engine/declare/action.ts';
import { longText, select } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import { write } from '#engine/record/write.ts';

/** Ends cases with what solved them. */
export const closeCase = defineAction({
  key: 'closeCase',
  object: 'case',
  verb: 'update',
  bulk: true,
  input: { status: select(['solved', 'closed'], { default: 'solved' }), solution: longText({ required: true }) },
});

export const runCloseCase = runAction(closeCase, async (ctx, input, ids) => {
  const results = await write(
    ctx,
    ctx.model.object('case'),
    ids.map((id) => ({ op: 'update', id, values: { status: input.status ?? 'solved', solution: input.solution } })),
  );
  return { changed: results.filter((result) => result.ok && result.changed).length };
});
