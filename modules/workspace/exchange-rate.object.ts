import { currency, date, decimal, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** One unit of a currency in the company's base currency, from a day on. Amounts of that day and later use it, until the next. */
export const exchangeRate = defineObject({
  key: 'exchangeRate',
  plural: 'exchangeRates',
  icon: 'arrows-exchange',
  title: 'currency',
  fields: {
    currency: currency({ required: true }),
    date: date({ required: true }),
    rate: decimal({ required: true, scale: 10, min: 0.0000000001 }),
    source: text({ max: 100 }),
  },
  uniqueTogether: [['currency', 'date']],
  list: { columns: ['currency', 'date', 'rate', 'source'], sort: ['currency', '-date'] },
  form: [{ key: 'main', fields: ['currency', 'date', 'rate', 'source'] }],
  unsearchable: true,
});
