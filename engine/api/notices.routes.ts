import { z } from 'zod';
import { listNotices, readNotices } from '#engine/notify/notices.ts';
import type { Route } from './route.ts';

const ReadBody = z.strictObject({
  ids: z.array(z.string()).max(500).optional().describe('All unless given'),
});

/** What the user is told of. */
export const noticeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/notices',
    tag: 'notices',
    summary: 'What I am told of: records given to me, mentions, ended work',
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } }, unread: { type: 'integer' } } },
    handler: async ({ ctx }) => ({ value: await listNotices(ctx) }),
  },
  {
    method: 'POST',
    path: '/api/v1/notices/read',
    tag: 'notices',
    summary: 'Mark notices as read',
    body: ReadBody,
    status: 204,
    answer: 'none',
    handler: async ({ ctx, body }) => {
      await readNotices(ctx, (body as z.infer<typeof ReadBody>).ids ?? null);
      return { status: 204 };
    },
  },
];
