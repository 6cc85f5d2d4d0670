import { integer, json, manyToMany, reference, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/**
 * A part of the market and who works it; territories form a tree, and the scope *territory* reaches down it. A customer lies in
 * the deepest one whose rule it meets (of equally deep ones that of the lower rank), unless somebody chose one by hand.
 */
export const territory = defineObject({
  key: 'territory',
  plural: 'territories',
  icon: 'map',
  title: 'name',
  fields: {
    name: text({ required: true, search: 'title', max: 200 }),
    parent: reference({ to: 'territory', inverse: 'subterritories' }),
    manager: user(),
    members: manyToMany({ to: 'user' }),
    rule: json(),
    rank: integer({ min: 0, max: 10_000 }),
  },
  list: { columns: ['name', 'parent', 'manager', 'members'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'parent', 'manager', 'members', 'rank'] }],
  unsearchable: true,
  sealed: true,
});
