import { isObject, type Json } from '#kit/json.ts';
import { COMPARE, FieldProblem, type FieldType, fieldOf, type Part } from '../../field.ts';
import { currencyCode } from '../currency/currency.ts';
import { canonicalDecimal } from '../decimal/decimal.ts';
import { plainNumber } from '../decimal/plain-number.ts';

export interface Money {
  amount: string;
  currency: string;
}
export interface MoneyOptions {
  /** Date or date-time field whose day decides the exchange rate; the day of writing unless given. */
  rateOn?: string;
}

/** An amount with its currency. Beside it the store keeps the amount in the company's base currency, empty where no rate is known. */
export const money = fieldOf<Money, MoneyOptions>('money');

/** Column suffix of the amount in base currency. */
export const BASE = '_base';

const amountOf = (value: unknown) => (isObject(value) && typeof value.amount === 'string' ? Number(value.amount) : null);
const amount: Part = {
  kind: 'number',
  many: false,
  sql: (field, t) => `${t}.${field.column}`,
  of: amountOf,
  read: (field, t) => `perigon_amount(${t}.${field.column})`,
};
const currency: Part = {
  kind: 'key',
  many: false,
  sql: (field, t) => `${t}.${field.column}_currency`,
  of: (value) => (isObject(value) && typeof value.currency === 'string' ? value.currency : null),
  read: (field, t) => `${t}.${field.column}_currency`,
};

export const moneyType: FieldType<Money> = {
  key: 'money',
  storage: 'columns',
  columns: () => [
    { suffix: '', type: 'numeric(19,4)' },
    { suffix: '_currency', type: 'text' },
    { suffix: BASE, type: 'numeric(19,4)' },
  ],
  // The base amount is reckoned by the database while writing (perigon_to_base), so that it and the rate agree.
  store: (value): Json[] => (value === null ? [null, null, null] : [value.amount, value.currency, null]),
  read: (field, t) =>
    `case when ${t}.${field.column} is not null then json_build_object('amount', perigon_amount(${t}.${field.column}), 'currency', ${t}.${field.column}_currency) end`,
  parse: (input, _field, env) => {
    if (!isObject(input)) throw new FieldProblem('type', 'Expected money, as {"amount":"12.30","currency":"EUR"}.');
    if (input.amount === null || input.amount === undefined || input.amount === '') return null;
    let value: string;
    try {
      value = canonicalDecimal(input.amount, { scale: 4 }, 19);
    } catch (problem) {
      throw problem instanceof FieldProblem ? new FieldProblem(problem.code, problem.message, 'amount') : problem;
    }
    return { amount: wireAmount(value), currency: currencyCode(input.currency ?? env.baseCurrency, 'currency') };
  },
  fromText: (text, field, env) => {
    const code = /[A-Z]{3}/.exec(text)?.[0];
    const digits = text.replace(/[A-Z]{3}|[€$£¥₹]/g, '');
    const fallback = (field.with.currency as string | undefined) ?? env.baseCurrency;
    return moneyType.parse({ amount: plainNumber(digits), currency: code ?? symbolCurrency(text) ?? fallback }, field, env);
  },
  toText: (value) => `${value.amount} ${value.currency}`,
  shape: amount,
  parts: { amount, currency },
  operators: COMPARE,
  sortable: true,
  aggregates: ['sum', 'avg', 'min', 'max'],
  schema: () => ({
    type: 'object',
    properties: { amount: { type: 'string', format: 'decimal' }, currency: { type: 'string', pattern: '^[A-Z]{3}$' } },
    required: ['amount', 'currency'],
  }),
  samples: () => ({
    good: [
      { input: { amount: '-3', currency: 'EUR' }, value: { amount: '-3.00', currency: 'EUR' } },
      { input: { amount: '1234.5678', currency: 'USD' }, value: { amount: '1234.5678', currency: 'USD' } },
      { input: { amount: 12.3, currency: 'JPY' }, value: { amount: '12.30', currency: 'JPY' } },
    ],
    bad: [12, '12 EUR', { amount: 'x', currency: 'EUR' }, { amount: '1', currency: 'XXQ' }, { amount: '1.23456', currency: 'EUR' }],
  }),
};

const symbolCurrency = (text: string) => (text.includes('€') ? 'EUR' : text.includes('£') ? 'GBP' : text.includes('₹') ? 'INR' : undefined);

/** Decimal text as money is written on the wire: at least two digits after the point. The database's perigon_amount is the same. */
export function wireAmount(value: string): string {
  const [whole = '0', fraction = ''] = value.split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
