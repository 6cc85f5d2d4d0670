import { TextInput } from '@mantine/core';
import { fieldView, readText } from '../field-view.tsx';
import { TextFilter } from '../filter-controls.tsx';

/** One line of text. */
export const text = fieldView<string>({
  read: readText,
  text: (value) => value,
  width: 176,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <TextInput
      label={label}
      aria-label={ariaLabel}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
    />
  ),
  Filter: TextFilter,
});
