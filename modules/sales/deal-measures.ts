import type { Predicate } from '#engine/declare/condition.ts';
import { defineMeasure, type Measure } from '#engine/declare/measure.ts';

const went = (...directions: string[]): Predicate => ({ field: 'direction', op: 'in', value: directions });
/** Ways out of a stage. Who moved a deal to another pipeline has not decided anything about it. */
const LEFT = went('forward', 'back', 'won', 'lost');
const CLOSED: Predicate = { field: 'stage.category', op: 'in', value: ['won', 'lost'] };

const changes = (measure: Omit<Measure, 'object' | 'dimensions' | 'at'>): Measure =>
  defineMeasure({
    object: 'stageChange',
    at: 'at',
    dimensions: ['from', 'to', 'direction', 'by', 'opportunity.owner', 'opportunity.pipeline', 'opportunity.product', 'opportunity.source'],
    ...measure,
  });

/** What was sold, line by line: a deal counts for each product it holds, with what that product brings. */
const lines = (measure: Omit<Measure, 'object' | 'dimensions'>): Measure =>
  defineMeasure({
    object: 'dealLine',
    dimensions: [
      'product',
      'product.series',
      'product.kind',
      'owner',
      'owner.team',
      'opportunity.pipeline',
      'opportunity.stage',
      'customer',
    ],
    ...measure,
  });
const WON: Predicate = { field: 'opportunity.stage.category', op: 'in', value: ['won'] };

/** How deals go through their stages, and who is credited with those that were won. */
export const dealMeasures: readonly Measure[] = [
  changes({
    key: 'stageConversion',
    where: LEFT,
    value: { part: { op: 'count', where: went('forward', 'won') }, of: { op: 'count' } },
    unit: 'percent',
    better: 'more',
  }),
  changes({ key: 'timeInStage', where: LEFT, value: { op: 'avg', field: 'stayedDays' }, unit: 'days', better: 'less' }),
  changes({ key: 'lostFromStage', where: went('lost'), value: { op: 'count' }, unit: 'count', better: 'less' }),
  changes({ key: 'reopenedDeals', where: went('reopened'), value: { op: 'count' }, unit: 'count', better: 'less' }),
  defineMeasure({
    key: 'creditedWonValue',
    object: 'dealCredit',
    at: 'opportunity.closedOn',
    where: WON,
    value: { op: 'sum', field: 'creditedAmount' },
    unit: 'money',
    dimensions: ['user', 'user.team', 'role', 'opportunity.pipeline', 'opportunity.product', 'opportunity.source'],
    better: 'more',
  }),
  defineMeasure({
    key: 'metCompetitor',
    object: 'dealCompetitor',
    at: 'opportunity.closedOn',
    where: { field: 'opportunity.stage.category', op: 'in', value: ['won', 'lost'] },
    value: { part: { op: 'count', where: { field: 'opportunity.stage.category', op: 'in', value: ['won'] } }, of: { op: 'count' } },
    unit: 'percent',
    dimensions: ['competitor', 'standing', 'opportunity.owner', 'opportunity.pipeline', 'opportunity.product'],
    better: 'more',
  }),
  lines({
    key: 'openLineValue',
    where: { field: 'opportunity.stage.category', op: 'in', value: ['open'] },
    value: { op: 'sum', field: 'total' },
    unit: 'money',
    better: 'more',
  }),
  lines({ key: 'wonLineValue', at: 'closedOn', where: WON, value: { op: 'sum', field: 'total' }, unit: 'money', better: 'more' }),
  lines({ key: 'unitsSold', at: 'closedOn', where: WON, value: { op: 'sum', field: 'quantity' }, unit: 'number', better: 'more' }),
  lines({
    key: 'discountGiven',
    at: 'closedOn',
    where: WON,
    value: { part: { op: 'sum', field: 'discounted' }, of: { op: 'sum', field: 'listTotal' } },
    unit: 'percent',
    better: 'less',
  }),
  defineMeasure({
    key: 'closedByReason',
    object: 'opportunity',
    at: 'closedOn',
    where: CLOSED,
    value: { op: 'count' },
    unit: 'count',
    dimensions: ['closeReason', 'lostTo', 'stage', 'pipeline', 'owner', 'product', 'source'],
  }),
];
