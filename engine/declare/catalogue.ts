import type { Predicate } from './condition.ts';
import type { Field } from './field.ts';
import type { Option } from './fields/select/select.ts';
import type { ModuleDeclaration } from './module.ts';
import type { FormSection, ObjectDeclaration } from './object.ts';
import type { Words } from './words.ts';

/**
 * What a company declares itself, in the browser: the same plain data as in code, kept in rows (decision 0024). `withCatalogue`
 * lays it over the modules, and the model is built of both together; so nothing above the model can tell who declared what.
 */

/** Words for one thing by language. */
export type Spoken<T> = { readonly [language: string]: T };

/** An object of the company's own. Its fields are entries of their own. */
export interface CustomObject {
  kind: 'object';
  key: string;
  plural: string;
  icon: string;
  title: string;
  party?: string;
  owner?: string;
  retired?: boolean;
  words: Spoken<{ name: string; plural: string }>;
}

/** A field of the company's own, on any object that is not sealed. */
export interface CustomField {
  kind: 'field';
  object: string;
  key: string;
  field: Field;
  retired?: boolean;
  words: Spoken<FieldWords>;
}

export interface FieldWords {
  label: string;
  options?: { readonly [option: string]: string };
  /** Name of the far end, where a reference lists its records there. */
  inverse?: string;
}

/** What a company changed of a declared object (`field` missing) or of one of its fields. */
export interface Adjustment {
  kind: 'adjustment';
  object: string;
  field?: string;
  required?: boolean;
  requiredWhen?: Predicate;
  shownWhen?: Predicate;
  options?: readonly Option[];
  words?: Spoken<Partial<FieldWords> & { name?: string; plural?: string }>;
}

/** The company's own arrangement of forms and list columns of an object. */
export interface Layout {
  kind: 'layout';
  object: string;
  form?: readonly FormSection[];
  /** For objects whose form depends on a select field: by its option. */
  forms?: { readonly [variant: string]: readonly FormSection[] };
  columns?: readonly string[];
  /** Titles of sections, by language and section key. */
  words?: Spoken<{ readonly [section: string]: string }>;
}

export type Entry = CustomObject | CustomField | Adjustment | Layout;

/** Under which an entry is kept: at most one of each. */
export function pathOf(entry: Entry): string {
  switch (entry.kind) {
    case 'object':
      return `object ${entry.key}`;
    case 'field':
      return `field ${entry.object}.${entry.key}`;
    case 'adjustment':
      return `adjustment ${entry.object}${entry.field === undefined ? '' : `.${entry.field}`}`;
    case 'layout':
      return `layout ${entry.object}`;
  }
}

/** The object an entry is about. */
export const objectOf = (entry: Entry): string => (entry.kind === 'object' ? entry.key : entry.object);

/** Keys of what companies make begin with x and a capital, code never names anything so: the two cannot meet, today or in a later version. */
export const isCustomKey = (key: string): boolean => /^x[A-Z]/.test(key);

/** The section that takes fields which no layout has placed yet. */
export const REST_SECTION = 'more';
/** The module that objects of the company's own belong to. */
export const CUSTOM_MODULE = 'custom';
/** List columns of an object of the company's own while no layout names others. */
const COLUMNS = 6;
/** Types whose values are too long for a column that nobody asked for. */
const LONG = new Set(['longText', 'richText', 'json', 'manyToMany', 'file', 'image', 'toMany']);

/** The modules with what the company declared laid over them. Entries about objects that are not there are left out. */
export function withCatalogue(modules: readonly ModuleDeclaration[], entries: readonly Entry[]): ModuleDeclaration[] {
  const about = new Map<string, Entry[]>();
  for (const entry of entries) about.set(objectOf(entry), [...(about.get(objectOf(entry)) ?? []), entry]);
  const laid = modules.map((module) => ({
    ...module,
    objects: module.objects.map((object) => layOver(object, about.get(object.key) ?? [])),
  }));
  const own = entries.filter((entry) => entry.kind === 'object').map((entry) => layOver(asDeclared(entry), about.get(entry.key) ?? []));
  return own.length > 0 ? [...laid, { key: CUSTOM_MODULE, objects: own }] : laid;
}

function asDeclared(entry: CustomObject): ObjectDeclaration {
  const { key, plural, icon, title, party, owner, retired } = entry;
  return {
    key,
    plural,
    icon,
    title,
    ...(owner ? { owner } : {}),
    fields: {},
    list: { columns: [], sort: ['-createdAt'] },
    form: [],
    ...(retired
      ? { party, retired: true, quiet: true, unsearchable: true }
      : party
        ? {
            party,
            timeline: { at: 'createdAt' as const, title },
            overview: { section: { key, columns: [title, ...(owner ? [owner] : [])], sort: ['-createdAt'] } },
          }
        : {}),
  };
}

/** A retired field demands, offers and finds nothing any more; its values can still be read by name. */
function retire(field: Field): Field {
  const { required: _, requiredWhen: __, shownWhen: ___, default: ____, unique: _____, search: ______, ...kept } = field;
  return { ...kept, retired: true, readOnly: true };
}

