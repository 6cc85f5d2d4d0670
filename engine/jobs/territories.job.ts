import { applyCut } from '#engine/record/territories.ts';
import type { JobHandler } from './jobs.ts';

/** Puts parties into the territories that their rules give them; see `applyCut`. */
export const territoriesJob: JobHandler = async ({ ctx, save, cancelled }) => ({
  ...(await applyCut(ctx, { save: (done) => save(null, { done }), cancelled })),
  cause: ctx.cause.id,
});
