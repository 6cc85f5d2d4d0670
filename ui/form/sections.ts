import { fieldOf } from '../meta.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';

export interface Section {
  key: string;
  fields: FieldMeta[];
}

/** The sections of an object's form for these values: those of the variant where the object has variants. */
export function sectionsFor(object: ObjectMeta, values: Record<string, unknown>): Section[] {
  const variant = object.variants ? object.variants.forms[String(values[object.variants.field] ?? '')] : undefined;
  const declared = variant ?? object.form;
  return declared
    .map((section) => ({
      key: section.key,
      fields: section.fields.map((key) => fieldOf(object, key)).filter((field): field is FieldMeta => field !== undefined && !field.hidden),
    }))
    .filter((section) => section.fields.length > 0);
}
