import type { Catalogue } from '#ui/words.ts';

const own = import.meta.glob<Catalogue>('../../ui/words/*.json', { import: 'default' });
const ofModules = import.meta.glob<Catalogue>('../../modules/*/words/*.json', { import: 'default' });

async function load(files: Record<string, () => Promise<Catalogue>>, language: string): Promise<Catalogue[]> {
  return Promise.all(
    Object.entries(files)
      .filter(([path]) => path.endsWith(`/${language}.json`))
      .map(([, read]) => read()),
  );
}

/** Languages the app speaks: those its own catalogue is written in. */
export const languages = Object.keys(own).map((path) => path.slice(path.lastIndexOf('/') + 1, -'.json'.length));

/** The language to speak: the one wanted if there is a catalogue for it, else English. */
export function spoken(wanted: string | null | undefined): string {
  const base = wanted?.split('-')[0] ?? 'en';
  return languages.includes(base) ? base : 'en';
}

/** Words of the frame itself, enough to sign in. */
export function ownWords(language: string): Promise<Catalogue[]> {
  return load(own, language);
}

/** Words of all modules, wanted once somebody is in. */
export function moduleWords(language: string): Promise<Catalogue[]> {
  return load(ofModules, language);
}
