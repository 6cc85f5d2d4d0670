import type { BoundField } from './field.ts';
import { typeOf } from './fields/index.ts';
import type { ModelObject } from './object.ts';

/**
 * What of a record goes when its person is erased. It follows from the declarations, so that a company's own fields are not
 * forgotten: whatever may hold words or describes the person goes, whatever sums and counts stand on stays.
 */

/** Types whose values somebody wrote, or which say who somebody is. */
const TELLING = new Set([
  'text',
  'longText',
  'richText',
  'personName',
  'email',
  'emails',
  'phone',
  'phones',
  'address',
  'addresses',
  'url',
  'tags',
  'json',
  'file',
  'files',
  'image',
]);

/** Fields of a record about an erased person that are emptied. `party` itself keeps nothing but whose it was and what `personal: false` says. */
export function erasedFields(object: ModelObject): BoundField[] {
  const kept = new Set([object.owner, object.team, object.territory, object.variants?.field]);
  return object.declared.filter((field) => {
    const { storage } = typeOf(field);
    if (storage !== 'columns' && storage !== 'link' && storage !== 'external') return false;
    if (field.derived !== undefined) return false;
    if (field.personal !== undefined) return field.personal;
    if (object.key === 'party') return !kept.has(field.key);
    return TELLING.has(field.type);
  });
}

/** What stands in place of a text that cannot be empty. */
export const ERASED = '–';
