import { dateTime, integer, longText, manyToMany, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Customers who are to be called for one reason, with what is said. */
export const callList = defineObject({
  key: 'callList',
  plural: 'callLists',
  icon: 'phone-call',
  title: 'name',
  owner: 'owner',
  team: 'callers',
  fields: {
    name: text({ required: true, max: 120 }),
    status: select([{ key: 'open', color: 'good' }, { key: 'closed' }], { default: 'open', required: true }),
    owner: user(),
    /** Who calls besides the owner. */
    callers: manyToMany({ to: 'user' }),
    /** What is said, in front of whoever calls. */
    script: longText({ max: 10_000 }),
    product: reference({ to: 'product' }),
    campaign: text({ max: 200 }),
  },
  list: { columns: ['name', 'status', 'owner', 'campaign', 'createdAt'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['name', 'status', 'owner', 'callers', 'script', 'product', 'campaign'] }],
  quiet: true,
  unsearchable: true,
});

export const OUTCOMES = [
  { key: 'reached' },
  { key: 'interested', color: 'good' },
  { key: 'notInterested' },
  { key: 'noAnswer' },
  { key: 'busy' },
  { key: 'wrongNumber', color: 'warning' },
  { key: 'callBack' },
  { key: 'doNotCall', color: 'danger' },
] as const;

/** One customer of a call list, and how far it has come; written through the list alone. */
export const callListEntry = defineObject({
  key: 'callListEntry',
  plural: 'callListEntries',
  icon: 'phone',
  title: 'note',
  party: 'party',
  personal: true,
  fields: {
    list: reference({ to: 'callList', required: true, inverse: 'entries', readOnly: true }),
    party: reference({ to: 'party', required: true, inverse: 'callListEntries', readOnly: true }),
    position: integer({ readOnly: true }),
    status: select(
      [{ key: 'waiting' }, { key: 'later' }, { key: 'done', color: 'good' }, { key: 'unreachable', color: 'warning' }, { key: 'excluded' }],
      {
        default: 'waiting',
        required: true,
        readOnly: true,
      },
    ),
    outcome: select([...OUTCOMES], { readOnly: true }),
    /** Why nobody calls them. */
    reason: select(['objected', 'noPhone'], { readOnly: true }),
    nextTryAt: dateTime({ readOnly: true }),
    lastCalledAt: dateTime({ readOnly: true }),
    tries: integer({ min: 0, default: 0, readOnly: true }),
    note: longText({ max: 5000 }),
    /** Who promised to call again; nobody else is given it. */
    assignedTo: user(),
  },
  uniqueTogether: [['list', 'party']],
  // Along the list, and to those for whom it is time to be called again.
  indexes: [
    ['list', 'status', 'position'],
    ['list', 'status', 'nextTryAt'],
  ],
  list: { columns: ['list', 'party', 'status', 'outcome', 'tries', 'nextTryAt', 'assignedTo'], sort: ['position'] },
  form: [
    { key: 'main', fields: ['list', 'party', 'status', 'outcome', 'reason', 'tries', 'nextTryAt', 'lastCalledAt', 'assignedTo', 'note'] },
  ],
  quiet: true,
  unsearchable: true,
});
