import { SYSTEM } from '#engine/access/actor.ts';
import type { Money } from '#engine/declare/fields/money/money.ts';
import type { Context, RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import { invalid } from '#kit/errors.ts';
import { asTheDeal } from './deal-parts.rules.ts';
import { lineTotal } from './line-total.ts';

/**
 * A line is called and priced as its product unless somebody says otherwise, and comes to what quantity, price and discount make.
 * A deal with lines is worth their sum, and is about the product that most of it is; what it was worth without lines is an estimate
 * that the first line replaces and that stays when the last one goes.
 */
export const dealLineRules: Rules = {
  object: 'dealLine',
  async before(batch) {
    await asTheDeal(batch, 'dealLine');
    const written = batch.items.filter((item) => item.op === 'create' || item.op === 'update');
    await asTheProduct(batch, written);
    for (const item of written) {
      const price = item.get('unitPrice') as Money | null | undefined;
      const quantity = item.get('quantity');
      if (!price || typeof quantity !== 'string') continue;
      const discount = Number(item.get('discount') ?? 0);
      const amount = lineTotal({ quantity, price: price.amount, discount, currency: price.currency });
      item.set('total', { amount, currency: price.currency });
    }
  },
  async after({ ctx, tx, items }) {
    await worthOfLines(ctx, tx, [...new Set(items.flatMap((item) => [item.get('opportunity'), item.before?.opportunity]).filter(Boolean))]);
  },
};

/** Writes what their lines come to into deals; those in the trash follow when they come back. */
export async function worthOfLines(ctx: Context, tx: Tx, deals: readonly unknown[]): Promise<void> {
  if (deals.length === 0) return;
  // One after the other: of two who add a line at the same moment the second adds to what the first has written.
  await tx.query('select 1 from opportunities t where t.id = any($1::uuid[]) order by t.id for update', [deals]);
  const ops: WriteOp[] = [];
  for (const sum of await sums(tx, deals)) {
    if (sum.currencies > 1)
      throw invalid('The lines of a deal are in one currency.', [
        { path: 'unitPrice', code: 'otherCurrency', detail: 'The lines of a deal are in one currency: change them together.' },
      ]);
    const amount = sum.amount === sum.held ? {} : { amount: { amount: sum.sum, currency: sum.currency } };
    const product = sum.product === null || sum.product === sum.heldProduct ? {} : { product: sum.product };
    const values = { ...amount, ...product };
    if (Object.keys(values).length > 0) ops.push({ op: 'update', id: sum.opportunity, values });
  }
  // Who may write the lines of a deal may not be let to know what the whole is worth.
  if (ops.length > 0) await writeIn(tx, { ...ctx, actor: SYSTEM }, ctx.model.object('opportunity'), ops, { trusted: true });
}

/** Name and price of what is sold, where a line has none of its own. */
async function asTheProduct({ tx }: RuleBatch, written: readonly RuleItem[]): Promise<void> {
  const asking = written.filter(
    (item) => item.get('product') && (!item.get('name') || !item.get('unitPrice') || (item.op === 'update' && item.changes('product'))),
  );
  if (asking.length === 0) return;
  const rows = await tx.query<{ id: string; name: string; price: string | null; currency: string | null }>(
    'select p.id, p.name, p.price::text as price, p.price_currency as currency from products p where p.id = any($1::uuid[])',
    [[...new Set(asking.flatMap((item) => [item.get('product'), item.before?.product]).filter(Boolean))]],
  );
  const products = new Map(rows.map((row) => [row.id, row]));
  const spoken = await currenciesOf(tx, asking);
  for (const item of asking) {
    const product = products.get(String(item.get('product')));
    if (!product) continue;
    const was = products.get(String(item.before?.product ?? ''));
    // Another product: what was only said of the one before is said of it.
    if (!item.get('name') || (was && !item.changes('name') && item.get('name') === was.name)) item.set('name', product.name);
    const price = item.get('unitPrice') as Money | null | undefined;
    const itsOwn = was?.price !== null && price?.currency === was?.currency && Number(price?.amount) === Number(was?.price);
    if (price && (item.changes('unitPrice') || !was || was.id === product.id || !itsOwn)) continue;
    const currency = spoken.get(String(item.get('opportunity'))) ?? product.currency;
    if (product.price !== null && product.currency === currency) item.set('unitPrice', { amount: product.price, currency });
    else
      item.refuse('unitPrice', 'required', `This product has no price${currency ? ` in ${currency}` : ''}: say what one of it is to cost.`);
  }
}

/** In which currency a deal is spoken of: that of its lines, else of its amount. */
async function currenciesOf(tx: Tx, items: readonly RuleItem[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; currency: string }>(
    `select t.id, coalesce((select l.unit_price_currency from deal_lines l where l.opportunity_id = t.id and l.deleted_at is null limit 1),
       t.amount_currency) as currency from opportunities t where t.id = any($1::uuid[])`,
    [[...new Set(items.map((item) => item.get('opportunity')))]],
  );
  return new Map(rows.filter(({ currency }) => currency !== null).map(({ id, currency }) => [id, currency]));
}

interface Sum {
  opportunity: string;
  currencies: number;
  currency: string;
  sum: string;
  /** Sum and amount of the deal in words that are the same where they are. */
  amount: string;
  held: string | null;
  product: string | null;
  heldProduct: string | null;
}

/** What the lines of deals come to, beside what the deals say. Of the product with the greatest share the first line counts. */
const sums = (tx: Tx, deals: readonly unknown[]): Promise<Sum[]> =>
  tx.query<Sum>(
    `select t.id as opportunity, s.currencies, s.currency, s.sum::text as sum, trim_scale(s.sum) || ' ' || s.currency as amount,
       trim_scale(t.amount) || ' ' || t.amount_currency as held, m.product_id as product, t.product_id as "heldProduct"
     from opportunities t
     cross join lateral (select sum(l.total) as sum, count(distinct l.unit_price_currency)::int as currencies, min(l.unit_price_currency) as currency
       from deal_lines l where l.opportunity_id = t.id and l.deleted_at is null having count(*) > 0) s
     left join lateral (select l.product_id from deal_lines l where l.opportunity_id = t.id and l.deleted_at is null and l.product_id is not null
       group by l.product_id order by sum(l.total) desc, min(l.position), l.product_id limit 1) m on true
     where t.id = any($1::uuid[]) and t.deleted_at is null`,
    [deals],
  );

/** Amount and product of a deal with lines follow from them: who would write others is told so. What an undo brings back was so. */
export async function sumOfLines({ ctx, tx, items }: RuleBatch): Promise<void> {
  if (ctx.cause.kind === 'undo') return;
  const written = items.filter((item) => item.op === 'update' && (item.changes('amount') || item.changes('product')));
  if (written.length === 0) return;
  const held = new Map(
    (
      await sums(
        tx,
        written.map(({ id }) => id),
      )
    ).map((sum) => [sum.opportunity, sum]),
  );
  for (const item of written) {
    const sum = held.get(item.id);
    if (!sum) continue;
    const amount = item.get('amount') as Money | null;
    if (item.changes('amount') && (Number(amount?.amount) !== Number(sum.sum) || amount?.currency !== sum.currency))
      item.refuse('amount', 'sumOfLines', 'The amount is the sum of the product lines: change those.');
    if (item.changes('product') && sum.product !== null && item.get('product') !== sum.product)
      item.refuse('product', 'mainOfLines', 'The deal is about the product that most of its lines are: change those.');
  }
}
