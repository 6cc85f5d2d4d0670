import type { ReactNode } from 'react';
import { type Named, readNamed } from '../../wire.ts';
import { type EditProps, fieldView } from '../field-view.tsx';
import { RecordFilter } from '../record-filter.tsx';
import { RecordLink } from '../record-link.tsx';
import { RecordPicker } from '../record-picker.tsx';

function ReferenceEdit({ value, onChange, field, label, ariaLabel, error, autoFocus, required }: EditProps<Named>): ReactNode {
  return (
    <RecordPicker
      object={field.to}
      among={field.among}
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

/** A link to one record of another object. */
export const reference = fieldView<Named>({
  read: readNamed,
  write: (value) => value.id,
  text: (value) => value.name,
  width: 176,
  instant: true,
  Cell: ({ value, field }) => <RecordLink object={field.to} to={value} />,
  Edit: ReferenceEdit,
  Filter: RecordFilter,
});
