import { boolean, json, multiSelect, text, url, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Changes that another program is told of, at an address of its own (`engine/outbox/telling.ts`). */
export const webhook = defineObject({
  key: 'webhook',
  plural: 'webhooks',
  icon: 'webhook',
  title: 'name',
  fields: {
    name: text({ required: true, max: 120 }),
    url: url({ required: true }),
    /** Keys of the objects it tells of. */
    objects: json(),
    actions: multiSelect(['create', 'update', 'delete'], { required: true }),
    /** What the record has to meet; read in the language of conditions. */
    condition: json(),
    active: boolean({ default: true }),
    /** Whose rights it has: whoever last said what it tells and where to. */
    actsFor: user({ readOnly: true }),
    problem: text({ readOnly: true, max: 1000 }),
  },
  list: { columns: ['name', 'url', 'actions', 'active', 'actsFor', 'problem'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'url', 'actions', 'active', 'actsFor', 'problem'] }],
  unsearchable: true,
  sealed: true,
  quiet: true,
});
