import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export type Catalogue = Record<string, string>;

/**
 * Starts the words of the app. Keys are flat (`party.fields.lifecycleStage`), so neither dots nor
 * colons split them.
 */
export async function startWords(language: string, catalogues: Catalogue[]): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    returnEmptyString: false,
    resources: { [language]: { translation: Object.assign({}, ...catalogues) } },
    // Labels made of keys are built elsewhere (`label`), so a missing word is only ever its key made readable.
    parseMissingKeyHandler: (key) => humanise(key),
  });
}

/** Speaks another language from here on; its catalogues have been added before. */
export async function changeLanguage(language: string): Promise<void> {
  await i18next.changeLanguage(language);
}

/** Languages written from right to left; `en-XB` is English mirrored, to see by (`apps/web/pseudo.ts`). */
const fromTheRight = new Set(['ar', 'fa', 'he', 'ur', 'en-XB']);

/** The direction a language is written in. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return fromTheRight.has(language) || fromTheRight.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr';
}

/** Adds catalogues that arrive later, such as those of the modules after sign-in. */
export function addWords(language: string, catalogues: Catalogue[]): void {
  i18next.addResourceBundle(language, 'translation', Object.assign({}, ...catalogues), true, true);
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

function build(t: (key: string, values?: Record<string, unknown>) => string, language: string): Words {
  const label = (key: string): string => (i18next.exists(key) ? t(key) : humanise(key));
  return {
    t,
    has: (key) => i18next.exists(key),
    label,
    language,
    object: (object) => (i18next.exists(`${object}.name`) ? t(`${object}.name`) : humanise(object)),
    plural: (object) => (i18next.exists(`${object}.plural`) ? t(`${object}.plural`) : humanise(object)),
    field: (object, field) => {
      const own = `${object}.fields.${field}`;
      if (i18next.exists(own)) return t(own);
      const common = `field.${field}`;
      return i18next.exists(common) ? t(common) : humanise(field);
    },
    option: (object, field, option) => label(`${object}.options.${field}.${option}`),
    inSentence: (word) => insideSentence(word, t('language.nounsSmall') === 'yes', language),
  };
}

/** The words in the user's language, for components. */
export function useWords(): Words {
  const { t, i18n } = useTranslation();
  return build((key, values) => t(key, values ?? {}) as string, i18n.language);
}

/** The words outside components (notifications, pure formatting). */
export function words(): Words {
  return build((key, values) => i18next.t(key, values ?? {}) as string, i18next.language);
}
