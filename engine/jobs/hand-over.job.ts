import { beginHandOver, type HandOver, type HandOverState, holdsOf, runHandOver } from '#engine/record/hand-over.ts';
import type { JsonObject } from '#kit/json.ts';
import type { JobHandler } from './jobs.ts';

/** Gives what a member of staff leaves behind to a successor; see `runHandOver`. */
export const handOverJob: JobHandler = async ({ job, ctx, save, cancelled }) => {
  const change = job.payload.change as unknown as HandOver;
  const state: HandOverState = 'upTo' in job.progress ? (job.progress as unknown as HandOverState) : beginHandOver();
  if (job.total === null) {
    const { holds } = await holdsOf(ctx, change.from);
    await save(null, { total: holds.reduce((sum, { count }) => sum + count, 0) });
  }
  const sum = (of: HandOverState, key: 'changed' | 'unchanged' | 'failed') =>
    Object.values(of.walks).reduce((total, walk) => total + walk[key], 0);
  const whole = await runHandOver(ctx, change, state, {
    save: (tx, next) =>
      save(tx, { progress: next as unknown as JsonObject, done: sum(next, 'changed') + sum(next, 'unchanged') + sum(next, 'failed') }),
    cancelled,
  });
  return {
    changed: sum(state, 'changed'),
    unchanged: sum(state, 'unchanged'),
    failed: sum(state, 'failed'),
    objects: Object.fromEntries(Object.entries(state.walks).map(([key, walk]) => [key, walk.changed])),
    problems: Object.values(state.walks).flatMap((walk) => walk.problems),
    cause: ctx.cause.id,
    ...(whole ? {} : { unfinished: true }),
  } as unknown as JsonObject;
};
