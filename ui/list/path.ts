import type { FieldMeta, ObjectMeta } from '../wire.ts';

/** Where paths lead: the declarations by object key. */
export interface Declarations {
  object: (key: string | undefined) => ObjectMeta | undefined;
}

/** A field as a list names it, found by following its path: `customer.owner`, `addresses.city`, `customer.cases`. */
export interface FieldPath {
  /** The path as it is written. */
  path: string;
  /** The references that were followed, each with the object it stands in. */
  steps: { object: ObjectMeta; field: FieldMeta }[];
  /** The object the last field stands in. */
  object: ObjectMeta;
  /** The field to compare; of a part (the city of an address) a field made for it. */
  field: FieldMeta;
  /** The composite field whose part this is. */
  whole?: FieldMeta;
}

/** How the words of a path are found; `Words` of the catalogue fits. */
export interface PathWords {
  field: (object: string, field: string) => string;
  label: (key: string) => string;
}

const deepest = 6;
const textOperators = ['contains', 'startsWith', 'eq', 'ne', 'in', 'notIn', 'isEmpty', 'isNotEmpty'];
const keyOperators = ['in', 'notIn', 'eq', 'ne', 'isEmpty', 'isNotEmpty'];
const numberOperators = ['gte', 'lte', 'gt', 'lt', 'between', 'eq', 'ne', 'isEmpty', 'isNotEmpty'];
const partTypes: Record<string, { type: string; operators: string[] }> = {
  country: { type: 'country', operators: keyOperators },
  currency: { type: 'currency', operators: keyOperators },
  amount: { type: 'decimal', operators: numberOperators },
};

/** Object that a reference leads to, and through which a path may go on. */
export function followed(field: FieldMeta): string | undefined {
  if (field.type === 'user') return field.to ?? 'user';
  return field.type === 'reference' ? field.to : undefined;
}

/** Whether the records behind a field can be counted. */
export function isCountable(field: FieldMeta): boolean {
  return field.type === 'toMany' || field.type === 'manyToMany';
}

function partField(part: string): FieldMeta {
  const { type, operators } = partTypes[part] ?? { type: 'text', operators: textOperators };
  return { key: part, type, operators, required: false, readOnly: true, sortable: false, filterable: true };
}

/** Follows a dotted path through references and into the parts of a composite field; null where a step is unknown. */
export function resolvePath(meta: Declarations, object: ObjectMeta, path: string): FieldPath | null {
  const keys = path.split('.');
  if (keys.length > deepest) return null;
  const steps: FieldPath['steps'] = [];
  let current = object;
  for (const [at, key] of keys.entries()) {
    const field = current.fields.find((one) => one.key === key);
    if (!field) return null;
    if (at === keys.length - 1) return { path, steps, object: current, field };
    const next = keys[at + 1] ?? '';
    if (field.parts?.includes(next))
      return at === keys.length - 2 ? { path, steps, object: current, field: partField(next), whole: field } : null;
    const to = meta.object(followed(field));
    if (!to) return null;
    steps.push({ object: current, field });
    current = to;
  }
  return null;
}

/** The words of a path, one a step: “Customer”, “Addresses”, “City”. */
export function pathWords(found: FieldPath, words: PathWords): string[] {
  const way = found.steps.map((step) => words.field(step.object.key, step.field.key));
  if (!found.whole) return [...way, words.field(found.object.key, found.field.key)];
  return [...way, words.field(found.object.key, found.whole.key), partWord(found.whole, found.field.key, words)];
}

function partWord(whole: FieldMeta, part: string, words: PathWords): string {
  return words.label(`${whole.type}.${part}`);
}

/** A path as one reads it: “Customer › City”. */
export function pathText(found: FieldPath, words: PathWords): string {
  return pathWords(found, words).join(' › ');
}

/** One line of the picker: a field to compare, records to count, or only a way further. */
export interface PathChoice {
  found: FieldPath;
  /** Words after where the picker stands. */
  words: string[];
  /** It can be compared with a value. */
  comparable: boolean;
  countable: boolean;
  /** There is more behind it. */
  deeper: boolean;
}

/** Who wrote a record leads to a user from everywhere: no way on from there. */
const authors = new Set(['createdBy', 'updatedBy']);
const inward = new Set(['version']);

