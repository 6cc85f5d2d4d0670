import { describe, expect, it } from 'vitest';
import type { Predicate } from './condition.ts';
import * as f from './fields/index.ts';
import { buildModel } from './model.ts';
import { defineObject } from './object.ts';
import { watchedOf } from './watched-condition.ts';

const list = { columns: ['name'], sort: ['name'] };
const user = defineObject({ key: 'user', plural: 'users', icon: 'user', title: 'name', list, form: [], fields: { name: f.text() } });
const firm = defineObject({
  key: 'firm',
  plural: 'firms',
  icon: 'box',
  title: 'name',
  list,
  form: [],
  fields: {
    name: f.text({ required: true }),
    size: f.integer(),
    since: f.date(),
    turnover: f.money(),
    parent: f.reference({ to: 'firm', inverse: 'parts' }),
    double: f.formula({ expression: 'size * 2' }),
    age: f.formula({ expression: 'today() - since' }),
    count: f.rollUp({ over: 'parts', op: 'count' }),
  },
});
const model = buildModel([{ key: 'm', objects: [user, firm] }]);
const of = (where: Predicate) => watchedOf(model, model.object('firm'), where);
const size: Predicate = { field: 'size', op: 'gte', value: 9 };

describe('what a condition goes by', () => {
  it('its own fields: the log tells when one of them changed', () => {
    expect(of(size)).toEqual({ keys: ['size'], beyond: false });
    expect(of({ any: [size, { none: [{ field: 'turnover.currency', op: 'eq', value: 'EUR' }] }] })).toEqual({
      keys: ['size', 'turnover'],
      beyond: false,
    });
    expect(of({ field: 'since', op: 'lt', value: '2026-01-01' })).toEqual({ keys: ['since'], beyond: false });
  });

  it('any change of the record, where the log does not name what is read', () => {
    expect(of({ all: [size, { field: 'double', op: 'gte', value: 9 }] })).toEqual({ keys: [], beyond: false });
    expect(of({ field: 'updatedAt', op: 'gte', value: '2026-01-01' })).toEqual({ keys: [], beyond: false });
  });

  it('the clock, other records and what is reckoned from them: those are to be looked at', () => {
    expect(of({ field: 'since', op: 'lte', value: 'today' })).toEqual({ keys: ['since'], beyond: true });
    expect(of({ field: 'since', op: 'between', value: [{ days: -3 }, '2030-01-01'] })).toEqual({ keys: ['since'], beyond: true });
    expect(of({ field: 'parent.size', op: 'eq', value: 9 })).toEqual({ keys: ['parent'], beyond: true });
    expect(of({ count: 'parts', where: size, gte: 2 }).beyond).toBe(true);
    expect(of({ field: 'count', op: 'gte', value: 2 }).beyond).toBe(true);
    expect(of({ field: 'age', op: 'gte', value: 2 })).toEqual({ keys: [], beyond: true });
  });

  it('nothing that cannot be read', () => {
    expect(() => of({ field: 'nope', op: 'eq', value: 1 })).toThrow('cannot be read');
  });
});
