import type { CSSProperties, ReactNode } from 'react';
import type { FieldMeta } from '../wire.ts';
import classes from './fields.module.css';

const roles = new Set(['good', 'warning', 'danger', 'information', 'accent', 'meta']);

/** The colour of an option: the role or the place in the series it names; an option that names none stays quiet. */
export function optionColour(field: FieldMeta, key: string): string {
  const named = field.options?.find((option) => option.key === key)?.color;
  if (named && roles.has(named)) return `var(--pg-${named})`;
  const place = named ? Number(/\d+/.exec(named)?.[0]) : Number.NaN;
  if (place >= 1 && place <= 8) return `var(--pg-series-${place})`;
  return 'var(--pg-control)';
}

/** A select value: a dot in its colour and its word. */
export function Option({ field, value, label }: { field: FieldMeta; value: string; label: string }): ReactNode {
  return (
    <span className={classes.dot} style={{ '--option-colour': optionColour(field, value) } as CSSProperties} title={label}>
      <span className="pg-ellipsis">{label}</span>
    </span>
  );
}
