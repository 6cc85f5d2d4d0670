import { z } from 'zod';
import type { ModelObject } from '#engine/declare/object.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { mergeRecords, previewMerge } from '#engine/record/merge.ts';
import { notFound } from '#kit/errors.ts';
import { once } from './records.routes.ts';
import type { Route } from './route.ts';

const Two = {
  object: z.string().max(60).describe('Key of an object whose records are compared'),
  survivor: z.string().describe('The record that stays'),
  loser: z.string().describe('The one that goes into it; its id goes on naming the survivor'),
};
const MergeBody = z.strictObject({
  ...Two,
  keep: z
    .record(z.string().max(60), z.enum(['survivor', 'loser', 'both']))
    .optional()
    .describe('Whose value a field keeps; lists are put together and gaps are filled where nothing is said'),
});

function objectOf(ctx: Context, key: string): ModelObject {
  const object = ctx.model.objects.get(key);
  if (!object?.duplicates || ctx.actor.rights.scope(object.key, 'read') === 'none') throw notFound('There is no such object to merge.');
  return object;
}

/** Two records become one, and apart again by undoing the cause. */
export const mergeRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/merges/preview',
    tag: 'duplicates',
    reads: true,
    summary: 'What a merge would do: fields that differ, and what moves',
    body: z.strictObject(Two),
    answer: {
      type: 'object',
      properties: {
        fields: {
          type: 'array',
          items: { type: 'object', properties: { key: { type: 'string' }, keep: { type: 'string' }, list: { type: 'boolean' } } },
        },
        moves: {
          type: 'array',
          items: { type: 'object', properties: { object: { type: 'string' }, field: { type: 'string' }, count: { type: 'integer' } } },
        },
      },
    },
    handler: async ({ ctx, body }) => {
      const { object, survivor, loser } = body as z.infer<typeof MergeBody>;
      return { value: await previewMerge(ctx, objectOf(ctx, object), survivor, loser) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/merges',
    tag: 'duplicates',
    summary: 'Merge a record into another',
    body: MergeBody,
    writes: true,
    answer: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        moved: { type: 'integer' },
        dropped: { type: 'integer' },
        refused: { type: 'array', items: { type: 'object' } },
        cause: { type: 'string', description: 'What to undo to take the two apart again' },
        job: { type: 'string', description: 'Where much hangs on the loser: the job that brings it over, whose result has the counts' },
      },
    },
    handler: async ({ ctx, body }) => {
      const { object, survivor, loser, keep } = body as z.infer<typeof MergeBody>;
      const { outcome } = await once(() =>
        mergeRecords(ctx, objectOf(ctx, object), survivor, loser, keep, (tx, { actor, cause }, job) =>
          enqueueJob(tx, { kind: 'merge', label: cause.label, payload: { ...job }, actor, causeId: cause.id }),
        ),
      );
      return { value: outcome, headers: { 'perigon-cause': ctx.cause.id } };
    },
  },
];
