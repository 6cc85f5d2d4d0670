import { COMPARE, FieldProblem, fieldOf, scalarType } from '../../field.ts';
import { plainDate } from './plain-date.ts';

/** A calendar date without time; never shifts with a time zone. */
export const date = fieldOf<string>('date');

export const dateType = scalarType<string>({
  key: 'date',
  column: 'date',
  kind: 'date',
  readAs: (column) => `to_char(${column}, 'YYYY-MM-DD')`,
  parse: (input) => {
    if (typeof input !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(input)) throw new FieldProblem('type', 'Expected a date as YYYY-MM-DD.');
    return plainDate(input);
  },
  fromText: (text) => plainDate(text),
  operators: COMPARE,
  aggregates: ['min', 'max'],
  schema: () => ({ type: 'string', format: 'date' }),
  samples: () => ({
    good: [
      { input: '1969-02-28', value: '1969-02-28' },
      { input: '2024-02-29', value: '2024-02-29' },
    ],
    bad: ['2023-02-29', '29.02.2024', 20240229, '0000-01-01'],
  }),
});
