import { type StartState, startAll } from '#engine/flows/hand.ts';
import type { JobHandler } from '#engine/jobs/jobs.ts';
import type { JsonObject } from '#kit/json.ts';

/** Starts a flow for all records that meet a condition; see `startAll`. */
export const flowJob: JobHandler = async ({ job, ctx, save, cancelled }) => {
  const state: StartState = 'after' in job.progress ? (job.progress as unknown as StartState) : { after: null, started: 0 };
  const whole = await startAll(ctx, String(job.payload.flow), job.payload.where, state, {
    save: (tx, next) => save(tx, { progress: { ...next }, done: next.started }),
    cancelled,
  });
  return { started: state.started, cause: ctx.cause.id, ...(whole ? {} : { unfinished: true }) } as JsonObject;
};
