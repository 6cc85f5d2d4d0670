import { boolean, reference, richText, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** What somebody wrote down about a party. */
export const note = defineObject({
  key: 'note',
  plural: 'notes',
  icon: 'note',
  title: 'subject',
  party: 'party',
  personal: true,
  owner: 'author',
  fields: {
    subject: text({ required: true, search: 'title', max: 200 }),
    body: richText({ search: 'words' }),
    party: reference({ to: 'party', required: true, inverse: 'notes' }),
    author: user(),
    pinned: boolean({ default: false }),
  },
  timeline: { at: 'createdAt', title: 'subject', detail: 'body', actor: 'author' },
  brief: {
    lists: [
      {
        key: 'pinnedNotes',
        columns: ['subject', 'body', 'author', 'createdAt'],
        sort: ['-createdAt'],
        where: { field: 'pinned', op: 'eq', value: true },
      },
      {
        key: 'notes',
        columns: ['subject', 'body', 'author', 'createdAt'],
        sort: ['-createdAt'],
        where: { field: 'pinned', op: 'ne', value: true },
        limit: 8,
      },
    ],
  },
  list: { columns: ['subject', 'party', 'author', 'createdAt'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['party', 'subject', 'body', 'pinned'] }],
});
