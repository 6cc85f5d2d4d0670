import type { Predicate } from '#engine/declare/condition.ts';
import { date, dateTime, longText, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

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
    owner: user({ inverse: 'tasks' }),
    dueOn: date({ index: true }),
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
  list: { columns: ['subject', 'kind', 'status', 'party', 'owner', 'dueOn', 'priority'], sort: ['dueOn'] },
  form: [{ key: 'main', fields: ['subject', 'kind', 'party', 'owner', 'dueOn', 'priority', 'status', 'description'] }],
});
