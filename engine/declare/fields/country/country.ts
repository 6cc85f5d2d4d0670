import { countries, type TCountryCode } from 'countries-list';
import { CHOOSE, FieldProblem, fieldOf, scalarType } from '../../field.ts';

/** A country: ISO 3166-1 alpha-2. */
export const country = fieldOf<string>('country');

const plain = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[^\p{L}]/gu, '')
    .toLowerCase();

/** Names that files use and no register lists. */
const ALSO: Record<string, string> = {
  uk: 'GB',
  greatbritain: 'GB',
  england: 'GB',
  usa: 'US',
  unitedstatesofamerica: 'US',
  holland: 'NL',
  korea: 'KR',
  southkorea: 'KR',
  northkorea: 'KP',
  russia: 'RU',
  czechrepublic: 'CZ',
  uae: 'AE',
  vietnam: 'VN',
};

let names: Map<string, string> | undefined;
const byName = () => {
  if (names) return names;
  names = new Map(Object.entries(ALSO));
  for (const [code, entry] of Object.entries(countries)) {
    for (const name of [entry.name, entry.native]) names.set(plain(name), code);
    for (const language of ['en', 'de', 'fr', 'es'])
      names.set(plain(new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? ''), code);
  }
  return names;
};

/** Reads an ISO code. */
export function countryCode(input: unknown, part = ''): string {
  const code = typeof input === 'string' ? input.trim().toUpperCase() : '';
  if (!((code as TCountryCode) in countries))
    throw new FieldProblem('country', `“${String(input).slice(0, 40)}” is not a country code such as DE or US.`, part);
  return code;
}

export const countryType = scalarType<string>({
  key: 'country',
  column: 'text',
  kind: 'key',
  parse: (input) => (input === '' ? null : countryCode(input)),
  fromText: (text) => {
    const hit = byName().get(plain(text));
    return /^[A-Za-z]{2}$/.test(text.trim()) && text.trim().toUpperCase() in countries ? countryCode(text) : hit ? hit : countryCode(text);
  },
  operators: CHOOSE,
  schema: () => ({ type: 'string', pattern: '^[A-Z]{2}$' }),
  samples: () => ({
    good: [
      { input: 'de', value: 'DE' },
      { input: 'US', value: 'US' },
    ],
    bad: ['Germany', 'XX', 1],
  }),
});
