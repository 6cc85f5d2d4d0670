import type { Predicate } from './condition.ts';

/**
 * A measure is a figure of the enterprise with one definition: what it is reckoned of, on which day a record counts, by what it
 * may be cut. Reports, dashboards, alerts, forecasts and goals name it by its key; none reckons it in a way of its own.
 */
export interface Measure {
  /** Unique over all modules. */
  key: string;
  /** Whose records are measured. */
  object: string;
  /** The date on which a record counts; a measure without one says how things stand now. */
  at?: string;
  /** Which records are looked at. */
  where?: Predicate;
  value: MeasureValue;
  unit: MeasureUnit;
  /** Fields it is cut by, as paths through references. */
  dimensions: readonly string[];
  /** Which way is good; without a word neither is. */
  better?: 'more' | 'less';
}

export type MeasureUnit = 'count' | 'money' | 'percent' | 'days' | 'number';

/** One reckoning over the records, or over those of them that meet a condition. Money is summed in the base currency, at the rate of its day. */
export interface MeasurePart {
  op: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'countDistinct';
  field?: string;
  where?: Predicate;
}

/** A reckoning, or one part of another: empty where the whole is nothing. */
export type MeasureValue = MeasurePart | { part: MeasurePart; of: MeasurePart };

/** Declares a measure. The result is plain data. */
export const defineMeasure = (measure: Measure): Measure => measure;

/** Whether a measure is a ratio. */
export const isRatio = (value: MeasureValue): value is { part: MeasurePart; of: MeasurePart } => 'of' in value;

/** The reckonings that a measure is made of. */
export const partsOf = (value: MeasureValue): MeasurePart[] => (isRatio(value) ? [value.part, value.of] : [value]);
