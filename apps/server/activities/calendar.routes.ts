import { z } from 'zod';
import type { Answer, Route } from '#engine/api/route.ts';
import { notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import {
  addSource,
  dropFeed,
  eventsBetween,
  feedOf,
  makeFeed,
  meetingAsCalendar,
  readFeed,
  removeSource,
  sourcesOf,
} from '#modules/activities/index.ts';

const TEXT = { type: 'string', description: 'iCalendar, RFC 5545' };
const SOURCE = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    url: { type: 'string' },
    readAt: { type: ['string', 'null'], format: 'date-time' },
    problem: { type: ['string', 'null'], description: 'Why it could not be read' },
    times: { type: 'integer' },
  },
};
const calendar = (body: string): Answer => ({
  text: { type: 'text/calendar; charset=utf-8', body },
  headers: {
    'cache-control': 'private, max-age=60',
    'content-disposition': 'attachment; filename="perigon.ics"',
    'x-content-type-options': 'nosniff',
  },
});

/** Calendars going out and coming in. */
export const calendarRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/calendar/feed',
    tag: 'activities',
    summary: 'Whether my calendar can be read from outside, and when it was last',
    answer: { type: 'object', properties: { since: { type: ['string', 'null'] }, readAt: { type: ['string', 'null'] } } },
    handler: async ({ ctx }) => ({ value: (await feedOf(ctx)) ?? { since: null, readAt: null } }),
  },
  {
    method: 'POST',
    path: '/api/v1/calendar/feed',
    tag: 'activities',
    summary: 'Make a secret address of my calendar; an earlier one opens nothing any more',
    status: 201,
    answer: { type: 'object', properties: { path: { type: 'string' } } },
    handler: async ({ ctx }) => ({ status: 201, value: await makeFeed(ctx) }),
  },
  {
    method: 'DELETE',
    path: '/api/v1/calendar/feed',
    tag: 'activities',
    summary: 'Take the address of my calendar back',
    status: 204,
    answer: 'none',
    handler: async ({ ctx }) => {
      await dropFeed(ctx);
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/calendar/feed/{secret}',
    tag: 'activities',
    summary: 'A calendar by its secret address: meetings and what is due',
    open: true,
    answer: TEXT,
    answerType: 'text/calendar',
    handler: async ({ ctx, params }) => calendar(await readFeed(ctx, params.secret ?? '')),
  },
  {
    method: 'GET',
    path: '/api/v1/meetings/{id}/calendar',
    tag: 'activities',
    summary: 'One meeting as a calendar file',
    answer: TEXT,
    answerType: 'text/calendar',
    handler: async ({ ctx, params }) => {
      if (!isId(params.id)) throw notFound();
      return calendar(await meetingAsCalendar(ctx, params.id));
    },
  },
  {
    method: 'GET',
    path: '/api/v1/calendar/sources',
    tag: 'activities',
    summary: 'Calendars of others that I follow',
    answer: { type: 'object', properties: { items: { type: 'array', items: SOURCE } } },
    handler: async ({ ctx }) => ({ value: { items: await sourcesOf(ctx) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/calendar/sources',
    tag: 'activities',
    summary: 'Follow a calendar at an https address',
    body: z.strictObject({ name: z.string().max(100).default(''), url: z.string().min(1).max(2000) }),
    status: 201,
    answer: { type: 'object', properties: { id: { type: 'string' } } },
    handler: async ({ ctx, body }) => ({ status: 201, value: await addSource(ctx, body as { name: string; url: string }) }),
  },
  {
    method: 'DELETE',
    path: '/api/v1/calendar/sources/{id}',
    tag: 'activities',
    summary: 'Follow a calendar no longer',
    status: 204,
    answer: 'none',
    handler: async ({ ctx, params }) => {
      await removeSource(ctx, params.id ?? '');
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/calendar/events',
    tag: 'activities',
    summary: 'What is in the calendars that I follow',
    query: z.object({ from: z.iso.datetime(), until: z.iso.datetime() }),
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    handler: async ({ ctx, query }) => ({ value: { items: await eventsBetween(ctx, String(query.from), String(query.until)) } }),
  },
];
