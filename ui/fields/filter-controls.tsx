import { Group, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import type { ReactNode } from 'react';
import { isObject } from '../wire.ts';
import { useWords } from '../words.ts';
import { type FilterProps, readNumber, readText } from './field-view.tsx';

/** Operators that need no value. */
export const valueless = new Set(['isEmpty', 'isNotEmpty']);

/** Operators that take a list. */
export const listed = new Set(['in', 'notIn']);

/** A line of text to compare with. */
export function TextFilter({ op, value, onChange }: FilterProps): ReactNode {
  const { t } = useWords();
  if (valueless.has(op)) return null;
  if (listed.has(op)) {
    return (
      <TextInput
        aria-label={t('filter.value')}
        placeholder={t('filter.severalValues')}
        value={Array.isArray(value) ? value.join(', ') : ''}
        onChange={(event) => onChange(event.currentTarget.value.split(',').map((part) => part.trim()))}
        data-autofocus
      />
    );
  }
  return (
    <TextInput
      aria-label={t('filter.value')}
      value={readText(value) ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus
    />
  );
}

/** A number, or two for `between`. `scale` shows shares as percentages. */
export function NumberFilter({ op, value, onChange, scale = 1, suffix }: FilterProps & { scale?: number; suffix?: string }): ReactNode {
  const { t } = useWords();
  if (valueless.has(op)) return null;
  const shown = (at: unknown): number | string => {
    const number = readNumber(at);
    return number === null ? '' : number * scale;
  };
  const given = (at: number | string): number | null => {
    const number = readNumber(at);
    return number === null ? null : number / scale;
  };
  if (op === 'between') {
    const pair = Array.isArray(value) ? value : [];
    return (
      <Group gap="sm" grow>
        <NumberInput
          aria-label={t('filter.from')}
          placeholder={t('filter.from')}
          suffix={suffix}
          value={shown(pair[0])}
          onChange={(at) => onChange([given(at), pair[1] ?? null])}
          data-autofocus
        />
        <NumberInput
          aria-label={t('filter.to')}
          placeholder={t('filter.to')}
          suffix={suffix}
          value={shown(pair[1])}
          onChange={(at) => onChange([pair[0] ?? null, given(at)])}
        />
      </Group>
    );
  }
  return (
    <NumberInput
      aria-label={t('filter.value')}
      suffix={suffix}
      value={shown(value)}
      onChange={(at) => onChange(given(at))}
      data-autofocus
    />
  );
}

/** One or several of a known set. */
export function ChoiceFilter({ op, value, onChange, data }: FilterProps & { data: { value: string; label: string }[] }): ReactNode {
  const { t } = useWords();
  if (valueless.has(op)) return null;
  if (listed.has(op)) {
    return (
      <MultiSelect
        aria-label={t('filter.value')}
        searchable
        data={data}
        value={Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []}
        onChange={onChange}
        comboboxProps={{ withinPortal: false }}
        data-autofocus
      />
    );
  }
  return (
    <Select
      aria-label={t('filter.value')}
      searchable
      data={data}
      value={readText(value)}
      onChange={onChange}
      comboboxProps={{ withinPortal: false }}
      data-autofocus
    />
  );
}

const relativeDays = [0, -7, -30, -90, -365, 7, 30, 90];
const namedDays = ['startOfWeek', 'startOfMonth', 'startOfQuarter', 'startOfYear'];

function relativeKey(value: unknown): string | null {
  if (isObject(value) && typeof value.days === 'number') return `days:${value.days}`;
  return typeof value === 'string' && namedDays.includes(value) ? value : null;
}

function DayControl({ value, onChange, label }: { value: unknown; onChange: (value: unknown) => void; label: string }): ReactNode {
  const { t } = useWords();
  const relative = relativeKey(value);
  const choices = [
    { value: 'exact', label: t('filter.exactDate') },
    ...relativeDays.map((days) => ({
      value: `days:${days}`,
      label: days === 0 ? t('filter.today') : t(days < 0 ? 'filter.daysAgo' : 'filter.daysAhead', { count: Math.abs(days) }),
    })),
    ...namedDays.map((name) => ({ value: name, label: t(`filter.${name}`) })),
  ];
  return (
    <Group gap="sm" grow wrap="nowrap">
      <Select
        aria-label={label}
        data={choices}
        value={relative ?? 'exact'}
        allowDeselect={false}
        onChange={(key) => onChange(key?.startsWith('days:') ? { days: Number(key.slice(5)) } : key === 'exact' ? null : key)}
        comboboxProps={{ withinPortal: false }}
      />
      {relative === null && (
        <DateInput
          aria-label={label}
          value={readText(value)?.slice(0, 10) ?? null}
          onChange={(day) => onChange(day)}
          popoverProps={{ withinPortal: false }}
          placeholder={t('filter.date')}
          valueFormat="D MMM YYYY"
        />
      )}
    </Group>
  );
}

/** A day, given or relative to today; two for `between`. */
export function DayFilter({ op, value, onChange }: FilterProps): ReactNode {
  const { t } = useWords();
  if (valueless.has(op)) return null;
  if (op === 'between') {
    const pair = Array.isArray(value) ? value : [];
    return (
      <>
        <DayControl label={t('filter.from')} value={pair[0]} onChange={(at) => onChange([at, pair[1] ?? null])} />
        <DayControl label={t('filter.to')} value={pair[1]} onChange={(at) => onChange([pair[0] ?? null, at])} />
      </>
    );
  }
  return <DayControl label={t('filter.value')} value={value} onChange={onChange} />;
}
