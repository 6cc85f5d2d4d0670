import { boolean, dateTime, integer, json, longText, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/**
 * What follows from what, drawn by an administrator: `definition` is the drawing (`#engine/declare/flow.ts`), which may be half done;
 * what runs is the version that was switched on (`engine/flows`).
 */
export const flow = defineObject({
  key: 'flow',
  plural: 'flows',
  icon: 'route',
  title: 'name',
  fields: {
    name: text({ required: true, search: 'title', max: 120 }),
    description: longText({ max: 2000 }),
    object: text({ readOnly: true, max: 60 }),
    active: boolean({ readOnly: true }),
    activeVersion: integer({ readOnly: true }),
    activatedBy: user({ readOnly: true }),
    activatedAt: dateTime({ readOnly: true }),
    definition: json(),
  },
  list: { columns: ['name', 'object', 'active', 'activatedBy', 'activatedAt'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'description', 'object', 'active', 'activatedBy', 'activatedAt'] }],
  unsearchable: true,
  sealed: true,
  quiet: true,
});
