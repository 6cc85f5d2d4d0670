import type { Predicate } from '#engine/declare/condition.ts';
import { date, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

const HOLDS: Predicate = {
  any: [
    { field: 'expiresOn', op: 'isEmpty' },
    { field: 'expiresOn', op: 'gte', value: 'today' },
  ],
};

/**
 * Something known about a party that is worth more than a note: what they prefer, when they celebrate, who decides. It says where it
 * comes from and until when it holds; what has expired is kept, but no longer shown among what is known.
 */
export const fact = defineObject({
  key: 'fact',
  plural: 'facts',
  icon: 'bulb',
  title: 'text',
  party: 'party',
  personal: true,
  owner: 'author',
  fields: {
    text: text({ required: true, search: 'title', max: 300 }),
    kind: select(['preference', 'occasion', 'politics', 'habit', 'need', { key: 'risk', color: 'warning' }, 'other'], {
      default: 'preference',
      required: true,
      open: true,
    }),
    party: reference({ to: 'party', required: true, inverse: 'facts' }),
    /** Where it comes from: who said it, what it was read in. */
    source: text({ max: 200 }),
    author: user(),
    knownSince: date(),
    expiresOn: date({ index: true }),
  },
  timeline: { at: 'createdAt', title: 'text', kind: 'kind', detail: 'source', actor: 'author' },
  overview: {
    section: {
      key: 'facts',
      columns: ['text', 'kind', 'source', 'expiresOn'],
      sort: ['kind', 'text'],
      where: HOLDS,
    },
  },
  brief: {
    lists: [
      {
        key: 'known',
        columns: ['text', 'kind', 'source', 'author', 'knownSince', 'createdAt', 'expiresOn'],
        sort: ['kind', 'text'],
        where: HOLDS,
      },
      {
        key: 'knownOnce',
        columns: ['text', 'kind', 'source', 'author', 'knownSince', 'createdAt', 'expiresOn'],
        sort: ['-expiresOn'],
        where: { field: 'expiresOn', op: 'lt', value: 'today' },
        limit: 30,
      },
    ],
  },
  list: { columns: ['text', 'kind', 'party', 'source', 'author', 'knownSince', 'expiresOn'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['party', 'text', 'kind', 'source', 'knownSince', 'expiresOn'] }],
});
