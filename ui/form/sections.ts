import { fieldOf } from '../meta.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import type { Words } from '../words.ts';
import type { Holds } from './use-conditions.ts';

export interface Section {
  key: string;
  fields: FieldMeta[];
  columns: 1 | 2;
  wide: readonly string[];
}

/**
 * The sections of an object's form for these values: those of the variant where the object has variants, without what its conditions
 * leave out; as long as nobody can judge them, what has a condition waits. A field that is needed right now is marked so, and shown
 * whatever its section says.
 */
export function sectionsFor(object: ObjectMeta, values: Record<string, unknown>, holds: Holds | null): Section[] {
  const variant = object.variants ? object.variants.forms[String(values[object.variants.field] ?? '')] : undefined;
  const declared = variant ?? object.form;
  const met = (condition: unknown): boolean => condition === undefined || holds?.(condition, values) === true;
  return declared
    .map((section) => {
      const open = met(section.when);
      const fields = section.fields.flatMap((key): FieldMeta[] => {
        const field = fieldOf(object, key);
        if (!field || field.hidden || !met(field.shownWhen)) return [];
        const needed = field.required || (field.requiredWhen !== undefined && holds?.(field.requiredWhen, values) === true);
        if (!open && !needed) return [];
        return [needed === field.required ? field : { ...field, required: needed }];
      });
      return { key: section.key, fields, columns: section.columns ?? 1, wide: section.wide ?? [] };
    })
    .filter((section) => section.fields.length > 0);
}

/** What a section is called: by its own word, or by what the first one and the one for the rest are called everywhere. */
export function sectionTitle(words: Words, object: string, section: string): string {
  const key = `${object}.form.${section}`;
  if (!words.has(key) && (section === 'main' || section === 'more')) return words.t(`form.${section}`);
  return words.label(key);
}
