import { Group, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { formatDuration } from '../../format.ts';
import { useWords } from '../../words.ts';
import { type EditProps, type FilterProps, fieldView, readText } from '../field-view.tsx';
import classes from '../fields.module.css';
import { valueless } from '../filter-controls.tsx';
import { durationSeconds, durationTyped, durationWire, typedDuration } from './typed-duration.ts';

/** A line that takes a length of time as people write it. What cannot be read stays as typed, and the server says why. */
function DurationInput({
  value,
  onChange,
  ...rest
}: Pick<EditProps<string>, 'label' | 'error' | 'autoFocus' | 'required'> & {
  value: unknown;
  onChange: (value: string | null) => void;
  ariaLabel: string;
  placeholder?: string;
}): ReactNode {
  const { t } = useWords();
  const seconds = durationSeconds(value);
  const [typed, setTyped] = useState(seconds === null ? (readText(value) ?? '') : durationTyped(seconds));
  return (
    <TextInput
      label={rest.label}
      aria-label={rest.ariaLabel}
      placeholder={rest.placeholder ?? t('duration.how')}
      className={classes.end}
      value={typed}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        const read = typedDuration(text);
        onChange(text.trim() === '' ? null : read === null ? text : durationWire(read));
      }}
      error={
        rest.error ??
        (typed.trim() !== '' && typedDuration(typed) === null && !rest.autoFocus ? t('duration.unread', { text: typed }) : undefined)
      }
      autoFocus={rest.autoFocus}
      withAsterisk={rest.required}
      data-autofocus={rest.autoFocus || undefined}
    />
  );
}

function DurationFilter({ op, value, onChange }: FilterProps): ReactNode {
  const { t } = useWords();
  if (valueless.has(op)) return null;
  if (op === 'between') {
    const pair = Array.isArray(value) ? value : [];
    return (
      <Group gap="sm" grow>
        <DurationInput
          ariaLabel={t('filter.from')}
          placeholder={t('filter.from')}
          value={pair[0]}
          onChange={(at) => onChange([at, pair[1] ?? null])}
        />
        <DurationInput
          ariaLabel={t('filter.to')}
          placeholder={t('filter.to')}
          value={pair[1]}
          onChange={(at) => onChange([pair[0] ?? null, at])}
        />
      </Group>
    );
  }
  return (
    <DurationInput
      ariaLabel={t('filter.value')}
      value={Array.isArray(value) ? value[0] : value}
      onChange={(at) => onChange(op === 'in' || op === 'notIn' ? [at] : at)}
    />
  );
}

/** A length of time. */
export const duration = fieldView<string>({
  read: readText,
  // The same on the wire however it came: PT90M and PT1H30M are one.
  write: (value) => {
    const seconds = durationSeconds(value);
    return seconds === null ? value : durationWire(seconds);
  },
  text: (value) => {
    const seconds = durationSeconds(value);
    return seconds === null ? value : formatDuration(seconds);
  },
  align: 'end',
  width: 120,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <DurationInput {...{ value, onChange, label, ariaLabel, error, autoFocus, required }} />
  ),
  Filter: DurationFilter,
});
