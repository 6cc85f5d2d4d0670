import { json, longText, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** What its holders may do, per object, verb and field (`#engine/access/actor.ts`, Rights). Several roles add up. */
export const role = defineObject({
  key: 'role',
  plural: 'roles',
  icon: 'shield',
  title: 'name',
  fields: {
    name: text({ required: true, search: 'title', max: 100 }),
    key: text({ required: true, unique: true, max: 60 }),
    description: longText({ max: 1000 }),
    rights: json({ required: true }),
  },
  list: { columns: ['name', 'description'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'key', 'description', 'rights'] }],
  unsearchable: true,
  sealed: true,
});
