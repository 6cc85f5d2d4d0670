import { createRequire } from 'node:module';

/**
 * Names in Chinese characters, as Mandarin says them. The dictionary of readings (a megabyte, 27 in memory) is fetched with the
 * first such name that is met: a company that has none never holds it.
 */
type Dictionary = typeof import('pinyin-pro');
let held: Dictionary | undefined;
const dictionary = (): Dictionary => {
  held ??= createRequire(import.meta.url)('pinyin-pro') as Dictionary;
  return held;
};

const RUN = /\p{Script=Han}+/gu;
const WHOLE = /^\p{Script=Han}+$/u;
/** Who writes these writes Japanese: its names in Chinese characters are said otherwise, and in more ways than a table knows. */
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Whether a name is written in Chinese characters alone. */
export const isHan = (text: string): boolean => WHOLE.test(text);

/** A text with its Chinese characters read: 重庆 → chongqing. Texts that are plainly Japanese are left as they are. */
export const readHan = (text: string): string => (KANA.test(text) ? text : text.replace(RUN, (run) => syllables(run).join('')));

const syllables = (run: string, surname: 'head' | 'off' = 'off'): string[] =>
  dictionary().pinyin(run, { toneType: 'none', type: 'array', surname });

/** At most so many ways to say one name are told apart. */
const MOST = 4;

/** How a family name may be said, the likely first: 单 is Shan as a name, and Dan or Chan as a word. */
export function familyReadings(name: string): string[] {
  const likely = syllables(name, 'head').join('');
  const others = Array.from(name).length === 1 ? everyReading(name) : [];
  return spellings([likely, syllables(name).join(''), ...others]);
}

/** How a given name may be said, its syllables apart. */
export function givenReadings(name: string): string[] {
  const likely = syllables(name);
  // Each character that has several readings gives one more way at a time: all of them together are a crowd.
  const others = Array.from(name).flatMap((sign, i) => everyReading(sign).map((said) => likely.with(i, said)));
  return spellings([likely, ...others].map((list) => list.join(' ')));
}

const everyReading = (sign: string): string[] => dictionary().polyphonic(sign, { toneType: 'none', type: 'array' })[0] ?? [];

/** 吕 is written Lü, Lu, Lyu and Lv. */
const spellings = (readings: readonly string[]): string[] =>
  [...new Set(readings.flatMap((said) => (said.includes('ü') ? ['u', 'yu', 'v'].map((u) => said.replaceAll('ü', u)) : [said])))]
    .filter((said) => /^[a-z ]+$/.test(said))
    .slice(0, MOST);
