import { distance } from 'fastest-levenshtein';
import type { Likeness } from '#engine/declare/object.ts';
import { isObject } from '#kit/json.ts';
import { jaroWinkler } from '#kit/similarity.ts';
import { familyReadings, givenReadings, isHan } from './han.ts';
import { companyWords, isLatin, isNickname, nameWords, nicknameFamilies, plainName, skeleton } from './names.ts';
import { samePhone } from './phones.ts';

/** What of a field's value is compared, in few letters, so that a million of them may be read again and again. */
export type Part = readonly string[];

/** One question asked of two records; the answer is a level, 0 the strongest, the last one “differ”. */
export interface Comparison {
  key: string;
  levels: readonly string[];
  /** Place of the level. Both parts say something. */
  level(a: Part, b: Part): number;
}

/** How the values of a field are compared, and by which keys records that may be the same find each other. */
export interface Comparator {
  /** The comparable part of a stored value; null where it says nothing. */
  read(value: unknown): Part | null;
  comparisons: readonly Comparison[];
  /** Keys that make two records worth comparing by themselves. */
  strong?(part: Part): string[];
  /** Keys that do so only two together (`PAIRS` in matching.ts); the letter before the colon is their kind. */
  weak?(part: Part): string[];
}

const closeNames = 0.88;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Sound of a name: its first letter and the consonants after it. */
const sound = (name: string): string => {
  const plain = plainName(name);
  return plain.slice(0, 1) + skeleton(plain.slice(1)).slice(0, 3);
};

/** Names romanised from scripts without vowels are close when their consonants are. */
function sameBones(a: string, b: string): boolean {
  const [one, other] = [skeleton(plainName(a)), skeleton(plainName(b))];
  return Math.min(one.length, other.length) > 2 ? jaroWinkler(one, other) >= 0.9 : one.length === 2 && one === other;
}

const isClose = (a: string, b: string, foreign: boolean): boolean =>
  jaroWinkler(a, b) >= closeNames || (a.length > 3 && b.length > 3 && distance(a, b) <= 1) || (foreign && sameBones(a, b));

// given, family, whether the name came from another script
const GIVEN = 0;
const FAMILY = 1;
const FOREIGN = 2;
// Of names in Chinese characters: the characters, and in how many ways given and family name may be said.
const GIVEN_SIGNS = 3;
const FAMILY_SIGNS = 4;
const GIVEN_SAID = 5;
const FAMILY_SAID = 6;

/** The part of a name in Chinese characters: the likely reading where others have their romanised form, all of them beside. */
function hanPart(given: string, family: string): Part | null {
  if (![given, family].every((name) => name === '' || isHan(name)) || given + family === '') return null;
  const said = [given && givenReadings(given), family && familyReadings(family)].map((list) => (list || []).map((one) => plainWords(one)));
  const [givens = [], families = []] = said;
  if ((given && givens.length === 0) || (family && families.length === 0)) return null;
  return [givens[0] ?? '', families[0] ?? '', 'x', given, family, givens.join('|'), families.join('|')];
}
const plainWords = (words: string): string => words.split(' ').map(plainName).join(' ');

/** Everything a given or family name may be as one word; one thing, but for names in Chinese characters. */
const saidAs = (part: Part, name: typeof GIVEN | typeof FAMILY): string[] =>
  (part[name === GIVEN ? GIVEN_SAID : FAMILY_SAID] || (part[name] ?? '')).split('|').map((one) => one.replaceAll(' ', ''));

/** Level of two names of which one at least is in Chinese characters: the same characters are the same name, those that sound the same are near it. */
function hanLevel(a: Part, b: Part, name: typeof GIVEN | typeof FAMILY): 'exact' | 'close' | 'differ' | null {
  const signs = name === GIVEN ? GIVEN_SIGNS : FAMILY_SIGNS;
  if (!a[signs] && !b[signs]) return null;
  if (a[signs] && a[signs] === b[signs]) return 'exact';
  const [ours, theirs] = [saidAs(a, name), saidAs(b, name)];
  if (ours.some((one) => theirs.includes(one))) return a[signs] && b[signs] ? 'close' : 'exact';
  // What is written alike is another name in Chinese, so only a slip in the Latin form is forgiven.
  return !(a[signs] && b[signs]) && ours.some((one) => theirs.some((other) => isClose(one, other, false))) ? 'close' : 'differ';
}

