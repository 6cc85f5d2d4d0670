import type { Predicate } from '#engine/declare/condition.ts';
import { date, dateTime, formula, longText, money, percent, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { FORECAST_CATEGORIES } from './pipeline.object.ts';

const category = (value: string): Predicate => ({ field: 'stage.category', op: 'eq', value });
const OPEN = category('open');

/** A possible sale. Amount and close date are optional and never invented. */
export const opportunity = defineObject({
  key: 'opportunity',
  plural: 'opportunities',
  icon: 'chart-bar',
  title: 'name',
  party: 'customer',
  owner: 'owner',
  fields: {
    name: text({ required: true, search: 'title', max: 300 }),
    customer: reference({ to: 'party', inverse: 'opportunities' }),
    pipeline: reference({ to: 'pipeline', required: true }),
    stage: reference({ to: 'stage', required: true }),
    amount: money({ rateOn: 'closedOn' }),
    probability: percent(),
    // Its probability follows the stage until somebody sets it.
    weightedAmount: formula({ expression: 'amount * probability', index: true }),
    // How sure one is of it: as its stage says until somebody sets it.
    forecastCategory: select(FORECAST_CATEGORIES),
    owner: user({ inverse: 'opportunities' }),
    product: reference({ to: 'product', inverse: 'opportunities' }),
    openedOn: date(),
    closeDate: date(),
    closedOn: date(),
    cycleDays: formula({ expression: 'closedOn - openedOn' }),
    lostReason: text({ max: 300 }),
    nextStep: text({ max: 300 }),
    source: text({ max: 100 }),
    description: longText({ search: 'words' }),
  },
  indexes: [['closeDate'], ['createdAt']],
  timeline: { at: 'closedOn', title: 'name', detail: 'lostReason', actor: 'owner' },
  overview: {
    section: { key: 'opportunities', columns: ['name', 'stage', 'amount', 'closeDate', 'owner'], sort: ['-createdAt'] },
    blocks: {
      // The last document of the chain opportunity, order, invoice counts; what led to it does not count again.
      pastSales: { where: { all: [category('won'), { count: 'orders', eq: 0 }] }, at: 'closedOn', amount: 'amount', status: 'stage' },
      outstanding: { where: OPEN, at: 'openedOn', amount: 'amount', status: 'stage' },
    },
    matters: [
      {
        key: 'closeDatePassed',
        where: { all: [OPEN, { field: 'closeDate', op: 'lt', value: 'today' }] },
        at: 'closeDate',
        amount: 'amount',
        weight: 50,
      },
    ],
    figures: [
      { key: 'wonValue', rank: 20, rollUp: 'wonValue' },
      { key: 'openPipeline', rank: 30, rollUp: 'openPipeline' },
    ],
  },
  brief: {
    lists: [
      {
        key: 'openDeals',
        columns: ['name', 'stage', 'amount', 'closeDate', 'nextStep', 'owner'],
        sort: ['closeDate'],
        where: OPEN,
        total: 'amount',
      },
    ],
    years: [
      { key: 'won', rank: 10, at: 'closedOn', where: category('won'), amount: 'amount', named: true },
      { key: 'lost', rank: 20, at: 'closedOn', where: category('lost'), amount: 'amount', named: true },
    ],
  },
  handOver: OPEN,
  list: { columns: ['name', 'customer', 'stage', 'amount', 'owner', 'product', 'closeDate'], sort: ['-createdAt'] },
  form: [
    {
      key: 'main',
      fields: ['name', 'customer', 'pipeline', 'stage', 'amount', 'probability', 'weightedAmount', 'forecastCategory', 'owner', 'product'],
    },
    { key: 'dates', fields: ['openedOn', 'closeDate', 'closedOn', 'lostReason', 'nextStep', 'source', 'description'] },
  ],
});

/** When an opportunity went from one stage to another: what time in stage and conversion are reckoned from. */
export const stageChange = defineObject({
  key: 'stageChange',
  plural: 'stageChanges',
  icon: 'git-branch',
  title: 'at',
  party: 'customer',
  fields: {
    opportunity: reference({ to: 'opportunity', required: true, inverse: 'stageChanges' }),
    customer: reference({ to: 'party' }),
    from: reference({ to: 'stage' }),
    to: reference({ to: 'stage', required: true }),
    at: dateTime({ required: true }),
  },
  list: { columns: ['opportunity', 'from', 'to', 'at'], sort: ['-at'] },
  form: [{ key: 'main', fields: ['opportunity', 'from', 'to', 'at'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
