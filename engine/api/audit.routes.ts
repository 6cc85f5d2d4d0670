import { z } from 'zod';
import { listCauses } from '#engine/record/causes.ts';
import { readCauseChanges } from '#engine/record/history.ts';
import { listTrash, restoreFromTrash } from '#engine/record/trash.ts';
import { explainAccess } from '#engine/record/why.ts';
import { notFound } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { batchAnswer, idOf, objectOf, once } from './records.routes.ts';
import type { Route } from './route.ts';

const PAGE: JsonObject = {
  type: 'object',
  properties: { items: { type: 'array', items: { type: 'object' } }, next: { type: ['string', 'null'] } },
  required: ['items', 'next'],
};
const paging = { cursor: z.string().max(400).optional(), limit: z.coerce.number().int().min(1).max(100).optional() };

/** What was done, by whom, and what lies in the trash: where an undo or a restoring begins. */
export const auditRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/causes',
    tag: 'undo',
    summary: 'What was done, act by act, newest first: your own, or everybody’s where you may undo for others',
    query: z.looseObject({
      actor: z.string().max(40).optional().describe('`me`, or the id of a user'),
      kind: z.string().max(40).optional(),
      object: z.string().max(60).optional().describe('Only acts that wrote this object'),
      parent: z.string().max(40).optional().describe('Only what this cause brought about'),
      ...paging,
    }),
    answer: PAGE,
    handler: async ({ ctx, query }) => ({ value: await listCauses(ctx, query) }),
  },
  {
    method: 'GET',
    path: '/api/v1/causes/{id}/changes',
    tag: 'undo',
    summary: 'What a cause wrote, record by record',
    query: z.looseObject(paging),
    answer: PAGE,
    handler: async ({ ctx, params, query }) => ({
      value: await readCauseChanges(ctx, params.id ?? '', (query.cursor as string | undefined) ?? null, query.limit as number | undefined),
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/{plural}/{id}/access',
    tag: 'access',
    summary: 'Why somebody can or cannot see, change and delete a record',
    query: z.looseObject({ user: z.string().max(40).optional().describe('The id of a user; yourself unless given') }),
    answer: { type: 'object' },
    handler: async (call) => ({ value: await explainAccess(call.ctx, objectOf(call), idOf(call), call.query.user as string | undefined) }),
  },
  {
    method: 'GET',
    path: '/api/v1/trash',
    tag: 'undo',
    summary: 'Deleted records that you may bring back, latest first',
    query: z.looseObject({ object: z.string().max(60).optional(), q: z.string().max(200).optional(), ...paging }),
    answer: PAGE,
    handler: async ({ ctx, query }) => ({ value: await listTrash(ctx, query) }),
  },
  {
    method: 'POST',
    path: '/api/v1/trash/restore',
    tag: 'undo',
    summary: 'Bring deleted records back',
    body: z.strictObject({ object: z.string().max(60), ids: z.array(z.string().max(40)).min(1).max(1000) }),
    writes: true,
    answer: { type: 'object' },
    handler: async ({ ctx, body }) => {
      const { object: key, ids } = body as { object: string; ids: string[] };
      const object = ctx.model.objects.get(key);
      if (!object) throw notFound('There is no such object.');
      const { outcome, replayed } = await once(() => restoreFromTrash(ctx, object, ids));
      return batchAnswer(ctx, outcome, replayed);
    },
  },
];
