import { describe, expect, test } from 'vitest';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { isKnown, readsOf } from './formula-reads.ts';
import { reckoner } from './reckoner.ts';

const field = (key: string, type: string, more: Partial<FieldMeta> = {}): FieldMeta => ({
  key,
  type,
  required: false,
  readOnly: more.expression !== undefined,
  sortable: true,
  filterable: true,
  operators: [],
  ...(more.expression === undefined ? {} : { derived: 'formula' }),
  ...more,
});
const object = (key: string, fields: FieldMeta[]): ObjectMeta => ({
  key,
  plural: `${key}s`,
  title: 'name',
  icon: 'box',
  party: null,
  verbs: { create: true, update: true, delete: true },
  fields,
  list: { columns: [], sort: [] },
  form: [],
});
const stage = object('stage', [field('name', 'text'), field('probability', 'percent')]);
const deal = object('deal', [
  field('name', 'text'),
  field('amount', 'money'),
  field('probability', 'percent'),
  field('status', 'select', { options: [{ key: 'open' }, { key: 'won' }] }),
  field('stage', 'reference', { to: 'stage' }),
  field('closedOn', 'date', { readOnly: true }),
  field('weighted', 'money', { expression: 'amount * probability' }),
  field('doubled', 'money', { expression: 'weighted * 2' }),
  field('isWon', 'boolean', { expression: 'status == "won"' }),
  field('share', 'percent', { expression: 'probability / 3' }),
  field('byStage', 'money', { expression: 'amount * coalesce(stage.probability, 0.5)' }),
  field('daysSince', 'integer', { expression: 'today() - closedOn' }),
  field('odd', 'text', { expression: 'name + hidden' }),
]);
const reckon = reckoner(deal, [stage, deal], { name: 'Acme', baseCurrency: 'EUR', language: 'en', timeZone: 'UTC' });
const byKey = (key: string): FieldMeta => deal.fields.find((one) => one.key === key) ?? field(key, 'text');

describe('formulas in a form', () => {
  test('follow what is typed, also through other formulas', () => {
    const typed = { amount: { amount: '100', currency: 'EUR' }, probability: 0.25, status: 'won' };
    expect(reckon('weighted', typed)).toEqual({ amount: '25.00', currency: 'EUR' });
    expect(reckon('doubled', typed)).toEqual({ amount: '50.00', currency: 'EUR' });
    expect(reckon('isWon', typed)).toBe(true);
    expect(reckon('share', typed)).toBe(0.083333);
  });

  test('are empty where something is missing, half typed, or not to be known here', () => {
    expect(reckon('weighted', { probability: 0.25 })).toBeNull();
    expect(reckon('weighted', { amount: { amount: '1e', currency: 'EUR' }, probability: 0.25 })).toBeNull();
    const amount = { amount: '100', currency: 'EUR' };
    // Without a stage there is nothing to look up; with one, what it says has not been read.
    expect(reckon('byStage', { amount })).toEqual({ amount: '50.00', currency: 'EUR' });
    expect(reckon('byStage', { amount, stage: { id: '0198a0b0-0000-7000-8000-000000000001', name: 'New' } })).toBeNull();
    expect(reckon('odd', { name: 'x' })).toBeNull();
    expect(reckon('name', { name: 'x' })).toBeNull();
  });

  test('tell without their grammar what they read of the record', () => {
    expect([...readsOf(deal, byKey('doubled'))]).toEqual(['weighted', 'amount', 'probability']);
    expect([...readsOf(deal, byKey('byStage'))]).toEqual(['amount', 'stage']);
    expect([...readsOf(deal, byKey('isWon'))]).toEqual(['status']);
    expect(isKnown(deal, byKey('doubled'), {})).toBe(true);
    expect(isKnown(deal, byKey('daysSince'), {})).toBe(false);
    expect(isKnown(deal, byKey('daysSince'), { closedOn: '2026-01-01' })).toBe(true);
  });
});
