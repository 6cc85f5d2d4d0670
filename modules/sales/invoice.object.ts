import type { Predicate } from '#engine/declare/condition.ts';
import { date, dateTime, formula, integer, money, reference, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Issued with a balance: open. */
const OPEN: Predicate = {
  all: [
    { field: 'status', op: 'eq', value: 'issued' },
    { field: 'balance', op: 'gt', value: 0 },
  ],
};
const OVERDUE: Predicate = { all: [OPEN, { field: 'dueDate', op: 'lt', value: 'today' }] };
const BOOKED: Predicate = { field: 'status', op: 'in', value: ['issued', 'paid'] };

/** A bill, or (`creditNote`, with a negative total) what takes one back. */
export const invoice = defineObject({
  key: 'invoice',
  plural: 'invoices',
  icon: 'file-invoice',
  title: 'number',
  party: 'customer',
  fields: {
    customer: reference({ to: 'party', inverse: 'invoices' }),
    number: text({ required: true, search: 'title', unique: true, max: 60, personal: false }),
    kind: select(['invoice', 'creditNote'], { default: 'invoice', required: true }),
    order: reference({ to: 'order', inverse: 'invoices' }),
    date: date({ required: true }),
    issuedAt: dateTime(),
    dueDate: date(),
    status: select([{ key: 'draft' }, { key: 'issued' }, { key: 'paid', color: 'good' }, { key: 'void' }], {
      default: 'issued',
      required: true,
    }),
    total: money({ rateOn: 'date' }),
    balance: money({ rateOn: 'date' }),
    daysOverdue: formula({ expression: 'status == "issued" && balance.amount > 0 && dueDate < today() ? today() - dueDate : null' }),
    lines: integer({ min: 0 }),
    units: integer(),
  },
  indexes: [['customer', 'date']],
  timeline: { at: 'date', title: 'number', kind: 'kind' },
  overview: {
    section: { key: 'invoices', columns: ['number', 'kind', 'date', 'dueDate', 'total', 'balance', 'status'], sort: ['-date'] },
    blocks: {
      pastSales: { where: BOOKED, at: 'date', amount: 'total', status: 'kind' },
      outstanding: { where: OVERDUE, at: 'dueDate', amount: 'balance', status: 'status' },
    },
    matters: [{ key: 'overdue', where: OVERDUE, at: 'dueDate', amount: 'balance', weight: 90 }],
    figures: [
      { key: 'lifetimeRevenue', rank: 10, rollUp: 'lifetimeRevenue' },
      { key: 'gross', rank: 85, rollUp: 'grossInvoiced' },
      { key: 'credits', rank: 90, rollUp: 'credits' },
      { key: 'openBalance', rank: 40, rollUp: 'openBalance' },
    ],
  },
  brief: {
    lists: [{ key: 'unpaid', columns: ['number', 'dueDate', 'balance'], sort: ['dueDate'], where: OPEN, total: 'balance' }],
    years: [{ key: 'invoiced', rank: 30, at: 'date', where: BOOKED, amount: 'total' }],
  },
  list: { columns: ['number', 'customer', 'kind', 'date', 'dueDate', 'total', 'balance', 'status'], sort: ['-date'] },
  form: [{ key: 'main', fields: ['customer', 'number', 'kind', 'order', 'date', 'dueDate', 'daysOverdue', 'status', 'total', 'balance'] }],
});

/** Money that came in. */
export const payment = defineObject({
  key: 'payment',
  plural: 'payments',
  icon: 'credit-card',
  title: 'number',
  party: 'customer',
  fields: {
    number: text({ required: true, search: 'title', max: 60, personal: false }),
    customer: reference({ to: 'party', required: true, inverse: 'payments' }),
    invoice: reference({ to: 'invoice', inverse: 'payments' }),
    date: date({ required: true }),
    amount: money({ required: true, rateOn: 'date' }),
    method: select(['transfer', 'card', 'cash', 'directDebit', 'wallet', 'other'], { open: true }),
  },
  timeline: { at: 'date', title: 'number', kind: 'method' },
  overview: { section: { key: 'payments', columns: ['number', 'date', 'amount', 'method', 'invoice'], sort: ['-date'] } },
  list: { columns: ['number', 'customer', 'invoice', 'date', 'amount', 'method'], sort: ['-date'] },
  form: [{ key: 'main', fields: ['number', 'customer', 'invoice', 'date', 'amount', 'method'] }],
});
