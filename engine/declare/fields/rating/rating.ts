import { type BoundField, COMPARE, FieldProblem, fieldOf, scalarType } from '../../field.ts';

export interface RatingOptions {
  /** Most stars, 2 to 10; 5 unless given. */
  max?: number;
}

/** Stars: a whole number from 1 to `max`. */
export const rating = fieldOf<number, RatingOptions>('rating');

/** The most stars a rating may have. */
export const mostStars = (field: Pick<BoundField, 'with'>): number => (field.with.max as number | undefined) ?? 5;

function stars(input: unknown, field: BoundField): number {
  const max = mostStars(field);
  if (typeof input !== 'number' || !Number.isInteger(input)) throw new FieldProblem('type', `Expected a whole number from 1 to ${max}.`);
  if (input < 1 || input > max) throw new FieldProblem('range', `A rating here lies between 1 and ${max}.`);
  return input;
}

const base = scalarType<number>({
  key: 'rating',
  column: 'smallint',
  kind: 'number',
  parse: stars,
  // `4`, `4/5` and `★★★★☆` say the same.
  fromText: (text, field) => {
    const drawn = /^[★☆⭐\s]+$/u.test(text) ? [...text].filter((sign) => sign === '★' || sign === '⭐').length : null;
    const [, given, of] = /^\s*(\d{1,2})(?:\s*\/\s*(\d{1,2}))?\s*$/.exec(text) ?? [];
    if (of !== undefined && Number(of) !== mostStars(field))
      throw new FieldProblem('range', `“${text.slice(0, 20)}” counts to ${of}; here the most is ${mostStars(field)}.`);
    return stars(drawn ?? Number(given ?? Number.NaN), field);
  },
  operators: COMPARE,
  aggregates: ['avg', 'min', 'max'],
  schema: (field) => ({ type: 'integer', minimum: 1, maximum: mostStars(field) }),
  samples: (field) => ({
    good: [
      { input: 1, value: 1 },
      { input: mostStars(field), value: mostStars(field) },
    ],
    bad: [0, mostStars(field) + 1, 2.5, '3'],
  }),
});

export const ratingType = { ...base, client: (field: BoundField) => ({ max: mostStars(field) }) };
