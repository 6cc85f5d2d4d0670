import type { Catalogue } from '#ui/words.ts';

const accents: Record<string, string> = {
  a: 'å',
  c: 'ç',
  e: 'é',
  i: 'î',
  n: 'ñ',
  o: 'ö',
  s: 'š',
  u: 'û',
  y: 'ý',
  A: 'Å',
  C: 'Ç',
  E: 'É',
  I: 'Î',
  N: 'Ñ',
  O: 'Ö',
  S: 'Š',
  U: 'Û',
};

/** German needs about a third more room than English. */
const growth = 0.35;

/** Applies `change` to the words of a sentence, not to its {{places}}. */
function around(sentence: string, change: (text: string) => string): string {
  return sentence
    .split(/(\{\{[^}]*\}\})/)
    .map((part) => (part.startsWith('{{') || part === '' ? part : change(part)))
    .join('');
}

function longer(sentence: string): string {
  const accented = around(sentence, (text) => text.replace(/[A-Za-z]/g, (letter) => accents[letter] ?? letter));
  const letters = sentence.replace(/\{\{[^}]*\}\}/g, '').length;
  // Dots in twos, so that a longer text breaks into lines as words would.
  const filling = '·· '.repeat(Math.ceil((letters * growth) / 3)).trim();
  return `⟦${accented} ${filling}⟧`;
}

/** Right-to-left override, and its end: letters stand mirrored in order as in a language written that way. */
const mirrored = (sentence: string): string => around(sentence, (text) => `\u202e${text}\u202c`);

/**
 * The catalogue of one of two languages that nobody speaks, made from the English one to see by: `en-XA` is longer, accented and
 * in brackets, so that a text that is cut off or comes from no catalogue strikes the eye; `en-XB` runs from right to left. Only
 * in development and test builds, by `?lang=en-XA`.
 */
export function pseudo(language: string, english: Catalogue): Catalogue {
  const change = language === 'en-XB' ? mirrored : longer;
  return Object.fromEntries(Object.entries(english).map(([key, text]) => [key, key.startsWith('language.') ? 'no' : change(text)]));
}
