import Big from 'big.js';
import { COMPARE, FieldProblem, fieldOf, type Scalar, scalarType } from '../../field.ts';
import { plainNumber } from './plain-number.ts';

export interface DecimalOptions {
  min?: number;
  max?: number;
  /** Digits after the point; 6 unless given. */
  scale?: number;
}

/** An exact decimal number; text on the wire, so that no digit is lost on the way. */
export const decimal = fieldOf<string, DecimalOptions>('decimal');

/** Reads a decimal from text or a JSON number into canonical text: no exponent, no trailing zeros. */
export function canonicalDecimal(input: unknown, o: DecimalOptions, digits = 18): string {
  if (typeof input !== 'string' && typeof input !== 'number')
    throw new FieldProblem('type', 'Expected a decimal number, as text such as "12.50".');
  if (typeof input === 'string' && !/^-?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})$/.test(input.trim()))
    throw new FieldProblem('type', `“${input.slice(0, 40)}” is not a decimal number.`);
  if (typeof input === 'number' && !Number.isFinite(input)) throw new FieldProblem('type', 'Expected a finite number.');
  const value = new Big(typeof input === 'string' ? input.trim() : input);
  const scale = o.scale ?? 6;
  if (value.round(scale).cmp(value) !== 0) throw new FieldProblem('scale', `At most ${scale} digits after the point.`);
  if (value.abs().gte(new Big(10).pow(digits - scale))) throw new FieldProblem('tooLarge', 'The number is too large.');
  if (o.min !== undefined && value.lt(o.min)) throw new FieldProblem('tooSmall', `Must be ${o.min} or more.`);
  if (o.max !== undefined && value.gt(o.max)) throw new FieldProblem('tooLarge', `Must be ${o.max} or less.`);
  const text = value.toFixed();
  return text === '-0' ? '0' : text;
}

export const decimalType = scalarType<string>({
  key: 'decimal',
  // A sum of many has more digits than one of them.
  column: (field) => (field.derived ? 'numeric' : `numeric(18,${(field.with.scale as number | undefined) ?? 6})`),
  kind: 'number',
  scalar: (value) => Number(value) as Scalar,
  readAs: (column) => `trim_scale(${column})::text`,
  parse: (input, field) => canonicalDecimal(input, field.with as DecimalOptions),
  fromText: (text, field) => canonicalDecimal(plainNumber(text), field.with as DecimalOptions),
  operators: COMPARE,
  aggregates: ['sum', 'avg', 'min', 'max'],
  schema: () => ({ type: 'string', format: 'decimal', examples: ['12.5'] }),
  samples: () => ({
    good: [
      { input: '0.1', value: '0.1' },
      { input: 12.5, value: '12.5' },
      { input: '100.00', value: '100' },
    ],
    bad: ['twelve', '1,5', true, '1e400'],
  }),
});
