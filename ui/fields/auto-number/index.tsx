import { TextInput } from '@mantine/core';
import { fieldView, readText } from '../field-view.tsx';
import classes from '../fields.module.css';
import { TextFilter } from '../filter-controls.tsx';

/** A number that Perigon gives: shown and looked for, written by nobody. */
export const autoNumber = fieldView<string>({
  read: readText,
  text: (value) => value,
  width: 120,
  derived: true,
  Cell: ({ value }) => <span className={classes.end}>{value}</span>,
  Edit: ({ value, label, ariaLabel }) => <TextInput label={label} aria-label={ariaLabel} value={value ?? ''} readOnly />,
  Filter: TextFilter,
});
