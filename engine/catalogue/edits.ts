import type { z } from 'zod';
import {
  type Adjustment,
  CUSTOM_MODULE,
  type CustomField,
  type CustomObject,
  type Entry,
  isCustomKey,
  type Layout,
  pathOf,
  type Spoken,
} from '#engine/declare/catalogue.ts';
import type { BoundField, Field } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type Option, optionsOf } from '#engine/declare/fields/select/select.ts';
import { resolvedFigure } from '#engine/declare/figures.ts';
import { resolvedFormula } from '#engine/declare/formula/resolve.ts';
import { FormulaProblem } from '#engine/declare/formula/terms.ts';
import type { Model } from '#engine/declare/model.ts';
import type { FormSection, ModelObject } from '#engine/declare/object.ts';
import { conflict, notFound } from '#kit/errors.ts';
import { sameJson } from '#kit/json.ts';
import { FieldChange, LayoutChange, NewField, NewObject, ObjectChange, readShape, refused, TYPE_OPTIONS } from './shape.ts';

/** One entry before and after a change; null where it was not, or is not any more. */
export interface Edit {
  path: string;
  before: Entry | null;
  after: Entry | null;
}

/** What a change is judged by: the model as it runs and the entries it was built with. */
export interface Held {
  model: Model;
  entries: readonly Entry[];
}

const refuse = (path: string, code: string, detail: string) => refused([{ path, code, detail }]);
const entryAt = (held: Held, path: string): Entry | null => held.entries.find((entry) => pathOf(entry) === path) ?? null;
const edit = (held: Held, after: Entry): Edit => ({ path: pathOf(after), before: entryAt(held, pathOf(after)), after });

/** A key made of words: "Vertriebs-Region" gives `xVertriebsRegion`. */
export function keyFrom(words: string, taken: (key: string) => boolean): string {
  const plain = words
    .replace(/[äöü]/gi, (letter) => `${letter}e`)
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^a-zA-Z0-9]+/)
    .filter(Boolean)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
    .replace(/^\d+/, '');
  const stem = `x${(/^[A-Z]/.test(plain) ? plain : `Field${plain}`).slice(0, 26)}`;
  for (let n = 1; ; n++) {
    const key = n === 1 ? stem : `${stem}${n}`;
    if (!taken(key)) return key;
  }
}

const anyWord = <T>(words: Spoken<T>, pick: (one: T) => string): string => {
  const spoken = words.en ?? Object.values(words)[0];
  return spoken === undefined ? '' : pick(spoken);
};

/** Words by language laid over earlier ones, member by member; null takes one back. */
function overWords<T extends object>(before: Spoken<T> | undefined, change: Spoken<object> | undefined): Spoken<T> {
  const merged: Record<string, Record<string, unknown>> = {};
  for (const [language, words] of Object.entries({ ...before })) merged[language] = { ...(words as Record<string, unknown>) };
  for (const [language, words] of Object.entries({ ...change })) {
    const into: Record<string, unknown> = merged[language] ?? {};
    merged[language] = into;
    for (const [key, word] of Object.entries(words)) {
      if (word === null || word === undefined) delete into[key];
      else into[key] = typeof word === 'object' ? { ...(into[key] as object | undefined), ...word } : word;
    }
  }
  return merged as Spoken<T>;
}

