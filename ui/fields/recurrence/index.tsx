import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords, words } from '../../words.ts';
import { type EditProps, type FilterProps, fieldView, readText } from '../field-view.tsx';
import { ChoiceFilter } from '../filter-controls.tsx';
import { describeRule, OFFERED } from './describe.ts';

const choices = (held: string | null): { value: string; label: string }[] =>
  [...OFFERED, ...(held && !(OFFERED as readonly string[]).includes(held) ? [held] : [])].map((value) => ({
    value,
    label: describeRule(value, words().t),
  }));

function RecurrenceFilter(props: FilterProps): ReactNode {
  return <ChoiceFilter {...props} data={choices(null)} />;
}

function RecurrenceEdit({ value, onChange, label, ariaLabel, error, autoFocus, required }: EditProps<string>): ReactNode {
  const { t } = useWords();
  return (
    <Select
      label={label}
      aria-label={ariaLabel}
      clearable={!required}
      placeholder={t('recurrence.none')}
      data={choices(value)}
      value={value}
      onChange={onChange}
      error={error}
      autoFocus={autoFocus}
      openOnFocus={autoFocus === true}
      withAsterisk={required}
    />
  );
}

/** How something comes again, in words. */
export const recurrence = fieldView<string>({
  read: readText,
  text: (value) => describeRule(value, words().t),
  width: 160,
  instant: true,
  Edit: RecurrenceEdit,
  Filter: RecurrenceFilter,
});
