import { expect, it } from 'vitest';
import { lineTotal } from './line-total.ts';

const total = (quantity: string, price: string, discount: number, currency = 'EUR') => lineTotal({ quantity, price, discount, currency });

it('multiplies exactly, takes the discount off, and rounds half up to what the currency is paid in', () => {
  expect(total('3', '19.99', 0)).toBe('59.97');
  expect(total('1', '0.05', 0.5)).toBe('0.03');
  expect(total('0.3333', '3', 0)).toBe('1.00');
  expect(total('7', '1234.5678', 0.125)).toBe('7561.73');
  expect(total('1', '100.5', 0, 'JPY')).toBe('101');
  expect(total('1', '1.2345', 0, 'KWD')).toBe('1.235');
  expect(total('2', '99', 1)).toBe('0.00');
  expect(total('0.1', '0.1', 0)).toBe('0.01');
});
