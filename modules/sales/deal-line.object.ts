import { date, decimal, formula, integer, money, percent, reference, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { asTheDeal } from './deal-parts.object.ts';

/** What is to be sold in a deal, how much of it and at which price. The amount of a deal with lines is their sum. */
export const dealLine = defineObject({
  key: 'dealLine',
  plural: 'dealLines',
  icon: 'list-numbers',
  title: 'name',
  party: 'customer',
  owner: 'owner',
  fields: {
    opportunity: reference({ to: 'opportunity', required: true, inverse: 'lines' }),
    /** None for what is in no list of products: freight, a day on site. */
    product: reference({ to: 'product', inverse: 'dealLines' }),
    /** As the product is called until somebody says it otherwise. */
    name: text({ required: true, max: 300 }),
    quantity: decimal({ required: true, default: '1', scale: 4, min: 0 }),
    /** The product's price unless said; all lines of a deal are in one currency. */
    unitPrice: money({ required: true, rateOn: 'closedOn', knownWith: 'opportunity.amount' }),
    discount: percent({ default: 0 }),
    // Kept by its rules, rounded as its currency is paid, so that the lines of a deal add up to its amount.
    total: money({ readOnly: true, rateOn: 'closedOn', knownWith: 'opportunity.amount' }),
    listTotal: formula({ expression: 'unitPrice * quantity' }),
    discounted: formula({ expression: 'unitPrice * quantity - total' }),
    position: integer({ default: 0 }),
    closedOn: date({ readOnly: true, knownWith: 'opportunity.closedOn' }),
    ...asTheDeal,
  },
  indexes: [['closedOn']],
  list: { columns: ['name', 'quantity', 'total', 'product', 'unitPrice', 'discount', 'opportunity'], sort: ['opportunity', 'position'] },
  form: [{ key: 'main', fields: ['opportunity', 'product', 'name', 'quantity', 'unitPrice', 'discount', 'total', 'position'] }],
  quiet: true,
  unsearchable: true,
});
