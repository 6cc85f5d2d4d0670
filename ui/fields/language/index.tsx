import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { displayName } from '../../format.ts';
import { languageChoices } from '../choices.ts';
import { type FilterProps, fieldView, readText } from '../field-view.tsx';
import { ChoiceFilter } from '../filter-controls.tsx';

function LanguageFilter(props: FilterProps): ReactNode {
  return <ChoiceFilter {...props} data={languageChoices()} />;
}

/** A language by its code, shown by its name. */
export const language = fieldView<string>({
  read: readText,
  text: (value) => displayName('language', value),
  width: 136,
  instant: true,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <Select
      label={label}
      aria-label={ariaLabel}
      searchable
      clearable={!required}
      data={languageChoices()}
      value={value}
      onChange={onChange}
      error={error}
      autoFocus={autoFocus}
      openOnFocus={autoFocus === true}
      withAsterisk={required}
    />
  ),
  Filter: LanguageFilter,
});