/** What stands directly behind `prefix` (a path of references, '' for the object itself). */
export function choicesAt(meta: Declarations, object: ObjectMeta, prefix: string, words: PathWords): PathChoice[] {
  const at = prefix === '' ? null : resolvePath(meta, object, prefix);
  if (prefix !== '' && !at) return [];
  const depth = prefix === '' ? 0 : prefix.split('.').length;
  const parts = at?.field.parts;
  if (at && parts) return parts.flatMap((part) => choice(meta, object, `${prefix}.${part}`, depth, words) ?? []);
  const current = at ? meta.object(followed(at.field)) : object;
  return (current?.fields ?? []).flatMap((field) => {
    if (field.hidden || inward.has(field.key) || field.key === 'id') return [];
    return choice(meta, object, prefix === '' ? field.key : `${prefix}.${field.key}`, depth, words) ?? [];
  });
}

function choice(meta: Declarations, object: ObjectMeta, path: string, depth: number, words: PathWords): PathChoice | undefined {
  const found = resolvePath(meta, object, path);
  if (!found) return undefined;
  const { field } = found;
  const comparable = field.filterable && field.operators.length > 0;
  const countable = isCountable(field) && meta.object(field.to) !== undefined;
  const leads = meta.object(followed(field)) !== undefined && !authors.has(field.key);
  const deeper = depth < deepest - 1 && !found.whole && (leads || (field.parts?.length ?? 0) > 0);
  if (!comparable && !countable && !deeper) return undefined;
  return { found, words: pathWords(found, words).slice(depth), comparable, countable, deeper };
}

/** How far a typed search looks: `customer addresses city`. */
const searchDepth = 3;

/** All that a search from one place may find, its words folded once: it is asked again with every key. */
export interface ChoiceIndex {
  /** What stands directly there, offered before anything is typed. */
  near: PathChoice[];
  /** Found with the first letter. */
  all: () => Indexed[];
}

interface Indexed {
  choice: PathChoice;
  nearness: number;
  last: string;
  way: { word: string; ofLast: boolean }[];
}

export function indexChoices(meta: Declarations, object: ObjectMeta, prefix: string, words: PathWords): ChoiceIndex {
  const near = choicesAt(meta, object, prefix, words);
  let all: Indexed[] | undefined;
  return {
    near,
    all: () => {
      all ??= indexed(near, meta, object, prefix, words);
      return all;
    },
  };
}

/** Walks the fields behind `prefix`, near ones first. */
function indexed(near: PathChoice[], meta: Declarations, object: ObjectMeta, prefix: string, words: PathWords): Indexed[] {
  const all: Indexed[] = [];
  const base = prefix === '' ? 0 : prefix.split('.').length;
  let level = near;
  for (let depth = 0; depth < searchDepth && level.length > 0; depth++) {
    for (const [place, choice] of level.entries()) {
      if (!choice.comparable && !choice.countable) continue;
      const folded = choice.words.map(fold);
      all.push({
        choice,
        nearness: depth * 2 + place / 10_000,
        last: folded.at(-1) ?? '',
        way: folded.flatMap((name, at) => name.split(/\s+/).map((word) => ({ word, ofLast: at === folded.length - 1 }))),
      });
    }
    level = level
      // The way back to where it began says nothing new.
      .filter((one) => one.deeper && (depth === 0 || followed(one.found.field) !== object.key))
      .flatMap((one) => choicesAt(meta, object, one.found.path, words).map((next) => ({ ...next, words: wordsAfter(next, base, words) })));
  }
  return all;
}

/**
 * The choices that what was typed names: each typed word begins a word of the path, in their order (`customer city` finds
 * “Customer › Addresses › City”), or all of it stands somewhere in the last name. Near ones first.
 */
export function findChoices(index: ChoiceIndex, typed: string, limit = 40): PathChoice[] {
  const asked = fold(typed);
  if (asked === '') return index.near;
  const tokens = asked.split(/[\s›>.]+/).filter((token) => token !== '');
  const hits = index.all().flatMap((one) => {
    const rank = rankOf(one, tokens, asked);
    return rank === null ? [] : [{ choice: one.choice, rank: rank + one.nearness }];
  });
  return hits
    .sort((one, other) => one.rank - other.rank)
    .slice(0, limit)
    .map((hit) => hit.choice);
}

function wordsAfter(choice: PathChoice, base: number, words: PathWords): string[] {
  return pathWords(choice.found, words).slice(base);
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();

/** 0: the last name begins so; 1: each typed word begins a word on the way; 2: it stands within the last name; null: no. */
function rankOf({ last, way }: Indexed, tokens: readonly string[], asked: string): number | null {
  if (last.startsWith(asked)) return last === asked ? -0.5 : 0;
  let next = 0;
  let endsInLast = false;
  for (const { word, ofLast } of way) {
    if (next < tokens.length && word.startsWith(tokens[next] ?? '')) {
      next += 1;
      endsInLast = ofLast;
    }
  }
  if (next === tokens.length && endsInLast) return 1;
  return last.includes(asked) ? 2 : null;
}
