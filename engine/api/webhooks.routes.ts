import { z } from 'zod';
import { newWebhookSecret, replayWebhook, testWebhook } from '#engine/outbox/webhooks.ts';
import type { Route } from './route.ts';

/** What administrators do with webhooks beside keeping them as records. */
export const webhookRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/webhooks/{id}/secret',
    tag: 'outbox',
    proof: true,
    summary: 'Make a new secret that deliveries are signed with; it is given this once',
    answer: { type: 'object', properties: { secret: { type: 'string' } } },
    handler: async ({ ctx, params }) => ({ value: { secret: await newWebhookSecret(ctx, params.id ?? '') } }),
  },
  {
    method: 'POST',
    path: '/api/v1/webhooks/{id}/test',
    tag: 'outbox',
    summary: 'Send a test to a webhook',
    status: 202,
    answer: { type: 'object', properties: { id: { type: 'string', description: 'Of the delivery in the outbox' } } },
    handler: async ({ ctx, params }) => ({ status: 202, value: { id: await testWebhook(ctx, params.id ?? '') } }),
  },
  {
    method: 'POST',
    path: '/api/v1/webhooks/{id}/replay',
    tag: 'outbox',
    summary: 'Tell a webhook all changes behind a position again, each under the id it has',
    body: z.strictObject({ after: z.number().int().min(0).describe('Position in the log (`seq`)') }),
    status: 202,
    answer: { type: 'object', properties: { to: { type: 'integer', description: 'The last position that is told again' } } },
    handler: async ({ ctx, params, body }) => ({
      status: 202,
      value: await replayWebhook(ctx, params.id ?? '', (body as { after: number }).after),
    }),
  },
];
