/** Flat words by language, under keys as in the catalogues of the modules. */
export type Words = { readonly [language: string]: { readonly [key: string]: string } };

/** Words laid over each other, the later ones winning. */
export function mergeWords(...all: readonly (Words | undefined)[]): Words {
  const merged: Record<string, Record<string, string>> = {};
  for (const words of all)
    for (const [language, spoken] of Object.entries(words ?? {})) merged[language] = { ...merged[language], ...spoken };
  return merged;
}
