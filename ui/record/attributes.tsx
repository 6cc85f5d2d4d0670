import { type ReactNode, useMemo, useRef } from 'react';
import { sectionsFor, sectionTitle } from '../form/sections.ts';
import { Typed, TypedHere } from '../form/typed.ts';
import { useConditions } from '../form/use-conditions.ts';
import { formatDateTime } from '../format.ts';
import type { ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import { InlineField } from './inline-field.tsx';
import { MendLine } from './mend-line.tsx';
import classes from './record.module.css';
import { isEditable } from './use-field-edit.ts';

/** All fields of a record by section, each edited in place; last, when it was made and by whom. */
export function Attributes({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const words = useWords();
  const { t, field: fieldWord } = words;
  const sections = sectionsFor(object, record, useConditions(object));
  const place = useRef<HTMLDivElement>(null);
  const shown = new Map(sections.flatMap((section) => section.fields.map((field) => [field.key, field] as const)));
  const isHere = (key: string): boolean => {
    const field = shown.get(key);
    return field !== undefined && isEditable(object, field);
  };
  // The row opens its editor itself, as if somebody had pressed its pencil.
  const mend = (key: string): void => {
    const row = place.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(key)}"]`);
    row?.scrollIntoView({ block: 'nearest' });
    row?.querySelector<HTMLElement>('[data-opens]')?.click();
  };
  const typed = useMemo(() => new Typed(), []);
  return (
    <TypedHere value={typed}>
      <div ref={place} className={classes.attributes}>
        <MendLine key={record.id} object={object} record={record} isHere={isHere} onMend={mend} />
        {sections.map((section, index) => (
          <section key={section.key}>
            {index > 0 && <h2 className={classes.sectionTitle}>{sectionTitle(words, object.key, section.key)}</h2>}
            <dl className={classes.fields}>
              {section.fields.map((field) => (
                <div key={field.key} className={classes.field} data-field={field.key}>
                  <dt title={fieldWord(object.key, field.key)}>{fieldWord(object.key, field.key)}</dt>
                  <dd>
                    <InlineField object={object} record={record} field={field} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <p className={classes.origin}>
          {record.createdBy?.name
            ? t('record.createdByAt', { name: record.createdBy.name, at: formatDateTime(record.createdAt) })
            : t('record.createdAt', { at: formatDateTime(record.createdAt) })}
        </p>
      </div>
    </TypedHere>
  );
}
