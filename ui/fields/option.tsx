import type { CSSProperties, ReactNode } from 'react';
import type { FieldMeta } from '../wire.ts';
import classes from './fields.module.css';

const roles = new Set(['good', 'warning', 'danger', 'information', 'accent', 'meta']);

/** The colour of an option: a role it names, a place in the series it names, else its place in the list. */
export function optionColour(field: FieldMeta, key: string): string {
  const index = field.options?.findIndex((option) => option.key === key) ?? -1;
  const named = field.options?.[index]?.color;
  if (named && roles.has(named)) return `var(--pg-${named})`;
  const place = named ? Number(/\d+/.exec(named)?.[0]) : Number.NaN;
  if (place >= 1 && place <= 8) return `var(--pg-series-${place})`;
  return index < 0 ? 'var(--pg-control)' : `var(--pg-series-${(index % 8) + 1})`;
}

/** A select value: a dot in its colour and its word. */
export function Option({ field, value, label }: { field: FieldMeta; value: string; label: string }): ReactNode {
  return (
    <span className={classes.dot} style={{ '--option-colour': optionColour(field, value) } as CSSProperties} title={label}>
      <span className="pg-ellipsis">{label}</span>
    </span>
  );
}
