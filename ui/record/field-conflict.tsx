import { Button, Group } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { viewOf } from '../fields/registry.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './record.module.css';
import type { FieldEdit } from './use-field-edit.ts';

/** Somebody else changed the field while it was edited: theirs and yours side by side, and the choice. */
export function FieldConflict({ object, field, edit }: { object: ObjectMeta; field: FieldMeta; edit: FieldEdit }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const view = viewOf(field.type);
  const { state } = edit;
  const first = useRef<HTMLButtonElement>(null);
  // The field that had the focus is gone: the answer to it comes next, unless somebody is elsewhere by now.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) first.current?.focus();
  }, []);
  if (state.kind !== 'conflict') return null;
  const who = state.theirs.updatedBy?.name;
  const word = fieldWord(object.key, field.key);
  return (
    <div className={classes.conflict} role="alert">
      <div>{who ? t('conflict.by', { name: who, field: word }) : t('conflict.someone', { field: word })}</div>
      <div className={classes.conflictValue}>
        <span className="pg-meta">{t('conflict.theirs')}</span>
        <span>{view.text(state.theirs[field.key], field, object.key) || t('value.empty')}</span>
      </div>
      <div className={classes.conflictValue}>
        <span className="pg-meta">{t('conflict.yours')}</span>
        <span>{view.text(state.draft, field, object.key) || t('value.empty')}</span>
      </div>
      <Group gap="xs">
        <Button ref={first} size="compact" variant="default" onClick={edit.close}>
          {t('conflict.keepTheirs')}
        </Button>
        <Button size="compact" variant="default" onClick={() => void edit.saveMine()}>
          {t('conflict.saveMine')}
        </Button>
      </Group>
    </div>
  );
}
