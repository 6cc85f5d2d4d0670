import { z } from 'zod';
import { consentsOf, mayContact } from '#engine/privacy/consents.ts';
import type { Route } from './route.ts';

const STANDING = {
  type: 'object',
  properties: {
    purpose: { type: 'string' },
    channel: { type: 'string' },
    allowed: { type: 'boolean' },
    since: { type: ['string', 'null'], format: 'date-time' },
    consent: { type: ['string', 'null'], description: 'The row that proves it' },
  },
};

/** What customers allow. What they say is written as records (`POST /api/v1/consents`), which are never changed. */
export const consentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/parties/{id}/consents',
    tag: 'personal data',
    summary: 'How a customer stands to each purpose and channel that was spoken of',
    answer: { type: 'object', properties: { items: { type: 'array', items: STANDING } } },
    handler: async ({ ctx, params }) => ({ value: { items: await consentsOf(ctx, params.id ?? '') } }),
  },
  {
    method: 'POST',
    path: '/api/v1/consents/check',
    tag: 'personal data',
    summary: 'Whether customers may be written to for a purpose on a channel; what was never said is not allowed',
    body: z.strictObject({
      parties: z.array(z.string().max(40)).min(1).max(1000),
      purpose: z.string().min(1).max(60),
      channel: z.string().min(1).max(60),
    }),
    answer: { type: 'object', properties: { items: { type: 'array', items: STANDING } } },
    handler: async ({ ctx, body }) => ({
      value: { items: await mayContact(ctx, body as { parties: string[]; purpose: string; channel: string }) },
    }),
  },
];
