import { type FieldType, fieldOf } from '../../field.ts';
import type { Ref } from '../reference/reference.ts';

export interface ToManyOptions {
  /** The object on the far side and its reference field that points here. */
  of: string;
  by: string;
}

/** The far end of a reference: the records that point here. Not stored; asked by count, path conditions and related lists. */
export const toMany = fieldOf<Ref[], ToManyOptions>('toMany');

export const toManyType: FieldType<Ref[]> = {
  key: 'toMany',
  storage: 'inverse',
  columns: () => [],
  store: () => [],
  read: () => 'null::json',
  parse: () => null,
  fromText: () => null,
  toText: () => '',
  operators: [],
  sortable: false,
  aggregates: [],
  schema: () => ({ type: 'object', properties: { count: { type: 'integer' } }, readOnly: true }),
  samples: () => ({ good: [], bad: [] }),
};
