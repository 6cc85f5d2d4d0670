import { NumberInput } from '@mantine/core';
import { formatInteger } from '../../format.ts';
import { fieldView, readNumber } from '../field-view.tsx';
import { NumberFilter } from '../filter-controls.tsx';

/** A whole number. */
export const integer = fieldView<number>({
  read: readNumber,
  text: (value) => formatInteger(value),
  align: 'end',
  width: 104,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <NumberInput
      label={label}
      aria-label={ariaLabel}
      allowDecimal={false}
      hideControls
      value={value ?? ''}
      onChange={(next) => onChange(readNumber(next))}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
    />
  ),
  Filter: NumberFilter,
});
