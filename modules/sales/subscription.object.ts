import type { Predicate } from '#engine/declare/condition.ts';
import { date, formula, money, reference, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

const ACTIVE: Predicate = { field: 'status', op: 'in', value: ['active', 'trial'] };

/** A product a customer pays for by the period. */
export const subscription = defineObject({
  key: 'subscription',
  plural: 'subscriptions',
  icon: 'refresh',
  title: 'name',
  party: 'party',
  fields: {
    name: text({ required: true, search: 'title', max: 200 }),
    party: reference({ to: 'party', required: true, inverse: 'subscriptions' }),
    product: reference({ to: 'product' }),
    status: select([{ key: 'trial' }, { key: 'active', color: 'good' }, { key: 'paused', color: 'warning' }, { key: 'ended' }], {
      default: 'active',
      required: true,
    }),
    startsOn: date({ required: true }),
    renewsOn: date({ index: true }),
    endsOn: date(),
    amount: money({ rateOn: 'startsOn' }),
    period: select(['month', 'quarter', 'year'], { default: 'month' }),
    monthlyAmount: formula({ expression: 'period == "year" ? amount / 12 : period == "quarter" ? amount / 3 : amount', index: true }),
  },
  timeline: { at: 'startsOn', title: 'name', kind: 'status' },
  overview: {
    section: { key: 'subscriptions', columns: ['name', 'product', 'status', 'renewsOn', 'amount', 'period'], sort: ['-startsOn'] },
    matters: [
      {
        key: 'renewsSoon',
        where: { all: [ACTIVE, { field: 'renewsOn', op: 'between', value: ['today', { days: 60 }] }] },
        at: 'renewsOn',
        amount: 'amount',
        weight: 40,
      },
    ],
  },
  brief: {
    lists: [{ key: 'subscriptions', columns: ['name', 'product', 'renewsOn', 'amount', 'period'], sort: ['renewsOn'], where: ACTIVE }],
  },
  list: { columns: ['name', 'party', 'product', 'status', 'renewsOn', 'amount'], sort: ['renewsOn'] },
  form: [
    { key: 'main', fields: ['name', 'party', 'product', 'status', 'startsOn', 'renewsOn', 'endsOn', 'amount', 'period', 'monthlyAmount'] },
  ],
});