function layOver(object: ObjectDeclaration, entries: readonly Entry[]): ObjectDeclaration {
  if (entries.length === 0 || object.sealed) return object;
  const fields: Record<string, Field> = { ...object.fields };
  const custom = entries.filter((entry) => entry.kind === 'field');
  for (const { key, field, retired, words } of custom) {
    const named = withNames(field, words);
    fields[key] = retired ? retire(named) : { ...named, gaps: true };
  }
  for (const entry of entries) {
    if (entry.kind !== 'adjustment' || entry.field === undefined) continue;
    const was = fields[entry.field];
    if (!was) continue;
    const changed = entry.options ? { ...was, with: { ...was.with, options: mergedOptions(was, entry.options) as never } } : was;
    fields[entry.field] = {
      ...withNames(changed, entry.words),
      ...(entry.required && !was.required ? { required: true, gaps: true } : {}),
      ...(entry.requiredWhen ? { requiredWhen: entry.requiredWhen } : {}),
      ...(entry.shownWhen ? { shownWhen: entry.shownWhen } : {}),
    };
  }
  const layout = entries.find((entry) => entry.kind === 'layout');
  const shown = custom.filter((entry) => !entry.retired).map((entry) => entry.key);
  const form = placed(layout?.form ?? object.form, fields, shown, object.variants ? [] : undefined);
  const variants = object.variants && {
    field: object.variants.field,
    forms: Object.fromEntries(
      Object.entries(object.variants.forms).map(([key, declared]) => [key, placed(layout?.forms?.[key] ?? declared, fields, shown)]),
    ),
  };
  const own = shown.filter((key) => !LONG.has(fields[key]?.type ?? '')).slice(0, COLUMNS);
  const columns = layout?.columns?.filter((key) => !(fields[key.split('.')[0] ?? '']?.retired ?? false));
  return {
    ...object,
    fields,
    form,
    ...(variants ? { variants } : {}),
    list: { ...object.list, columns: columns ?? (object.list.columns.length > 0 ? object.list.columns : own) },
  };
}

/** Declared options that a change does not name stay behind the named ones: those of a later version are not lost. */
function mergedOptions(field: Field, options: readonly Option[]): Option[] {
  const declared = (field.with.options as unknown as Option[] | undefined) ?? [];
  return [...options, ...declared.filter((one) => !options.some((option) => option.key === one.key))];
}

/** A field whose options know what they are called. */
function withNames(field: Field, words: Spoken<Partial<FieldWords>> | undefined): Field {
  const options = field.with.options as unknown as Option[] | undefined;
  const named = Object.values(words ?? {}).flatMap((spoken) => (spoken.options ? [spoken.options] : []));
  if (!options || named.length === 0) return field;
  const withWords = options.map((option) => {
    const names = named.flatMap((one) => one[option.key] ?? []);
    return names.length > 0 ? { ...option, names } : option;
  });
  return { ...field, with: { ...field.with, options: withWords as never } };
}

/** Sections without what is retired or gone, and behind them the fields that nobody has placed. */
function placed(
  sections: readonly FormSection[],
  fields: Record<string, Field>,
  custom: readonly string[],
  rest: readonly string[] = custom.filter((key) => !sections.some((section) => section.fields.includes(key))),
): FormSection[] {
  const kept = sections.map((section) => ({ ...section, fields: section.fields.filter((key) => fields[key] && !fields[key].retired) }));
  if (rest.length === 0) return kept;
  const more = kept.find((section) => section.key === REST_SECTION);
  return more
    ? kept.map((section) => (section === more ? { ...section, fields: [...section.fields, ...rest] } : section))
    : [...kept, { key: kept.length === 0 ? 'main' : REST_SECTION, fields: [...rest] }];
}

/** What the entries say in words, as flat keys by language, like the catalogues of the modules. */
export function wordsOf(entries: readonly Entry[]): Words {
  const words: Record<string, Record<string, string>> = {};
  const say = (language: string, key: string, word: string | undefined) => {
    if (word !== undefined && word !== '') {
      words[language] ??= {};
      words[language][key] = word;
    }
  };
  for (const entry of entries) {
    for (const [language, spoken] of Object.entries(entry.words ?? {})) {
      if (entry.kind === 'layout') {
        for (const [section, title] of Object.entries(spoken as Record<string, string>))
          say(language, `${entry.object}.form.${section}`, title);
        continue;
      }
      const { name, plural, label, options, inverse } = spoken as Partial<FieldWords> & { name?: string; plural?: string };
      say(language, `${objectOf(entry)}.name`, name);
      say(language, `${objectOf(entry)}.plural`, plural);
      if (entry.kind === 'object') say(language, `overview.section.${entry.key}`, plural);
      const field = entry.kind === 'field' ? entry.key : entry.kind === 'adjustment' ? entry.field : undefined;
      if (field === undefined) continue;
      say(language, `${objectOf(entry)}.fields.${field}`, label);
      for (const [option, word] of Object.entries(options ?? {})) say(language, `${objectOf(entry)}.options.${field}.${option}`, word);
      if (entry.kind === 'field' && typeof entry.field.with.inverse === 'string')
        say(language, `${String(entry.field.with.to)}.fields.${entry.field.with.inverse}`, inverse);
    }
  }
  return words;
}
