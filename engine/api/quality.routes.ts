import { z } from 'zod';
import { requireVerb } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { measuredObjects, startMeasuring } from '#engine/quality/measure.ts';
import { qualityOf, readQuality } from '#engine/quality/read.ts';
import type { Context } from '#engine/record/context.ts';
import { denied, notFound } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { idOf, objectOf } from './records.routes.ts';
import type { Route } from './route.ts';

const SHARE: JsonObject = { type: ['number', 'null'], description: 'From 0 to 1' };
const DIMENSION: JsonObject = { enum: ['completeness', 'validity', 'freshness', 'uniqueness'] };

function measured(ctx: Context, key: unknown): ModelObject {
  const object = ctx.model.objects.get(String(key));
  if (!object) throw notFound('There is no such object.');
  return object;
}

/** How good the records are by the rules of the company: as a whole, by team and source, over time, and of one record. */
export const qualityRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/quality',
    tag: 'quality',
    summary: 'The quality of the records of an object, as measured last',
    query: z.looseObject({ object: z.string().max(60).optional().describe('Key of the object; without it the objects that have rules') }),
    answer: {
      type: 'object',
      properties: {
        object: { type: 'string' },
        at: { type: ['string', 'null'], format: 'date-time' },
        records: { type: 'integer' },
        score: SHARE,
        ownTeams: { type: 'boolean' },
        rules: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              name: { type: ['string', 'null'] },
              dimension: DIMENSION,
              weight: { type: 'integer' },
              applies: { type: 'integer' },
              bad: { type: 'integer' },
              where: { type: ['object', 'null'] },
            },
          },
        },
        resting: {
          type: 'array',
          description: 'Rules that are not measured as things stand, with the reason',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              name: { type: 'string' },
              dimension: DIMENSION,
              reason: { enum: ['retired', 'building', 'unknown'] },
              field: { type: ['string', 'null'] },
            },
          },
        },
        teams: {
          type: 'array',
          items: { type: 'object', properties: { team: { type: ['object', 'null'] }, score: SHARE, bad: { type: 'integer' } } },
        },
        sources: {
          type: 'array',
          items: { type: 'object', properties: { source: { type: 'string' }, score: SHARE, bad: { type: 'integer' } } },
        },
        course: { type: 'array', items: { type: 'object', properties: { day: { type: 'string', format: 'date' }, score: SHARE } } },
        objects: { type: 'array', items: { type: 'string' } },
      },
    },
    handler: async ({ ctx, query }) => {
      if (query.object !== undefined) return { value: await readQuality(ctx, measured(ctx, query.object)) };
      const objects = (await measuredObjects(ctx)).filter((object) => ctx.actor.rights.scope(object.key, 'read') !== 'none');
      return { value: { objects: objects.map((object) => object.key) } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/quality/measure',
    tag: 'quality',
    summary: 'Measure the records of an object now, as a job',
    body: z.strictObject({ object: z.string().max(60) }),
    status: 202,
    answer: { type: 'object', properties: { job: { type: 'string' } } },
    handler: async ({ ctx, body }) => {
      const object = measured(ctx, (body as { object: string }).object);
      requireVerb(ctx.actor, object, 'read');
      if (ctx.actor.rights.scope(object.key, 'read') !== 'all') throw denied('Only who reads all of them may have them measured.');
      return { status: 202, value: { job: await startMeasuring(ctx.db, enqueueJob, object.key, ctx.actor) } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/{plural}/{id}/quality',
    tag: 'quality',
    summary: 'Rules of data quality that a record does not meet',
    answer: {
      type: 'object',
      properties: {
        items: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              name: { type: 'string' },
              dimension: DIMENSION,
              field: { type: ['string', 'null'], description: 'The one field by which it is mended' },
            },
          },
        },
      },
    },
    handler: async (call) => ({ value: { items: await qualityOf(call.ctx, objectOf(call), idOf(call)) } }),
  },
];
