import { DateInput } from '@mantine/dates';
import { formatDate, formatRelative } from '../../format.ts';
import { words } from '../../words.ts';
import { fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { DayFilter } from '../filter-controls.tsx';

/** A day without time, the same in every time zone. */
export const date = fieldView<string>({
  read: (wire) => (typeof wire === 'string' && /^\d{4}-\d{2}-\d{2}/.test(wire) ? wire.slice(0, 10) : null),
  text: (value) => formatDate(value),
  width: 112,
  large: true,
  Cell: ({ value }) => (
    <span className={classes.end} title={formatDate(value)}>
      {formatRelative(value)}
    </span>
  ),
  Read: ({ value }) => <span className={classes.end}>{formatDate(value)}</span>,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <DateInput
      label={label}
      aria-label={ariaLabel}
      clearable
      clearButtonProps={{ 'aria-label': words().t('picker.clear') }}
      valueFormat="D MMM YYYY"
      value={value}
      onChange={onChange}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
    />
  ),
  Filter: DayFilter,
});
