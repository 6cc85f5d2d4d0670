import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { displayName } from '../../format.ts';
import { currencyChoices } from '../choices.ts';
import { type FilterProps, fieldView, readText } from '../field-view.tsx';
import { ChoiceFilter } from '../filter-controls.tsx';

function CurrencyFilter(props: FilterProps): ReactNode {
  return <ChoiceFilter {...props} data={currencyChoices()} />;
}

/** A currency by its code, shown by its name. */
export const currency = fieldView<string>({
  read: readText,
  text: (value) => displayName('currency', value),
  width: 136,
  instant: true,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <Select
      label={label}
      aria-label={ariaLabel}
      searchable
      clearable={!required}
      data={currencyChoices()}
      value={value}
      onChange={onChange}
      error={error}
      autoFocus={autoFocus}
      openOnFocus={autoFocus === true}
      withAsterisk={required}
    />
  ),
  Filter: CurrencyFilter,
});
