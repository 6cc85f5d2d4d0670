import { type BoundField, CHOOSE, type CommonOptions, type Field, FieldProblem, fieldOf, scalarType } from '../../field.ts';

export interface Option {
  key: string;
  /** Index into the series colours, or a status: good, warning, danger, information. */
  color?: string;
  /** No longer offered; records that hold it keep it and show it. */
  retired?: boolean;
  /** What a company calls it in its languages: files to import may say so. */
  names?: string[];
}

export interface OpenOptions {
  /** A company may add options of its own and retire declared ones: no rule of the product knows them by name. */
  open?: boolean;
}

/** Why a retired option is not given anew; null where the record holds it already or it is in use. */
export const outdatedOption = (field: Pick<BoundField, 'with'>, keys: readonly string[], before: readonly string[]): string | null => {
  const gone = optionsOf(field).find((option) => option.retired && keys.includes(option.key) && !before.includes(option.key));
  return gone ? `“${gone.key}” is no longer in use.` : null;
};

/** The options of a select or multi-select field, in their order. */
export const optionsOf = (field: Pick<BoundField, 'with'>): Option[] => (field.with.options as unknown as Option[] | undefined) ?? [];

/** One of a few named options. `K` is the union of their keys. */
export function select<const K extends string, const R extends boolean = false>(
  options: readonly (K | (Option & { key: K }))[],
  more: Omit<CommonOptions, 'required'> & { required?: R } & OpenOptions = {},
): Field<K, R> {
  return fieldOf<K, { options: Option[] } & OpenOptions>('select')<R>({
    ...more,
    options: options.map((option) => (typeof option === 'string' ? { key: option } : option)),
  });
}

/** The option key that a text means: the key itself or its words, without case, spaces and punctuation. */
export function optionKey(field: BoundField, input: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const wanted = plain(input);
  const hit =
    optionsOf(field).find((option) => option.key === input) ??
    optionsOf(field).find((option) => [option.key, ...(option.names ?? [])].some((name) => plain(name) === wanted));
  if (!hit)
    throw new FieldProblem(
      'option',
      `“${input.slice(0, 40)}” is not one of: ${optionsOf(field)
        .map((option) => option.key)
        .join(', ')}.`,
    );
  return hit.key;
}

const position = (field: BoundField, key: unknown) => {
  const index = optionsOf(field).findIndex((option) => option.key === key);
  return index < 0 ? null : index + 1;
};

/** SQL array literal of option keys; keys are identifiers by declaration (model.ts checks), so nothing needs escaping. */
const keyList = (field: BoundField) =>
  `array[${optionsOf(field)
    .map((option) => `'${option.key}'`)
    .join(',')}]::text[]`;

export const selectType = scalarType<string>({
  key: 'select',
  column: 'text',
  kind: 'key',
  parse: (input, field) => {
    if (typeof input !== 'string') throw new FieldProblem('type', 'Expected the key of an option.');
    if (input === '') return null;
    if (!optionsOf(field).some((option) => option.key === input))
      throw new FieldProblem(
        'option',
        `“${input.slice(0, 40)}” is not one of: ${optionsOf(field)
          .map((option) => option.key)
          .join(', ')}.`,
      );
    return input;
  },
  fromText: (text, field) => optionKey(field, text.trim()),
  outdated: (value, before, field) => outdatedOption(field, [value], before === null ? [] : [before]),
  operators: CHOOSE,
  sort: {
    kind: 'number',
    sql: (field, t) => `array_position(${keyList(field)}, ${t}.${field.column})`,
    of: (value, field) => position(field, value),
  },
  schema: (field) => ({ type: 'string', enum: optionsOf(field).map((option) => option.key) }),
  samples: (field) => ({
    good: optionsOf(field)
      .slice(0, 2)
      .map((option) => ({ input: option.key, value: option.key })),
    bad: ['no such option', 3],
  }),
});
