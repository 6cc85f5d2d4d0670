import { cleanText, fieldOf, type Operator, scalarType } from '../../field.ts';

export interface LongTextOptions {
  /** Longest value in characters; 20,000 unless given. */
  max?: number;
}

const OPERATORS: readonly Operator[] = ['contains', 'startsWith', 'eq', 'ne', 'isEmpty', 'isNotEmpty'];

/** Text of several lines. */
export const longText = fieldOf<string, LongTextOptions>('longText');

export const longTextType = {
  ...scalarType<string>({
    key: 'longText',
    column: 'text',
    kind: 'text',
    parse: (input, field) => cleanText(input, (field.with.max as number | undefined) ?? 20_000, true),
    operators: OPERATORS,
    schema: (field) => ({ type: 'string', maxLength: (field.with.max as number | undefined) ?? 20_000 }),
    samples: () => ({
      good: [
        { input: 'First line\r\nsecond line', value: 'First line\nsecond line' },
        { input: 'Only “one”', value: 'Only “one”' },
      ],
      bad: [1, { a: 1 }],
    }),
  }),
  sortable: false,
};
