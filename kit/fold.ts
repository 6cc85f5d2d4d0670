/**
 * Folding: the form in which text compares without case and accents. `perigon_fold` in the database
 * (`engine/store/functions.sql.ts`) is the same function; a property test holds the two together.
 *
 * Steps: compatibility decomposition, combining marks dropped, lower case, then the few Latin letters that do not decompose.
 */
export const FOLD_FROM = 'øłđıßæœðþςħŧ';
export const FOLD_TO = ['o', 'l', 'd', 'i', 'ss', 'ae', 'oe', 'd', 'th', 'σ', 'h', 't'] as const;

const LETTERS = new Map([...FOLD_FROM].map((letter, i) => [letter, FOLD_TO[i] ?? letter]));
const SPECIAL = new RegExp(`[${FOLD_FROM}]`, 'g');
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/** The folded form of a text. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const bare = text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  return lower(bare).replace(SPECIAL, (letter) => LETTERS.get(letter) ?? letter);
}

// Letter by letter: JavaScript's own lower case looks at the neighbours (final sigma), the database's does not.
const lower = (text: string) => Array.from(text, (letter) => letter.toLowerCase()).join('');

/** Orders two folded texts as the database's "C" collation does: by code point. */
export function compareFolded(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
