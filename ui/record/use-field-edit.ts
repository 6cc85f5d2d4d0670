import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { ApiError } from '../api.ts';
import { failureText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { patchLists } from '../list/refresh-list.ts';
import { useEditing } from '../live/presence.tsx';
import { showUndo } from '../notify.tsx';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import { recordQuery, refreshAround, saveField, showEarly } from './use-record.ts';

/** Whether two values of a field are the same on the wire. */
function same(field: FieldMeta, one: unknown, other: unknown): boolean {
  const view = viewOf(field.type);
  return JSON.stringify(view.write(one, field)) === JSON.stringify(view.write(other, field));
}

/** Whether this user may change a field in place. */
export function isEditable(object: ObjectMeta, field: FieldMeta): boolean {
  return object.verbs.update && !field.readOnly && !viewOf(field.type).derived;
}

export type EditState =
  | { kind: 'read' }
  | { kind: 'edit'; draft: unknown; error?: string }
  | { kind: 'saving'; draft: unknown }
  /** Somebody changed this very field meanwhile: both values stand side by side. */
  | { kind: 'conflict'; draft: unknown; theirs: RecordData };

export interface FieldEdit {
  state: EditState;
  begin: () => void;
  change: (draft: unknown) => void;
  /** Saves what was typed, or another value, against the version at which editing began. */
  save: (draft?: unknown) => Promise<void>;
  /** In a conflict: on top of theirs. */
  saveMine: () => Promise<void>;
  /** Leaves it as it was. */
  close: () => void;
}

interface Options {
  object: ObjectMeta;
  record: RecordData;
  field: FieldMeta;
  /** Editing begins at once, with this. */
  initial?: { draft: unknown };
  /** Editing has ended: saved, left, or nothing was changed. */
  onEnd: () => void;
}

/**
 * One field edited in place, on a record's page or in a list: saved against the version it was read at, shown everywhere
 * before the server has answered, with the way back; two changes of one field are put to whoever was later.
 */
export function useFieldEdit({ object, record, field, initial, onEnd }: Options): FieldEdit {
  const { t, field: fieldWord } = useWords();
  const client = useQueryClient();
  const [state, setState] = useState<EditState>(initial ? { kind: 'edit', draft: initial.draft } : { kind: 'read' });
  // What the record was when editing began: saved against, so that a fresher one fetched meanwhile hides nobody's change.
  const base = useRef(record);
  useEditing(object.key, record.id, state.kind === 'edit' || state.kind === 'conflict');

  const close = (): void => {
    setState({ kind: 'read' });
    onEnd();
  };

  const write = async (draft: unknown, against: RecordData): Promise<void> => {
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
      showUndo(t('record.changed', { field: fieldWord(object.key, field.key) }), saved.cause);
      await refreshAround(client, object, record.id);
    } catch (problem) {
      takeBack();
      if (problem instanceof ApiError && problem.status === 412) {
        const theirs = await client.fetchQuery({ ...recordQuery(object.plural, record.id), staleTime: 0 });
        // Another field changed: nothing of theirs is lost by saving ours on top.
        if (same(field, theirs[field.key], base.current[field.key])) await write(draft, theirs);
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

  return {
    state,
    begin: () => {
      base.current = record;
      setState({ kind: 'edit', draft: record[field.key] ?? null });
    },
    change: (draft) => setState({ kind: 'edit', draft }),
    save: async (...given) => {
      if (given.length > 0) await write(given[0], base.current);
      else if (state.kind === 'edit') await write(state.draft, base.current);
    },
    saveMine: async () => {
      if (state.kind === 'conflict') await write(state.draft, state.theirs);
    },
    close,
  };
}
