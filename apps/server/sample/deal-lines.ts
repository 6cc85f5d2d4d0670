import { digitsOf } from '#modules/sales/line-total.ts';
import { amountIn, type Product, type Teller } from './teller.ts';

const YEAR = 366;

/**
 * What is to be sold in the deals of the last year, so that each amount is the sum of its lines: machines at their price, what belongs
 * to them, and what is left as delivery and installation. Without the dice: the rest of the story stays as it is.
 */
export function dealLines(t: Teller, products: readonly Product[]): void {
  const byId = new Map(products.map((product) => [product.id, product]));
  const since = t.day(YEAR);
  for (const { id, values } of t.rows.get('opportunity') ?? []) {
    const product = byId.get(String(values.product));
    const { amount, currency } = values.amount as { amount: string; currency: string };
    if (!product || (values.closedOn !== null && String(values.closedOn) < since)) continue;
    const digits = digitsOf(currency);
    const minor = (value: string): number => Math.round(Number(value) * 10 ** digits);
    const told = (value: number) => ({ amount: (value / 10 ** digits).toFixed(digits), currency });
    const price = minor(amountIn(product.price, currency));
    const count = Math.floor(minor(amount) / price);
    if (count < 1) continue;
    const over = minor(amount) - count * price;
    // What only rounding left over is in the price.
    const even = over < price / 50 && over % count === 0;
    const unitPrice = told(even ? price + over / count : price);
    t.add('dealLine', 1, { opportunity: id, product: product.id, quantity: String(count), unitPrice, position: 1 });
    const rest = even ? 0 : over;
    if (rest === 0) continue;
    const belongs = products.find((one) => one !== product && Math.abs(minor(amountIn(one.price, currency)) - rest) < 10 ** digits);
    t.add('dealLine', 1, {
      opportunity: id,
      product: belongs?.id ?? null,
      name: belongs?.name ?? 'Delivery and installation',
      unitPrice: told(rest),
      position: 2,
    });
  }
}
