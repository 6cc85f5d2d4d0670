import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { displayName } from '../../format.ts';
import { countryChoices } from '../choices.ts';
import { type FilterProps, fieldView, readText } from '../field-view.tsx';
import { ChoiceFilter } from '../filter-controls.tsx';

function CountryFilter(props: FilterProps): ReactNode {
  return <ChoiceFilter {...props} data={countryChoices()} />;
}

/** A country by its code, shown by its name. */
export const country = fieldView<string>({
  read: readText,
  text: (value) => displayName('region', value),
  width: 120,
  instant: true,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <Select
      label={label}
      aria-label={ariaLabel}
      searchable
      clearable={!required}
      data={countryChoices()}
      value={value}
      onChange={onChange}
      error={error}
      autoFocus={autoFocus}
      openOnFocus={autoFocus === true}
      withAsterisk={required}
    />
  ),
  Filter: CountryFilter,
});
