import { dateTime, integer, longText, money, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Every way a customer and the company touch. */
export const CHANNELS = [
  'web',
  'chat',
  'email',
  'phone',
  'sms',
  'messaging',
  'fax',
  'mobile',
  'pos',
  'post',
  'portal',
  'visit',
  'partner',
] as const;

/** One touch on one channel, with its cost and its effect on satisfaction. Grows without bound, so it is partitioned by year. */
export const interaction = defineObject({
  key: 'interaction',
  plural: 'interactions',
  icon: 'messages',
  title: 'subject',
  party: 'party',
  owner: 'agent',
  partitionBy: 'at',
  fields: {
    party: reference({ to: 'party', required: true, inverse: 'interactions' }),
    at: dateTime({ required: true }),
    channel: select([...CHANNELS], { required: true }),
    direction: select(['inbound', 'outbound', 'internal'], { default: 'inbound', required: true }),
    kind: select(['message', 'call', 'meeting', 'visit', 'pageView', 'purchase', 'event'], { default: 'message', required: true }),
    purpose: select(['sales', 'service', 'marketing', 'billing', 'other'], { open: true }),
    subject: text({ max: 300 }),
    body: longText(),
    agent: user(),
    product: reference({ to: 'product' }),
    campaign: text({ max: 200 }),
    message: text({ max: 200 }),
    /** Seconds. */
    duration: integer({ min: 0 }),
    cost: money({ rateOn: 'at' }),
    outcome: select([
      { key: 'resolved', color: 'good' },
      { key: 'unresolved', color: 'danger' },
      { key: 'answered' },
      { key: 'noAnswer' },
      { key: 'followUp', color: 'warning' },
      { key: 'purchase' },
    ]),
    /** −2 (much worse) to 2 (much better). */
    satisfactionEffect: integer({ min: -2, max: 2 }),
  },
  timeline: { at: 'at', title: 'subject', detail: 'body', kind: 'kind', channel: 'channel', actor: 'agent' },
  overview: {
    tally: { key: 'interactionsByChannel', by: 'channel', at: 'at' },
    blocks: {
      unresolvedCalls: {
        where: {
          all: [
            { field: 'channel', op: 'eq', value: 'phone' },
            { field: 'outcome', op: 'eq', value: 'unresolved' },
          ],
        },
        at: 'at',
        status: 'outcome',
      },
    },
    matters: [
      {
        key: 'unresolvedCall',
        where: {
          all: [
            { field: 'channel', op: 'eq', value: 'phone' },
            { field: 'outcome', op: 'eq', value: 'unresolved' },
            { field: 'at', op: 'gte', value: { days: -90 } },
          ],
        },
        at: 'at',
        weight: 80,
      },
    ],
    figures: [
      { key: 'lastContactAt', rank: 50, rollUp: 'lastContactAt' },
      { key: 'costToServe', rank: 80, rollUp: 'costToServe' },
    ],
  },
  brief: {
    lists: [{ key: 'lastContacts', columns: ['subject', 'at', 'channel', 'direction', 'outcome', 'agent'], sort: ['-at'], limit: 10 }],
    years: [{ key: 'contacts', rank: 50, at: 'at' }],
    means: [{ key: 'satisfactionEffect', field: 'satisfactionEffect' }],
  },
  list: { columns: ['at', 'party', 'channel', 'direction', 'kind', 'subject', 'outcome', 'agent'], sort: ['-at'] },
  form: [
    {
      key: 'main',
      fields: [
        'party',
        'at',
        'channel',
        'direction',
        'kind',
        'purpose',
        'subject',
        'body',
        'agent',
        'product',
        'duration',
        'cost',
        'outcome',
        'satisfactionEffect',
      ],
    },
  ],
  unsearchable: true,
});
