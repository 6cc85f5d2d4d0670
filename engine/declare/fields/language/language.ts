import { CHOOSE, FieldProblem, fieldOf, scalarType } from '../../field.ts';

/** A language: BCP 47, such as `de` or `pt-BR`. */
export const language = fieldOf<string>('language');

const NAMED = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** Reads a language tag into its canonical form. */
export function languageTag(input: unknown): string {
  const refuse = () => new FieldProblem('language', `“${String(input).slice(0, 40)}” is not a language such as en or pt-BR.`);
  if (typeof input !== 'string') throw refuse();
  let tag: string | undefined;
  try {
    tag = Intl.getCanonicalLocales(input.trim().replace('_', '-'))[0];
  } catch {
    throw refuse();
  }
  if (!tag || tag.length > 35 || !NAMED.of(tag.split('-')[0] ?? '')) throw refuse();
  return tag;
}

export const languageType = scalarType<string>({
  key: 'language',
  column: 'text',
  kind: 'key',
  parse: (input) => (input === '' ? null : languageTag(input)),
  operators: CHOOSE,
  schema: () => ({ type: 'string', examples: ['en', 'pt-BR'] }),
  samples: () => ({
    good: [
      { input: 'de', value: 'de' },
      { input: 'pt-br', value: 'pt-BR' },
    ],
    bad: ['Klingonese please', 'qq', 4],
  }),
});
