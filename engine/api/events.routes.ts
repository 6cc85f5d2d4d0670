import { z } from 'zod';
import type { LiveHub } from '#engine/live/hub.ts';
import type { PresenceSign } from '#engine/live/presence.ts';
import { readOne } from '#engine/record/read.ts';
import { denied, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';
import type { Route } from './route.ts';

const PERSON: JsonObject = { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } };

const EVENT: JsonObject = {
  type: 'object',
  description:
    'The data of each message. Other messages carry a name: hello (where the stream begins), reset (fetch anew: what lies between cannot be told), beat (every 20 s), job (one of your jobs moved), presence (who is at a record that you are at).',
  properties: {
    seq: {
      type: 'integer',
      description: 'Position in the log, the id of the message; absent where figures moved or the clock alone gave or took.',
    },
    object: { type: 'string' },
    id: { type: 'string', description: 'Absent with `many`.' },
    op: {
      type: 'string',
      enum: ['created', 'updated', 'deleted', 'restored', 'left', 'many'],
      description: 'left: the record is out of your reach now. many: so many records at once that lists are better asked again.',
    },
    changed: { type: 'array', items: { type: 'string' }, description: 'Fields that were written, as far as you may read them.' },
    party: { type: ['string', 'null'], description: 'The party that the record is about.' },
    version: { type: 'integer' },
    scope: { type: 'boolean', description: 'Who may see this record, and what follows it, may have changed.' },
    by: { anyOf: [PERSON, { type: 'null' }] },
    cause: { type: 'string' },
  },
  required: ['object', 'op'],
};

const EVENTS = 'text/event-stream; charset=utf-8';

/** The position that a reader names: null for none, NaN for what is no position. */
function positionOf(header: unknown, query: unknown): number | null {
  // A browser that comes back sends both: the header is the newer.
  const text = typeof header === 'string' && header !== '' ? header : query;
  if (typeof text !== 'string' || text === '') return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** The live stream and who is where. */
export const eventRoutes = (hub: LiveHub): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/events',
    tag: 'live',
    summary: 'Changes as they happen, as server-sent events, each as far as you may know of it',
    query: z.looseObject({
      after: z
        .string()
        .max(40)
        .optional()
        .describe('The last position you know; `Last-Event-ID` weighs more. Without it the stream begins now.'),
      follow: z.enum(['true', 'false']).optional().describe('`false`: ends once everything up to now is told.'),
    }),
    answer: EVENT,
    answerType: 'text/event-stream',
    handler: ({ ctx, query, request, again }) => {
      // Nobody would ever read, nor close, the stream behind a question for its headers.
      if (request.method === 'HEAD') return { text: { type: EVENTS, body: '' } };
      return {
        stream: {
          type: EVENTS,
          body: hub.open({
            actor: ctx.actor,
            again,
            after: positionOf(request.headers['last-event-id'], query.after),
            follow: query.follow !== 'false',
          }),
        },
        // Proxies neither keep nor gather nor compress it.
        headers: { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' },
      };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/presence',
    tag: 'live',
    reads: true,
    summary: 'Say that you are at a record; without renewal you are gone after 45 s',
    body: z.strictObject({
      object: z.string().max(60),
      id: z.string().max(40),
      state: z.enum(['viewing', 'editing', 'left']),
      tab: z.string().max(40).optional().describe('One of several windows of yours.'),
    }),
    answer: {
      type: 'object',
      properties: {
        here: {
          type: 'array',
          items: {
            type: 'object',
            properties: { id: { type: 'string' }, name: { type: 'string' }, state: { enum: ['viewing', 'editing'] } },
          },
        },
      },
    },
    handler: async ({ ctx, body }) => {
      const { object: key, id, state, tab } = body as { object: string; id: string; state: PresenceSign['state']; tab?: string };
      const object = ctx.model.objects.get(key);
      const { userId, name } = ctx.actor;
      if (!object || !isId(id)) throw notFound();
      if (userId === null) throw denied('Only users are anywhere.');
      // Who may not read the record is told that it is not there, and nobody learns of them.
      await readOne(ctx, object, id, ['id']);
      return { value: { here: hub.present({ object: key, id, tab: tab ?? '', user: userId, name, state }) } };
    },
  },
];
