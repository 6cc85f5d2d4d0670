import type { JobHandler } from '#engine/jobs/jobs.ts';
import { type Action, readActionInput } from '#engine/record/action.ts';
import { notFound } from '#kit/errors.ts';
import type { Json, JsonObject } from '#kit/json.ts';

/** An action over many records, as a job: chunk by chunk under one cause. */
export const actionJob =
  (actions: ReadonlyMap<string, Action>): JobHandler =>
  async ({ job, ctx, save, cancelled }) => {
    const action = actions.get(String(job.payload.action));
    if (!action) throw notFound('There is no such action.');
    const { input, ids } = readActionInput(ctx, action, job.payload.input);
    const results: Json[] = [];
    for (let at = job.done; at < ids.length; at += 1000) {
      if (cancelled()) return { results, unfinished: true };
      results.push(await action.run(ctx, input, ids.slice(at, at + 1000)));
      await save(null, { done: Math.min(at + 1000, ids.length), total: ids.length });
    }
    return { results } as JsonObject;
  };
