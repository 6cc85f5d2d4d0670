import { CHOOSE, FieldProblem, fieldOf, scalarType } from '../../field.ts';

/** A currency: ISO 4217. */
export const currency = fieldOf<string>('currency');

const CODES = new Set(Intl.supportedValuesOf('currency'));

/** Reads an ISO code. */
export function currencyCode(input: unknown, part = ''): string {
  const code = typeof input === 'string' ? input.trim().toUpperCase() : '';
  if (!CODES.has(code))
    throw new FieldProblem('currency', `“${String(input).slice(0, 40)}” is not a currency code such as EUR or USD.`, part);
  return code;
}

export const currencyType = scalarType<string>({
  key: 'currency',
  column: 'text',
  kind: 'key',
  parse: (input) => (input === '' ? null : currencyCode(input)),
  operators: CHOOSE,
  schema: () => ({ type: 'string', pattern: '^[A-Z]{3}$' }),
  samples: () => ({
    good: [
      { input: 'eur', value: 'EUR' },
      { input: 'USD', value: 'USD' },
    ],
    bad: ['Euro', 'XXQ', 9],
  }),
});
