import { formatNumber } from '../../format.ts';
import { isObject, type Named, readNamed } from '../../wire.ts';
import { fieldView, readNumber } from '../field-view.tsx';
import classes from '../fields.module.css';
import { NumberFilter } from '../filter-controls.tsx';
import { RecordLink } from '../record-link.tsx';

interface Far {
  count: number;
  items: Named[];
}

function read(wire: unknown): Far | null {
  const items = (Array.isArray(wire) ? wire : isObject(wire) && Array.isArray(wire.items) ? wire.items : [])
    .map(readNamed)
    .filter((item): item is Named => item !== null);
  const count = isObject(wire) ? (readNumber(wire.count) ?? items.length) : (readNumber(wire) ?? items.length);
  return count > 0 ? { count, items } : null;
}

/** The far side of a reference: written over there, counted and listed here. */
export const toMany = fieldView<Far>({
  read,
  text: (value) => (value.items.length > 0 ? value.items.map((item) => item.name).join(', ') : formatNumber(value.count, 0)),
  width: 120,
  derived: true,
  Read: ({ value, field }) => (
    <span className={classes.lines}>
      {value.items.length > 0
        ? value.items.map((item) => <RecordLink key={item.id} object={field.to} to={item} />)
        : formatNumber(value.count, 0)}
    </span>
  ),
  Edit: () => null,
  Filter: NumberFilter,
});
