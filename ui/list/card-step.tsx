import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFieldEdit } from '../record/use-field-edit.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';

interface Props {
  object: ObjectMeta;
  record: RecordData;
  field: FieldMeta;
  onEnd: () => void;
}

/** The next step of a card, written on the card itself: Enter or leaving it saves, Escape leaves it as it was. */
export function CardStep({ object, record, field, onEnd }: Props): ReactNode {
  const { field: fieldWord } = useWords();
  const edit = useFieldEdit({ object, record, field, initial: { draft: record[field.key] ?? '' }, onEnd });
  const { state } = edit;
  const draft = state.kind === 'edit' || state.kind === 'saving' ? String(state.draft ?? '') : '';
  return (
    <TextInput
      size="xs"
      autoFocus
      data-step
      aria-label={fieldWord(object.key, field.key)}
      value={draft}
      error={state.kind === 'edit' ? state.error : undefined}
      readOnly={state.kind === 'saving'}
      maxLength={300}
      onChange={(event) => edit.change(event.currentTarget.value)}
      onBlur={() => void edit.save()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') void edit.save();
        if (event.key === 'Escape') edit.close();
      }}
    />
  );
}
