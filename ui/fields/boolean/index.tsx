import { Checkbox, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords, words } from '../../words.ts';
import { type FilterProps, fieldView } from '../field-view.tsx';
import { valueless } from '../filter-controls.tsx';

function BooleanFilter({ op, value, onChange }: FilterProps): ReactNode {
  const { t } = useWords();
  if (valueless.has(op)) return null;
  const data = [
    { value: 'true', label: t('value.yes') },
    { value: 'false', label: t('value.no') },
  ];
  return (
    <Select
      aria-label={t('filter.value')}
      data={data}
      value={typeof value === 'boolean' ? String(value) : null}
      onChange={(next) => onChange(next === null ? null : next === 'true')}
      comboboxProps={{ withinPortal: false }}
    />
  );
}

/** Yes or no. */
export const boolean = fieldView<boolean>({
  read: (wire) => (typeof wire === 'boolean' ? wire : null),
  text: (value) => words().t(value ? 'value.yes' : 'value.no'),
  width: 88,
  instant: true,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus }) => (
    <Checkbox
      label={label ?? ariaLabel}
      checked={value ?? false}
      onChange={(event) => onChange(event.currentTarget.checked)}
      error={error}
      autoFocus={autoFocus}
    />
  ),
  Filter: BooleanFilter,
});
