import { DateTimePicker } from '@mantine/dates';
import { formatDateTime, formatRelative } from '../../format.ts';
import { words } from '../../words.ts';
import { fieldView, readText } from '../field-view.tsx';
import classes from '../fields.module.css';
import { DayFilter } from '../filter-controls.tsx';

/** The local wall time `YYYY-MM-DD HH:mm:ss` that the picker speaks, of an instant and back. */
function toWall(instant: string): string {
  const at = new Date(instant);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function toInstant(wall: string): string {
  return new Date(wall.replace(' ', 'T')).toISOString();
}

/** Wall time in words, as the picker shows it. */
const wallText = (wall: string): string =>
  new Intl.DateTimeFormat(document.documentElement.lang || 'en', { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(wall.replace(' ', 'T')),
  );

/** An instant. */
export const dateTime = fieldView<string>({
  read: (wire) => {
    const value = readText(wire);
    return value !== null && !Number.isNaN(Date.parse(value)) ? value : null;
  },
  text: formatDateTime,
  width: 128,
  large: true,
  Cell: ({ value }) => (
    <span className={classes.end} title={formatDateTime(value)}>
      {formatRelative(value)}
    </span>
  ),
  Read: ({ value }) => <span className={classes.end}>{formatDateTime(value)}</span>,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <DateTimePicker
      label={label}
      // A button, whose name says what stands on it.
      aria-label={value === null ? ariaLabel : `${ariaLabel}: ${wallText(toWall(value))}`}
      clearable
      clearButtonProps={{ 'aria-label': words().t('picker.clear') }}
      valueFormat={wallText}
      value={value === null ? null : toWall(value)}
      onChange={(wall) => onChange(wall === null ? null : toInstant(wall))}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
    />
  ),
  Filter: DayFilter,
});
