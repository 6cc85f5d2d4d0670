import type { Predicate } from '#engine/declare/condition.ts';
import { defineMeasure, type Measure } from '#engine/declare/measure.ts';

const category = (...values: string[]): Predicate => ({ field: 'stage.category', op: 'in', value: values });
const [OPEN, WON, LOST, CLOSED] = [category('open'), category('won'), category('lost'), category('won', 'lost')];

/** By what deals are cut, wherever they stand. */
const DIMENSIONS = [
  'owner',
  'pipeline',
  'stage',
  'product',
  'source',
  'customer',
  'customer.country',
  'customer.territory',
  'closeReason',
  'lostTo',
] as const;

const deals = (measure: Omit<Measure, 'object' | 'dimensions'>): Measure =>
  defineMeasure({ object: 'opportunity', dimensions: DIMENSIONS, ...measure });

/** What selling is measured by. What was closed counts on its closing day; what is open stands as it is now. */
export const salesMeasures: readonly Measure[] = [
  deals({ key: 'pipelineValue', where: OPEN, value: { op: 'sum', field: 'amount' }, unit: 'money', better: 'more' }),
  deals({ key: 'weightedPipeline', where: OPEN, value: { op: 'sum', field: 'weightedAmount' }, unit: 'money', better: 'more' }),
  deals({ key: 'openDeals', where: OPEN, value: { op: 'count' }, unit: 'count' }),
  deals({ key: 'wonValue', at: 'closedOn', where: WON, value: { op: 'sum', field: 'amount' }, unit: 'money', better: 'more' }),
  deals({ key: 'wonDeals', at: 'closedOn', where: WON, value: { op: 'count' }, unit: 'count', better: 'more' }),
  deals({ key: 'lostDeals', at: 'closedOn', where: LOST, value: { op: 'count' }, unit: 'count', better: 'less' }),
  deals({
    key: 'winRate',
    at: 'closedOn',
    where: CLOSED,
    value: { part: { op: 'count', where: WON }, of: { op: 'count' } },
    unit: 'percent',
    better: 'more',
  }),
  deals({ key: 'averageDeal', at: 'closedOn', where: WON, value: { op: 'avg', field: 'amount' }, unit: 'money', better: 'more' }),
  deals({ key: 'salesCycle', at: 'closedOn', where: WON, value: { op: 'avg', field: 'cycleDays' }, unit: 'days', better: 'less' }),
  deals({
    key: 'rottingDeals',
    where: { all: [OPEN, { field: 'rotting', op: 'eq', value: true }] },
    value: { op: 'count' },
    unit: 'count',
    better: 'less',
  }),
  deals({ key: 'slippage', where: OPEN, value: { op: 'avg', field: 'slippedDays' }, unit: 'days', better: 'less' }),
  deals({
    key: 'pushedDeals',
    where: { all: [OPEN, { field: 'closeDateMoves', op: 'gt', value: 0 }] },
    value: { op: 'count' },
    unit: 'count',
    better: 'less',
  }),
  deals({ key: 'lostValue', at: 'closedOn', where: LOST, value: { op: 'sum', field: 'amount' }, unit: 'money', better: 'less' }),
  deals({ key: 'newDeals', at: 'openedOn', value: { op: 'count' }, unit: 'count', better: 'more' }),
  deals({ key: 'newPipeline', at: 'openedOn', value: { op: 'sum', field: 'amount' }, unit: 'money', better: 'more' }),
];
