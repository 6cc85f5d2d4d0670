import { type FollowJob, followMerge } from '#engine/record/merge.ts';
import type { JsonObject } from '#kit/json.ts';
import type { JobHandler } from './jobs.ts';

/** Brings over what hung on a merged record; what has moved already is not met again after a crash. */
export const mergeJob: JobHandler = async ({ job, ctx, save }) => {
  const before = job.done;
  const report = await followMerge(ctx, job.payload as unknown as FollowJob, (moved) => save(null, { done: before + moved }));
  return { ...report, moved: before + report.moved } as unknown as JsonObject;
};
