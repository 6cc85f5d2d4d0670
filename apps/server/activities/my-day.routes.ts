import { z } from 'zod';
import type { Route } from '#engine/api/route.ts';
import { myDay, QUIET_DAYS } from '#modules/activities/index.ts';

const SECTION = {
  type: ['object', 'null'],
  properties: { items: { type: 'array', items: { type: 'object' } }, more: { type: 'boolean' } },
};

/** The day of whoever asks, whole in one answer. */
export const myDayRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/my-day',
    tag: 'activities',
    summary: 'What my day asks of me: due and overdue, meetings, mentions, promises, customers and deals gone quiet',
    query: z.object({
      quietDays: z.coerce.number().int().min(1).max(3650).optional().describe(`Days without contact; ${QUIET_DAYS} unless given`),
    }),
    answer: {
      type: 'object',
      properties: {
        today: { type: 'string', format: 'date' },
        timeZone: { type: 'string' },
        tasks: SECTION,
        meetings: SECTION,
        mentioned: SECTION,
        promised: SECTION,
        customers: SECTION,
        deals: SECTION,
        events: { type: 'array', items: { type: 'object' } },
      },
    },
    handler: async ({ ctx, query }) => ({ json: await myDay(ctx, query as { quietDays?: number }) }),
  },
];
