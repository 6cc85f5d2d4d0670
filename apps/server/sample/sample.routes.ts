import { z } from 'zod';
import { type Route, requirePermission } from '#engine/api/route.ts';
import { startSample } from './load.ts';
import { sampleStatus, startRemoval } from './remove.ts';

const JOB = { type: 'object', properties: { id: { type: 'string' } } };
const keys = z.string().max(2000).optional();
const list = (value: unknown): string[] => (typeof value === 'string' && value !== '' ? value.split(',') : []);

/** The sample company: whether it is here, loading it, removing it. For administrators. */
export const sampleRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/sample',
    tag: 'sample company',
    summary: 'Whether the sample company is here, how much of it, and which own records hang on it',
    answer: {
      type: 'object',
      properties: {
        state: { type: 'string', enum: ['none', 'loading', 'loaded', 'removing', 'broken'] },
        job: { type: ['string', 'null'] },
        counts: { type: 'object', additionalProperties: { type: 'integer' } },
        total: { type: 'integer' },
        groups: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              key: { type: 'string' },
              kind: { type: 'string', enum: ['hanging', 'edited'] },
              object: { type: 'string' },
              count: { type: 'integer' },
              examples: { type: 'array', items: { type: 'object' } },
            },
          },
        },
      },
    },
    handler: async ({ ctx }) => {
      requirePermission(ctx, 'administer');
      return { value: await sampleStatus(ctx) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/sample',
    tag: 'sample company',
    summary: 'Load the sample company: a job',
    status: 202,
    answer: JOB,
    handler: async ({ ctx }) => {
      requirePermission(ctx, 'administer');
      return { status: 202, value: { id: await startSample(ctx) } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/sample',
    tag: 'sample company',
    proof: true,
    summary:
      'Remove the sample company: a job. Every group of own records must be named in `keep` or `remove`, or `rest` says it for all others',
    query: z.looseObject({ keep: keys, remove: keys, rest: z.enum(['keep', 'remove']).optional() }),
    status: 202,
    answer: JOB,
    handler: async ({ ctx, query }) => {
      requirePermission(ctx, 'administer');
      const id = await startRemoval(ctx, {
        keep: list(query.keep),
        remove: list(query.remove),
        rest: query.rest as 'keep' | 'remove' | undefined,
      });
      return { status: 202, value: { id } };
    },
  },
];
