import { TagsInput } from '@mantine/core';
import { fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { TextFilter } from '../filter-controls.tsx';
import { readKeys } from '../multi-select/index.tsx';

/** Free words that group records. */
export const tags = fieldView<string[]>({
  read: readKeys,
  text: (value) => value.join(', '),
  width: 168,
  large: true,
  Cell: ({ value }) => (
    <span className={classes.tags} title={value.join(', ')}>
      {value.map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </span>
  ),
  Read: ({ value }) => (
    <span className={`${classes.tags} ${classes.wrap}`}>
      {value.map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </span>
  ),
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus }) => (
    <TagsInput
      label={label}
      aria-label={ariaLabel}
      value={value ?? []}
      onChange={(next) => onChange(next.length > 0 ? next : null)}
      error={error}
      autoFocus={autoFocus}
      openOnFocus={autoFocus === true}
    />
  ),
  Filter: TextFilter,
});
