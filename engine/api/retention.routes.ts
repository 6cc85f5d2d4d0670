import { z } from 'zod';
import { listRetentionRuns, previewRetention, runRetentionNow } from '#engine/privacy/retention.ts';
import type { Route } from './route.ts';
import { signedIn } from './sign-in.routes.ts';

/** For how long something is kept: what a rule would do, what rules did. The rules themselves are records (`/api/v1/retentionRules`). */
export const retentionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/retention/preview',
    tag: 'personal data',
    summary: 'What a retention rule would do tonight: how many, how many a legal hold keeps, the first ones',
    body: z.strictObject({ act: z.enum(['delete', 'erase']), object: z.string().max(60), where: z.unknown() }),
    answer: {
      type: 'object',
      properties: { count: { type: 'integer' }, held: { type: 'integer' }, first: { type: 'array', items: { type: 'object' } } },
    },
    handler: async ({ ctx, body }) => ({ value: await previewRetention(ctx, body as { act: string; object: string; where: unknown }) }),
  },
  {
    method: 'GET',
    path: '/api/v1/retention/runs',
    tag: 'personal data',
    summary: 'What retention rules did, latest first',
    query: z.strictObject({ rule: z.string().max(40).optional() }),
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    handler: async ({ ctx, query }) => ({ value: { items: await listRetentionRuns(ctx, query.rule as string | undefined) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/retention/runs',
    proof: true,
    tag: 'personal data',
    summary: 'Run a rule that is switched on right now, as a job',
    status: 202,
    body: z.strictObject({ rule: z.string().max(40) }),
    answer: { type: 'object', properties: { job: { type: 'string' } } },
    handler: async ({ ctx, body }) => {
      signedIn(ctx);
      return { status: 202, value: { job: await runRetentionNow(ctx, (body as { rule: string }).rule) } };
    },
  },
];
