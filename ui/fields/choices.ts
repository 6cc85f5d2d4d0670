import { displayName, formatLocale } from '../format.ts';

export interface Choice {
  value: string;
  label: string;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Regions that Intl names but nobody lives in or that are groups of countries. */
const notCountries = new Set([
  'EU',
  'EZ',
  'UN',
  'QO',
  'XA',
  'XB',
  'ZZ',
  'AC',
  'CP',
  'CQ',
  'DG',
  'EA',
  'IC',
  'TA',
  'AN',
  'BU',
  'CS',
  'DD',
  'FX',
  'NT',
  'SU',
  'TP',
  'YD',
  'YU',
  'ZR',
  'UK',
  'CT',
  'DY',
  'FQ',
  'HV',
  'JT',
  'MI',
  'NH',
  'NQ',
  'PC',
  'PU',
  'PZ',
  'RH',
  'VD',
  'WK',
]);

function sorted(type: 'region' | 'currency' | 'language', codes: string[]): Choice[] {
  const order = new Intl.Collator(formatLocale()).compare;
  return codes.map((code) => ({ value: code, label: displayName(type, code) })).sort((a, b) => order(a.label, b.label));
}

const kept = new Map<string, Choice[]>();

/** Lists of names are long to make and the same until the language changes. */
function keptFor(what: string, make: () => Choice[]): Choice[] {
  const key = `${what} ${formatLocale()}`;
  const found = kept.get(key) ?? make();
  kept.set(key, found);
  return found;
}

/** All countries by name, from the browser's own tables. */
export function countryChoices(): Choice[] {
  return keptFor('countries', () =>
    sorted(
      'region',
      [...letters]
        .flatMap((one) => [...letters].map((other) => one + other))
        .filter((code) => !notCountries.has(code) && displayName('region', code) !== code),
    ),
  );
}

/** All currencies as "EUR Euro". */
export function currencyChoices(): Choice[] {
  return keptFor('currencies', () =>
    Intl.supportedValuesOf('currency').map((code) => ({ value: code, label: `${code} ${displayName('currency', code)}` })),
  );
}

const languages =
  'af am ar as az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn or pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tk tr uk ur uz vi zh zu'.split(
    ' ',
  );

/** The languages that people write in at work, by name. */
export function languageChoices(): Choice[] {
  return keptFor('languages', () => sorted('language', languages));
}

/** All time zones of the browser. */
export function timeZoneChoices(): string[] {
  const zones = Intl.supportedValuesOf('timeZone');
  return zones.includes('UTC') ? zones : ['UTC', ...zones];
}
