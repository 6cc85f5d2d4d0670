import { isObject, type Json } from '#kit/json.ts';
import { type BoundField, COMPARE, FieldProblem, type FieldType, fieldOf, type Part } from '../../field.ts';
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
  /** Always in base currency: what was reckoned up of several currencies. */
  base?: boolean;
  /** Beside a sum in base currency: how many of its amounts were in another one. */
  foreign?: boolean;
}

/** An amount with its currency. Beside it the store keeps the amount in the company's base currency, empty where no rate is known. */
export const money = fieldOf<Money, MoneyOptions>('money');

/** Column suffix of the amount in base currency. */
export const BASE = '_base';

/** Column suffix of how many amounts of a sum were in another currency: where none, it is the sum of the amounts themselves. */
export const FOREIGN = '_foreign';

/** SQL: the company's base currency. */
export const BASE_CURRENCY = `(select value #>> '{}' from settings where key = 'baseCurrency')`;

/** SQL: the currency of an amount in the row with alias `t`. */
export const currencySql = (field: BoundField, t: string): string =>
  field.with.base === true ? BASE_CURRENCY : `${t}.${field.column}_currency`;

/** SQL: an amount in base currency. */
export const baseSql = (field: BoundField, t: string): string => `${t}.${field.column}${field.with.base === true ? '' : BASE}`;

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
  sql: currencySql,
  of: (value) => (isObject(value) && typeof value.currency === 'string' ? value.currency : null),
  read: currencySql,
};

export const moneyType: FieldType<Money> = {
  key: 'money',
  storage: 'columns',
  columns: (field) =>
    field.with.base === true
      ? [{ suffix: '', type: 'numeric' }, ...(field.with.foreign === true ? [{ suffix: FOREIGN, type: 'bigint' }] : [])]
      : [
          { suffix: '', type: 'numeric(19,4)' },
          { suffix: '_currency', type: 'text' },
          { suffix: BASE, type: 'numeric(19,4)' },
        ],
  // The base amount is reckoned by the database while writing (perigon_to_base), so that it and the rate agree.
  store: (value): Json[] => (value === null ? [null, null, null] : [value.amount, value.currency, null]),
  read: (field, t) =>
    `case when ${t}.${field.column} is not null then json_build_object('amount', perigon_amount(${t}.${field.column}), 'currency', ${currencySql(field, t)}) end`,
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
  cell: 'text',
  shape: amount,
  reckons: 'money',
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
