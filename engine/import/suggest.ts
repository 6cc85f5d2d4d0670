import { distance } from 'fastest-levenshtein';
import type { BoundField } from '#engine/declare/field.ts';
import { FieldProblem } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { optionKey, optionsOf } from '#engine/declare/fields/select/select.ts';
import type { Mapping, Preset, Target } from '#engine/declare/import-mapping.ts';
import { type Model, SYSTEM_FIELDS, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Words } from '#engine/declare/words.ts';
import { fold } from '#kit/fold.ts';
import { partsOf } from './mapping.ts';
import type { ColumnFinding, ColumnType } from './sniff.ts';

/** Proposes what the columns of a file mean, by the likeness of names and by what is in them. Pure. */

type Column = { name: string } & ColumnFinding;

/** What columns are called in files, in English and German, by where they go. */
const CALLED: Record<string, string[]> = {
  name: [
    'full name',
    'company',
    'company name',
    'account',
    'account name',
    'organisation',
    'organization',
    'firma',
    'firmenname',
    'kunde',
    'kundenname',
    'customer name',
    'unternehmen',
    'bezeichnung',
    'contact name',
    'ansprechpartner',
    'produkt',
    'product name',
    'deal name',
    'opportunity name',
    'verkaufschance',
  ],
  'emails.value': ['email', 'e mail', 'mail', 'email address', 'e mail adresse', 'mailadresse', 'work email', 'e mail 1 value'],
  email: ['e mail', 'mail', 'email address', 'e mail adresse'],
  'phones.value': [
    'phone',
    'telephone',
    'tel',
    'mobile',
    'mobile phone',
    'cell',
    'handy',
    'telefon',
    'telefonnummer',
    'phone number',
    'mobil',
    'rufnummer',
    'business phone',
  ],
  'addresses.street': [
    'street',
    'address',
    'address line 1',
    'address 1',
    'strasse',
    'adresse',
    'anschrift',
    'billing street',
    'street address',
  ],
  'addresses.extra': ['address line 2', 'address 2', 'adresszusatz'],
  'addresses.postalCode': ['zip', 'zip code', 'postal code', 'postcode', 'plz', 'postleitzahl', 'billing zip'],
  'addresses.city': ['city', 'town', 'ort', 'stadt', 'wohnort', 'billing city', 'locality'],
  'addresses.region': ['state', 'region', 'province', 'bundesland', 'county', 'state province'],
  'addresses.country': ['country', 'land', 'nation', 'country code', 'billing country'],
  country: ['land', 'nation', 'country code', 'office location'],
  website: ['web', 'url', 'homepage', 'webseite', 'internet', 'web site'],
  employees: ['headcount', 'mitarbeiter', 'anzahl mitarbeiter', 'number of employees', 'mitarbeiterzahl'],
  annualRevenue: ['revenue', 'umsatz', 'jahresumsatz', 'turnover'],
  industry: ['sector', 'branche', 'wirtschaftszweig'],
  foundedYear: ['founded', 'year founded', 'year established', 'gegrundet', 'grundungsjahr'],
  'personName.given': ['first name', 'given name', 'vorname', 'firstname', 'forename'],
  'personName.middle': ['middle name', 'zweiter vorname'],
  'personName.family': ['last name', 'surname', 'family name', 'nachname', 'familienname', 'lastname'],
  'personName.prefix': ['salutation', 'anrede', 'titel'],
  jobTitle: ['job', 'position', 'funktion', 'occupation', 'beruf'],
  birthDate: ['birthday', 'date of birth', 'dob', 'geburtstag', 'geburtsdatum'],
  language: ['sprache', 'locale'],
  currency: ['wahrung', 'currency code'],
  description: ['notes', 'comment', 'comments', 'bemerkung', 'notiz', 'beschreibung', 'kommentar'],
  owner: ['sales rep', 'sales agent', 'account manager', 'account owner', 'betreuer', 'verkaufer', 'zustandig', 'besitzer', 'assigned to'],
  parent: ['subsidiary of', 'parent company', 'parent account', 'mutterfirma', 'konzern', 'reports to'],
  externalId: [
    'external id',
    'customer number',
    'customer no',
    'kundennummer',
    'kunden nr',
    'account number',
    'debitor',
    'debitorennummer',
    'record id',
    'contact id',
    'account id',
    'opportunity id',
    'erp id',
  ],
  kind: ['type', 'typ', 'art', 'record type'],
  tags: ['labels', 'schlagworte', 'kategorien', 'categories'],
  sku: ['article number', 'artikelnummer', 'artikel nr', 'item number', 'product code', 'product id', 'stock code'],
  price: ['unit price', 'sales price', 'list price', 'preis', 'verkaufspreis'],
  series: ['product line', 'family', 'serie', 'baureihe'],
  amount: ['value', 'deal value', 'close value', 'betrag', 'wert', 'summe', 'volumen'],
  total: ['sum', 'gross', 'amount', 'betrag', 'gesamt', 'rechnungsbetrag', 'gesamtbetrag', 'total amount'],
  stage: ['deal stage', 'phase', 'sales stage', 'verkaufsphase'],
  closeDate: ['expected close', 'expected close date', 'abschlussdatum'],
  openedOn: ['opened', 'engage date', 'start date', 'open date', 'beginn'],
  customer: ['account', 'client', 'kunde', 'company', 'firma', 'customer name', 'bill to'],
  party: ['customer', 'account', 'client', 'kunde', 'contact'],
  product: ['produkt', 'artikel', 'item', 'product name'],
  number: [
    'no',
    'nr',
    'nummer',
    'invoice number',
    'invoice no',
    'rechnungsnummer',
    'order number',
    'order no',
    'bestellnummer',
    'auftragsnummer',
    'beleg',
  ],
  date: ['datum', 'invoice date', 'order date', 'rechnungsdatum', 'bestelldatum', 'belegdatum'],
  dueDate: ['due', 'due on', 'fallig', 'falligkeit', 'faelligkeitsdatum'],
  subject: ['title', 'betreff', 'thema', 'summary'],
  serial: ['serial number', 'serial no', 'seriennummer'],
  team: ['sales team', 'abteilung', 'department', 'gruppe'],
};