/** A new object with its title, and where asked for its customer and owner. */
export function newObject(held: Held, input: unknown): { edits: Edit[]; key: string } {
  const asked = readShape(NewObject, input);
  const { objects, byPlural } = held.model;
  const key =
    asked.key ??
    keyFrom(
      anyWord(asked.words, ({ name }) => name),
      (one) => objects.has(one),
    );
  const plural =
    asked.plural ??
    keyFrom(
      anyWord(asked.words, (words) => words.plural),
      (one) => byPlural.has(one) || one === key,
    );
  if (objects.has(key)) throw refuse('key', 'taken', `There is an object ${key} already.`);
  if (byPlural.has(plural)) throw refuse('plural', 'taken', `There are ${plural} already.`);
  const text = (label: Spoken<{ label: string }>, name: string, field: Field): CustomField => ({
    kind: 'field',
    object: key,
    key: name,
    field,
    words: label,
  });
  const same = (of: { [language: string]: string }) =>
    Object.fromEntries(Object.keys(asked.words).map((language) => [language, { label: of[language] ?? of.en ?? '' }]));
  const object: CustomObject = {
    kind: 'object',
    key,
    plural,
    icon: asked.icon,
    title: 'xName',
    ...(asked.party ? { party: 'xCustomer' } : {}),
    ...(asked.owner ? { owner: 'xOwner' } : {}),
    words: asked.words,
  };
  const fields = [
    text(asked.title?.words ?? same({ en: 'Name', de: 'Name', ar: 'الاسم' }), 'xName', {
      type: 'text',
      with: { max: 200 },
      required: true,
      search: 'words',
    }),
    ...(asked.party
      ? [
          text(same({ en: 'Customer', de: 'Kunde', ar: 'العميل' }), 'xCustomer', {
            type: 'reference',
            with: { to: 'party' },
            required: true,
          }),
        ]
      : []),
    ...(asked.owner ? [text(same({ en: 'Owner', de: 'Zuständig', ar: 'المالك' }), 'xOwner', { type: 'user', with: {} })] : []),
  ];
  return { edits: [object, ...fields].map((entry) => edit(held, entry)), key };
}

/** Other words, another icon, retired or brought back. Of declared objects only the words are the company's. */
export function changeObject(held: Held, key: string, input: unknown): Edit[] {
  const change = readShape(ObjectChange, input);
  const object = objectIn(held, key);
  const own = entryAt(held, `object ${key}`);
  if (own?.kind === 'object') {
    const words = overWords<{ name: string; plural: string }>(own.words, change.words);
    for (const [language, word] of Object.entries(words))
      if (!word.name || !word.plural) throw refuse(`words.${language}`, 'required', 'One and many both need a word.');
    const after: CustomObject = {
      ...own,
      words,
      ...(change.icon ? { icon: change.icon } : {}),
      ...(change.retired === undefined ? {} : { retired: change.retired }),
    };
    return [edit(held, after)];
  }
  if (change.retired !== undefined || change.icon !== undefined)
    throw refuse(
      change.icon === undefined ? 'retired' : 'icon',
      'declared',
      `${object.key} belongs to Perigon: only its words can be others.`,
    );
  const was = entryAt(held, `adjustment ${key}`) as Adjustment | null;
  return [edit(held, { kind: 'adjustment', object: key, words: overWords(was?.words, change.words) })];
}

function objectIn(held: Held, key: string): ModelObject {
  const object = held.model.objects.get(key);
  if (!object) throw notFound('There is no such object.');
  if (object.sealed) throw refuse('', 'sealed', `${key} belongs to the engine of Perigon and cannot be changed.`);
  return object;
}

/** A new field on any object that is not sealed. */
export function newField(held: Held, objectKey: string, input: unknown): { edits: Edit[]; key: string } {
  const asked = readShape(NewField, input);
  const object = objectIn(held, objectKey);
  if (object.retired) throw refuse('', 'retired', `${object.plural} have been retired.`);
  const key =
    asked.key ??
    keyFrom(
      anyWord(asked.words, ({ label }) => label),
      (one) => object.fields.has(one),
    );
  if (object.fields.has(key)) throw refuse('key', 'taken', `${objectKey} has a field ${key} already.`);
  const options = TYPE_OPTIONS[asked.field.type] as z.ZodType;
  const own = readShape(options, asked.field.with ?? {}, ['field', 'with']) as Field['with'];
  const field = { ...asked.field, with: own } as Field;
  const declared: BoundField = { ...field, key, column: key, table: object.table };
  const bound = field.type === 'formula' ? formulaIn(held, object, declared) : declared;
  if (REFUSES.has(field.type) && (field.search || field.default !== undefined || field.personal || field.requiredWhen))
    throw refuse('field', 'type', 'A field that is reckoned is written by nobody and takes no such thing.');
  const type = typeOf(bound);
  if (field.unique && (bound.derived || !type.shape || type.shape.many || object.partitionBy))
    throw refuse('field.unique', 'type', 'Values of this field cannot be held to be unique.');
  if (field.index && !type.shape && field.type !== 'rollUp')
    throw refuse('field.index', 'type', 'This type has no order that an index could keep.');
  if (field.required && type.storage !== 'columns') throw refuse('field.required', 'type', 'This field cannot be demanded.');
  const to = own.to;
  if (typeof to === 'string' && !held.model.objects.has(to)) throw refuse('field.with.to', 'reference', `There is no object ${to}.`);
  if (typeof to === 'string' && typeof own.inverse === 'string' && held.model.object(to).fields.has(own.inverse))
    throw refuse('field.with.inverse', 'taken', `${to} has a field ${own.inverse} already.`);
  if (typeof own.rateOn === 'string' && !['date', 'dateTime'].includes(object.fields.get(own.rateOn)?.type ?? ''))
    throw refuse('field.with.rateOn', 'reference', 'The rate goes by a date of the same object.');
  checkOptions(optionsOf(bound), [], 'field.with.options');
  checkDefault(bound);
  return { edits: [edit(held, { kind: 'field', object: objectKey, key, field, words: asked.words })], key };
}

