import { defineAction } from '#engine/declare/action.ts';
import { text, user } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import { write } from '#engine/record/write.ts';
import { invalid } from '#kit/errors.ts';

/** Gives records of any object with an owner to somebody. */
export const assignOwner = defineAction({
  key: 'assignOwner',
  verb: 'update',
  bulk: true,
  input: { object: text({ required: true, max: 60 }), owner: user({ required: true }) },
});

export const runAssignOwner = runAction(assignOwner, async (ctx, input, ids) => {
  const object = ctx.model.objects.get(input.object ?? '');
  if (!object?.owner)
    throw invalid('These records have no owner.', [
      { path: 'object', code: 'unknownObject', detail: 'Name an object that has an owner, such as party.' },
    ]);
  const owner = object.owner;
  const results = await write(
    ctx,
    object,
    ids.map((id) => ({ op: 'update', id, values: { [owner]: input.owner } })),
  );
  return { changed: results.filter((result) => result.ok && result.changed).length };
});
