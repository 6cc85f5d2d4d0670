import Big from 'big.js';

/** Digits after the point that a currency is paid in: two for the euro, none for the yen (ISO 4217). */
export const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/**
 * What a line comes to: quantity × price × (1 − discount), rounded half up to what its currency is paid in, as decimal text. Pure.
 * Rounded here and not where lines are added, so that who adds the lines of an offer up by hand gets its sum.
 */
export function lineTotal(line: { quantity: string; price: string; discount: number; currency: string }): string {
  const digits = digitsOf(line.currency);
  return new Big(line.price).times(line.quantity).times(new Big(1).minus(line.discount)).round(digits, Big.roundHalfUp).toFixed(digits);
}
