import { expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { commonOf } from './webhooks.ts';

const field = (key: string, type: string, more: Partial<FieldMeta> = {}): FieldMeta => ({
  key,
  type,
  required: false,
  readOnly: false,
  sortable: true,
  filterable: true,
  operators: ['eq'],
  ...more,
});
const object = (key: string, ...fields: FieldMeta[]) => ({ key, plural: `${key}s`, fields }) as unknown as ObjectMeta;

it('a condition on several objects speaks of what all of them have alike', () => {
  const state = (...options: string[]) => field('state', 'select', { options: options.map((key) => ({ key })) });
  const order = object('order', field('name', 'text'), field('customer', 'reference', { to: 'party' }), state('open', 'done'));
  const visit = object('visit', field('name', 'longText'), field('customer', 'reference', { to: 'party' }), state('open', 'missed'));
  expect(commonOf([order])).toBe(order);
  expect(commonOf([order, visit])?.fields.map(({ key }) => key)).toEqual(['customer']);
  expect(commonOf([order, visit])?.key).toBe('order');
  expect(commonOf([])).toBeUndefined();
});
