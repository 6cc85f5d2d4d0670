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
    where: { field: 'opportunity.stage.category', op: 'in', value: ['won'] },
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