/** A name as it compares: folded words without punctuation. `closeDate`, `Close_date` and `close date` are one. */
export const plainName = (text: string): string =>
  fold(text.replace(/([a-z])([A-Z])/g, '$1 $2'))
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const FITS: Partial<Record<ColumnType, readonly string[]>> = {
  integer: ['integer', 'decimal', 'money', 'percent', 'text', 'phone', 'reference', 'externalIds', 'select', 'boolean'],
  decimal: ['decimal', 'money', 'percent', 'text', 'integer'],
  date: ['date', 'dateTime', 'text'],
  dateTime: ['date', 'dateTime', 'text'],
  email: ['email', 'user', 'text', 'reference'],
  phone: ['phone', 'text'],
  url: ['url', 'text', 'longText'],
  boolean: ['boolean', 'select', 'text'],
};

interface Place {
  path: string;
  names: string[];
  type: string;
  field: BoundField | null;
  /** Several columns may go here. */
  many: boolean;
}

function placesOf(object: ModelObject, words: Words): Place[] {
  const places: Place[] = [
    {
      path: 'externalId',
      names: (CALLED.externalId ?? []).map(plainName).concat(plainName(`${object.key} id`), plainName(`${object.plural} id`)),
      type: 'externalIds',
      field: null,
      many: true,
    },
  ];
  const add = (path: string, field: BoundField, type: string, many: boolean) => {
    const last = path.split('.').at(-1) ?? path;
    // A part is called by itself only where it is no part of something else: "city", but not "value".
    const own = path.includes('.') && (last === 'value' || last === 'amount' || last === 'currency') ? [] : [plainName(last)];
    places.push({
      path,
      names: [
        ...new Set([
          plainName(path),
          ...own,
          ...(CALLED[path] ?? []).map(plainName),
          plainName(`${object.key} ${last}`),
          ...Object.values(words).flatMap((spoken) =>
            spoken[`${object.key}.fields.${path}`] ? [plainName(spoken[`${object.key}.fields.${path}`] ?? '')] : [],
          ),
        ]),
      ],
      type,
      field,
      many,
    });
  };
  for (const field of object.declared) {
    const { importable } = typeOf(field);
    if (
      (field.readOnly && !importable) ||
      importable === false ||
      ['inverse', 'link'].includes(typeOf(field).storage) ||
      field.type === 'json'
    )
      continue;
    const parts = partsOf(field);
    if (field.key === 'externalIds') add('externalIds', field, 'externalIds', false);
    else if (parts.length > 0 && field.type !== 'money') {
      for (const part of parts)
        add(`${field.key}.${part}`, field, part === 'value' ? field.type : part === 'country' ? 'country' : 'text', part === 'value');
      // Whole, as the export writes it.
      add(field.key, field, field.type, false);
    } else add(field.key, field, field.type, false);
    if (targetOf(field) !== null) add(`${field.key}.id`, field, 'id', false);
  }
  return places;
}

