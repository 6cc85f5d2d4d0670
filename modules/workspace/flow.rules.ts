import { stopRunsOf } from '#engine/flows/runs.ts';
import { readFlow } from '#engine/flows/shape.ts';
import type { Rules } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';

/** Flows are drawn by administrators, whatever else a role grants: what they do is done with an administrator's rights. */
export const flowRules: Rules = {
  object: 'flow',
  before({ ctx, items }) {
    for (const item of items) {
      if (!ctx.actor.rights.may('administer')) item.refuse('', 'denied', 'Only an administrator draws flows.');
      if (item.op !== 'create' && item.op !== 'update') continue;
      const definition = item.get('definition');
      if (!item.changes('definition') || definition === null || definition === undefined) continue;
      try {
        const shape = readFlow(definition, 'definition');
        if (!ctx.model.objects.has(shape.object)) item.refuse('definition.object', 'unknownObject', 'There is no such object.');
        item.set('object', shape.object);
      } catch (error) {
        if (!isPerigonError(error)) throw error;
        for (const { path, code, detail } of error.errors) item.refuse(path, code, detail);
      }
    }
  },
  async after({ tx, items }) {
    const gone = items.filter((item) => item.op === 'delete').map((item) => item.id);
    if (gone.length > 0) await stopRunsOf(tx, gone, 'The flow was deleted.');
  },
};
