import { cleanText, FieldProblem, type FieldType, fieldOf, MEMBERS } from '../../field.ts';

/** Free labels. They compare without case and accents, and keep the way they were first written. */
export const tags = fieldOf<string[]>('tags');

export const tagsType: FieldType<string[]> = {
  key: 'tags',
  storage: 'columns',
  columns: () => [{ suffix: '', type: 'text[]' }],
  store: (value) => [value],
  read: (field, t) => `${t}.${field.column}`,
  parse: (input) => {
    if (!Array.isArray(input)) throw new FieldProblem('type', 'Expected a list of tags.');
    if (input.length > 100) throw new FieldProblem('tooLong', 'At most 100 tags.');
    const found = new Map<string, string>();
    input.forEach((item, i) => {
      if (typeof item !== 'string') throw new FieldProblem('type', 'Expected text.', String(i));
      const tag = cleanText(item.replace(/[;,]/g, ' '), 60);
      if (tag && !found.has(tag.toLowerCase())) found.set(tag.toLowerCase(), tag);
    });
    return found.size > 0 ? [...found.values()] : null;
  },
  fromText: (text, field, env) => tagsType.parse(text.split(/[;,|]/), field, env),
  toText: (value) => value.join('; '),
  shape: {
    kind: 'text',
    many: true,
    sql: (field, t) => `perigon_fold_all(${t}.${field.column})`,
    of: (value) => (Array.isArray(value) ? (value as string[]) : []),
  },
  operators: MEMBERS,
  sortable: false,
  aggregates: [],
  words: (field, t) => `array_to_string(${t}.${field.column}, ' ')`,
  schema: () => ({ type: 'array', items: { type: 'string' } }),
  samples: () => ({
    good: [
      { input: ['VIP', ' vip ', 'Messe 2026'], value: ['VIP', 'Messe 2026'] },
      { input: ['Ärger'], value: ['Ärger'] },
    ],
    bad: ['VIP', [1]],
  }),
};
