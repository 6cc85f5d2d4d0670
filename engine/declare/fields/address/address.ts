import { isObject, type Json } from '#kit/json.ts';
import {
  type BoundField,
  type CommonOptions,
  cleanText,
  type Field,
  FieldProblem,
  type FieldType,
  fieldOf,
  folded,
  type Operator,
  type Part,
} from '../../field.ts';
import { countryCode, countryType } from '../country/country.ts';

export interface Address {
  street: string | null;
  /** A second line: building, care of, post office box. */
  extra: string | null;
  city: string | null;
  region: string | null;
  postalCode: string | null;
  country: string | null;
}
export interface LabelledAddress extends Address {
  label: string | null;
  primary: boolean;
}

/** A postal address in the parts that all countries share. */
/** SQL: what of an address is searched. Its country's two letters would find a whole country. */
const wordsOf = (a: string): string =>
  `concat_ws(' ', ${a}->>'street', ${a}->>'extra', ${a}->>'postalCode', ${a}->>'city', ${a}->>'region')`;

export const address = fieldOf<Address, { many?: boolean }>('address');
/** Several addresses, one of them primary. */
export const addresses = (options: CommonOptions = {}): Field<LabelledAddress[], false> =>
  fieldOf<LabelledAddress[], { many?: boolean }>('address')({ ...options, required: false, many: true });

const TEXTS = ['street', 'extra', 'city', 'region', 'postalCode'] as const;
const many = (field: BoundField) => field.with.many === true;
const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? (value as Record<string, unknown>[]) : isObject(value) ? [value] : [];
const OPERATORS: readonly Operator[] = ['contains', 'isEmpty', 'isNotEmpty'];

function parseOne(input: unknown, at: string): Address | null {
  if (!isObject(input)) throw new FieldProblem('type', 'Expected an address, as {"street","city","postalCode","country"}.', at);
  const part = (key: string) => (at ? `${at}.${key}` : key);
  const result: Address = { street: null, extra: null, city: null, region: null, postalCode: null, country: null };
  for (const key of TEXTS) {
    if (input[key] === null || input[key] === undefined) continue;
    try {
      result[key] = cleanText(input[key], 300, true);
    } catch (problem) {
      throw problem instanceof FieldProblem ? new FieldProblem(problem.code, problem.message, part(key)) : problem;
    }
  }
  if (input.country) result.country = countryCode(input.country, part('country'));
  return Object.values(result).some((value) => value !== null) ? result : null;
}

const lineOf = (value: Record<string, unknown>) =>
  [value.street, value.extra, value.postalCode, value.city, value.region, value.country].filter(Boolean).join(', ');

/** SQL of a member as it is written. Of several addresses a path means the primary one, which the parser puts first. */
const member = (field: BoundField, t: string, key: string): string => `(${t}.${field.column}${many(field) ? '->0' : ''}->>'${key}')`;

const partShape = (key: (typeof TEXTS)[number] | 'country'): Part => ({
  kind: key === 'country' ? 'key' : 'text',
  many: false,
  sql: (field, t) => (key === 'country' ? member(field, t, key) : folded(member(field, t, key))),
  read: (field, t) => member(field, t, key),
  of: (value) => (list(value)[0]?.[key] as string | null | undefined) ?? null,
});

export const addressType: FieldType<Json> = {
  key: 'address',
  storage: 'columns',
  columns: () => [{ suffix: '', type: 'jsonb' }],
  store: (value) => [value],
  read: (field, t) => `${t}.${field.column}`,
  parse: (input, field) => {
    if (!many(field)) return parseOne(input, '') as unknown as Json;
    if (!Array.isArray(input)) throw new FieldProblem('type', 'Expected a list of addresses.');
    if (input.length > 20) throw new FieldProblem('tooLong', 'At most 20 addresses.');
    const found = input.flatMap((item, i): LabelledAddress[] => {
      const one = parseOne(item, String(i));
      return one
        ? [
            {
              ...one,
              label: typeof item.label === 'string' && item.label.trim() ? item.label.trim().slice(0, 60) : null,
              primary: item.primary === true,
            },
          ]
        : [];
    });
    const primary = Math.max(
      found.findIndex((item) => item.primary),
      0,
    );
    found.unshift(...found.splice(primary, 1));
    found.forEach((item, i) => {
      item.primary = i === 0;
    });
    return found.length > 0 ? (found as unknown as Json) : null;
  },
  // A single cell holds street, postal code and city at best: kept whole as the street unless the parts are plain.
  fromText: (text, field, env) => {
    const parts = text.split(/\s*[,\n]\s*/).filter(Boolean);
    const last = parts.at(-1) ?? '';
    let country: string | null = null;
    try {
      country = parts.length > 1 ? countryType.fromText(last, field, env) : null;
    } catch {
      country = null;
    }
    if (country) parts.pop();
    const town = parts.length > 1 ? /^([A-Z]{0,2}-?\d{3,6})\s+(.+)$/.exec(parts.at(-1) ?? '') : null;
    if (town) parts.pop();
    const one = { street: parts.join(', '), postalCode: town?.[1] ?? null, city: town?.[2] ?? null, country };
    return addressType.parse(many(field) ? [one] : one, field, env);
  },
  toText: (value) => list(value).map(lineOf).join('; '),
  reckons: null,
  shape: {
    kind: 'text',
    many: false,
    sql: (field, t) => folded(many(field) ? `perigon_address_line(${t}.${field.column}->0)` : `perigon_address_line(${t}.${field.column})`),
    of: (value) => (list(value).length > 0 ? lineOf(list(value)[0] ?? {}) : null),
  },
  operators: OPERATORS,
  sortable: false,
  aggregates: [],
  parts: {
    street: partShape('street'),
    extra: partShape('extra'),
    city: partShape('city'),
    region: partShape('region'),
    postalCode: partShape('postalCode'),
    country: partShape('country'),
  },
  words: (field, t) =>
    many(field)
      ? `(select string_agg(${wordsOf('e')}, ' ') from jsonb_array_elements(${t}.${field.column}) e)`
      : wordsOf(`${t}.${field.column}`),
  schema: (field) => {
    const one = { type: 'object', properties: Object.fromEntries([...TEXTS, 'country'].map((key) => [key, { type: ['string', 'null'] }])) };
    return many(field)
      ? {
          type: 'array',
          items: { ...one, properties: { ...one.properties, label: { type: ['string', 'null'] }, primary: { type: 'boolean' } } },
        }
      : one;
  },
  samples: (field) => {
    const first = { street: 'Unter den Linden 1', extra: null, city: 'Berlin', region: null, postalCode: '10117', country: 'DE' };
    const second = { street: '350 5th Ave', extra: 'Floor 21', city: 'New York', region: 'NY', postalCode: '10118', country: 'US' };
    return many(field)
      ? {
          good: [
            { input: [{ ...first, country: 'de' }], value: [{ ...first, label: null, primary: true }] },
            {
              input: [first, { ...second, label: 'office', primary: true }],
              value: [
                { ...second, label: 'office', primary: true },
                { ...first, label: null, primary: false },
              ],
            },
          ],
          bad: ['x', [{ street: 1 }], [{ country: 'Germany' }]],
        }
      : {
          good: [
            { input: { ...first, country: 'de' }, value: first },
            { input: second, value: second },
          ],
          bad: ['x', { street: 1 }, { country: 'Germany' }],
        };
  },
};
