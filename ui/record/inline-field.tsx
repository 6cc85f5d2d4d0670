import { Button, Group } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type FocusEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { ApiError } from '../api.ts';
import { failureText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { iconLook } from '../icons.ts';
import { patchLists } from '../list/refresh-list.ts';
import { Glow } from '../live/glow.tsx';
import { useEditing } from '../live/presence.tsx';
import { showUndo } from '../notify.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords, words } from '../words.ts';
import classes from './record.module.css';
import { recordQuery, refreshAround, saveField, showEarly } from './use-record.ts';

interface Props {
  object: ObjectMeta;
  record: RecordData;
  field: FieldMeta;
}

/** Whether two values of a field are the same on the wire. */
function same(field: FieldMeta, one: unknown, other: unknown): boolean {
  const view = viewOf(field.type);
  return JSON.stringify(view.write(one, field)) === JSON.stringify(view.write(other, field));
}

type State =
  | { kind: 'read' }
  | { kind: 'edit'; draft: unknown; error?: string }
  | { kind: 'saving'; draft: unknown }
  /** Somebody changed this very field meanwhile: both values stand side by side. */
  | { kind: 'conflict'; draft: unknown; theirs: RecordData };

/** What an empty field offers: "Add phone"; "Set the date" and "Choose" where the name is no noun ("Opened on", "Belongs to"). */
function missingWord(field: FieldMeta, word: string): string {
  const { t } = words();
  if (field.type === 'date' || field.type === 'dateTime') return t('record.setDate');
  return field.type === 'reference' ? t('record.choose') : t('record.addField', { field: word.toLowerCase() });
}

/** One attribute of a record: read, edited in place, saved against the version it was read at. */
export function InlineField({ object, record, field }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const client = useQueryClient();
  const view = viewOf(field.type);
  const { Read, Edit } = view;
  const [state, setState] = useState<State>({ kind: 'read' });
  // What the record was when editing began: saved against, so that a fresher one fetched meanwhile hides nobody's change.
  const base = useRef(record);
  const opener = useRef<HTMLButtonElement>(null);
  const word = fieldWord(object.key, field.key);
  const editable = object.verbs.update && !field.readOnly && !view.derived;
  useEditing(object.key, record.id, state.kind === 'edit' || state.kind === 'conflict');
  const slow = useDelayed(state.kind === 'saving', 1000);

  const close = (): void => {
    setState({ kind: 'read' });
    requestAnimationFrame(() => opener.current?.focus());
  };

  const save = async (draft: unknown, against: RecordData): Promise<void> => {
    if (same(field, draft, against[field.key])) {
      close();
      return;
    }
    setState({ kind: 'saving', draft });
    // Everywhere on screen at once; taken back if the server refuses.
    const takeBack = showEarly(client, object, against, field, draft);
    try {
      const saved = await saveField(object, against, field, draft);
      client.setQueryData(recordQuery(object.plural, record.id).queryKey, saved.record);
      patchLists(client, object.plural, record.id, saved.record);
      close();
      showUndo(t('record.changed', { field: word }), saved.cause);
      await refreshAround(client, object, record.id);
    } catch (problem) {
      takeBack();
      if (problem instanceof ApiError && problem.status === 412) {
        const theirs = await client.fetchQuery({ ...recordQuery(object.plural, record.id), staleTime: 0 });
        // Another field changed: nothing of theirs is lost by saving ours on top.
        if (same(field, theirs[field.key], base.current[field.key])) await save(draft, theirs);
        else if (same(field, theirs[field.key], draft)) close();
        else setState({ kind: 'conflict', draft, theirs });
        return;
      }
      const own =
        problem instanceof ApiError
          ? problem.errors.find((one) => one.path === field.key || one.path.startsWith(`${field.key}.`))?.detail
          : undefined;
      setState({ kind: 'edit', draft, error: own ?? failureText(problem) });
    }
  };

  const begin = (): void => {
    base.current = record;
    setState({ kind: 'edit', draft: record[field.key] ?? null });
  };

  if (state.kind === 'conflict') {
    const theirs = state.theirs[field.key];
    const who = state.theirs.updatedBy?.name;
    return (
      <div className={classes.conflict} role="alert">
        <div>{who ? t('conflict.by', { name: who, field: word }) : t('conflict.someone', { field: word })}</div>
        <div className={classes.conflictValue}>
          <span className="pg-meta">{t('conflict.theirs')}</span>
          <span>{view.text(theirs, field, object.key) || t('value.empty')}</span>
        </div>
        <div className={classes.conflictValue}>
          <span className="pg-meta">{t('conflict.yours')}</span>
          <span>{view.text(state.draft, field, object.key) || t('value.empty')}</span>
        </div>
        <Group gap="xs">
          <Button size="compact" variant="default" onClick={close}>
            {t('conflict.keepTheirs')}
          </Button>
          <Button size="compact" variant="default" onClick={() => void save(state.draft, state.theirs)}>
            {t('conflict.saveMine')}
          </Button>
        </Group>
      </div>
    );
  }

  if (state.kind === 'edit') {
    const onBlur = (event: FocusEvent): void => {
      if (view.large || view.instant || state.error) return;
      if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return;
      void save(state.draft, base.current);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) {
        event.stopPropagation();
        close();
      }
    };
    const buttons = view.large || state.error !== undefined;
    return (
      <form
        className={classes.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save(state.draft, base.current);
        }}
        onBlur={onBlur}
        onKeyDown={onKey}
      >
        <Edit
          value={state.draft}
          onChange={(draft) => {
            if (view.instant) void save(draft, base.current);
            else setState({ kind: 'edit', draft });
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
            <Button size="compact" variant="default" onClick={close}>
              {t('action.cancel')}
            </Button>
          </Group>
        )}
      </form>
    );
  }

  const value = state.kind === 'saving' ? state.draft : record[field.key];
  const empty = view.isEmpty(value, field);
  const glow = <Glow object={object.key} id={record.id} field={field.key} value={record[field.key]} />;
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
        type="button"
        className={empty ? classes.add : classes.edit}
        onClick={begin}
        // Editing again begins with what was saved: opened earlier, the end of the save would close it.
        disabled={state.kind === 'saving'}
        aria-label={empty ? t('record.addField', { field: word.toLowerCase() }) : t('record.editField', { field: word })}
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
