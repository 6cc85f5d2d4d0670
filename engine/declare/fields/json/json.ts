import { isObject, type Json } from '#kit/json.ts';
import { FieldProblem, type FieldType, fieldOf } from '../../field.ts';

/** Structured settings of the product itself (rights of a role, a saved mapping). Not offered to administrators as a field type. */
export const json = fieldOf<Json>('json');

export const jsonType: FieldType<Json> = {
  key: 'json',
  storage: 'columns',
  columns: () => [{ suffix: '', type: 'jsonb' }],
  store: (value) => [value],
  read: (field, t) => `${t}.${field.column}`,
  parse: (input) => {
    if (!isObject(input) && !Array.isArray(input)) throw new FieldProblem('type', 'Expected an object or a list.');
    if (JSON.stringify(input).length > 200_000) throw new FieldProblem('tooLong', 'Too large.');
    return input as Json;
  },
  fromText: (text) => {
    try {
      return JSON.parse(text) as Json;
    } catch {
      throw new FieldProblem('type', 'Not valid JSON.');
    }
  },
  toText: (value) => JSON.stringify(value),
  operators: [],
  sortable: false,
  aggregates: [],
  schema: () => ({ type: ['object', 'array'] }),
  samples: () => ({
    good: [
      { input: { a: 1 }, value: { a: 1 } },
      { input: [1, 'b'], value: [1, 'b'] },
    ],
    bad: ['x', 5],
  }),
};
