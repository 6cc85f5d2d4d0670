import type { Predicate } from '#engine/declare/condition.ts';
import {
  date,
  dateTime,
  duration,
  formula,
  integer,
  longText,
  money,
  percent,
  reference,
  select,
  text,
  user,
} from '#engine/declare/fields/index.ts';
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
    // When it came into its stage, and how the day it is expected to close has moved: kept by its rules.
    stageSince: dateTime({ readOnly: true }),
    daysInStage: formula({ expression: 'stage.category == "open" ? floor(days(now() - stageSince)) : null' }),
    rotting: formula({ expression: 'stage.category == "open" && stage.maxAgeDays > 0 && days(now() - stageSince) > stage.maxAgeDays' }),
    firstCloseDate: date({ readOnly: true }),
    closeDateMoves: integer({ readOnly: true }),
    slippedDays: formula({ expression: 'closeDate - firstCloseDate' }),
    closedOn: date(),
    cycleDays: formula({ expression: 'closedOn - openedOn' }),
    closeReason: reference({ to: 'closeReason', knownWith: 'opportunity.lostReason' }),
    /** What there is to say beside the reason. */
    lostReason: text({ max: 300 }),
    /** Who won it instead. */
    lostTo: reference({ to: 'competitor', inverse: 'wonAgainstUs', knownWith: 'opportunity.lostReason' }),
    nextStep: text({ max: 300 }),
    source: text({ max: 100 }),
    description: longText({ search: 'words' }),
  },
  indexes: [['closeDate'], ['createdAt']],
  span: { from: 'openedOn', to: 'closeDate', ended: 'closedOn' },
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
    { key: 'dates', fields: ['nextStep', 'openedOn', 'closeDate', 'closedOn', 'source', 'description'] },
    { key: 'outcome', fields: ['closeReason', 'lostReason', 'lostTo'], when: { field: 'closedOn', op: 'isNotEmpty' } },
    {
      key: 'course',
      fields: ['stageSince', 'daysInStage', 'rotting', 'firstCloseDate', 'closeDateMoves', 'slippedDays'],
    },
  ],
});

/** When an opportunity went from one stage to another, after how long and as what: time in stage and conversion are reckoned from it. */
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
    direction: select([
      { key: 'entered' },
      { key: 'forward', color: 'good' },
      { key: 'back', color: 'warning' },
      { key: 'moved' },
      { key: 'won', color: 'good' },
      { key: 'lost', color: 'danger' },
      { key: 'reopened' },
    ]),
    // How long the deal had lain in the stage it left, who moved it, and what it was then.
    stayed: duration(),
    stayedDays: formula({ expression: 'days(stayed)' }),
    by: user(),
    amount: money({ rateOn: 'at', knownWith: 'opportunity.amount' }),
    closeDate: date({ knownWith: 'opportunity.closeDate' }),
  },
  list: { columns: ['opportunity', 'direction', 'from', 'to', 'at', 'stayed', 'by'], sort: ['-at'] },
  form: [{ key: 'main', fields: ['opportunity', 'direction', 'from', 'to', 'at', 'stayed', 'by', 'amount', 'closeDate'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
