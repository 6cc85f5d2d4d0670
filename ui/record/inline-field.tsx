import { Button, Group } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { type FocusEvent, type KeyboardEvent, type ReactNode, useContext, useEffect, useRef } from 'react';
import { viewOf } from '../fields/registry.ts';
import { TypedHere, useFormulaValue } from '../form/typed.ts';
import { iconLook } from '../icons.ts';
import { Glow } from '../live/glow.tsx';
import { Tip } from '../tip.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords, words } from '../words.ts';
import { FieldConflict } from './field-conflict.tsx';
import classes from './record.module.css';
import { isEditable, useFieldEdit } from './use-field-edit.ts';

interface Props {
  object: ObjectMeta;
  record: RecordData;
  field: FieldMeta;
}

/** What an empty field offers: "Add phone"; "Set the date" and "Choose" where the name is no noun ("Opened on", "Belongs to"). */
function missingWord(field: FieldMeta, word: string): string {
  const { t, inSentence } = words();
  if (field.type === 'date' || field.type === 'dateTime') return t('record.setDate');
  return field.type === 'reference' ? t('record.choose') : t('record.addField', { field: inSentence(word) });
}

/** The same to those who do not see which field it stands beside. */
function missingName(field: FieldMeta, word: string): string {
  const said = missingWord(field, word);
  return said.toLocaleLowerCase().includes(word.toLocaleLowerCase()) ? said : `${said}: ${word}`;
}

/** One attribute of a record: read, edited in place, saved against the version it was read at. */
export function InlineField({ object, record, field }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const view = viewOf(field.type);
  const { Read, Edit } = view;
  const opener = useRef<HTMLButtonElement>(null);
  // The focus comes back here only if it went with the editor: whoever has opened the next field meanwhile keeps it.
  const onEnd = (): void => {
    requestAnimationFrame(() => {
      if (document.activeElement === null || document.activeElement === document.body) opener.current?.focus();
    });
  };
  const edit = useFieldEdit({ object, record, field, onEnd });
  const { state } = edit;
  const word = fieldWord(object.key, field.key);
  const editable = isEditable(object, field);
  const slow = useDelayed(state.kind === 'saving', 1000);
  const typed = useContext(TypedHere);
  const draft = state.kind === 'read' ? undefined : { value: view.write(state.draft, field) };
  const wire = draft && JSON.stringify(draft);
  useEffect(() => {
    if (wire === undefined) return;
    typed.set(field.key, (JSON.parse(wire) as { value: unknown }).value);
    return () => typed.drop(field.key);
  }, [typed, field.key, wire]);

  if (state.kind === 'conflict') return <FieldConflict object={object} field={field} edit={edit} />;

  if (state.kind === 'edit') {
    const onBlur = (event: FocusEvent): void => {
      if (view.large || view.instant || state.error) return;
      if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return;
      void edit.save();
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) {
        event.stopPropagation();
        edit.close();
      }
    };
    const buttons = view.large || state.error !== undefined;
    return (
      <form
        className={classes.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void edit.save();
        }}
        onBlur={onBlur}
        onKeyDown={onKey}
      >
        <Edit
          value={state.draft}
          onChange={(draft) => {
            if (view.instant) void edit.save(draft);
            else edit.change(draft);
          }}
          field={field}
          object={object.key}
          ariaLabel={word}
          error={state.error}
          required={field.required}
          autoFocus
        />
        {buttons && (
          <Group gap="xs" mt={4}>
            <Button size="compact" type="submit">
              {t(state.error ? 'action.retry' : 'action.save')}
            </Button>
            <Button size="compact" variant="default" onClick={edit.close}>
              {t('action.cancel')}
            </Button>
          </Group>
        )}
      </form>
    );
  }

  const value = state.kind === 'saving' ? state.draft : record[field.key];
  const empty = view.isEmpty(value, field);
  const glow = <Glow object={object.key} record={record} field={field.key} />;
  if (field.expression !== undefined) return <FormulaField object={object} record={record} field={field} />;
  if (!editable)
    return (
      <div className={classes.value}>
        {glow}
        {empty ? null : <Read value={value} field={field} object={object.key} />}
      </div>
    );
  return (
    <div className={classes.value} data-editable aria-busy={slow}>
      {glow}
      {!empty && <Read value={value} field={field} object={object.key} />}
      <button
        ref={opener}
        data-opens
        type="button"
        className={empty ? classes.add : classes.edit}
        onClick={edit.begin}
        // Editing again begins with what was saved: opened earlier, the end of the save would close it.
        disabled={state.kind === 'saving'}
        aria-label={empty ? missingName(field, word) : t('record.editField', { field: word })}
      >
        {empty ? (
          missingWord(field, word)
        ) : (
          // Where a link fills the value, the pencil is the place to press.
          <span className={classes.pencil}>
            <IconPencil {...iconLook} />
          </span>
        )}
      </button>
    </div>
  );
}

/** A formula of a record: it follows what is being typed into the fields it reads. */
function FormulaField({ object, record, field }: Props): ReactNode {
  const { t } = useWords();
  const { Read, isEmpty } = viewOf(field.type);
  const value = useFormulaValue(object, record, field);
  return (
    <Tip label={t('cell.formula', { expression: field.expression ?? '' })}>
      <div className={classes.value}>
        <Glow object={object.key} record={record} field={field.key} />
        {isEmpty(value, field) ? null : <Read value={value} field={field} object={object.key} />}
      </div>
    </Tip>
  );
}
