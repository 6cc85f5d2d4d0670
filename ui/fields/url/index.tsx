import { TextInput } from '@mantine/core';
import { fieldView, readText } from '../field-view.tsx';
import { TextFilter } from '../filter-controls.tsx';

/** An address with its protocol, so that "example.com" can be followed too; only the web's own are links. */
function target(value: string): string | undefined {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(value) ? value : `https://${value}`;
  return /^https?:/i.test(full) ? full : undefined;
}

/** A web address. */
export const url = fieldView<string>({
  read: readText,
  text: (value) => value.replace(/^https?:\/\//i, '').replace(/\/$/, ''),
  width: 176,
  Read: ({ value }) => (
    <a className="pg-link pg-target" href={target(value)} target="_blank" rel="noreferrer">
      {value.replace(/^https?:\/\//i, '').replace(/\/$/, '')}
    </a>
  ),
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <TextInput
      type="url"
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
