import { type BulkChange, type BulkState, bulkResult, countBulk, runBulk } from '#engine/record/bulk.ts';
import { newId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';
import type { JobHandler } from './jobs.ts';

/** Changes or deletes all records that meet a condition; see `runBulk`. */
export const bulkJob: JobHandler = async ({ job, ctx, save, cancelled }) => {
  const object = ctx.model.object(String(job.payload.object));
  const state: BulkState =
    'upTo' in job.progress
      ? (job.progress as unknown as BulkState)
      : { after: null, upTo: newId(), changed: 0, unchanged: 0, failed: 0, problems: [] };
  if (job.total === null) await save(null, { total: await countBulk(ctx, object, job.payload.where) });
  const whole = await runBulk(ctx, object, job.payload.where, job.payload.change as unknown as BulkChange, state, {
    save: (tx, next) => save(tx, { progress: next as unknown as JsonObject, done: next.changed + next.unchanged + next.failed }),
    cancelled,
  });
  return bulkResult(ctx, state, whole);
};
