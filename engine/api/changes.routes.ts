import { z } from 'zod';
import type { ChangeFeed } from '#engine/live/changes.ts';
import type { Route } from './route.ts';

const CHANGE = {
  type: 'object',
  properties: {
    seq: { type: 'integer', description: 'Position in the log' },
    at: { type: 'string', format: 'date-time' },
    object: { type: 'string' },
    id: { type: 'string', format: 'uuid' },
    action: { type: 'string', enum: ['create', 'update', 'delete', 'restore'] },
    version: { type: 'integer' },
    changes: { type: 'object', description: 'Fields that you may read, each from what to what' },
    cause: { type: 'string', format: 'uuid' },
    actor: { type: 'object', properties: { kind: { type: 'string' } }, required: ['kind'] },
  },
  required: ['seq', 'at', 'object', 'id', 'action', 'version', 'changes', 'cause', 'actor'],
};

/** The log as other systems read it: by a cursor of their own, at their own pace. */
export const changesRoutes = (feed: ChangeFeed): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/changes',
    tag: 'live',
    summary: 'Changes behind a position, as far as you may know of them, in the order of the log',
    query: z.looseObject({
      after: z.coerce.number().int().min(0).optional().describe('`next` of the answer before; from the beginning unless given'),
      limit: z.coerce.number().int().min(1).max(1000).optional().describe('Changes an answer; 200 unless given'),
      objects: z.string().max(2000).optional().describe('Keys of objects, with commas between; all that you may read unless given'),
      wait: z.coerce.number().min(0).max(30).optional().describe('Seconds to wait for something new where there is nothing yet'),
    }),
    answer: {
      type: 'object',
      properties: {
        items: { type: 'array', items: CHANGE },
        next: { type: 'integer', description: 'Ask behind this next time' },
        more: { type: 'boolean', description: 'Whether it is worth asking again at once' },
      },
      required: ['items', 'next', 'more'],
    },
    handler: async ({ ctx, query, request, again }) => {
      const { after, limit, objects, wait } = query as { after?: number; limit?: number; objects?: string; wait?: number };
      return {
        value: await feed.read(ctx, {
          after: after ?? 0,
          limit: limit ?? 200,
          objects: objects === undefined ? null : objects.split(',').map((key) => key.trim()),
          waitMs: (wait ?? 0) * 1000,
          gone: () => request.raw.destroyed,
          again,
        }),
      };
    },
  },
];
