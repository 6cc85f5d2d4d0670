import type { Predicate } from '#engine/declare/condition.ts';
import { date, dateTime, longText, recurrence, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** How long before somebody is reminded: of what is due on a day, counted from nine in the morning. */
export const REMINDERS = ['onTime', 'minutes10', 'minutes30', 'hour', 'day', 'week'] as const;

const OPEN: Predicate = { field: 'status', op: 'eq', value: 'open' };

/** Something to do: a task, a promise made to a customer, a call back. */
export const task = defineObject({
  key: 'task',
  plural: 'tasks',
  icon: 'checkbox',
  title: 'subject',
  party: 'party',
  personal: true,
  owner: 'owner',
  fields: {
    subject: text({ required: true, search: 'title', max: 300 }),
    kind: select(['task', 'call', 'callback', 'promise', 'meeting', 'email'], { default: 'task', required: true }),
    status: select([{ key: 'open' }, { key: 'done', color: 'good' }, { key: 'cancelled' }], { default: 'open', required: true }),
    priority: select([{ key: 'low' }, { key: 'normal' }, { key: 'high', color: 'warning' }], { default: 'normal' }),
    party: reference({ to: 'party', inverse: 'tasks' }),
    opportunity: reference({ to: 'opportunity', inverse: 'tasks' }),
    case: reference({ to: 'case', inverse: 'tasks' }),
    owner: user({ inverse: 'tasks' }),
    /** A day, the same everywhere; with a time of day it is the day on which the owner's clock shows it. */
    dueOn: date({ index: true }),
    dueAt: dateTime(),
    reminder: select([...REMINDERS]),
    repeats: recurrence(),
    /** Of what repeats: the first of the row, the day on which the row began, and the day in it that this one stands for. */
    series: reference({ to: 'task', readOnly: true }),
    seriesSince: date({ readOnly: true }),
    seriesOn: date({ readOnly: true }),
    doneAt: dateTime({ readOnly: true }),
    description: longText(),
  },
  timeline: { at: 'doneAt', title: 'subject', kind: 'kind', detail: 'description', actor: 'owner' },
  overview: {
    section: { key: 'openTasks', columns: ['subject', 'kind', 'dueOn', 'owner'], sort: ['dueOn'], where: OPEN },
    blocks: { outstanding: { where: OPEN, at: 'dueOn', status: 'kind' } },
    matters: [{ key: 'overdue', where: { all: [OPEN, { field: 'dueOn', op: 'lt', value: 'today' }] }, at: 'dueOn', weight: 60 }],
  },
  brief: {
    lists: [
      {
        key: 'promises',
        columns: ['subject', 'dueOn', 'owner', 'description'],
        sort: ['dueOn'],
        where: { all: [OPEN, { field: 'kind', op: 'eq', value: 'promise' }] },
      },
      {
        key: 'tasks',
        columns: ['subject', 'kind', 'dueOn', 'owner', 'description'],
        sort: ['dueOn'],
        where: { all: [OPEN, { field: 'kind', op: 'ne', value: 'promise' }] },
      },
    ],
    years: [
      {
        key: 'promisesKept',
        rank: 60,
        at: 'doneAt',
        where: {
          all: [
            { field: 'status', op: 'eq', value: 'done' },
            { field: 'kind', op: 'eq', value: 'promise' },
          ],
        },
      },
    ],
  },
  handOver: OPEN,
  indexes: [['owner', 'status', 'dueOn'], ['series']],
  list: { columns: ['subject', 'kind', 'status', 'party', 'owner', 'dueOn', 'priority'], sort: ['dueOn'] },
  form: [
    { key: 'main', fields: ['subject', 'kind', 'party', 'opportunity', 'case', 'owner', 'priority', 'status', 'description'] },
    { key: 'when', fields: ['dueOn', 'dueAt', 'reminder', 'repeats'], columns: 2 },
  ],
});
