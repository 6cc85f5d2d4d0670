import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FieldMeta } from '../../wire.ts';
import { useWords, words } from '../../words.ts';
import { type FilterProps, fieldView, readText } from '../field-view.tsx';
import { ChoiceFilter } from '../filter-controls.tsx';
import { Option } from '../option.tsx';

/** The options of a field with their words. With what a record holds given, retired ones are left out but for those it holds. */
export function useOptions(object: string, field: FieldMeta, held?: readonly (string | null)[]): { value: string; label: string }[] {
  const { option } = useWords();
  return (field.options ?? [])
    .filter(({ key, retired }) => held === undefined || !retired || held.includes(key))
    .map(({ key }) => ({ value: key, label: option(object, field.optionsOf ?? field.key, key) }));
}

export function OptionFilter(props: FilterProps): ReactNode {
  return <ChoiceFilter {...props} data={useOptions(props.object, props.field)} />;
}

/** One of a declared set. */
export const select = fieldView<string>({
  read: readText,
  text: (value, field, object) => words().option(object, field.optionsOf ?? field.key, value),
  width: 120,
  instant: true,
  Cell: ({ value, field, object }) => (
    <Option field={field} value={value} label={useWords().option(object, field.optionsOf ?? field.key, value)} />
  ),
  Edit: ({ value, onChange, field, object, label, ariaLabel, error, autoFocus, required }) => (
    <Select
      label={label}
      aria-label={ariaLabel}
      searchable
      clearable={!required}
      data={useOptions(object, field, [value])}
      value={value}
      onChange={onChange}
      error={error}
      autoFocus={autoFocus}
      openOnFocus={autoFocus === true}
      withAsterisk={required}
      defaultDropdownOpened={autoFocus && !label}
    />
  ),
  Filter: OptionFilter,
});
