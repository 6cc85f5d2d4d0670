import { fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { TextFilter } from '../filter-controls.tsx';

/** Structured settings of the product: readable here, changed on pages of their own. */
export const json = fieldView<object>({
  read: (wire) => (typeof wire === 'object' && wire !== null ? wire : null),
  text: (value) => JSON.stringify(value),
  derived: true,
  Read: ({ value }) => (
    <code className={classes.prose} style={{ fontSize: 12 }}>
      {JSON.stringify(value, null, 1)}
    </code>
  ),
  Edit: () => null,
  Filter: TextFilter,
});
