import { MultiSelect } from '@mantine/core';
import { useWords, words } from '../../words.ts';
import { fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { Option } from '../option.tsx';
import { OptionFilter, useOptions } from '../select/index.tsx';

/** Reads a list of keys; an empty list is empty. */
export function readKeys(wire: unknown): string[] | null {
  const keys = Array.isArray(wire) ? wire.filter((entry): entry is string => typeof entry === 'string') : [];
  return keys.length > 0 ? keys : null;
}

/** Several of a declared set. */
export const multiSelect = fieldView<string[]>({
  read: readKeys,
  text: (value, field, object) => value.map((key) => words().option(object, field.key, key)).join(', '),
  width: 152,
  large: true,
  Cell: ({ value, field, object }) => {
    const { option } = useWords();
    return (
      <span className={classes.dots}>
        {value.map((key) => (
          <Option key={key} field={field} value={key} label={option(object, field.key, key)} />
        ))}
      </span>
    );
  },
  Read: ({ value, field, object }) => {
    const { option } = useWords();
    return (
      <span className={`${classes.dots} ${classes.wrap}`}>
        {value.map((key) => (
          <Option key={key} field={field} value={key} label={option(object, field.key, key)} />
        ))}
      </span>
    );
  },
  Edit: ({ value, onChange, field, object, label, ariaLabel, error, autoFocus, required }) => (
    <MultiSelect
      label={label}
      aria-label={ariaLabel}
      searchable
      data={useOptions(object, field, value ?? [])}
      value={value ?? []}
      onChange={(keys) => onChange(keys.length > 0 ? keys : null)}
      error={error}
      autoFocus={autoFocus}
      openOnFocus={autoFocus === true}
      withAsterisk={required}
    />
  ),
  Filter: OptionFilter,
});
