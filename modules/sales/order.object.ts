import { date, money, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** What a customer ordered. */
export const order = defineObject({
  key: 'order',
  plural: 'orders',
  icon: 'receipt',
  title: 'number',
  party: 'customer',
  owner: 'owner',
  fields: {
    number: text({ required: true, search: 'title', unique: true, max: 60, personal: false }),
    customer: reference({ to: 'party', required: true, inverse: 'orders' }),
    opportunity: reference({ to: 'opportunity', inverse: 'orders' }),
    date: date({ required: true }),
    status: select(
      [
        { key: 'open' },
        { key: 'fulfilled', color: 'good' },
        { key: 'cancelled' },
        { key: 'returning', color: 'warning' },
        { key: 'returned' },
      ],
      { default: 'open', required: true },
    ),
    total: money({ rateOn: 'date' }),
    owner: user(),
  },
  indexes: [['createdAt']],
  timeline: { at: 'date', title: 'number', kind: 'status', actor: 'owner' },
  overview: {
    section: { key: 'orders', columns: ['number', 'date', 'status', 'total'], sort: ['-date'] },
    blocks: {
      pastSales: {
        where: {
          all: [
            { field: 'status', op: 'eq', value: 'fulfilled' },
            { count: 'invoices', eq: 0 },
          ],
        },
        at: 'date',
        amount: 'total',
        status: 'status',
      },
      outstanding: { where: { field: 'status', op: 'in', value: ['open', 'returning'] }, at: 'date', amount: 'total', status: 'status' },
    },
    figures: [{ key: 'orders', rank: 70, rollUp: 'orderCount' }],
  },
  brief: {
    lists: [
      {
        key: 'openOrders',
        columns: ['number', 'date', 'status', 'total'],
        sort: ['date'],
        where: { field: 'status', op: 'in', value: ['open', 'returning'] },
        total: 'total',
      },
    ],
  },
  handOver: { field: 'status', op: 'in', value: ['open', 'returning'] },
  list: { columns: ['number', 'customer', 'date', 'status', 'total', 'owner'], sort: ['-date'] },
  form: [{ key: 'main', fields: ['number', 'customer', 'opportunity', 'date', 'status', 'total', 'owner'] }],
});
