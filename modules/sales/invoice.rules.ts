import Big from 'big.js';
import { SYSTEM } from '#engine/access/actor.ts';
import { type Money, wireAmount } from '#engine/declare/fields/money/money.ts';
import type { Rules } from '#engine/record/context.ts';
import { loadStored } from '#engine/record/rows.ts';
import { writeIn } from '#engine/record/write.ts';

/** A new invoice owes its total, a paid or void one nothing; a credit note is negative; due is never before the invoice's day. */
export const invoiceRules: Rules = {
  object: 'invoice',
  before({ items }) {
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore') continue;
      const total = item.get('total') as Money | null;
      const settled = item.get('status') === 'paid' || item.get('status') === 'void';
      if (total && (item.op === 'create' || item.changes('status') || item.changes('total')) && !item.changes('balance')) {
        if (settled) item.set('balance', { amount: '0.00', currency: total.currency });
        else if (item.op === 'create') item.set('balance', total);
      }
      if (total && item.get('kind') === 'creditNote' && new Big(total.amount).gt(0))
        item.refuse('total', 'sign', 'A credit note has a negative total.');
      const date = item.get('date');
      const due = item.get('dueDate');
      if (typeof date === 'string' && typeof due === 'string' && due < date && (item.changes('dueDate') || item.changes('date')))
        item.refuse('dueDate', 'range', `Due before the invoice of ${date}. Choose a later day.`);
    }
  },
};

/** A payment lowers the balance of its invoice; at zero the invoice is paid. Taking the payment back raises it again. */
export const paymentRules: Rules = {
  object: 'payment',
  before({ items }) {
    for (const item of items) {
      const amount = item.get('amount') as Money | null;
      if (amount && item.op === 'create' && new Big(amount.amount).lte(0)) item.refuse('amount', 'sign', 'A payment is more than zero.');
    }
  },
  async after({ ctx, tx, items }) {
    if (ctx.cause.kind === 'undo') return;
    const paid = new Map<string, { sum: Big; currency: string }[]>();
    const add = (invoice: unknown, amount: unknown, sign: 1 | -1) => {
      const money = amount as Money | null | undefined;
      if (typeof invoice !== 'string' || !money) return;
      paid.set(invoice, [...(paid.get(invoice) ?? []), { sum: new Big(money.amount).times(sign), currency: money.currency }]);
    };
    for (const item of items) {
      if (item.op !== 'create') add(item.before?.invoice, item.before?.amount, item.op === 'restore' ? 1 : -1);
      if (item.op === 'create' || item.op === 'update') add(item.get('invoice'), item.get('amount'), 1);
    }
    if (paid.size === 0) return;
    const object = ctx.model.object('invoice');
    const invoices = await loadStored(tx, ctx, object, [...paid.keys()], { lock: true });
    const ops = [...invoices].flatMap(([id, invoice]) => {
      const balance = invoice.balance as Money | null;
      if (!balance) return [];
      const sum = (paid.get(id) ?? [])
        .filter((part) => part.currency === balance.currency)
        .reduce((total, part) => total.plus(part.sum), new Big(0));
      const left = new Big(balance.amount).minus(sum);
      const status =
        left.lte(0) && invoice.status === 'issued' ? 'paid' : left.gt(0) && invoice.status === 'paid' ? 'issued' : invoice.status;
      return [
        { op: 'update' as const, id, values: { balance: { amount: wireAmount(left.toFixed()), currency: balance.currency }, status } },
      ];
    });
    await writeIn(tx, { ...ctx, actor: SYSTEM }, object, ops, { trusted: true });
  },
};