const personName: Comparator = {
  read(value) {
    if (!isObject(value)) return null;
    const han = hanPart(text(value.given).trim(), text(value.family).trim());
    if (han) return han;
    const given = nameWords(text(value.given)).map(plainName).join(' ');
    const family = nameWords(text(value.family)).map(plainName).join(' ');
    if (!given && !family) return null;
    return [given, family, isLatin(`${text(value.given)}${text(value.family)}`) ? '' : 'x'];
  },
  comparisons: [
    {
      key: 'given',
      levels: ['exact', 'variant', 'close', 'differ'],
      level(a, b) {
        const one = a[GIVEN] ?? '';
        const other = b[GIVEN] ?? '';
        if (one === '' || other === '') return isSwapped(a, b) ? 2 : -1;
        const han = hanLevel(a, b, GIVEN);
        if (han === 'differ' && !(a[GIVEN_SIGNS] && b[GIVEN_SIGNS]) && Math.min(one.length, other.length) === 1)
          return one[0] === other[0] ? 1 : 3;
        if (han) return han === 'exact' ? 0 : han === 'close' || isSwapped(a, b) ? 2 : 3;
        if (one === other) return 0;
        const [first = '', ...rest] = one.split(' ');
        const [second = '', ...more] = other.split(' ');
        if (first === second && (rest.length === 0 || more.length === 0)) return 1;
        if (isNickname(first, second)) return 1;
        if ((first.length === 1 || second.length === 1) && first[0] === second[0]) return 1;
        return isClose(one, other, Boolean(a[FOREIGN] || b[FOREIGN])) || isSwapped(a, b) ? 2 : 3;
      },
    },
    {
      key: 'family',
      levels: ['exact', 'close', 'differ'],
      level(a, b) {
        const one = a[FAMILY] ?? '';
        const other = b[FAMILY] ?? '';
        if (one === '' || other === '') return isSwapped(a, b) ? 1 : -1;
        const han = hanLevel(a, b, FAMILY);
        if (han) return han === 'exact' ? 0 : han === 'close' || isSwapped(a, b) ? 1 : 2;
        if (one === other) return 0;
        if (isClose(one, other, Boolean(a[FOREIGN] || b[FOREIGN])) || isSwapped(a, b)) return 1;
        // A double name keeps one of its halves.
        const words = new Set(one.split(' '));
        return other.split(' ').some((word) => word.length > 3 && words.has(word)) ? 1 : 2;
      },
    },
  ],
  weak: (part) => [...givenSounds(part).map((given) => `g:${given}`), ...familySounds(part).map((family) => `f:${family}`)],
  // Written the other way round, the two names still find each other.
  strong: (part) => familySounds(part).flatMap((family) => givenSounds(part).map((given) => `n:${[given, family].sort().join(' ')}`)),
};

/** How a given name sounds, and the families it is a form of, so that Bill meets William. */
function givenSounds(part: Part): string[] {
  if (part[GIVEN_SAID]) {
    // Xiaoming, and Xiao Ming of whom the first word is told.
    const said = part[GIVEN_SAID].split('|').flatMap((one) => [one.replaceAll(' ', ''), one.split(' ')[0] ?? '']);
    return [...new Set(said.map(sound))];
  }
  const given = part[GIVEN]?.split(' ')[0] ?? '';
  return given ? [sound(given), ...[...nicknameFamilies(given)].map((family) => `#${family}`)] : [];
}

/** How a family name sounds: in one way, but for names in Chinese characters. */
const familySounds = (part: Part): string[] =>
  part[FAMILY_SAID] ? [...new Set(saidAs(part, FAMILY).map(sound))] : part[FAMILY] ? [sound(part[FAMILY])] : [];

/** Given and family name written the wrong way round. */
function isSwapped(a: Part, b: Part): boolean {
  const foreign = Boolean(a[FOREIGN] || b[FOREIGN]);
  const matches = (one = '', other = '') =>
    one !== '' &&
    other !== '' &&
    (one === other || (foreign && (one.replaceAll(' ', '') === other.replaceAll(' ', '') || isClose(one, other, foreign))));
  return (
    (matches(a[GIVEN], b[FAMILY]) && (matches(a[FAMILY], b[GIVEN]) || a[FAMILY] === '' || b[GIVEN] === '')) ||
    (matches(a[FAMILY], b[GIVEN]) && (a[GIVEN] === '' || b[FAMILY] === ''))
  );
}

