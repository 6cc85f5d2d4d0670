import { COMPARE, FieldProblem, fieldOf, scalarType } from '../../field.ts';
import { plainNumber } from '../decimal/plain-number.ts';

/** A share between 0 and 1; shown as a percentage. */
export const percent = fieldOf<number>('percent');

function share(input: unknown): number {
  if (typeof input !== 'number' || !Number.isFinite(input)) throw new FieldProblem('type', 'Expected a number between 0 and 1.');
  if (input < 0 || input > 1) throw new FieldProblem('range', 'A share lies between 0 and 1 (0 % and 100 %).');
  return Math.round(input * 1e6) / 1e6;
}

export const percentType = scalarType<number>({
  key: 'percent',
  column: 'numeric(7,6)',
  kind: 'number',
  readAs: (column) => `${column}::float8`,
  parse: share,
  fromText: (text) => (text.includes('%') ? share(Number(plainNumber(text.replace('%', ''))) / 100) : share(Number(plainNumber(text)))),
  operators: COMPARE,
  aggregates: ['avg', 'min', 'max'],
  // What a formula gives may be less than nothing and more than the whole.
  schema: (field) => (field.derived ? { type: 'number' } : { type: 'number', minimum: 0, maximum: 1 }),
  samples: () => ({
    good: [
      { input: 0, value: 0 },
      { input: 0.25, value: 0.25 },
    ],
    bad: [25, -0.1, '0.5', null === undefined],
  }),
});
