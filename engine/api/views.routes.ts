import { z } from 'zod';
import { createView, deleteView, FIGURES, listViews, updateView, type ViewInput } from '#engine/record/views.ts';
import type { JsonObject } from '#kit/json.ts';
import type { Route } from './route.ts';

const Key = z.string().max(200);
const Definition = z.strictObject({
  layout: z.enum(['table', 'board', 'calendar', 'timeline']).optional(),
  where: z.json().optional(),
  sort: z.array(Key).max(4).optional(),
  columns: z.array(Key).max(100).optional(),
  widths: z.record(Key, z.number().int().min(48).max(1200)).optional(),
  group: Key.optional(),
  date: Key.optional(),
  figures: z.record(Key, z.enum(FIGURES)).optional().describe('What is reckoned under a column'),
});
const Default = z.enum(['me', 'everyone']).nullable().describe('Opened first: for me, or for everybody without a default of their own');

const CreateBody = z.strictObject({
  id: z.string().optional().describe('Brings back a view that was deleted'),
  object: z.string().max(60),
  name: z.string().max(200),
  definition: Definition.optional(),
  shared: z.boolean().optional(),
  default: Default.optional(),
});
const UpdateBody = z.strictObject({
  name: z.string().max(200).optional(),
  definition: Definition.optional(),
  shared: z.boolean().optional(),
  default: Default.optional(),
  version: z.number().int().optional().describe('Refuses where somebody else changed the view meanwhile'),
});

const VIEW: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    object: { type: 'string' },
    name: { type: 'string' },
    definition: { type: 'object' },
    owner: { type: 'object' },
    mine: { type: 'boolean' },
    shared: { type: 'boolean' },
    default: { type: ['string', 'null'] },
    version: { type: 'integer' },
  },
};

/** Saved views of lists: one's own and those shared with everybody. */
export const viewRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/views',
    tag: 'views',
    summary: 'My saved views and those shared with me',
    answer: { type: 'object', properties: { items: { type: 'array', items: VIEW } } },
    handler: async ({ ctx }) => ({ value: { items: await listViews(ctx) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/views',
    tag: 'views',
    summary: 'Save a view',
    body: CreateBody,
    status: 201,
    answer: VIEW,
    handler: async ({ ctx, body }) => ({ status: 201, value: await createView(ctx, body as ViewInput) }),
  },
  {
    method: 'PATCH',
    path: '/api/v1/views/{id}',
    tag: 'views',
    summary: 'Change a view',
    body: UpdateBody,
    answer: VIEW,
    handler: async ({ ctx, params, body }) => {
      const { version, ...input } = body as ViewInput & { version?: number };
      return { value: await updateView(ctx, params.id ?? '', input, version) };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/views/{id}',
    tag: 'views',
    summary: 'Delete a view',
    status: 204,
    answer: 'none',
    handler: async ({ ctx, params }) => {
      await deleteView(ctx, params.id ?? '');
      return { status: 204 };
    },
  },
];
