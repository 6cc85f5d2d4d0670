import type { ReactNode } from 'react';
import { viewOf } from '../fields/registry.ts';
import { formatMoney, formatNumber } from '../format.ts';
import type { FieldMeta } from '../wire.ts';
import type { Figure } from './groups.ts';
import classes from './list.module.css';

/** A figure in words: amounts side by side, one for each currency, never added up across them. */
export function figureText(figure: Figure, field: FieldMeta, object: string, whole = false): string {
  if (figure === null) return '';
  if (Array.isArray(figure)) return figure.map((money) => formatMoney(money, { whole })).join(' · ');
  if (typeof figure === 'number' && field.type !== 'percent') return formatNumber(figure, 2);
  return viewOf(field.type).text(figure, field, object);
}

/** What was reckoned over a column. */
export function FigureValue({ figure, field, object }: { figure: Figure; field: FieldMeta; object: string }): ReactNode {
  const exact = figureText(figure, field, object);
  return (
    <span className={classes.figure} title={exact}>
      {figureText(figure, field, object, true)}
    </span>
  );
}
