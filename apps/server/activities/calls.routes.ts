import { z } from 'zod';
import type { Route } from '#engine/api/route.ts';
import { callLists, fillCallList, nextCall, releaseCalls, undoOutcome } from '#modules/activities/index.ts';

const FIGURES = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    status: { enum: ['open', 'closed'] },
    owner: { type: ['object', 'null'] },
    total: { type: 'integer' },
    waiting: { type: 'integer' },
    done: { type: 'integer' },
    unreachable: { type: 'integer' },
    excluded: { type: 'integer' },
    outcomes: { type: 'object', additionalProperties: { type: 'integer' } },
  },
};

/** Call lists as they are worked at. */
export const callsRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/calls',
    tag: 'activities',
    summary: 'Call lists, with how far each has come',
    answer: { type: 'object', properties: { items: { type: 'array', items: FIGURES } } },
    handler: async ({ ctx }) => ({ value: { items: await callLists(ctx) } }),
  },
  {
    method: 'GET',
    path: '/api/v1/calls/{list}',
    tag: 'activities',
    summary: 'How far a call list has come, and what came of the calls',
    answer: FIGURES,
    handler: async ({ ctx, params }) => ({ value: (await callLists(ctx, params.list ?? ''))[0] }),
  },
  {
    method: 'POST',
    path: '/api/v1/calls/{list}/next',
    tag: 'activities',
    summary: 'The next customer to call, for me alone for some minutes; nobody who objects to calls',
    body: z.strictObject({ after: z.uuid().nullish().describe('An entry that is passed by') }),
    answer: {
      type: 'object',
      properties: {
        list: { type: 'object' },
        entry: { type: ['object', 'null'] },
        party: { type: 'object' },
        touches: { type: 'object' },
      },
    },
    handler: async ({ ctx, params, body }) => ({
      json: await nextCall(ctx, params.list ?? '', (body as { after?: string | null }).after ?? null),
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/calls/{list}/fill',
    tag: 'activities',
    summary: 'Put all customers that meet a condition onto a call list',
    body: z.strictObject({ where: z.unknown().optional() }),
    writes: true,
    answer: {
      type: 'object',
      properties: { added: { type: 'integer' }, already: { type: 'integer' }, noPhone: { type: 'integer' }, objected: { type: 'integer' } },
    },
    handler: async ({ ctx, params, body }) => ({
      value: await fillCallList(ctx, params.list ?? '', (body as { where?: unknown }).where ?? null),
      headers: { 'perigon-cause': ctx.cause.id },
    }),
  },
  {
    method: 'DELETE',
    path: '/api/v1/calls/{list}/hold',
    tag: 'activities',
    summary: 'Let go of the customer whom I was about to call',
    status: 204,
    answer: 'none',
    handler: async ({ ctx, params }) => {
      await releaseCalls(ctx, params.list ?? '');
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/calls/entries/{id}/undo',
    tag: 'activities',
    summary: 'Take back what I wrote down of a call',
    body: z.strictObject({ cause: z.uuid() }),
    answer: { type: 'object', properties: { undone: { type: 'boolean' } } },
    handler: async ({ ctx, params, body }) => ({ value: await undoOutcome(ctx, params.id ?? '', (body as { cause: string }).cause) }),
  },
];
