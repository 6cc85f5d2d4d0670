/**
 * Names that set-up writes into records, by language: from then on they are the company's own, so they are no words of a
 * catalogue. Every language says all of them; what is not spoken is said in English.
 */
export type SetUpNames<K extends string> = Readonly<Record<'en', Readonly<Record<K, string>>>> &
  Readonly<Partial<Record<string, Readonly<Record<K, string>>>>>;

/** The names in a language such as `de` or `de-AT`. Pure. */
export function namesIn<K extends string>(names: SetUpNames<K>, language: string): Readonly<Record<K, string>> {
  return names[language.split('-')[0] ?? ''] ?? names.en;
}
