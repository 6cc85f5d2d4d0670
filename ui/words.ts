import { createContext, createElement, type ReactNode, useContext, useSyncExternalStore } from 'react';

export type Catalogue = Record<string, string>;

/** What is missing in a language is said in this one. */
const fallback = 'en';

/** Catalogues by language. Keys are flat (`party.fields.lifecycleStage`): neither dots nor colons split them. */
const catalogues = new Map<string, Map<string, string>>();
const listeners = new Set<() => void>();
let spoken: Spoken | undefined;
/** What the company calls its objects and fields, by language. */
let own: Record<string, Catalogue> = {};

/** Takes what the company calls its objects and fields; everything on screen says so at once. */
export function setOwnWords(given: Record<string, Catalogue>): void {
  if (JSON.stringify(given) === JSON.stringify(own)) return;
  own = given;
  if (!spoken) return;
  spoken = speaking(spoken.words.language);
  for (const listener of listeners) listener();
}

/** Adds catalogues that arrive later, such as those of the modules after sign-in. */
export function addWords(language: string, added: Catalogue[]): void {
  const held = catalogues.get(language) ?? new Map<string, string>();
  catalogues.set(language, held);
  for (const catalogue of added) for (const [key, text] of Object.entries(catalogue)) if (text !== '') held.set(key, text);
  spoken?.forget();
}

/** Speaks a language from here on; its catalogues have been added before. */
export function speakLanguage(language: string): void {
  if (spoken?.words.language === language) return;
  spoken = speaking(language);
  for (const listener of listeners) listener();
}

/** Languages written from right to left; `en-XB` is English mirrored, to see by (`apps/web/pseudo.ts`). */
const fromTheRight = new Set(['ar', 'fa', 'he', 'ur', 'en-XB']);

/** The direction a language is written in. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return fromTheRight.has(language) || fromTheRight.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr';
}

/** A readable label from a key: `party.fields.lifecycleStage` gives "Lifecycle stage". */
export function humanise(key: string): string {
  const last = key.slice(key.lastIndexOf('.') + 1);
  const spaced = last
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export interface Words {
  /** A sentence or word of the catalogues. */
  t: (key: string, values?: Record<string, unknown>) => string;
  /** Whether a catalogue has this very key. */
  has: (key: string) => boolean;
  /** The word if a catalogue has it, else the readable form of its last part. */
  label: (key: string) => string;
  object: (object: string) => string;
  plural: (object: string) => string;
  field: (object: string, field: string) => string;
  option: (object: string, field: string, option: string) => string;
  /** A word of ours as it stands inside a sentence: small where the language writes nouns small. */
  inSentence: (word: string) => string;
  language: string;
}

/** "Customers" as "customers", but "SKU" as it is. Languages that write nouns large (German) or know no case say so in their catalogue. */
function insideSentence(word: string, nounsSmall: boolean, language: string): string {
  const [first = '', second = ''] = word;
  const abbreviation = second !== second.toLocaleLowerCase(language);
  return nounsSmall && !abbreviation ? first.toLocaleLowerCase(language) + word.slice(first.length) : word;
}

interface Spoken {
  words: Words;
  /** New words have come: what was looked up before may be said better now. */
  forget: () => void;
}

/**
 * One language as it is spoken. Hundreds of words are asked for in every drawing of a list, so each is looked up once; the object
 * is the same for as long as the language is.
 */
function speaking(language: string): Spoken {
  const chain = language === fallback ? [language] : [language, fallback];
  const plurals = new Map(chain.map((one) => [one, new Intl.PluralRules(one)]));
  const found = new Map<string, string | undefined>();
  const look = (key: string): string | undefined => {
    if (found.has(key)) return found.get(key);
    const text =
      chain.map((one) => own[one]?.[key] ?? catalogues.get(one)?.get(key)).find((one) => one !== undefined) ??
      // What the company has no word for in this language is said in another of its languages.
      Object.values(own).find((one) => one[key] !== undefined)?.[key];
    found.set(key, text);
    return text;
  };
  /** The form a number wants: each language has its own, so the key is sought language by language. None at all may have a form of its own anywhere. */
  const counted = (key: string, count: number): string | undefined => {
    for (const one of chain) {
      const held = catalogues.get(one);
      const text =
        (count === 0 ? held?.get(`${key}_zero`) : undefined) ?? held?.get(`${key}_${plurals.get(one)?.select(count)}`) ?? held?.get(key);
      if (text !== undefined) return text;
    }
    return undefined;
  };
  const t = (key: string, values?: Record<string, unknown>): string => {
    const text = (typeof values?.count === 'number' ? counted(key, values.count) : look(key)) ?? humanise(key);
    return values && text.includes('{{') ? text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? '')) : text;
  };
  const label = (key: string): string => look(key) ?? humanise(key);
  return {
    forget: () => found.clear(),
    words: {
      t,
      has: (key) => look(key) !== undefined,
      label,
      language,
      object: (object) => look(`${object}.name`) ?? humanise(object),
      plural: (object) => look(`${object}.plural`) ?? humanise(object),
      field: (object, field) => look(`${object}.fields.${field}`) ?? look(`field.${field}`) ?? humanise(field),
      option: (object, field, option) => label(`${object}.options.${field}.${option}`),
      inSentence: (word) => insideSentence(word, t('language.nounsSmall') === 'yes', language),
    },
  };
}

/** The words outside components (notifications, pure formatting). */
export function words(): Words {
  spoken ??= speaking(fallback);
  return spoken.words;
}

const Words = createContext<Words | null>(null);

function follow(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Draws its children anew when another language is spoken. One listener for the page: reading a context costs a component nothing. */
export function WithWords({ children }: { children: ReactNode }): ReactNode {
  return createElement(Words.Provider, { value: useSyncExternalStore(follow, words) }, children);
}

/** The words in the user's language, for components. */
export function useWords(): Words {
  return useContext(Words) ?? words();
}
