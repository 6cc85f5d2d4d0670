import type { Predicate } from '../../condition.ts';
import { type Field, fieldOf } from '../../field.ts';
import { reckonedType } from '../reckoned.ts';

export interface RollUpOptions {
  /** The to-many field whose records are reckoned up. */
  over: string;
  op: 'count' | 'sum' | 'min' | 'max' | 'first' | 'last';
  /** The field of those records that is summed, compared or shown; not for `count`. Money is reckoned in base currency. */
  field?: string;
  /** For `first` and `last`: by which of their fields the records stand in order. */
  by?: string;
  /** Which of the records count; conditions that move with the clock are refused. */
  where?: Predicate;
  /**
   * Who sees it. Unless given only who, for every record that they see, may read all that it is reckoned from; with `record`
   * whoever reads the record and anything at all of that kind.
   */
  visibility?: 'record';
  /** An index that serves filters and sorts. */
  index?: boolean;
}

/**
 * A figure reckoned from the records that point here: how many cases are open, when somebody last spoke with the customer. In
 * the model it is a field of the type of its outcome, which nobody writes (`engine/declare/roll-ups.ts`).
 */
export const rollUp = (options: RollUpOptions): Field<never, false> =>
  fieldOf<never, RollUpOptions>('rollUp')({ ...options, readOnly: true });

export const rollUpType = reckonedType({ key: 'rollUp', storage: 'figure', columns: () => [{ suffix: '', type: 'bigint' }] });
