import { Textarea } from '@mantine/core';
import { fieldView, readText } from '../field-view.tsx';
import classes from '../fields.module.css';
import { TextFilter } from '../filter-controls.tsx';

/** Text of any length; a list shows its first line. */
export const longText = fieldView<string>({
  read: readText,
  text: (value) => value.replace(/\s+/g, ' '),
  width: 280,
  large: true,
  Read: ({ value }) => <div className={classes.prose}>{value}</div>,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <Textarea
      label={label}
      aria-label={ariaLabel}
      autosize
      minRows={3}
      maxRows={12}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
    />
  ),
  Filter: TextFilter,
});
