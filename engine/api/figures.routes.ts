import { z } from 'zod';
import { figuresOf } from '#engine/declare/figures.ts';
import { figureStates, startBuilding } from '#engine/figures/building.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { denied, notFound } from '#kit/errors.ts';
import type { Route } from './route.ts';

const administrate = (ctx: Context): void => {
  if (!ctx.actor.rights.may('administer')) throw denied('Only an administrator looks after figures.');
};

/** How roll-up fields are, and reckoning them anew: for administrators. */
export const figureRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/figures',
    tag: 'figures',
    summary: 'Roll-up fields and whether they are ready',
    answer: {
      type: 'object',
      properties: {
        items: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              object: { type: 'string' },
              field: { type: 'string' },
              state: { enum: ['building', 'ready'] },
              at: { type: 'string', format: 'date-time' },
            },
          },
        },
      },
    },
    handler: async ({ ctx }) => {
      administrate(ctx);
      return { value: { items: await figureStates(ctx.db, ctx.model) } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/figures/rebuild',
    tag: 'figures',
    summary: 'Reckon the roll-up fields of an object anew, as a job',
    body: z.strictObject({
      object: z.string().max(60).describe('Key of the object that has the fields'),
      fields: z.array(z.string().max(60)).min(1).max(200).optional().describe('Some of them; all unless given'),
    }),
    status: 202,
    answer: { type: 'object', properties: { job: { type: 'string' } } },
    handler: async ({ ctx, body }) => {
      administrate(ctx);
      const { object: key, fields } = body as { object: string; fields?: string[] };
      const object = ctx.model.objects.get(key);
      const own = object ? figuresOf(object).map((field) => field.key) : [];
      if (!object || own.length === 0 || fields?.some((field) => !own.includes(field))) throw notFound('There are no such figures.');
      return { status: 202, value: { job: await startBuilding(ctx.db, enqueueJob, object, fields ?? null, ctx.actor) } };
    },
  },
];