/** Types whose values nobody writes. */
const REFUSES: ReadonlySet<string> = new Set(['formula', 'rollUp']);

/** A formula as it would be; refused at its expression where it cannot. */
function formulaIn(held: Held, object: ModelObject, declared: BoundField, at = 'field.with.expression'): BoundField {
  try {
    return resolvedFormula(held.model, object, declared);
  } catch (error) {
    if (!(error instanceof FormulaProblem)) throw error;
    throw refuse(error.values.what === 'index' ? 'field.index' : at, `formula.${error.code}`, error.message);
  }
}

/**
 * What a roll-up is reckoned from, where it becomes another. It stays in its column and is built anew there, so its values must be
 * of the same type.
 */
function rollUpIn(held: Held, own: CustomField, asked: NonNullable<Change['rollUp']>): Field['with'] {
  const object = objectIn(held, own.object);
  if (own.field.type !== 'rollUp') throw refuse('rollUp', 'type', 'Only a roll-up is reckoned from other records.');
  const made = { ...own.field, with: asked as Field['with'], key: own.key, column: own.key, table: object.table };
  const faults: string[] = [];
  const field = resolvedFigure(object, made, held.model.objects, (text) => faults.push(text));
  if (!field || faults.length > 0) throw refuse('rollUp', 'declaration', `${own.object}.${own.key}: ${faults.join(' ')}`);
  const was = object.fields.get(own.key);
  if (!was || heldAs(was) !== heldAs(field))
    throw refuse(
      'rollUp.op',
      'type',
      `It gives ${field.type} now and gave ${String(was?.type)}: make another field, or views would ask what cannot be asked.`,
    );
  return made.with;
}

/** What of a field decides what can be asked of it, and where its values lie. */
const heldAs = (field: BoundField): string =>
  JSON.stringify([field.type, typeOf(field).columns(field)[0]?.type, optionsOf(field).map(({ key }) => key)]);

function checkDefault(field: BoundField): void {
  if (field.default === undefined || field.default === null) return;
  try {
    typeOf(field).parse(field.default, field, { now: new Date(), timeZone: 'UTC', country: 'US', baseCurrency: 'EUR' });
  } catch (error) {
    throw refuse('field.default', 'default', error instanceof Error ? error.message : 'This value does not fit.');
  }
}

function checkOptions(options: readonly Option[], before: readonly Option[], path: string): void {
  const keys = options.map(({ key }) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice) throw refuse(path, 'twice', `The option ${twice} stands twice.`);
  const lost = before.find(({ key }) => !keys.includes(key));
  if (lost) throw refuse(path, 'kept', `Records may hold ${lost.key}: retire it instead of leaving it out.`);
}

/** Other words, options, conditions; retired or brought back. What its values are stays as it was made. */
export function changeField(held: Held, objectKey: string, key: string, input: unknown): Edit[] {
  const change = readShape(FieldChange, input);
  const object = objectIn(held, objectKey);
  const field = object.fields.get(key);
  if (!field) throw notFound('There is no such field.');
  if (change.options && !['select', 'multiSelect'].includes(field.type))
    throw refuse('options', 'type', 'Only fields with options can have others.');
  const own = entryAt(held, `field ${objectKey}.${key}`);
  return [own?.kind === 'field' ? changeOwn(held, own, change) : changeDeclared(held, object, field, change)];
}

