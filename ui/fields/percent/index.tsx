import { NumberInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatPercent } from '../../format.ts';
import type { FilterProps } from '../field-view.tsx';
import { fieldView, readNumber } from '../field-view.tsx';
import { NumberFilter } from '../filter-controls.tsx';

/** 0.07 is shown and typed as 7; rounding takes away what binary fractions add. */
function shown(value: number): number {
  return Math.round(value * 1e8) / 1e6;
}

function PercentFilter(props: FilterProps): ReactNode {
  return <NumberFilter {...props} scale={100} suffix=" %" />;
}

/** A share from 0 to 1, shown as a percentage. */
export const percent = fieldView<number>({
  read: readNumber,
  text: formatPercent,
  align: 'end',
  width: 96,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <NumberInput
      label={label}
      aria-label={ariaLabel}
      hideControls
      suffix=" %"
      value={value === null ? '' : shown(value)}
      onChange={(next) => {
        const number = readNumber(next);
        onChange(number === null ? null : Math.round(number * 1e6) / 1e8);
      }}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
    />
  ),
  Filter: PercentFilter,
});
