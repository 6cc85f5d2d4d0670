import { dateTime, json, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A signed link to one report or dashboard for those without an account, until a day. Deleted it opens nothing. */
export const embed = defineObject({
  key: 'embed',
  plural: 'embeds',
  icon: 'link',
  title: 'name',
  owner: 'owner',
  fields: {
    name: text({ required: true, max: 120 }),
    /** Key or id of the one thing it shows. */
    report: text({ max: 60 }),
    dashboard: text({ max: 60 }),
    until: dateTime({ required: true }),
    /** Sites that may show it in a frame, as origins; none may without one. */
    sites: json(),
    /** The language of its words, from who made it. */
    language: text({ max: 10 }),
    /** With whose rights it is read: whoever last said what it opens. */
    owner: user({ readOnly: true }),
  },
  list: { columns: ['name', 'owner', 'until', 'createdAt'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['name', 'until', 'owner'] }],
  unsearchable: true,
  sealed: true,
  quiet: true,
});
