import type { Money, Named } from '#ui/wire.ts';
import { digitsOf, lineTotal } from '../line-total.ts';
import type { DealLine } from './deal.ts';

/** A product line while somebody writes it: numbers are the text of their controls. */
export interface LineDraft {
  /** Of what is kept already; null for a new one. */
  id: string | null;
  /** Tells drafts apart while they are moved. */
  key: string;
  /** Null for what is in no list of products: it has a name alone. */
  product: Named | null;
  free: boolean;
  name: string;
  quantity: string;
  price: string;
  /** In hundredths. */
  percent: string;
}

export const draftOf = (line: DealLine): LineDraft => ({
  id: line.id,
  key: line.id,
  product: line.product,
  free: line.product === null,
  name: line.name,
  quantity: line.quantity,
  price: line.unitPrice?.amount ?? '',
  percent: String(Math.round(Number(line.discount ?? 0) * 1e6) / 1e4),
});

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** What a draft comes to; null until it can be said. */
export function draftTotal(draft: LineDraft, currency: string): string | null {
  if (!isNumber(draft.quantity) || !isNumber(draft.price)) return null;
  return lineTotal({ quantity: draft.quantity, price: draft.price, discount: (Number(draft.percent) || 0) / 100, currency });
}

/** The sum of what can be said. In whole minor units, so that no binary fraction creeps in. */
export function draftSum(drafts: readonly LineDraft[], currency: string): Money {
  const digits = digitsOf(currency);
  const minor = drafts.reduce((sum, draft) => sum + Math.round(Number(draftTotal(draft, currency) ?? 0) * 10 ** digits), 0);
  return { amount: (minor / 10 ** digits).toFixed(digits), currency };
}

/** What is written so that the deal has these lines in this order: lines that are gone are deleted, all others say what they hold. */
export function operationsOf(deal: string, held: readonly DealLine[], drafts: readonly LineDraft[], currency: string): object[] {
  const kept = new Set(drafts.map(({ id }) => id));
  return [
    ...held.filter(({ id }) => !kept.has(id)).map(({ id }) => ({ op: 'delete', id })),
    ...drafts.map((draft, i) => {
      const values = {
        product: draft.product?.id ?? null,
        name: (draft.name.trim() || draft.product?.name) ?? null,
        quantity: draft.quantity,
        unitPrice: isNumber(draft.price) ? { amount: draft.price, currency } : null,
        discount: (Number(draft.percent) || 0) / 100,
        position: i + 1,
      };
      return draft.id ? { op: 'update', id: draft.id, values } : { op: 'create', values: { ...values, opportunity: deal } };
    }),
  ];
}
