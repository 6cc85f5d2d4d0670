import { setLocale } from '#ui/format.ts';
import { addWords, type Catalogue, directionOf, speakLanguage } from '#ui/words.ts';

const own = import.meta.glob<Catalogue>('../../ui/words/*.json', { import: 'default' });
const ofModules = import.meta.glob<Catalogue>('../../modules/*/words/*.json', { import: 'default' });

/** Languages the app speaks: those its own catalogue is written in. */
export const languages = Object.keys(own).map((path) => path.slice(path.lastIndexOf('/') + 1, -'.json'.length));

/** Languages that are not whole yet: what they lack is said in English. */
const partial = new Set(['ar']);

/** Pseudo languages are for those who build Perigon; a build for users has none of this. */
const building = import.meta.env.DEV || import.meta.env.MODE === 'test';

/** `?lang=` at the start wins over everything until the page is loaded anew. */
const forced = building ? new URLSearchParams(location.search).get('lang') : null;

const remembered = 'perigon-language';

/** The language to speak: the one wanted if there is a catalogue for it, else English. */
export function spoken(wanted: string | null | undefined): string {
  if (forced) return forced;
  const base = wanted?.split('-')[0] ?? 'en';
  return languages.includes(base) ? base : 'en';
}

/** The language before anybody has signed in: the one last spoken here, else the first of the browser's that we speak. */
export function firstLanguage(): string {
  const known = [stored(), ...navigator.languages].find((one) => one && languages.includes(one.split('-')[0] ?? ''));
  return spoken(known);
}

function stored(): string | null {
  try {
    return localStorage.getItem(remembered);
  } catch {
    return null;
  }
}

function remember(language: string): void {
  if (forced) return;
  try {
    localStorage.setItem(remembered, language);
  } catch {
    // Without storage the browser's language opens the sign-in.
  }
}

async function load(files: Record<string, () => Promise<Catalogue>>, language: string): Promise<Catalogue[]> {
  const source = building && language.startsWith('en-X') ? 'en' : language;
  const found = await Promise.all(
    Object.entries(files)
      .filter(([path]) => path.endsWith(`/${source}.json`))
      .map(([, read]) => read()),
  );
  if (!building || source === language) return found;
  const { pseudo } = await import('./pseudo.ts');
  return found.map((one) => pseudo(language, one));
}

/** What a language needs besides words: the names of months for calendars, letters that the first font lacks. */
const besides: Record<string, () => Promise<unknown>> = {
  de: () => import('dayjs/locale/de'),
  ar: () => Promise.all([import('dayjs/locale/ar'), import('@fontsource-variable/noto-sans-arabic/wght.css')]),
};

const here = new Set<string>();

/** Fetches once what is needed to speak a language; `all` with the words of the modules, wanted once somebody is in. */
export async function fetchWords(language: string, all: boolean): Promise<void> {
  const wanted = partial.has(language) ? [language, 'en'] : [language];
  await Promise.all(
    wanted.flatMap((one) => [bring(`own ${one}`, one, own), ...(all ? [bring(`modules ${one}`, one, ofModules), besides[one]?.()] : [])]),
  );
}

async function bring(name: string, language: string, files: typeof own): Promise<void> {
  if (here.has(name)) return;
  addWords(language, await load(files, language));
  here.add(name);
}

/** Begins to speak, before the first page is drawn. */
export async function begin(): Promise<void> {
  const language = firstLanguage();
  await fetchWords(language, false);
  speakLanguage(language);
  await follow(language);
}

/** Speaks a language from here on, everywhere on screen at once. */
export async function speak(language: string): Promise<void> {
  await fetchWords(language, true);
  speakLanguage(language);
  await follow(language);
  remember(language);
}

async function follow(language: string): Promise<void> {
  setLocale({ language });
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  if (language === 'ar') await besides.ar?.();
}
