import { viewOf } from '../fields/registry.ts';
import { formatDate, formatNumber } from '../format.ts';
import { fieldOf } from '../meta.ts';
import { isObject, type ObjectMeta } from '../wire.ts';
import { words } from '../words.ts';
import type { Condition } from './predicate.ts';

const dateTypes = new Set(['date', 'dateTime']);

/** Words of one operator: dates say "is after" where numbers say "is above". */
export function operatorText(op: string, type: string | undefined): string {
  const { t } = words();
  return dateTypes.has(type ?? '') && /^(gt|gte|lt|lte)$/.test(op) ? t(`op.${op}Date`) : t(`op.${op}`);
}

function oneValue(object: ObjectMeta, condition: Condition, value: unknown): string {
  const { t } = words();
  const field = fieldOf(object, condition.field);
  if (isObject(value) && typeof value.days === 'number') {
    return value.days === 0
      ? t('filter.today')
      : t(value.days < 0 ? 'filter.daysAgo' : 'filter.daysAhead', { count: Math.abs(value.days) });
  }
  if (typeof value === 'string' && /^startOf(Week|Month|Quarter|Year)$/.test(value)) return t(`filter.${value}`);
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  if (!field) return String(value ?? '');
  if ((field.type === 'percent' || field.type === 'rating') && typeof value === 'number')
    return viewOf(field.type).text(value, field, object.key);
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)) return formatDate(value);
  // One option of a multi-select reads like one of a select.
  return viewOf(field.type === 'multiSelect' ? 'select' : field.type).text(value, field, object.key) || String(value ?? '');
}

/** The value of a condition in words; `names` stand for the ids of records. */
export function valueText(object: ObjectMeta, condition: Condition, names: string[] = []): string {
  const { t } = words();
  if (condition.op === 'isEmpty' || condition.op === 'isNotEmpty') return '';
  if (names.length > 0) return names.join(', ');
  if (condition.op === 'between' && Array.isArray(condition.value)) {
    return t('filter.range', {
      from: oneValue(object, condition, condition.value[0]),
      to: oneValue(object, condition, condition.value[1]),
    });
  }
  if (Array.isArray(condition.value)) return condition.value.map((value) => oneValue(object, condition, value)).join(', ');
  return oneValue(object, condition, condition.value);
}
