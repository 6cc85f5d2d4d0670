import { date, reference, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A product in use at a customer: the installed base. */
export const asset = defineObject({
  key: 'asset',
  plural: 'assets',
  icon: 'devices',
  title: 'serial',
  party: 'party',
  fields: {
    party: reference({ to: 'party', required: true, inverse: 'assets' }),
    product: reference({ to: 'product', inverse: 'assets' }),
    serial: text({ required: true, search: 'title', index: true, max: 120 }),
    status: select([{ key: 'inUse' }, { key: 'inRepair', color: 'warning' }, { key: 'retired' }], {
      default: 'inUse',
      required: true,
      open: true,
    }),
    installedOn: date(),
    warrantyUntil: date(),
    place: text({ max: 200 }),
  },
  timeline: { at: 'installedOn', title: 'serial', kind: 'status' },
  overview: {
    section: {
      key: 'productsInUse',
      columns: ['product', 'serial', 'status', 'warrantyUntil'],
      sort: ['-installedOn'],
      where: { field: 'status', op: 'ne', value: 'retired' },
    },
  },
  brief: {
    lists: [
      {
        key: 'productsInUse',
        columns: ['serial', 'product', 'status', 'installedOn', 'warrantyUntil'],
        sort: ['-installedOn'],
        where: { field: 'status', op: 'ne', value: 'retired' },
        limit: 20,
      },
    ],
  },
  list: { columns: ['serial', 'product', 'party', 'status', 'installedOn', 'warrantyUntil'], sort: ['serial'] },
  form: [{ key: 'main', fields: ['party', 'product', 'serial', 'status', 'installedOn', 'warrantyUntil', 'place'] }],
});
