import { TextInput } from '@mantine/core';
import { queryOptions } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '#ui/api.ts';
import { useWords } from '#ui/words.ts';
import classes from './booking-pages.module.css';
import { weekdays } from './booking-pages.ts';
import { readStretches, type Stretch, writeStretches } from './hours.ts';

export type Hours = Record<string, Stretch[]>;
/** Hours by weekday as they are typed. */
export type TypedHours = Record<string, string>;

/** When I work, and what the company says of everybody. */
export interface WorkingHours {
  own: Hours | null;
  company: Hours | null;
  hours: Hours;
  timeZone: string;
}

export const workingHoursQuery = queryOptions({
  queryKey: ['working-hours'],
  queryFn: ({ signal }) => get<WorkingHours>('/working-hours', {}, signal),
  staleTime: 60_000,
});

export const typedHours = (hours: Hours): TypedHours =>
  Object.fromEntries(weekdays().map(({ key }) => [key, writeStretches(hours[key] ?? [])]));

/** Typed hours as they are kept; null where some cannot be read. */
export function readWeek(typed: TypedHours): Hours | null {
  const days = weekdays().map(({ key }) => [key, readStretches(typed[key] ?? '')] as const);
  return days.every((day): day is readonly [string, Stretch[]] => day[1] !== null) ? Object.fromEntries(days) : null;
}

interface Props {
  title: string;
  value: TypedHours;
  onChange: (value: TypedHours) => void;
  /** Once somebody tried to save, what cannot be read says so. */
  tried: boolean;
  problem?: ReactNode;
}

/** Hours of a week, a line a day. */
export function WeekHoursInput({ title, value, onChange, tried, problem }: Props): ReactNode {
  const { t } = useWords();
  return (
    <fieldset className={classes.week}>
      <legend>{title}</legend>
      {weekdays().map(({ key, name }) => (
        <TextInput
          key={key}
          label={name}
          placeholder={t('bookingPages.closed')}
          value={value[key] ?? ''}
          onChange={({ currentTarget }) => onChange({ ...value, [key]: currentTarget.value })}
          error={tried && readStretches(value[key] ?? '') === null ? t('bookingPages.hoursWrong') : undefined}
        />
      ))}
      {problem && <p className={classes.wrong}>{problem}</p>}
    </fieldset>
  );
}
