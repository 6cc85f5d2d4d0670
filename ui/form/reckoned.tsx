import { Input } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { viewOf } from '../fields/registry.ts';
import { Tip } from '../tip.tsx';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './form.module.css';

/** A formula in a form: what it gives for what is typed so far, to be read only. */
export function Reckoned({ object, field, value }: { object: ObjectMeta; field: FieldMeta; value: unknown }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const { Read, isEmpty } = viewOf(field.type);
  const id = useId();
  return (
    <Input.Wrapper label={fieldWord(object.key, field.key)} labelElement="div" labelProps={{ id }}>
      <Tip label={t('cell.formula', { expression: field.expression ?? '' })}>
        {/* It moves with every key: read out when somebody goes there, not while they type. */}
        <output className={classes.reckoned} aria-labelledby={id} aria-live="off">
          {isEmpty(value, field) ? null : <Read value={value} field={field} object={object.key} />}
        </output>
      </Tip>
    </Input.Wrapper>
  );
}
