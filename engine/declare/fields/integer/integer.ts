import { COMPARE, FieldProblem, fieldOf, scalarType } from '../../field.ts';
import { plainNumber } from '../decimal/plain-number.ts';

export interface IntegerOptions {
  min?: number;
  max?: number;
}

/** A whole number between −2⁵³ and 2⁵³. */
export const integer = fieldOf<number, IntegerOptions>('integer');

function whole(input: unknown, bounds: IntegerOptions): number {
  if (typeof input !== 'number' || !Number.isSafeInteger(input)) throw new FieldProblem('type', 'Expected a whole number.');
  if (bounds.min !== undefined && input < bounds.min) throw new FieldProblem('tooSmall', `Must be ${bounds.min} or more.`);
  if (bounds.max !== undefined && input > bounds.max) throw new FieldProblem('tooLarge', `Must be ${bounds.max} or less.`);
  return input;
}

export const integerType = scalarType<number>({
  key: 'integer',
  column: 'bigint',
  kind: 'number',
  parse: (input, field) => whole(input, field.with as IntegerOptions),
  fromText: (text, field) => whole(Number(plainNumber(text)), field.with as IntegerOptions),
  operators: COMPARE,
  aggregates: ['sum', 'avg', 'min', 'max'],
  schema: (field) => ({
    type: 'integer',
    ...(field.with.min === undefined ? {} : { minimum: field.with.min }),
    ...(field.with.max === undefined ? {} : { maximum: field.with.max }),
  }),
  samples: (field) => {
    const low = Math.max((field.with.min as number | undefined) ?? -40, -40);
    return {
      good: [
        { input: low, value: low },
        { input: low + 2, value: low + 2 },
      ],
      bad: ['7', 1.5, 2 ** 60, true],
    };
  },
});
