import { defineAction } from '#engine/declare/action.ts';
import { runAction } from '#engine/record/action.ts';
import { write } from '#engine/record/write.ts';

/** Marks tasks as done. */
export const completeTask = defineAction({ key: 'completeTask', object: 'task', verb: 'update', bulk: true, input: {} });

export const runCompleteTask = runAction(completeTask, async (ctx, _input, ids) => {
  const results = await write(
    ctx,
    ctx.model.object('task'),
    ids.map((id) => ({ op: 'update', id, values: { status: 'done' } })),
  );
  return { changed: results.filter((result) => result.ok && result.changed).length };
});
