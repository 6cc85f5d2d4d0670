import type { FieldType } from '../field.ts';

/** Stands for a formula or a roll-up until the model knows what type its outcome has: nobody writes it, and nothing is asked of it yet. */
export const reckonedType = (own: Pick<FieldType<never>, 'key' | 'storage' | 'columns'>): FieldType<never> => ({
  ...own,
  store: () => [],
  read: () => 'null::json',
  parse: () => null,
  fromText: () => null,
  toText: () => '',
  operators: [],
  sortable: false,
  aggregates: [],
  schema: () => ({ readOnly: true }),
  samples: () => ({ good: [], bad: [] }),
});
