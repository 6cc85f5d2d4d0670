import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { viewOf } from '../fields/registry.ts';
import { fieldOf } from '../meta.ts';
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

/** Picture and name of a record, leading to its page. */
export function RecordTitle({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const { t } = useWords();
  const picture = pictureOf(object, record);
  const name = titleText(object, record);
  return (
    <Link className={classes.title} to="/o/$plural/$id" params={{ plural: object.plural, id: record.id }} tabIndex={-1} title={name}>
      {picture && <Picture name={name} square={picture === 'square'} of={object.picture ? record[object.picture] : null} />}
      <span className="pg-ellipsis">{name || <span className="pg-meta">{t('record.unnamed')}</span>}</span>
    </Link>
  );
}
