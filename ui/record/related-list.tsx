import { ActionIcon } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { post } from '../api.ts';
import { viewOf } from '../fields/registry.ts';
import { CreateDialog } from '../form/create-dialog.tsx';
import { formatCount } from '../format.ts';
import { iconLook, iconOf } from '../icons.ts';
import { fieldOf } from '../meta.ts';
import { Tip } from '../tip.tsx';
import type { FieldMeta, Named, ObjectMeta, Page, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './record.module.css';

interface Props {
  object: ObjectMeta;
  /** The field of those records that points to `to`. */
  field: FieldMeta;
  to: Named;
  /** Several fields of the object point here (a party as customer and as partner): the name says which is meant. */
  qualified?: boolean;
  /** Whether a list without rows still offers to begin one. */
  offered?: boolean;
}

/** One line of a related record: its title and two values. */
export function RelatedRow({ object, record, columns }: { object: ObjectMeta; record: RecordData; columns: string[] }): ReactNode {
  const { t } = useWords();
  const titleField = fieldOf(object, object.title);
  const title = titleField
    ? viewOf(titleField.type).text(record[object.title], titleField, object.key)
    : String(record[object.title] ?? '');
  const fields = columns
    .filter((key) => key !== object.title)
    .map((key) => fieldOf(object, key))
    .filter((field): field is FieldMeta => field !== undefined && !viewOf(field.type).isEmpty(record[field.key], field))
    .slice(0, 3);
  return (
    <li className={classes.relatedRow}>
      <Link className={classes.relatedTitle} to="/o/$plural/$id" params={{ plural: object.plural, id: record.id }}>
        {title || t('record.unnamed')}
      </Link>
      <div className={classes.relatedValues}>
        {fields.map((field) => {
          const { Cell } = viewOf(field.type);
          return (
            <span key={field.key} className="pg-ellipsis">
              <Cell value={record[field.key]} field={field} object={object.key} />
            </span>
          );
        })}
      </div>
    </li>
  );
}

/** The records of one object that point here: the first five, how many there are, a way to all and to a new one. */
export function RelatedList({ object, field, to, qualified = false, offered = true }: Props): ReactNode {
  const { t, plural, object: objectWord, field: fieldWord, inSentence } = useWords();
  const [creating, setCreating] = useState(false);
  const where = { all: [{ field: field.key, op: 'eq', value: to.id }] };
  const columns = object.list.columns.filter((key) => key !== field.key);
  const query = useQuery({
    queryKey: ['related', object.plural, field.key, to.id],
    queryFn: ({ signal }) =>
      post<Page>(
        `/${object.plural}/query`,
        { where, sort: object.list.sort, fields: [...new Set([object.title, ...columns])], limit: 5, count: true },
        signal,
      ),
  });
  const rows = query.data?.items ?? [];
  const count = query.data?.count;
  if (!query.data || (rows.length === 0 && !(offered && object.verbs.create))) return null;
  const Icon = iconOf(object.icon);
  const name = qualified ? `${plural(object.key)} · ${inSentence(fieldWord(object.key, field.key))}` : plural(object.key);
  return (
    <section className={classes.related}>
      <div className={classes.relatedHead}>
        <Icon {...iconLook} />
        <Link className={classes.relatedName} to="/o/$plural" params={{ plural: object.plural }} search={{ where }}>
          {name}
        </Link>
        {count && count.value > 0 && <span className="pg-meta pg-figures">{formatCount(count)}</span>}
        {object.verbs.create && (
          <Tip label={t('form.newTitle', { object: inSentence(objectWord(object.key)) })}>
            <ActionIcon
              size="xs"
              ms="auto"
              aria-label={t('form.newTitle', { object: inSentence(objectWord(object.key)) })}
              onClick={() => setCreating(true)}
            >
              <IconPlus size={16} stroke={1.5} />
            </ActionIcon>
          </Tip>
        )}
      </div>
      {rows.length > 0 && (
        <ul className={classes.relatedRows}>
          {rows.map((record) => (
            <RelatedRow key={record.id} object={object} record={record} columns={columns} />
          ))}
        </ul>
      )}
      {creating && <CreateDialog object={object} preset={{ [field.key]: to }} onClose={() => setCreating(false)} />}
    </section>
  );
}
