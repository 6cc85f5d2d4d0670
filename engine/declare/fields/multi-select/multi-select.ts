import { type BoundField, type CommonOptions, type Field, FieldProblem, type FieldType, fieldOf, MEMBERS } from '../../field.ts';
import { type OpenOptions, type Option, optionKey, optionsOf, outdatedOption } from '../select/select.ts';

/** Any number of named options. */
export function multiSelect<const K extends string, const R extends boolean = false>(
  options: readonly (K | (Option & { key: K }))[],
  more: Omit<CommonOptions, 'required'> & { required?: R } & OpenOptions = {},
): Field<K[], R> {
  return fieldOf<K[], { options: Option[] } & OpenOptions>('multiSelect')<R>({
    ...more,
    options: options.map((option) => (typeof option === 'string' ? { key: option } : option)),
  });
}

const ordered = (field: BoundField, keys: Set<string>) =>
  optionsOf(field)
    .map((option) => option.key)
    .filter((key) => keys.has(key));

export const multiSelectType: FieldType<string[]> = {
  key: 'multiSelect',
  storage: 'columns',
  columns: () => [{ suffix: '', type: 'text[]' }],
  store: (value) => [value],
  read: (field, t) => `${t}.${field.column}`,
  parse: (input, field) => {
    if (!Array.isArray(input)) throw new FieldProblem('type', 'Expected a list of option keys.');
    const known = new Set(optionsOf(field).map((option) => option.key));
    for (const key of input)
      if (!known.has(key as string))
        throw new FieldProblem('option', `“${String(key).slice(0, 40)}” is not one of: ${[...known].join(', ')}.`);
    return input.length > 0 ? ordered(field, new Set(input as string[])) : null;
  },
  fromText: (text, field) => {
    const keys = text
      .split(/[;|,]/)
      .map((part) => part.trim())
      .filter(Boolean)
      .map((part) => optionKey(field, part));
    return keys.length > 0 ? ordered(field, new Set(keys)) : null;
  },
  toText: (value) => value.join('; '),
  outdated: (value, before, field) => outdatedOption(field, value, before ?? []),
  shape: {
    kind: 'key',
    many: true,
    sql: (field, t) => `${t}.${field.column}`,
    of: (value) => (Array.isArray(value) ? (value as string[]) : []),
  },
  operators: MEMBERS,
  sortable: false,
  aggregates: [],
  schema: (field) => ({ type: 'array', items: { type: 'string', enum: optionsOf(field).map((option) => option.key) }, uniqueItems: true }),
  samples: (field) => {
    const keys = optionsOf(field).map((option) => option.key);
    return {
      good: [
        { input: keys.slice(0, 1), value: keys.slice(0, 1) },
        { input: [...keys].reverse(), value: keys },
      ],
      bad: ['a', ['no such option'], [1]],
    };
  },
};
