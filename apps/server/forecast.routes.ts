import { z } from 'zod';
import type { Route } from '#engine/api/route.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { denied } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { accuracyOf, trendOf } from '#modules/forecast/looking-back.ts';
import { BY, type By, LENGTHS, type Length } from '#modules/forecast/period.ts';
import { readForecast } from '#modules/forecast/read.ts';
import { startTaking } from '#modules/forecast/take.ts';

const Period = { from: z.iso.date().describe('First day of the period'), every: z.enum(LENGTHS) };
const AMOUNT: JsonObject = { type: ['number', 'null'], description: 'In the base currency' };
const FIGURES: JsonObject = { type: 'object', additionalProperties: AMOUNT };

/** The forecast: as it stands, as it went, and how far off it turned out to be. */
export const forecastRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/forecast',
    tag: 'forecast',
    summary: 'What will be won in a period: by the deals, by people, by experience; against the quotas',
    query: z.looseObject({ ...Period, by: z.enum(BY).default('team'), pipeline: z.uuid().optional() }),
    answer: {
      type: 'object',
      properties: {
        from: { type: 'string' },
        to: { type: 'string' },
        every: { enum: [...LENGTHS] },
        by: { enum: [...BY] },
        currency: { type: 'string' },
        rows: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              key: { type: 'string' },
              id: { type: ['string', 'null'] },
              name: { type: ['string', 'null'] },
              kind: { enum: ['user', 'team', 'product', 'territory', 'currency'] },
              parent: { type: ['string', 'null'] },
              depth: { type: 'integer' },
              figures: FIGURES,
              calls: { type: 'array', items: { type: 'object' } },
              mayCall: { type: 'boolean' },
              quotaOf: { enum: ['own', 'below', null] },
            },
          },
        },
        total: FIGURES,
        unconverted: { type: 'integer' },
        overdue: { type: 'object', properties: { deals: { type: 'integer' }, amount: { type: 'number' } } },
        expectedOn: { type: ['string', 'null'] },
        asOf: { type: 'string' },
      },
    },
    handler: async ({ ctx, query }) => ({
      value: await readForecast(ctx, query as { from: string; every: Length; by: By; pipeline?: string }),
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/forecast/trend',
    tag: 'forecast',
    summary: 'How the forecast of a period went, a point a week',
    query: z.looseObject(Period),
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    handler: async ({ ctx, query }) => ({ value: { items: await trendOf(ctx, query as { from: string; every: Length }) } }),
  },
  {
    method: 'GET',
    path: '/api/v1/forecast/accuracy',
    tag: 'forecast',
    summary: 'How far off the forecasts of periods that are over were, taken when each began',
    query: z.looseObject({ every: z.enum(LENGTHS), count: z.coerce.number().int().min(1).max(12).default(4) }),
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    handler: async ({ ctx, query }) => {
      const { every, count } = query as { every: Length; count: number };
      return { value: { items: await accuracyOf(ctx, every, count) } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/forecast/take',
    tag: 'forecast',
    summary: 'Reckons anew, as a job, what experience expects, and takes the snapshots that are due',
    writes: true,
    status: 202,
    answer: { type: 'object', properties: { job: { type: 'string' } } },
    handler: async ({ ctx }) => {
      if (!ctx.actor.rights.may('administer')) throw denied('Only administrators take a forecast by hand.');
      return { value: { job: await startTaking(ctx.db, enqueueJob, ctx.actor) } };
    },
  },
];