type Change = z.infer<typeof FieldChange>;

function changeOwn(held: Held, own: CustomField, change: Change): Edit {
  const field: Record<string, unknown> = { ...own.field };
  for (const part of ['required', 'default', 'index', 'requiredWhen', 'shownWhen'] as const) {
    const value = change[part];
    if (value === undefined) continue;
    if (value === null || value === false) delete field[part];
    else field[part] = value;
  }
  if (change.expression !== undefined) {
    const object = objectIn(held, own.object);
    if (own.field.type !== 'formula') throw refuse('expression', 'type', 'Only a formula has an expression.');
    field.with = { ...own.field.with, expression: change.expression };
    const bound = { ...(field as unknown as Field), key: own.key, column: own.key, table: object.table };
    const [was, is] = [object.fields.get(own.key)?.type, formulaIn(held, object, bound, 'expression').type];
    if (was !== is)
      throw refuse(
        'expression',
        'type',
        `It gives ${is} now and gave ${String(was)}: make another field, or views would ask what cannot be asked.`,
      );
  }
  if (change.rollUp !== undefined) field.with = rollUpIn(held, own, change.rollUp);
  if (change.options) {
    checkOptions(change.options, optionsOf(own.field), 'options');
    field.with = { ...own.field.with, options: change.options };
  }
  const made = field as unknown as Field;
  checkDefault({ ...made, key: own.key, column: own.key, table: own.object });
  const isTitle = held.entries.some(
    (entry) => entry.kind === 'object' && entry.key === own.object && [entry.title, entry.party].includes(own.key),
  );
  if (isTitle && (change.retired || change.required === false))
    throw refuse(change.retired ? 'retired' : 'required', 'needed', 'Its object cannot be without this field.');
  const words = overWords<CustomField['words'][string]>(own.words, change.words);
  for (const [language, word] of Object.entries(words))
    if (!word.label) throw refuse(`words.${language}.label`, 'required', 'A word is needed.');
  return edit(held, { ...own, field: made, words, ...(change.retired === undefined ? {} : { retired: change.retired }) });
}

function changeDeclared(held: Held, object: ModelObject, field: BoundField, change: Change): Edit {
  if (change.expression !== undefined || change.rollUp !== undefined)
    throw refuse(change.rollUp ? 'rollUp' : 'expression', 'declared', `${field.key} belongs to Perigon: what it gives stays as it is.`);
  if (change.retired !== undefined || change.default !== undefined || change.index !== undefined)
    throw refuse(
      change.retired !== undefined ? 'retired' : change.default !== undefined ? 'default' : 'index',
      'declared',
      `${field.key} belongs to Perigon: its words, options and what is needed when can be changed. Take it out of the layout to hide it.`,
    );
  const path = `adjustment ${object.key}.${field.key}`;
  const was = entryAt(held, path) as Adjustment | null;
  const isOwnDemand = was?.required === true;
  if (change.required === false && field.required && !isOwnDemand)
    throw refuse('required', 'declared', `${field.key} is needed by Perigon itself.`);
  if ((change.required || change.requiredWhen) && (field.readOnly || typeOf(field).storage !== 'columns'))
    throw refuse('required', 'type', 'This field cannot be demanded.');
  if (change.shownWhen && field.required) throw refuse('shownWhen', 'needed', 'A field that is always needed is always shown.');
  if (change.options) {
    const before = optionsOf(field);
    checkOptions(change.options, before, 'options');
    for (const option of change.options) {
      const known = before.find(({ key }) => key === option.key);
      if (!known && field.with.open !== true)
        throw refuse('options', 'declared', 'The rules of Perigon know these options: none can be added.');
      if (!known && !isCustomKey(option.key))
        throw refuse('options', 'key', `A new option has a key that begins with x and a capital: ${option.key}.`);
      if (option.retired && field.with.open !== true && !known?.retired)
        throw refuse('options', 'declared', 'The rules of Perigon know these options: none can be retired.');
      if (option.retired && field.default === option.key)
        throw refuse('options', 'default', `${option.key} is what new records begin with.`);
    }
  }
  const after: Record<string, unknown> = {
    kind: 'adjustment',
    object: object.key,
    field: field.key,
    ...was,
    ...(change.words ? { words: overWords(was?.words, change.words) } : {}),
    ...(change.options ? { options: change.options } : {}),
  };
  for (const part of ['required', 'requiredWhen', 'shownWhen'] as const) {
    const value = change[part];
    if (value === undefined) continue;
    if (value === null || value === false) delete after[part];
    else after[part] = value;
  }
  return edit(held, after as unknown as Adjustment);
}

