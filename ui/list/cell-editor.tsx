import { Button, Group } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { viewOf } from '../fields/registry.ts';
import { FieldConflict } from '../record/field-conflict.tsx';
import { useFieldEdit } from '../record/use-field-edit.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './list.module.css';

/** Where editing goes on when a cell is done: in the same cell, the next, or the one before. */
export type Way = 'stay' | 'next' | 'back';

interface Props {
  object: ObjectMeta;
  record: RecordData;
  field: FieldMeta;
  /** Begun by typing: what was there gives way. */
  fresh: boolean;
  onDone: (way: Way) => void;
}

const focusable = 'input:not([type="hidden"]):not([disabled]),textarea,button:not([tabindex="-1"]):not([disabled])';
/** What a control opens lies elsewhere in the page and still belongs to it. */
const opened = '[data-portal="true"],[role="listbox"],[role="dialog"]';

/** Edits one cell of a list where it stands: Enter saves, Tab saves and goes on, Escape leaves it as it was. */
export function CellEditor({ object, record, field, fresh, onDone }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const view = viewOf(field.type);
  const box = useRef<HTMLFormElement>(null);
  const way = useRef<Way>('stay');
  const edit = useFieldEdit({
    object,
    record,
    field,
    initial: { draft: fresh && !view.instant ? null : (record[field.key] ?? null) },
    onEnd: () => onDone(way.current),
  });
  const { state } = edit;
  const act = useRef(edit);
  act.current = edit;
  useEffect(() => {
    const input = box.current?.querySelector<HTMLInputElement>('input:not([type="hidden"]),textarea');
    if (!fresh && input?.type === 'text') input.select();
    // Pressing elsewhere is done with it: what was typed is kept, a choice not made is none.
    const outside = (event: PointerEvent): void => {
      const at = event.target;
      if (!(at instanceof Element) || box.current?.contains(at) || at.closest(opened)) return;
      const { state: now, save, close } = act.current;
      if (now.kind !== 'edit') return;
      if (view.instant || now.error) close();
      else void save();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => document.removeEventListener('pointerdown', outside, true);
  }, [fresh, view.instant]);

  const onKey = (event: KeyboardEvent<HTMLFormElement>): void => {
    // The list's own keys are not meant here.
    event.stopPropagation();
    if (event.key === 'Escape' && !event.defaultPrevented) {
      way.current = 'stay';
      edit.close();
    } else if (
      event.key === 'Enter' &&
      !event.defaultPrevented &&
      !(event.target instanceof HTMLTextAreaElement && !event.ctrlKey && !event.metaKey)
    ) {
      if (event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      if (!view.instant) void edit.save();
      else edit.close();
    } else if (event.key === 'Tab') {
      const all = [...event.currentTarget.querySelectorAll<HTMLElement>(focusable)];
      const edge = event.shiftKey ? all[0] : all.at(-1);
      if (all.length > 1 && document.activeElement !== edge && all.includes(document.activeElement as HTMLElement)) return;
      event.preventDefault();
      way.current = event.shiftKey ? 'back' : 'next';
      if (view.instant) edit.close();
      else void edit.save();
    }
  };

  if (state.kind === 'read') return null;
  const draft = state.kind === 'conflict' ? null : state.draft;
  const error = state.kind === 'edit' ? state.error : undefined;
  return (
    <form
      ref={box}
      className={classes.cellEditor}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void edit.save();
      }}
      onKeyDown={onKey}
      onClick={(event) => event.stopPropagation()}
    >
      {state.kind === 'conflict' ? (
        <FieldConflict object={object} field={field} edit={edit} />
      ) : (
        <view.Edit
          value={draft}
          onChange={(next) => {
            if (state.kind !== 'edit') return;
            if (view.instant) void edit.save(next);
            else edit.change(next);
          }}
          field={field}
          object={object.key}
          ariaLabel={fieldWord(object.key, field.key)}
          error={error}
          required={field.required}
          autoFocus
        />
      )}
      {error !== undefined && (
        <Group gap="xs" mt={4}>
          <Button size="compact" type="submit">
            {t('action.retry')}
          </Button>
          <Button size="compact" variant="default" onClick={edit.close}>
            {t('action.cancel')}
          </Button>
        </Group>
      )}
    </form>
  );
}
