import { boolean, json, longText, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Reports side by side, with the days and the filter that count in all of them. */
export const dashboard = defineObject({
  key: 'dashboard',
  plural: 'dashboards',
  icon: 'layout-dashboard',
  title: 'name',
  owner: 'owner',
  fields: {
    name: text({ required: true, search: 'title', max: 120 }),
    description: longText({ max: 2000 }),
    owner: user(),
    /** In their order (`Tile` of `#engine/declare/report.ts`). */
    tiles: json({ required: true }),
    period: json(),
    filter: json(),
    /** Only what belongs to whoever reads it. */
    mine: boolean({ default: false }),
  },
  list: { columns: ['name', 'description', 'owner', 'updatedAt'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'description', 'owner'] }],
  unsearchable: true,
  sealed: true,
  quiet: true,
});
