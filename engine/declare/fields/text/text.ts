import { cleanText, fieldOf, scalarType, WORDS } from '../../field.ts';

export interface TextOptions {
  /** Longest value in characters; 500 unless given. */
  max?: number;
}

/** One line of text. Compares without case and accents. */
export const text = fieldOf<string, TextOptions>('text');

export const textType = scalarType<string>({
  key: 'text',
  column: 'text',
  kind: 'text',
  parse: (input, field) => cleanText(input, (field.with.max as number | undefined) ?? 500),
  operators: WORDS,
  aggregates: ['min', 'max'],
  schema: (field) => ({ type: 'string', maxLength: (field.with.max as number | undefined) ?? 500 }),
  samples: () => ({
    good: [
      { input: '  Ärmel & Söhne ', value: 'Ärmel & Söhne' },
      { input: 'Zoë "Q" O’Neil', value: 'Zoë "Q" O’Neil' },
      { input: '=SUM(1)', value: '=SUM(1)' },
    ],
    bad: [7, ['a'], 'x'.repeat(501)],
  }),
});