/** The arrangement of an object's forms and list; an empty one gives the declared arrangement back. */
export function changeLayout(held: Held, objectKey: string, input: unknown): Edit[] {
  const asked = readShape(LayoutChange, input);
  const object = objectIn(held, objectKey);
  const before = entryAt(held, `layout ${objectKey}`);
  if (!asked.form && !asked.forms && !asked.columns) return before ? [{ path: `layout ${objectKey}`, before, after: null }] : [];
  if (asked.form) checkSections(object, asked.form, object.form, 'form');
  for (const [variant, sections] of Object.entries(asked.forms ?? {})) {
    const declared = object.variants?.forms[variant];
    if (!declared) throw refuse(`forms.${variant}`, 'unknown', `${objectKey} has no form of ${variant}.`);
    checkSections(object, sections, declared, `forms.${variant}`);
  }
  for (const [i, column] of (asked.columns ?? []).entries())
    if (!object.fields.has(column.split('.')[0] ?? ''))
      throw refuse(`columns.${i}`, 'unknownField', `${objectKey} has no field ${column}.`);
  return [edit(held, { kind: 'layout', object: objectKey, ...asked } as Layout)];
}

function checkSections(object: ModelObject, sections: readonly FormSection[], now: readonly FormSection[], path: string): void {
  const seen = new Set<string>();
  const keys = new Set<string>();
  for (const [i, section] of sections.entries()) {
    if (keys.has(section.key)) throw refuse(`${path}.${i}.key`, 'twice', `The section ${section.key} stands twice.`);
    keys.add(section.key);
    for (const [j, key] of section.fields.entries()) {
      if (!object.fields.has(key)) throw refuse(`${path}.${i}.fields.${j}`, 'unknownField', `${object.key} has no field ${key}.`);
      if (seen.has(key)) throw refuse(`${path}.${i}.fields.${j}`, 'twice', `${key} stands twice.`);
      seen.add(key);
    }
  }
  // Nobody could make a record any more.
  const lost = now.flatMap((section) => section.fields).find((key) => object.fields.get(key)?.required && !seen.has(key));
  if (lost) throw refuse(path, 'required', `${lost} is always needed and must stand in the form.`);
}

/** The edits that take a change back: what was made is retired, what was changed is as before. */
export function takenBack(held: Held, edits: readonly Edit[]): Edit[] {
  return edits.map(({ path, before, after }) => {
    const now = entryAt(held, path);
    if (!sameJson(now, after)) throw conflict('This was changed again since; take that back first.');
    if (before === null && (now?.kind === 'object' || now?.kind === 'field'))
      return { path, before: now, after: { ...now, retired: true } };
    return { path, before: now, after: before && now ? keepingOptions(before, now) : before };
  });
}

/** Options that came with what is taken back may be held by records: they stay, retired. */
function keepingOptions(before: Entry, now: Entry): Entry {
  const optionsIn = (entry: Entry) =>
    entry.kind === 'field' ? optionsOf(entry.field) : entry.kind === 'adjustment' ? (entry.options ?? []) : [];
  const was = optionsIn(before);
  const added = optionsIn(now).filter((option) => !was.some(({ key }) => key === option.key));
  if (added.length === 0) return before;
  const options = [...was, ...added.map((option) => ({ ...option, retired: true }))];
  if (before.kind === 'field') return { ...before, field: { ...before.field, with: { ...before.field.with, options: options as never } } };
  return before.kind === 'adjustment' ? { ...before, options } : before;
}

/** Whether an object is the company's own. */
export const isOwn = (object: ModelObject): boolean => object.module === CUSTOM_MODULE;
