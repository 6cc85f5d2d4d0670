import { describe, expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { keyFactsOf } from './facts.ts';

const field = (key: string, type = 'text'): FieldMeta => ({
  key,
  type,
  required: false,
  readOnly: false,
  sortable: false,
  filterable: false,
  operators: [],
});
const object: ObjectMeta = {
  key: 'party',
  plural: 'parties',
  title: 'name',
  icon: '',
  party: null,
  verbs: { create: true, update: true, delete: true },
  fields: [field('name'), field('city'), field('owner', 'user'), field('phones', 'phone'), field('notes')],
  list: { columns: ['name', 'city', 'owner'], sort: ['name'] },
  form: [],
};
const record = { id: 'a', version: 1, createdAt: '', updatedAt: '', name: 'Ada', city: 'Graz', owner: { id: 'u' }, phones: ['+43'] };

describe('the key facts of a record', () => {
  it('are how to reach, whose it is, and what the list shows; the title stands above them', () => {
    expect(keyFactsOf(object, record, () => false).map(({ key }) => key)).toEqual(['phones', 'owner', 'city']);
  });
  it('leave out what is empty and what the reader may not see', () => {
    const { owner: _owner, ...seen } = record;
    expect(keyFactsOf(object, seen, ({ key }) => key === 'city').map(({ key }) => key)).toEqual(['phones']);
  });
});
