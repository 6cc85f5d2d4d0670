import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';

const most = 8;

/**
 * The fields that say at a glance which record this is: how to reach whom it names, whose it is, then what its list shows;
 * without the title and what is empty. Pure.
 */
export function keyFactsOf(object: ObjectMeta, record: RecordData, isEmpty: (field: FieldMeta) => boolean): FieldMeta[] {
  const reach = object.fields.filter((field) => field.type === 'phone' || field.type === 'email').map((field) => field.key);
  const keys = new Set([...reach, 'owner', ...object.list.columns]);
  return [...keys]
    .flatMap((key) => object.fields.find((field) => field.key === key) ?? [])
    .filter((field) => field.key !== object.title && !field.hidden && record[field.key] !== undefined && !isEmpty(field))
    .slice(0, most);
}
