import ar from './words/ar.json';
import de from './words/de.json';
import en from './words/en.json';

const CATALOGUES: Record<string, Record<string, string>> = { en, de, ar };

/** A word of this module on the server; what is missing in a language is said in English. Pure. */
export const spoken = (key: string, language: string): string | undefined =>
  CATALOGUES[language.split('-')[0] ?? '']?.[key] ?? CATALOGUES.en?.[key];

/** Where a lead came from, as a deal says it: in the company's words; an option of the company's own by its key. Pure. */
export const sourceName = (source: string, language: string): string => spoken(`lead.options.source.${source}`, language) ?? source;