const companyName: Comparator = {
  read(value) {
    const words = companyWords(text(value)).map(plainName);
    if (words.length === 0) return null;
    const all = nameWords(text(value));
    const initials = all.length > 2 ? all.map((word) => word[0]).join('') : '';
    return [words.join(' '), isLatin(text(value)) ? '' : 'x', initials];
  },
  comparisons: [
    {
      key: 'name',
      levels: ['exact', 'close', 'partly', 'differ'],
      level([one = '', foreign, initials], [other = '', abroad, others]) {
        if (one === other) return 0;
        const left = one.split(' ');
        const right = other.split(' ');
        const [joined, whole] = [left.join(''), right.join('')];
        if (joined === whole || [...left].sort().join(' ') === [...right].sort().join(' ')) return 0;
        if (Math.min(joined.length, whole.length) >= 8 && distance(joined, whole) <= 1) return 1;
        if ((foreign || abroad) && sameBones(joined, whole)) return 1;
        const few = left.length <= right.length ? left : right;
        const many = few === left ? right : left;
        const shared = few.filter((word) => many.some((candidate) => sameWord(candidate, word))).length;
        if (shared === few.length && (shared >= 2 || shared === many.length)) return 1;
        if (joined === others || whole === initials) return 2;
        return shared > 0 && shared >= few.length / 2 ? 2 : 3;
      },
    },
  ],
  strong: ([name = '']) => [`c:${name.split(' ').sort().join('')}`],
  weak: ([name = '']) =>
    [...new Set(name.split(' ').filter((word) => word.length > 2))]
      .sort((a, b) => b.length - a.length)
      .slice(0, 3)
      .map((word) => `w:${sound(word)}${word.length > 5 ? word.slice(-1) : ''}`),
};

/** The same word with a slip of the pen; short ones must be the same, or bank and bahn were one. */
const sameWord = (a: string, b: string): boolean =>
  a === b || (Math.min(a.length, b.length) >= 5 && (distance(a, b) <= 1 || jaroWinkler(a, b) >= 0.94));

/** Addresses that many share say nothing: info@ of the same house does, as a whole. */
const ROLES = new Set([
  'info',
  'office',
  'kontakt',
  'contact',
  'mail',
  'hello',
  'sales',
  'admin',
  'support',
  'service',
  'team',
  'post',
  'welcome',
]);

const valuesOf = (value: unknown): string[] => {
  const points = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
  return points.flatMap((point) =>
    typeof point === 'string' ? [point] : isObject(point) && typeof point.value === 'string' ? [point.value] : [],
  );
};

const email: Comparator = {
  read(value) {
    const all = valuesOf(value).map((one) => one.toLowerCase());
    return all.length > 0 ? [...new Set(all)].slice(0, 5) : null;
  },
  comparisons: [
    {
      key: 'email',
      levels: ['exact', 'local', 'differ'],
      level(a, b) {
        if (a.some((one) => b.includes(one))) return 0;
        const local = (address: string) => address.split('@')[0]?.replace(/\+.*$|[._-]/g, '') ?? '';
        const ours = new Set(a.map(local).filter((name) => name.length > 3 && !ROLES.has(name)));
        return b.some((one) => ours.has(local(one))) ? 1 : 2;
      },
    },
  ],
  strong: (part) => part.map((one) => `e:${one}`),
};

const phone: Comparator = {
  read(value) {
    const all = valuesOf(value).map(samePhone);
    return all.length > 0 ? [...new Set(all)].slice(0, 5) : null;
  },
  comparisons: [{ key: 'phone', levels: ['exact', 'differ'], level: (a, b) => (a.some((one) => b.includes(one)) ? 0 : 1) }],
  strong: (part) => part.map((one) => `t:${one}`),
};

/** Words by which streets are called everywhere, and their short forms; they tell no street from another. */
const STREETS =
  /^(street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|place|pl|court|ct|crescent|cres|close|cl|circuit|cct|way|terrace|tce|parade|strasse|str|weg|platz|allee|gasse|rue|calle|via|viale|straat|laan|ulica|ul|prospekt)$/;

// street words, number, postal code, city
const STREET = 0;
const NUMBER = 1;
const POSTCODE = 2;
const CITY = 3;

