import { z } from 'zod';
import { requireVerb } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { decideDuplicate, likeValues, listDuplicates } from '#engine/identity/duplicates.ts';
import { KEPT } from '#engine/identity/model.ts';
import { readComparison, saveComparison } from '#engine/identity/settings.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { denied, notFound } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { type Route, requirePermission } from './route.ts';

const REASON: JsonObject = {
  type: 'object',
  properties: { field: { type: 'string' }, question: { type: 'string' }, level: { type: 'string' }, bits: { type: 'number' } },
};
const DUPLICATE: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    object: { type: 'string' },
    state: { enum: ['open', 'dismissed', 'merged'] },
    likelihood: { type: 'number' },
    foundAt: { type: 'string', format: 'date-time' },
    reasons: { type: 'array', items: REASON },
    records: { type: 'array', items: { type: 'object' } },
  },
};

const Key = z.string().max(60).describe('Key of an object whose records are compared');

/** An object whose records are compared; any other is not there. */
function objectOf(ctx: Context, key: unknown): ModelObject {
  const object = ctx.model.objects.get(String(key));
  if (!object?.duplicates || ctx.actor.rights.scope(object.key, 'read') === 'none') throw notFound('There is no such object to compare.');
  return object;
}

const FROM = z.number().min(KEPT).max(0.99);
const SETTINGS: JsonObject = {
  type: 'object',
  properties: {
    object: { type: 'string' },
    threshold: { type: 'number' },
    typing: { type: 'number' },
    least: { type: 'number' },
    pairs: { type: 'array', items: { type: 'object', properties: { percent: { type: 'integer' }, count: { type: 'integer' } } } },
    variants: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          variant: { type: ['string', 'null'] },
          learnt: { type: 'boolean' },
          questions: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                field: { type: 'string' },
                question: { type: 'string' },
                levels: {
                  type: 'array',
                  items: {
                    type: 'object',
                    properties: {
                      level: { type: 'string' },
                      m: { type: 'number', description: 'How often the same customer answers so' },
                      u: { type: 'number', description: 'How often two different ones do' },
                      bits: { type: 'number' },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

/** Records that may be the same one: while typing, in a queue, and by a look through the whole base. */
export const duplicateRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/duplicates/like',
    tag: 'duplicates',
    reads: true,
    summary: 'Records that are likely the one with these values, for a warning while somebody types',
    body: z.strictObject({
      object: Key,
      values: z.record(z.string().max(60), z.json()),
      id: z.string().nullable().optional().describe('The record itself where it exists'),
      limit: z.number().int().min(1).max(20).optional(),
    }),
    answer: {
      type: 'object',
      properties: {
        items: {
          type: 'array',
          items: {
            type: 'object',
            properties: { likelihood: { type: 'number' }, reasons: { type: 'array', items: REASON }, record: { type: 'object' } },
          },
        },
      },
    },
    handler: async ({ ctx, body }) => {
      const { object, values, ...o } = body as { object: string; values: Record<string, unknown>; id?: string | null; limit?: number };
      return { value: { items: await likeValues(ctx, objectOf(ctx, object), values, o) } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/duplicates',
    tag: 'duplicates',
    summary: 'Two records each that are likely the same one, the most certain first',
    query: z.object({
      object: Key,
      state: z.enum(['open', 'dismissed', 'merged']).optional(),
      record: z.string().optional().describe('Only those with this record'),
      cursor: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
      count: z.enum(['true', 'false']).optional().describe('Whether to count them, exact up to 1,000'),
    }),
    answer: {
      type: 'object',
      properties: {
        items: { type: 'array', items: DUPLICATE },
        next: { type: ['string', 'null'] },
        count: { type: 'object', properties: { value: { type: 'integer' }, exact: { type: 'boolean' } } },
      },
    },
    handler: async ({ ctx, query }) => {
      const { object, count, ...o } = query;
      return { value: await listDuplicates(ctx, objectOf(ctx, object), { ...o, count: count === 'true' }) };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/duplicates/settings',
    tag: 'duplicates',
    summary: 'How records are compared: from how likely on pairs are shown, how many that would be, and what every answer weighs',
    query: z.object({ object: Key }),
    answer: SETTINGS,
    handler: async ({ ctx, query }) => {
      requirePermission(ctx, 'administer');
      return { value: await readComparison(ctx, objectOf(ctx, query.object)) };
    },
  },
  {
    method: 'PATCH',
    path: '/api/v1/duplicates/settings',
    tag: 'duplicates',
    summary: 'Set from how likely on pairs are shown, and somebody who types is told',
    body: z.strictObject({ object: Key, threshold: FROM.optional(), typing: FROM.optional() }),
    answer: SETTINGS,
    handler: async ({ ctx, body }) => {
      requirePermission(ctx, 'administer');
      const { object: key, ...change } = body as { object: string; threshold?: number; typing?: number };
      const object = objectOf(ctx, key);
      await saveComparison(ctx, object, change);
      return { value: await readComparison(ctx, object) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/duplicates/scan',
    tag: 'duplicates',
    summary: 'Look through the whole base for duplicates, as a job',
    body: z.strictObject({ object: Key }),
    status: 202,
    answer: { type: 'object', properties: { job: { type: 'string' } } },
    handler: async ({ ctx, body }) => {
      const object = objectOf(ctx, (body as { object: string }).object);
      requireVerb(ctx.actor, object, 'update');
      // The look compares everybody's records, so it takes a reader of all of them.
      if (ctx.actor.rights.scope(object.key, 'read') !== 'all')
        throw denied(`Only who reads all ${object.plural} may look through all of them.`);
      return {
        status: 202,
        value: { job: await enqueueJob(ctx.db, { kind: 'duplicates', payload: { object: object.key }, actor: ctx.actor }) },
      };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/duplicates/{id}/decide',
    tag: 'duplicates',
    summary: 'Say that two records are not the same one, or take that back',
    body: z.strictObject({ state: z.enum(['open', 'dismissed']) }),
    answer: { type: 'object', properties: { id: { type: 'string' }, state: { type: 'string' } } },
    handler: async ({ ctx, params, body }) => ({
      value: await decideDuplicate(ctx, params.id ?? '', (body as { state: 'open' | 'dismissed' }).state),
    }),
  },
];
