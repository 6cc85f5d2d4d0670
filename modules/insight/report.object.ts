import { json, longText, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A question over measures under a name, and how its answer is drawn (`#engine/declare/report.ts`). Whoever reads it sees their own figures. */
export const report = defineObject({
  key: 'report',
  plural: 'reports',
  icon: 'chart-bar',
  title: 'name',
  owner: 'owner',
  fields: {
    name: text({ required: true, search: 'title', max: 120 }),
    description: longText({ max: 2000 }),
    owner: user(),
    question: json({ required: true }),
    drawing: json({ required: true }),
  },
  list: { columns: ['name', 'description', 'owner', 'updatedAt'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'description', 'owner'] }],
  unsearchable: true,
  sealed: true,
  quiet: true,
});