/** The first address, or the primary one: what people mean when they name one. */
const address: Comparator = {
  read(value) {
    const all = (Array.isArray(value) ? value : [value]).filter(isObject);
    const chosen = all.find((one) => one.primary === true) ?? all[0];
    if (!chosen) return null;
    const words = nameWords(text(chosen.street).replace(/(stra(?:ß|ss)e|str\.|straat|gasse|weg|platz|allee)\b/giu, ' $1'));
    const number = words.find((word) => /^\d/.test(word)) ?? '';
    const street = words
      .filter((word) => !/^\d/.test(word) && !STREETS.test(word))
      .map(plainName)
      .join(' ');
    const city = nameWords(text(chosen.city)).map(plainName).join(' ');
    const part = [
      street,
      number,
      text(chosen.postalCode)
        .toLowerCase()
        .replace(/[^a-z0-9]/g, ''),
      city,
    ];
    return part.some(Boolean) ? part : null;
  },
  comparisons: [
    {
      key: 'street',
      levels: ['exact', 'close', 'differ'],
      level(a, b) {
        const one = a[STREET] ?? '';
        const other = b[STREET] ?? '';
        if (one === '' || other === '') return -1;
        const same = one === other;
        const close = same || jaroWinkler(one, other) >= 0.9 || one.split(' ').sort().join(' ') === other.split(' ').sort().join(' ');
        if (!close) return 2;
        return same && a[NUMBER] === b[NUMBER] ? 0 : 1;
      },
    },
    {
      key: 'place',
      levels: ['exact', 'close', 'differ'],
      level(a, b) {
        const code = both(a[POSTCODE], b[POSTCODE], (one, other) =>
          one === other ? 2 : distance(one, other) === 1 || isTransposed(one, other) ? 1 : 0,
        );
        const city = both(a[CITY], b[CITY], (one, other) => (one === other ? 2 : jaroWinkler(one, other) >= 0.9 ? 1 : 0));
        if (code === null && city === null) return -1;
        const known = (code ?? city ?? 0) + (city ?? code ?? 0);
        return known === 4 ? 0 : known >= 2 ? 1 : 2;
      },
    },
  ],
  strong: (part) => (part[STREET] && part[NUMBER] && part[POSTCODE] ? [`a:${sound(part[STREET])}${part[NUMBER]}${part[POSTCODE]}`] : []),
  weak: (part) => [
    ...(part[POSTCODE] ? [`p:${part[POSTCODE]}`] : []),
    ...(part[CITY] ? [`p:${sound(part[CITY])}`] : []),
    ...(part[STREET] ? [`s:${sound(part[STREET])}${part[NUMBER]}`] : []),
  ],
};

function both<T>(a: string | undefined, b: string | undefined, of: (a: string, b: string) => T): T | null {
  return a && b ? of(a, b) : null;
}

/** Two neighbouring letters exchanged. */
function isTransposed(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((letter, i) => letter !== b[i]);
  return at >= 0 && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

const date: Comparator = {
  read: (value) => (typeof value === 'string' && value.length >= 10 ? [value.slice(0, 10)] : null),
  comparisons: [
    {
      key: 'date',
      levels: ['exact', 'close', 'differ'],
      level([a = ''], [b = '']) {
        if (a === b) return 0;
        const [year, month, day] = a.split('-');
        const other = b.split('-');
        if (year === other[0] && month === other[2] && day === other[1]) return 1;
        const ours = a.replaceAll('-', '');
        const theirs = b.replaceAll('-', '');
        return distance(ours, theirs) === 1 || isTransposed(ours, theirs) ? 1 : 2;
      },
    },
  ],
  weak: ([day = '']) => [`d:${day}`],
};

/** Houses where everybody has a page or an address: being there together says nothing. */
const SHARED = new Set(
  'facebook.com instagram.com linkedin.com twitter.com x.com youtube.com google.com wordpress.com blogspot.com wixsite.com github.io github.com'.split(
    ' ',
  ),
);

const website: Comparator = {
  read(value) {
    const host = /^(?:https?:\/\/)?(?:www\.)?([^/:?#]+)/i.exec(text(value).trim())?.[1]?.toLowerCase();
    return host?.includes('.') && !SHARED.has(host) ? [host] : null;
  },
  comparisons: [{ key: 'website', levels: ['exact', 'differ'], level: ([a], [b]) => (a === b ? 0 : 1) }],
  strong: (part) => part.map((host) => `h:${host}`),
};

const words: Comparator = {
  read(value) {
    const all = nameWords(text(value)).map(plainName);
    return all.length > 0 ? [all.join(' ')] : null;
  },
  comparisons: [
    {
      key: 'text',
      levels: ['exact', 'close', 'differ'],
      level: ([a = ''], [b = '']) => (a === b ? 0 : jaroWinkler(a, b) >= 0.92 ? 1 : 2),
    },
  ],
  strong: ([all = '']) => [`x:${all}`],
};

/** By the name under which an object's declaration asks for them. */
export const comparators: Readonly<Record<Likeness, Comparator>> = { personName, companyName, email, phone, address, date, website, words };
