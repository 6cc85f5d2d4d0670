import { Button, Input, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { isObject } from '../../wire.ts';
import { useWords } from '../../words.ts';
import { type EditProps, fieldView, readText } from '../field-view.tsx';
import classes from '../fields.module.css';
import { TextFilter } from '../filter-controls.tsx';

interface PersonName {
  prefix: string | null;
  given: string | null;
  middle: string | null;
  family: string | null;
  suffix: string | null;
}

const parts = ['prefix', 'given', 'middle', 'family', 'suffix'] as const;
const nothing: PersonName = { prefix: null, given: null, middle: null, family: null, suffix: null };

function read(wire: unknown): PersonName | null {
  if (!isObject(wire)) return null;
  const name = Object.fromEntries(parts.map((part) => [part, readText(wire[part])])) as unknown as PersonName;
  return parts.some((part) => name[part] !== null) ? name : null;
}

function PersonNameEdit({ value, onChange, label, ariaLabel, error, autoFocus, required }: EditProps<PersonName>): ReactNode {
  const { t } = useWords();
  const name = value ?? nothing;
  const [whole, setWhole] = useState(name.prefix !== null || name.middle !== null || name.suffix !== null);
  const one = (part: (typeof parts)[number], focus = false): ReactNode => (
    <TextInput
      placeholder={t(`personName.${part}`)}
      aria-label={t(`personName.${part}`)}
      value={name[part] ?? ''}
      autoFocus={focus}
      onChange={(event) => onChange({ ...name, [part]: event.currentTarget.value || null })}
    />
  );
  return (
    <Input.Wrapper label={label} error={error} withAsterisk={required} labelElement="div">
      <fieldset className={classes.nameParts} aria-label={ariaLabel}>
        {one('given', autoFocus)}
        {one('family')}
        {whole ? (
          <>
            {one('prefix')}
            {one('middle')}
            {one('suffix')}
          </>
        ) : (
          <Button size="compact" variant="subtle" color="gray" className={classes.nameMore} onClick={() => setWhole(true)}>
            {t('personName.more')}
          </Button>
        )}
      </fieldset>
    </Input.Wrapper>
  );
}

/** A person's name in its parts. */
export const personName = fieldView<PersonName>({
  read,
  text: (value) =>
    parts
      .map((part) => value[part])
      .filter(Boolean)
      .join(' '),
  width: 200,
  large: true,
  Edit: PersonNameEdit,
  Filter: TextFilter,
});
