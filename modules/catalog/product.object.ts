import { boolean, longText, money, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** What the company sells. */
export const product = defineObject({
  key: 'product',
  plural: 'products',
  icon: 'box',
  title: 'name',
  subtitle: 'sku',
  fields: {
    name: text({ required: true, search: 'title', max: 300 }),
    sku: text({ unique: true, search: 'words', max: 100 }),
    series: text({ max: 100, index: true }),
    kind: select(['good', 'service', 'subscription'], { default: 'good', open: true }),
    price: money(),
    active: boolean({ default: true }),
    description: longText(),
  },
  list: { columns: ['name', 'sku', 'series', 'price', 'active'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'sku', 'series', 'kind', 'price', 'active', 'description'] }],
});
