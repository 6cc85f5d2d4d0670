import type { Predicate } from '#engine/declare/condition.ts';
import { defineMeasure, type Measure } from '#engine/declare/measure.ts';

const touches = (measure: Omit<Measure, 'object' | 'dimensions' | 'at'>): Measure =>
  defineMeasure({
    object: 'interaction',
    at: 'at',
    dimensions: ['agent', 'agent.team', 'channel', 'direction', 'kind', 'purpose', 'outcome', 'product', 'party', 'party.territory'],
    ...measure,
  });

const CALLS: Predicate = { field: 'kind', op: 'eq', value: 'call' };

/** How often and how long customers and the company touch. */
export const interactionMeasures: readonly Measure[] = [
  touches({ key: 'contacts', value: { op: 'count' }, unit: 'count', better: 'more' }),
  touches({ key: 'customersContacted', value: { op: 'countDistinct', field: 'party' }, unit: 'count', better: 'more' }),
  touches({ key: 'calls', where: CALLS, value: { op: 'count' }, unit: 'count', better: 'more' }),
  touches({
    key: 'callsReached',
    where: CALLS,
    value: {
      part: { op: 'count', where: { field: 'outcome', op: 'in', value: ['resolved', 'answered', 'followUp', 'purchase', 'unresolved'] } },
      of: { op: 'count' },
    },
    unit: 'percent',
    better: 'more',
  }),
  touches({ key: 'costOfContacts', value: { op: 'sum', field: 'cost' }, unit: 'money', better: 'less' }),
];
