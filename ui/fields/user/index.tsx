import type { ReactNode } from 'react';
import { Picture } from '../../person.tsx';
import { type Named, readNamed } from '../../wire.ts';
import { type EditProps, fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { RecordFilter } from '../record-filter.tsx';
import { RecordPicker } from '../record-picker.tsx';

function UserEdit({ value, onChange, label, ariaLabel, error, autoFocus, required }: EditProps<Named>): ReactNode {
  return (
    <RecordPicker
      object="user"
      value={value}
      onChange={onChange}
      label={label}
      ariaLabel={ariaLabel}
      error={error}
      autoFocus={autoFocus}
      required={required}
    />
  );
}

/** A colleague. */
export const user = fieldView<Named>({
  read: readNamed,
  write: (value) => value.id,
  text: (value) => value.name,
  width: 160,
  instant: true,
  Cell: ({ value }) => (
    <span className={classes.person} title={value.name}>
      <Picture name={value.name} />
      <span className="pg-ellipsis">{value.name}</span>
    </span>
  ),
  Edit: UserEdit,
  Filter: RecordFilter,
});
