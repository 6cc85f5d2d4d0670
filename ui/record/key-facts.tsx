import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { viewOf } from '../fields/registry.ts';
import { iconLook, iconOf } from '../icons.ts';
import { titleText } from '../list/record-title.tsx';
import { fieldOf } from '../meta.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import { keyFactsOf } from './facts.ts';
import classes from './record.module.css';
import { recordQuery } from './use-record.ts';

/** What tells a record from others of its name, at a glance: read as the reader may, kept for its page. */
export function KeyFacts({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  const { t, object: objectWord, field: fieldWord } = useWords();
  const { data: record } = useQuery({ ...recordQuery(object.plural, id), staleTime: 30_000 });
  if (!record) return null;
  const Icon = iconOf(object.icon);
  return (
    <>
      <p className={classes.keyObject}>
        <Icon {...iconLook} />
        {objectWord(object.key)}
      </p>
      <p className={classes.keyName}>{titleText(object, record) || t('record.unnamed')}</p>
      <dl className={classes.fields}>
        {keyFactsOf(object, record, (field) => viewOf(field.type).isEmpty(record[field.key], field)).map((field) => (
          <div key={field.key} className={classes.field}>
            <dt>{fieldWord(object.key, field.key)}</dt>
            <dd>
              <Value object={object} record={record} field={field} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Value({ object, record, field }: { object: ObjectMeta; record: RecordData; field: FieldMeta }): ReactNode {
  const { Read } = viewOf(field.type);
  return (
    <div className={classes.value}>
      <Read value={record[field.key]} field={fieldOf(object, field.key) ?? field} object={object.key} />
    </div>
  );
}
