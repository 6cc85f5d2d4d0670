import { viewOf } from '../fields/registry.ts';
import { formatDate, formatNumber } from '../format.ts';
import { isObject, type ObjectMeta } from '../wire.ts';
import { words } from '../words.ts';
import { type Declarations, type FieldPath, followed, pathText, resolvePath } from './path.ts';
import { type Period, readPeriod, spanUnits } from './periods.ts';
import { type Condition, isCondition, readCount, readGroup } from './predicate.ts';

const dateTypes = new Set(['date', 'dateTime']);

export function isDate(type: string | undefined): boolean {
  return dateTypes.has(type ?? '');
}

/** Object whose records a condition on this field names by their ids. */
export function recordsOf(found: FieldPath | null | undefined): string | undefined {
  if (!found) return undefined;
  return followed(found.field) ?? (found.field.type === 'manyToMany' ? found.field.to : undefined);
}

/** Words of one operator: dates say "is after" where numbers say "is above". */
export function operatorText(op: string, type: string | undefined): string {
  const { t } = words();
  return isDate(type) && /^(gt|gte|lt|lte)$/.test(op) ? t(`op.${op}Date`) : t(`op.${op}`);
}

function relativeText(value: Record<string, unknown>): string | null {
  const { t } = words();
  const unit = spanUnits.find((one) => typeof value[one] === 'number');
  const n = unit && value[unit];
  if (!unit || typeof n !== 'number' || Object.keys(value).length > 1) return null;
  if (n === 0) return t('filter.today');
  const side = n < 0 ? 'Ago' : 'Ahead';
  return t(`filter.${unit}${side}`, { count: Math.abs(n) });
}

function oneValue(found: FieldPath | null, value: unknown): string {
  const { t } = words();
  if (isObject(value) && isDate(found?.field.type)) return relativeText(value) ?? JSON.stringify(value);
  if ((value === 'today' || value === 'now') && (!found || isDate(found.field.type))) return t('filter.today');
  if (typeof value === 'string' && /^(startOf|endOf)(Week|Month|Quarter|Year)$/.test(value)) return t(`filter.${value}`);
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  if (!found) return String(value ?? '');
  const { field, object } = found;
  if ((field.type === 'percent' || field.type === 'rating') && typeof value === 'number')
    return viewOf(field.type).text(value, field, object.key);
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)) return formatDate(value);
  // One option of a multi-select reads like one of a select.
  return viewOf(field.type === 'multiSelect' ? 'select' : field.type).text(value, field, object.key) || String(value ?? '');
}

/** A span of days in words: "is in the last 30 days", "is in this month". */
export function periodText(period: Period): string {
  const { t } = words();
  if (period.kind === 'in') return t('filter.inPeriod', { period: t(`filter.${period.name}`) });
  return t(`filter.${period.kind}.${period.unit}`, { count: period.n });
}

/** Comparison and value of a condition in words; `names` stand for the ids of records. */
export function comparisonText(found: FieldPath | null, condition: Condition, names: readonly string[] = []): string {
  const period = condition.op === 'between' && isDate(found?.field.type) ? readPeriod(condition.value) : null;
  if (period) return periodText(period);
  return [operatorText(condition.op, found?.field.type), valueText(found, condition, names)].filter((part) => part !== '').join(' ');
}

function valueText(found: FieldPath | null, condition: Condition, names: readonly string[]): string {
  const { t } = words();
  if (condition.op === 'isEmpty' || condition.op === 'isNotEmpty') return '';
  if (names.length > 0) return names.join(', ');
  if (condition.op === 'between' && Array.isArray(condition.value))
    return t('filter.range', { from: oneValue(found, condition.value[0]), to: oneValue(found, condition.value[1]) });
  if (Array.isArray(condition.value)) return condition.value.map((value) => oneValue(found, value)).join(', ');
  return oneValue(found, condition.value);
}

/** Every record that a predicate names: where its name is found, and its id. */
export function namedRecords(meta: Declarations, object: ObjectMeta, node: unknown): { object: string; id: string }[] {
  if (isCondition(node)) {
    const target = recordsOf(resolvePath(meta, object, node.field));
    const values = Array.isArray(node.value) ? node.value : [node.value];
    return target ? values.flatMap((id) => (typeof id === 'string' ? [{ object: target, id }] : [])) : [];
  }
  const group = readGroup(node);
  if (group) return group.of.flatMap((one) => namedRecords(meta, object, one));
  const count = readCount(node);
  const far = count && meta.object(resolvePath(meta, object, count.path)?.field.to);
  return count && far ? namedRecords(meta, far, count.where) : [];
}

/** A whole predicate as a sentence: "Stage is Won or Amount is above 1,000". */
export function predicateText(meta: Declarations, object: ObjectMeta, node: unknown, nameOf: (id: string) => string): string {
  const look = words();
  const { t } = look;
  if (isCondition(node)) {
    const found = resolvePath(meta, object, node.field);
    const values = Array.isArray(node.value) ? node.value : [node.value];
    const names = recordsOf(found) ? values.filter((id): id is string => typeof id === 'string').map(nameOf) : [];
    return `${found ? pathText(found, look) : look.label(node.field)} ${comparisonText(found, node, names)}`;
  }
  const group = readGroup(node);
  if (group) {
    const parts = group.of.map((one) => {
      const inner = readGroup(one);
      const text = predicateText(meta, object, one, nameOf);
      return inner && inner.of.length > 1 && inner.kind !== 'none' ? `(${text})` : text;
    });
    if (group.kind === 'none') return t('filter.noneOf', { list: parts.join(', ') });
    return parts.join(` ${t(group.kind === 'any' ? 'filter.or' : 'filter.and')} `);
  }
  const count = readCount(node);
  if (!count) return t('filter.group');
  const found = resolvePath(meta, object, count.path);
  const far = meta.object(found?.field.to);
  const said = `${found ? pathText(found, look) : look.label(count.path)}: ${t(`count.${count.op}`, { n: formatNumber(count.n) })}`;
  return far && count.where ? t('filter.where', { count: said, where: predicateText(meta, far, count.where, nameOf) }) : said;
}
