import type { Predicate } from '#engine/declare/condition.ts';
import { defineMeasure, type Measure } from '#engine/declare/measure.ts';

const OPEN: Predicate = { field: 'stage.category', op: 'eq', value: 'open' };
const DIMENSIONS = ['owner', 'owner.team', 'pipeline', 'stage', 'product', 'customer', 'customer.country', 'customer.territory'] as const;

/** What is expected to be closed in a period, by how sure one is of it. It counts on the day on which it is expected. */
const expected = (measure: Pick<Measure, 'key' | 'value' | 'unit'> & { of?: Predicate }): Measure =>
  defineMeasure({
    key: measure.key,
    object: 'opportunity',
    at: 'closeDate',
    where: measure.of ? { all: [OPEN, measure.of] } : OPEN,
    value: measure.value,
    unit: measure.unit,
    dimensions: DIMENSIONS,
    better: 'more',
  });
const AMOUNT = { op: 'sum', field: 'amount' } as const;
const sure = (value: string): Predicate => ({ field: 'forecastCategory', op: 'eq', value });

export const forecastMeasures: readonly Measure[] = [
  expected({ key: 'forecastCommit', of: sure('commit'), value: AMOUNT, unit: 'money' }),
  expected({ key: 'forecastBestCase', of: sure('bestCase'), value: AMOUNT, unit: 'money' }),
  // What nobody said anything of is in the pipeline and no surer.
  expected({
    key: 'forecastPipeline',
    of: { none: [{ field: 'forecastCategory', op: 'in', value: ['commit', 'bestCase', 'omitted'] }] },
    value: AMOUNT,
    unit: 'money',
  }),
  expected({
    key: 'forecastWeighted',
    of: { none: [sure('omitted')] },
    value: { op: 'sum', field: 'weightedAmount' },
    unit: 'money',
  }),
];
