import { describe, expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { ageOf, cardPlan, lateBy } from './cards.ts';

const field = (key: string, type: string, to?: string): FieldMeta => ({
  key,
  type,
  to,
  required: false,
  readOnly: false,
  sortable: true,
  filterable: true,
  operators: [],
});
const object = (key: string, fields: FieldMeta[], party: string | null = null) =>
  ({
    key,
    plural: `${key}s`,
    title: 'name',
    party,
    fields,
    list: { columns: fields.map((one) => one.key), sort: [] },
  }) as unknown as ObjectMeta;
const stage = object('stage', [field('name', 'text'), field('category', 'select')]);
const deal = object(
  'opportunity',
  [
    field('name', 'text'),
    field('customer', 'reference', 'party'),
    field('stage', 'reference', 'stage'),
    field('amount', 'money'),
    field('openedOn', 'date'),
    field('closeDate', 'date'),
    field('nextStep', 'text'),
  ],
  'customer',
);
const task = object('task', [field('name', 'text'), field('status', 'select'), field('dueOn', 'date')]);
const meta = { object: (key: string | undefined) => (key === 'stage' ? stage : undefined) };
const record = (values: object) => ({ id: '1', version: 1, createdAt: '2024-01-01T00:00:00Z', updatedAt: '', ...values }) as RecordData;

describe('a card', () => {
  const plan = cardPlan(meta, deal, field('stage', 'reference', 'stage'));

  it('reads no more than it shows', () => {
    expect(plan.fields).toEqual(['name', 'stage', 'amount', 'nextStep', 'customer', 'openedOn', 'closeDate', 'stage.category']);
    expect(plan.amount?.key).toBe('amount');
  });

  it('is late only while it is open and its day has passed', () => {
    const late = record({ closeDate: '2024-03-01', 'stage.category': 'open' });
    expect(lateBy(plan, late, '2024-03-24')).toBe(23);
    expect(lateBy(plan, late, '2024-03-01')).toBeNull();
    expect(lateBy(plan, record({ closeDate: '2024-03-01', 'stage.category': 'won' }), '2024-03-24')).toBeNull();
    expect(lateBy(plan, record({ closeDate: null, 'stage.category': 'open' }), '2024-03-24')).toBeNull();
    const tasks = cardPlan(meta, task, field('status', 'select'));
    expect(lateBy(tasks, record({ dueOn: '2024-03-01', status: 'open' }), '2024-03-02')).toBe(1);
    expect(lateBy(tasks, record({ dueOn: '2024-03-01', status: 'done' }), '2024-03-02')).toBeNull();
  });

  it('counts its days from when it began', () => {
    expect(ageOf(plan, record({ openedOn: '2024-03-01' }), '2024-03-11')).toBe(10);
    expect(ageOf(plan, record({ openedOn: null }), '2024-03-11')).toBeNull();
  });
});
