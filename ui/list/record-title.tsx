import type { ReactNode } from 'react';
import { viewOf } from '../fields/registry.ts';
import { fieldOf, recordPath } from '../meta.ts';
import { Picture } from '../person.tsx';
import type { ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './list.module.css';

/** Whether this object's rows carry a picture, and which shape it has. */
function pictureOf(object: ObjectMeta, record: RecordData): 'round' | 'square' | null {
  if (object.key === 'user') return 'round';
  if (!object.variants) return null;
  return record[object.variants.field] === 'organisation' ? 'square' : 'round';
}

/** The name of a record in words; empty where it has none. */
export function titleText(object: ObjectMeta, record: RecordData): string {
  const field = fieldOf(object, object.title);
  return field ? viewOf(field.type).text(record[object.title], field, object.key) : String(record[object.title] ?? '');
}

/** Picture and name of a record, leading to its page; the row takes the press, so that no link need know the router. */
export function RecordTitle({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const { t } = useWords();
  const picture = pictureOf(object, record);
  const name = titleText(object, record);
  return (
    <a className={classes.title} href={recordPath(object, record.id)} data-title tabIndex={-1} title={name}>
      {picture && <Picture name={name} square={picture === 'square'} of={object.picture ? record[object.picture] : null} />}
      <span className="pg-ellipsis">{name || <span className="pg-meta">{t('record.unnamed')}</span>}</span>
    </a>
  );
}
