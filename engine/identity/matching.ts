import type { Likeness, ModelObject } from '#engine/declare/object.ts';
import { type Comparator, type Comparison, comparators, type Part } from './comparators.ts';

/** Which fields of an object are compared, and how: `{ personName: 'personName', emails: 'email' }`. */
export type CompareBy = Readonly<Record<string, Likeness>>;

/** What is compared of one record, by field; short enough to keep beside it. */
export type Print = Readonly<Record<string, Part>>;

/** One comparison of two records, by field and question. */
export interface Question extends Comparison {
  field: string;
  /** Names it among all: `personName.given`. */
  id: string;
}

/**
 * Weak keys that are worth something together, by the letters before their colons in order: a name with a place, a street or
 * a day, two words of an enterprise's name. A town with a postal code says one thing twice; a given name in a town says little.
 */
const PAIRS = new Set(['df', 'dg', 'dp', 'fp', 'fs', 'gs', 'ww', 'pw', 'sw']);

export class Matching {
  readonly questions: readonly Question[];
  private readonly fields: readonly (readonly [string, Comparator])[];

  constructor(readonly by: CompareBy) {
    this.fields = Object.entries(by).map(([field, key]) => [field, comparators[key]] as const);
    this.questions = this.fields.flatMap(([field, comparator]) =>
      comparator.comparisons.map((comparison) => ({ ...comparison, field, id: `${field}.${comparison.key}` })),
    );
  }

  /** What is compared of a record, from its stored values. */
  print(values: Readonly<Record<string, unknown>>): Print {
    const print: Record<string, Part> = {};
    for (const [field, comparator] of this.fields) {
      const part = comparator.read(values[field]);
      if (part) print[field] = part;
    }
    return print;
  }

  /** Keys under which this record meets those that may be the same: each strong one, and each two weak ones of different kinds. */
  keys(print: Print): string[] {
    const keys = new Set<string>();
    const weak: string[] = [];
    for (const [field, comparator] of this.fields) {
      const part = print[field];
      if (!part) continue;
      for (const key of comparator.strong?.(part) ?? []) keys.add(key);
      weak.push(...(comparator.weak?.(part) ?? []));
    }
    for (let i = 0; i < weak.length; i++) {
      for (let j = i + 1; j < weak.length; j++) {
        const [one = '', other = ''] = [weak[i], weak[j]].sort();
        if (one !== other && PAIRS.has(`${one[0]}${other[0]}`)) keys.add(`${one}|${other}`);
      }
    }
    return [...keys];
  }

  /** The level of every question; -1 where one of the two says nothing. */
  levels(a: Print, b: Print): Int8Array {
    const levels = new Int8Array(this.questions.length);
    for (let i = 0; i < this.questions.length; i++) {
      const question = this.questions[i];
      const one = question && a[question.field];
      const other = question && b[question.field];
      levels[i] = question && one && other ? question.level(one, other) : -1;
    }
    return levels;
  }
}

const held = new WeakMap<ModelObject, Map<string, Matching>>();

/**
 * How the records of an object are compared; of one with variants, those of the variant (`''` where there are none): two
 * records of different variants are never the same one.
 */
export function matchingOf(object: ModelObject, variant: string): Matching | null {
  const { duplicates, variants } = object;
  if (!duplicates) return null;
  const known = held.get(object) ?? new Map<string, Matching>();
  held.set(object, known);
  const have = known.get(variant);
  if (have) return have;
  const form = variants?.forms[variant];
  const shown = form && new Set(form.flatMap((section) => section.fields));
  const by = Object.entries(duplicates.compare).filter(([key]) => !shown || shown.has(key));
  const matching = new Matching(Object.fromEntries(by) as CompareBy);
  known.set(variant, matching);
  return matching;
}

/** The variants of an object whose records are compared among themselves. */
export const variantsOf = (object: ModelObject): string[] => (object.variants ? Object.keys(object.variants.forms) : ['']);
