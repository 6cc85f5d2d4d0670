import { describe, expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import {
  figureMeasures,
  figuresOf,
  groupBy,
  groupWhere,
  openAtFirst,
  optionOrder,
  partsOf,
  readFigure,
  readGroups,
  splitField,
  sumMeasures,
} from './groups.ts';

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
const status = field('status', 'select', { options: [{ key: 'new' }, { key: 'open' }, { key: 'done' }] });
const amount = field('amount', 'money', { aggregates: ['sum', 'avg', 'min', 'max'] });

describe('a board whose columns belong to several pipelines', () => {
  const object = (fields: FieldMeta[]): ObjectMeta => ({
    key: 'o',
    plural: 'os',
    title: 'name',
    icon: '',
    party: null,
    verbs: { create: true, update: true, delete: true },
    fields,
    list: { columns: [], sort: [] },
    form: [],
  });
  const stage = field('stage', 'reference', { to: 'stage' });
  const pipeline = field('pipeline', 'reference', { to: 'pipeline', required: true });
  it('falls apart by the reference that cards and columns share', () => {
    const stages = object([field('name', 'text'), pipeline]);
    expect(splitField(object([stage, pipeline]), stage, stages)?.key).toBe('pipeline');
    expect(splitField(object([stage]), stage, stages)).toBeUndefined();
    expect(splitField(object([status, pipeline]), status, undefined)).toBeUndefined();
  });
  it('shows the chosen part while it is there, else the first', () => {
    const [sales, service] = [
      { id: 'a', name: 'Sales' },
      { id: 'b', name: 'Service' },
    ];
    const rows = [{ pipeline: sales }, { pipeline: service }, { pipeline: sales }];
    expect(partsOf(rows, 'pipeline', 'b')).toEqual({ parts: [sales, service], shown: service });
    expect(partsOf(rows, 'pipeline', 'gone').shown).toEqual(sales);
    expect(partsOf([], 'pipeline', null).shown).toBeUndefined();
  });
});

describe('groups of rows', () => {
  it('are asked for in one question with the sums of the columns', () => {
    expect(groupBy(status)).toBe('status');
    expect(groupBy(field('closeDate', 'date'))).toEqual({ path: 'closeDate', by: 'month' });
    expect(sumMeasures([status, amount])).toEqual({ n: { op: 'count' }, 'sum.amount': { op: 'sum', field: 'amount' } });
  });

  it('come as declared, the empty last, sums by currency', () => {
    const rows = [
      { status: null, n: 1, 'sum.amount': [] },
      {
        status: 'done',
        n: 2,
        'sum.amount': [
          { currency: 'EUR', amount: '1.50' },
          { currency: 'USD', amount: '2' },
        ],
      },
      { status: 'new', n: 3, 'sum.amount': [{ currency: 'EUR', amount: '4' }] },
    ];
    const groups = readGroups(status, rows, optionOrder(status), String);
    expect(groups.map((group) => group.value)).toEqual(['new', 'done', null]);
    expect(groups[1]?.sums.amount).toEqual([
      { currency: 'EUR', amount: '1.50' },
      { currency: 'USD', amount: '2' },
    ]);
  });

  it('months come latest first', () => {
    const date = field('closeDate', 'date');
    const rows = [
      { closeDate: '2024-01-01', n: 1 },
      { closeDate: null, n: 1 },
      { closeDate: '2024-11-01', n: 1 },
    ];
    expect(readGroups(date, rows, () => undefined, String).map((group) => group.value)).toEqual(['2024-11-01', '2024-01-01', null]);
  });

  it('are fetched by a condition', () => {
    expect(groupWhere(status, 'open')).toEqual({ all: [{ field: 'status', op: 'eq', value: 'open' }] });
    expect(groupWhere(status, null)).toEqual({ all: [{ field: 'status', op: 'isEmpty' }] });
    expect(groupWhere(field('owner', 'user'), { id: 'u1', name: 'Ada' })).toEqual({ all: [{ field: 'owner', op: 'eq', value: 'u1' }] });
    expect(groupWhere(field('closeDate', 'date'), '2024-02-01')).toEqual({
      all: [{ field: 'closeDate', op: 'between', value: ['2024-02-01', '2024-02-29'] }],
    });
    expect(groupWhere(field('active', 'boolean'), false)).toEqual({ all: [{ field: 'active', op: 'eq', value: false }] });
  });

  it('open as far as their rows fit, the first always', () => {
    const group = (key: string, count: number) => ({ key, value: key, count, sums: {} });
    expect([...openAtFirst([group('a', 500), group('b', 2)])]).toEqual(['a']);
    expect([...openAtFirst([group('a', 20), group('b', 30), group('c', 30)])]).toEqual(['a', 'b']);
    expect([...openAtFirst([])]).toEqual([]);
  });
});

describe('figures under columns', () => {
  it('money is reckoned by currency or in the base, text only counted', () => {
    expect(figuresOf(amount)).toContain('sumBase');
    expect(figuresOf(field('name', 'text', { aggregates: ['min', 'max'] }))).toEqual(['count']);
    expect(figureMeasures({ amount: 'sumBase', employees: 'avg', name: 'count' })).toEqual({
      amount: { op: 'sum', field: 'amount', in: 'base' },
      'all.amount': { op: 'count', field: 'amount' },
      'base.amount': { op: 'count', field: 'amount', in: 'base' },
      employees: { op: 'avg', field: 'employees' },
      name: { op: 'count', field: 'name' },
    });
  });

  it('are read as numbers, amounts or days', () => {
    expect(readFigure(3)).toBe(3);
    expect(readFigure('2.5')).toBe(2.5);
    expect(readFigure({ currency: 'EUR', amount: '5' })).toEqual([{ currency: 'EUR', amount: '5' }]);
    expect(readFigure('2024-05-01')).toBe('2024-05-01');
    expect(readFigure(null)).toBeNull();
  });
});
