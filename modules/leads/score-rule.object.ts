import { boolean, integer, json, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** What makes a lead more or less promising (`scoring.ts`). */
export const scoreRule = defineObject({
  key: 'scoreRule',
  plural: 'scoreRules',
  icon: 'gauge',
  title: 'name',
  fields: {
    name: text({ required: true, max: 120 }),
    active: boolean({ default: true }),
    kind: select([{ key: 'fit' }, { key: 'engagement' }], { required: true, default: 'fit' }),
    /** Over the lead (`fit`), or over a touch of its customer (`engagement`). */
    condition: json({ required: true }),
    points: integer({ required: true, min: -100, max: 100 }),
    /** Of engagement: so many touches count at most, and after so many days each counts half. */
    most: integer({ min: 1, max: 50, default: 5 }),
    halfLifeDays: integer({ min: 1, max: 365, default: 14 }),
  },
  list: { columns: ['name', 'kind', 'points', 'active'], sort: ['kind', '-points'] },
  form: [{ key: 'main', fields: ['name', 'kind', 'condition', 'points', 'most', 'halfLifeDays', 'active'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
