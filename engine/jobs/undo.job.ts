import { undoCause } from '#engine/record/undo.ts';
import type { JsonObject } from '#kit/json.ts';
import type { JobHandler } from './jobs.ts';

/** Undoes a cause in chunks. Going on after a crash begins again: what is restored already no longer differs. */
export const undoJob: JobHandler = async ({ job, ctx, save, cancelled }) => {
  const report = await undoCause(ctx, String(job.payload.cause), { progress: (done, total) => save(null, { done, total }), cancelled });
  return { ...report, ...(cancelled() ? { unfinished: true } : {}) } as unknown as JsonObject;
};
