import type { Predicate } from '#engine/declare/condition.ts';
import { autoNumber, dateTime, duration, formula, longText, rating, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

const OPEN: Predicate = { field: 'status', op: 'notIn', value: ['solved', 'closed'] };

/** A customer's concern, from the first word to its solution. */
export const serviceCase = defineObject({
  key: 'case',
  plural: 'cases',
  icon: 'lifebuoy',
  title: 'subject',
  party: 'customer',
  owner: 'owner',
  fields: {
    number: autoNumber({ pattern: 'CASE-{00000}', search: 'words', index: true }),
    subject: text({ required: true, search: 'title', max: 300 }),
    customer: reference({ to: 'party', required: true, inverse: 'cases' }),
    status: select(
      [
        { key: 'new', color: 'information' },
        { key: 'open' },
        { key: 'waiting', color: 'warning' },
        { key: 'solved', color: 'good' },
        { key: 'closed' },
      ],
      { default: 'new', required: true },
    ),
    priority: select([{ key: 'low' }, { key: 'normal' }, { key: 'high', color: 'warning' }, { key: 'urgent', color: 'danger' }], {
      default: 'normal',
      required: true,
    }),
    owner: user({ inverse: 'cases' }),
    channel: select(['web', 'chat', 'email', 'phone', 'sms', 'messaging', 'fax', 'mobile', 'pos', 'post', 'portal', 'visit', 'partner'], {
      open: true,
    }),
    product: reference({ to: 'product' }),
    asset: reference({ to: 'asset', inverse: 'cases' }),
    openedAt: dateTime({ required: true }),
    closedAt: dateTime({ readOnly: true }),
    ageInDays: formula({ expression: 'floor(days(coalesce(closedAt, now()) - openedAt))' }),
    description: longText({ search: 'words' }),
    solution: longText(),
    timeSpent: duration(),
    satisfaction: rating(),
  },
  indexes: [['createdAt']],
  timeline: { at: 'openedAt', title: 'subject', kind: 'status', channel: 'channel', detail: 'description', actor: 'owner' },
  overview: {
    section: { key: 'cases', columns: ['subject', 'status', 'priority', 'openedAt', 'owner'], sort: ['-openedAt'] },
    blocks: { serviceRecord: { at: 'openedAt', status: 'status' }, outstanding: { where: OPEN, at: 'openedAt', status: 'status' } },
    matters: [
      { key: 'urgent', where: { all: [OPEN, { field: 'priority', op: 'in', value: ['high', 'urgent'] }] }, at: 'openedAt', weight: 100 },
      {
        key: 'old',
        where: {
          all: [OPEN, { field: 'priority', op: 'in', value: ['low', 'normal'] }, { field: 'openedAt', op: 'lt', value: { days: -14 } }],
        },
        at: 'openedAt',
        weight: 70,
      },
    ],
    figures: [{ key: 'openCases', rank: 60, rollUp: 'openCases' }],
  },
  brief: {
    lists: [
      { key: 'openCases', columns: ['subject', 'status', 'priority', 'openedAt', 'owner'], sort: ['openedAt'], where: OPEN },
      {
        key: 'closedCases',
        columns: ['subject', 'closedAt', 'solution', 'satisfaction'],
        sort: ['-closedAt'],
        where: { field: 'status', op: 'in', value: ['solved', 'closed'] },
        limit: 5,
      },
    ],
    years: [{ key: 'cases', rank: 40, at: 'openedAt' }],
    means: [{ key: 'satisfaction', field: 'satisfaction' }],
  },
  handOver: OPEN,
  list: { columns: ['subject', 'customer', 'status', 'priority', 'owner', 'openedAt'], sort: ['-openedAt'] },
  form: [
    {
      key: 'main',
      fields: [
        'subject',
        'customer',
        'status',
        'priority',
        'owner',
        'channel',
        'product',
        'asset',
        'description',
        'solution',
        'timeSpent',
        'satisfaction',
        'ageInDays',
        'number',
      ],
    },
  ],
});