/** How alike two plain names are, 0 to 1. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  if (a.replaceAll(' ', '') === b.replaceAll(' ', '')) return 0.98;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.split(' ').length > 1 && ` ${long} `.includes(` ${short} `))
    return 0.75 + 0.15 * (short.length / long.length);
  const most = Math.max(a.length, b.length);
  return most < 4 ? 0 : 1 - distance(a, b) / most;
}

const ENOUGH = 0.74;

/** The most likely mapping of a file's columns to an object, and how much of the file it covers (0 to 1). */
export function suggestFor(object: ModelObject, columns: readonly Column[], words: Words = {}): { mapping: Mapping; cover: number } {
  const places = placesOf(object, words);
  const pairs: { column: Column; place: Place; score: number }[] = [];
  for (const column of columns) {
    const name = plainName(column.name);
    if (name === 'id' && column.samples.every((sample) => /^[0-9a-f-]{36}$/i.test(sample))) continue;
    for (const place of places) {
      let score = Math.max(...place.names.map((candidate, i) => likeness(name, candidate) - (i === 0 ? 0 : 0.01)));
      const fits = FITS[column.type];
      if (fits && column.type !== 'empty' && !fits.includes(place.type)) score -= 0.35;
      // A country column goes to the address only where the file has one.
      if (score >= ENOUGH) pairs.push({ column, place, score });
    }
  }
  pairs.sort((a, b) => b.score - a.score);
  const chosen = new Map<string, Place>();
  const taken = new Set<string>();
  let sum = 0;
  for (const { column, place, score } of pairs) {
    if (chosen.has(column.name) || (taken.has(place.path) && !place.many)) continue;
    chosen.set(column.name, place);
    taken.add(place.path);
    sum += score;
  }
  const mapping: Mapping = { object: object.key, columns: {} };
  const withId = new Set([...chosen.values()].filter((place) => place.path.endsWith('.id')).map((place) => place.path.slice(0, -3)));
  for (const column of columns) {
    const place = chosen.get(column.name);
    if (plainName(column.name) === 'id' && column.samples.length > 0 && column.samples.every((sample) => /^[0-9a-f-]{36}$/i.test(sample)))
      mapping.columns[column.name] = { field: 'id' };
    else
      mapping.columns[column.name] =
        !place || SYSTEM_FIELDS.includes(place.path) || withId.has(place.path) ? { skip: true } : targetFor(place, column);
  }
  return { mapping, cover: columns.length === 0 ? 0 : sum / columns.length };
}

function targetFor(place: Place, column: Column): Target {
  const target: Target = { field: place.path };
  if (place.path === 'externalId')
    target.system =
      plainName(column.name)
        .replace(/ ?(id|number|no|nr|nummer)$/, '')
        .replaceAll(' ', '-') || 'import';
  const { field } = place;
  if (!field) return target;
  if (['date', 'dateTime'].includes(field.type) && column.date) target.date = column.date;
  if (['decimal', 'integer', 'money', 'percent'].includes(field.type) && column.decimal) target.decimal = column.decimal;
  const values = optionsOf(field).length > 0 ? exchangedOptions(field, column.distinct) : {};
  if (Object.keys(values).length > 0) target.values = values;
  return target;
}

/** Which option a text nearly is: `technolgy`. */
function exchangedOptions(field: BoundField, texts: readonly string[]): { [text: string]: string } {
  const values: { [text: string]: string } = {};
  for (const text of texts) {
    try {
      optionKey(field, text);
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
      const [best] = optionsOf(field)
        .map((option) => ({ key: option.key, score: likeness(plainName(text), plainName(option.key)) }))
        .sort((a, b) => b.score - a.score);
      if (best && best.score >= ENOUGH) values[text] = best.key;
    }
  }
  return values;
}

/** Proposes object, preset and mapping for a file. `objects` are those the importer may create. */
export function suggest(
  model: Model,
  presets: readonly Preset[],
  objects: readonly string[],
  columns: readonly Column[],
  file: string,
): { object: string; preset: string | null; map: Mapping } | null {
  const names = new Set(columns.map((column) => column.name));
  const fitting = presets.filter(
    (preset) =>
      objects.includes(preset.mapping.object) &&
      Object.keys(preset.mapping.columns).every((column) => names.has(column)) &&
      Object.keys(preset.mapping.columns).length === names.size,
  );
  const [preset] = fitting;
  if (preset) return { object: preset.mapping.object, preset: preset.key, map: preset.mapping };
  const title = plainName(file.replace(/\.\w+$/, ''));
  let best: { object: string; map: Mapping; score: number } | null = null;
  for (const key of objects) {
    const object = model.objects.get(key);
    if (!object) continue;
    const { mapping, cover } = suggestFor(object, columns, model.words);
    const called = Object.values(model.words).flatMap((spoken) => spoken[`${object.key}.plural`] ?? []);
    const named = [object.plural, object.key, ...called].map(plainName).some((name) => title.includes(name)) ? 0.2 : 0;
    // What a record cannot do without must be in the file.
    const lacking = object.declared.filter(
      (field) =>
        field.required &&
        field.default === undefined &&
        !Object.values(mapping.columns).some((target) => !Array.isArray(target) && target.field?.split('.')[0] === field.key),
    ).length;
    const score = cover + named - lacking * 0.1;
    if (!best || score > best.score + 1e-9) best = { object: key, map: mapping, score };
  }
  return best ? { object: best.object, preset: null, map: best.map } : null;
}
