import { NumberInput } from '@mantine/core';
import { formatNumber } from '../../format.ts';
import { fieldView, readNumber } from '../field-view.tsx';
import { NumberFilter } from '../filter-controls.tsx';

function readDecimal(wire: unknown): string | null {
  return readNumber(wire) === null ? null : String(wire);
}

/** A number with decimals; it stays the text the server sent, so that no digit is lost to a float. */
export const decimal = fieldView<string>({
  read: readDecimal,
  text: (value) => formatNumber(value),
  align: 'end',
  width: 120,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <NumberInput
      label={label}
      aria-label={ariaLabel}
      hideControls
      value={value ?? ''}
      onChange={(next) => onChange(readDecimal(next))}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
    />
  ),
  Filter: NumberFilter,
});
