import { integer, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Why deals are won or lost, and leads given up: the company's own list, so that they can be counted. */
export const closeReason = defineObject({
  key: 'closeReason',
  plural: 'closeReasons',
  icon: 'list-check',
  title: 'name',
  fields: {
    name: text({ required: true, max: 100 }),
    outcome: select(
      [
        { key: 'won', color: 'good' },
        { key: 'lost', color: 'danger' },
        // Why a lead comes to nothing.
        { key: 'lead', color: 'danger' },
      ],
      { required: true, default: 'lost' },
    ),
    position: integer(),
  },
  uniqueTogether: [['outcome', 'name']],
  list: { columns: ['name', 'outcome', 'position'], sort: ['position'] },
  form: [{ key: 'main', fields: ['name', 'outcome', 'position'] }],
  quiet: true,
  unsearchable: true,
});
