import { type Field, fieldOf } from '../../field.ts';
import { reckonedType } from '../reckoned.ts';

export interface FormulaOptions {
  /** In CEL, over the record and what it refers to: `amount * stage.probability`. */
  expression: string;
  /** As what a number is shown, where that is not what the expression gives: a share, or a whole number. */
  type?: 'percent' | 'integer' | 'decimal';
  /** A select field of the same object: the outcome is one of its options, and shows as one. What is none of them is empty. */
  optionsOf?: string;
  /** An index that serves filters and sorts; for formulas over the record's own columns that do not move with the clock. */
  index?: boolean;
}

/**
 * A value that follows from others whenever it is read. In the model it is a field of the type of its outcome, which lies
 * nowhere and which nobody writes (`engine/declare/formula/`).
 */
export const formula = (options: FormulaOptions): Field<never, false> =>
  fieldOf<never, FormulaOptions>('formula')({ ...options, readOnly: true });

export const formulaType = reckonedType({ key: 'formula', storage: 'formula', columns: () => [] });
