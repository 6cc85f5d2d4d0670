import { reference, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A team of staff; teams form a tree, and the scope *team* reaches down it. */
export const team = defineObject({
  key: 'team',
  plural: 'teams',
  icon: 'users-group',
  title: 'name',
  subtitle: 'region',
  fields: {
    name: text({ required: true, search: 'title', max: 200 }),
    region: text({ max: 100, index: true, search: 'words' }),
    parent: reference({ to: 'team', inverse: 'subteams' }),
    manager: user(),
  },
  list: { columns: ['name', 'region', 'parent', 'manager'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'region', 'parent', 'manager'] }],
});
