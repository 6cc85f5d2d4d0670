import { z } from 'zod';
import { listOutbox, OUTBOX_STATES, resend } from '#engine/outbox/outbox.ts';
import type { Route } from './route.ts';

/** What leaves Perigon: for administrators. */
export const outboxRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/outbox',
    tag: 'outbox',
    scope: 'admin',
    summary: 'What left and what is about to, newest first',
    query: z.looseObject({
      source: z.string().max(40).optional().describe('Id of the flow it belongs to'),
      state: z.enum(OUTBOX_STATES).optional(),
      cursor: z.string().max(40).optional(),
      limit: z.coerce.number().int().min(1).max(500).optional(),
    }),
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } }, next: { type: ['string', 'null'] } } },
    handler: async ({ ctx, query }) => ({
      value: await listOutbox(ctx, query as { source?: string; state?: string; cursor?: string; limit?: number }),
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/outbox/{id}/resend',
    tag: 'outbox',
    scope: 'admin',
    summary: 'Send a dead letter again',
    answer: 'none',
    status: 204,
    handler: async ({ ctx, params }) => {
      await resend(ctx, params.id ?? '');
      return { status: 204 };
    },
  },
];
