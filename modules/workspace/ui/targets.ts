import { fieldOf } from '#ui/meta.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import type { Words } from '#ui/words.ts';

/** A place of an object that a column can fill. */
export interface Target {
  value: string;
  label: string;
}

/** Parts of composite fields that files bring in columns of their own. */
const parts: Record<string, readonly string[]> = {
  address: ['street', 'extra', 'postalCode', 'city', 'region', 'country'],
  personName: ['given', 'family', 'middle', 'prefix', 'suffix'],
  money: ['amount', 'currency'],
};

const written = (field: FieldMeta): boolean =>
  field.type !== 'toMany' && field.type !== 'json' && field.type !== 'externalIds' && !field.hidden;

/** All places of an object: fields, parts of composite ones, and ids in other systems. */
export function targetsOf(object: ObjectMeta, { t, field: fieldWord, label }: Words): Target[] {
  const own = object.fields.filter(written).flatMap((field): Target[] => {
    const word = fieldWord(object.key, field.key);
    const inner = (parts[field.type] ?? []).map((part) => ({
      value: `${field.key}.${part}`,
      label: `${word} · ${label(`${field.type}.${part}`)}`,
    }));
    return [{ value: field.key, label: word }, ...inner];
  });
  return [...own, { value: 'externalId', label: t('import.externalId') }];
}

/** The field behind a target, without the part. */
export function targetField(object: ObjectMeta, target: string | undefined): FieldMeta | undefined {
  return target === undefined ? undefined : fieldOf(object, target.split('.')[0] ?? '');
}

/** A target as it is offered: the value of a contact point is the field itself. */
export function plainTarget(target: string | undefined): string | undefined {
  return target?.replace(/\.value$/, '');
}
