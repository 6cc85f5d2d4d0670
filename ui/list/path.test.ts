import { describe, expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { humanise } from '../words.ts';
import { choicesAt, findChoices, indexChoices, pathText, resolvePath } from './path.ts';

const field = (key: string, type: string, more: Partial<FieldMeta> = {}): FieldMeta => ({
  key,
  type,
  required: false,
  readOnly: false,
  sortable: true,
  filterable: type !== 'toMany',
  operators: type === 'toMany' ? [] : ['eq'],
  ...more,
});
const object = (key: string, plural: string, fields: FieldMeta[]): ObjectMeta => ({
  key,
  plural,
  title: 'name',
  icon: 'box',
  party: null,
  verbs: { create: true, update: true, delete: true },
  fields,
  list: { columns: ['name'], sort: ['name'] },
  form: [],
});
const party = object('party', 'parties', [
  field('name', 'text'),
  field('addresses', 'address', { many: true, parts: ['city', 'country'] }),
  field('parent', 'reference', { to: 'party' }),
  field('owner', 'user'),
  field('cases', 'toMany', { to: 'case', by: 'customer' }),
]);
const user = object('user', 'users', [field('name', 'text'), field('email', 'email')]);
const deal = object('opportunity', 'opportunities', [
  field('id', 'id'),
  field('name', 'text'),
  field('city', 'text'),
  field('customer', 'reference', { to: 'party' }),
  field('createdBy', 'user'),
]);
const cases = object('case', 'cases', [field('customer', 'reference', { to: 'party' })]);
const all = new Map([party, user, deal, cases].map((one) => [one.key, one]));
const meta = { object: (key: string | undefined) => (key === undefined ? undefined : all.get(key)) };
const words = { field: (_object: string, key: string) => humanise(key), label: humanise };

describe('a path through references', () => {
  it('ends at the field, with the way it took', () => {
    const found = resolvePath(meta, deal, 'customer.owner.email');
    expect(found?.field.type).toBe('email');
    expect(found?.object.key).toBe('user');
    expect(found?.steps.map((step) => step.field.key)).toEqual(['customer', 'owner']);
  });

  it('reads a part of a composite field as a field of its own', () => {
    const found = resolvePath(meta, deal, 'customer.addresses.country');
    expect(found?.field).toMatchObject({ key: 'country', type: 'country' });
    expect(found && pathText(found, words)).toBe('Customer › Addresses › Country');
  });

  it('is nothing where a step is unknown, no reference, or the way too long', () => {
    expect(resolvePath(meta, deal, 'customer.nothing')).toBeNull();
    expect(resolvePath(meta, deal, 'name.more')).toBeNull();
    expect(resolvePath(meta, deal, 'customer.cases.customer')).toBeNull();
    expect(resolvePath(meta, deal, 'customer.parent.parent.parent.parent.parent.name')).toBeNull();
  });
});

describe('the picker of fields', () => {
  const texts = (typed: string, prefix = ''): string[] =>
    findChoices(indexChoices(meta, deal, prefix, words), typed).map((one) => one.found.path);

  it('offers what stands at a place, ways on and relations to count among it', () => {
    expect(choicesAt(meta, deal, '', words).map((one) => one.found.path)).toEqual(['name', 'city', 'customer', 'createdBy']);
    const behind = choicesAt(meta, deal, 'customer', words);
    expect(behind.find((one) => one.found.path === 'customer.cases')).toMatchObject({ countable: true, comparable: false, deeper: false });
    expect(behind.find((one) => one.found.path === 'customer.addresses')).toMatchObject({ deeper: true });
    expect(choicesAt(meta, deal, 'customer.addresses', words).map((one) => one.words)).toEqual([['City'], ['Country']]);
  });

  it('who wrote a record is no way on', () => {
    expect(choicesAt(meta, deal, '', words).find((one) => one.found.path === 'createdBy')?.deeper).toBe(false);
  });

  it('finds by words on the way, near ones first', () => {
    expect(texts('city')).toEqual(['city', 'customer.addresses.city']);
    expect(texts('customer city')[0]).toBe('customer.addresses.city');
    expect(texts('cust own em')[0]).toBe('customer.owner.email');
    expect(texts('name')[0]).toBe('name');
    expect(texts('mail')[0]).toBe('customer.owner.email');
    expect(texts('nothing')).toEqual([]);
  });
});
