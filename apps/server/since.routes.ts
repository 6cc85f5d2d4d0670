import { z } from 'zod';
import type { Route } from '#engine/api/route.ts';
import { changedSince, KINDS, type SinceQuery } from '#modules/sales/since/since.ts';

const TOTAL = { count: { type: 'integer' }, value: { type: ['string', 'null'] } };

/** What changed among deals since a day. */
export const sinceRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/sales/since',
    tag: 'sales',
    reads: true,
    summary: 'What changed among deals since a day, from the open pipeline then to the one now; of the records that I may read',
    body: z.strictObject({
      since: z.iso.date().describe('The first day that counts'),
      pipeline: z.uuid().optional(),
      owner: z.uuid().optional().describe('Deals that somebody owns now'),
      team: z.uuid().optional().describe('Deals that members of a team own now'),
      limit: z.number().int().min(1).max(200).optional().describe('Deals told of under each kind'),
    }),
    answer: {
      type: 'object',
      properties: {
        since: { type: 'string', format: 'date' },
        currency: { type: 'string' },
        was: { type: 'object', properties: TOTAL },
        now: { type: 'object', properties: TOTAL },
        unconverted: { type: 'integer' },
        kinds: {
          type: 'array',
          items: {
            type: 'object',
            properties: { kind: { type: 'string', enum: [...KINDS] }, ...TOTAL, items: { type: 'array', items: { type: 'object' } } },
          },
        },
      },
    },
    handler: async ({ ctx, body }) => ({ value: await changedSince(ctx, body as SinceQuery) }),
  },
];
