import { Button, Group, NativeSelect, NumberInput, Stack } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { viewOf } from '../fields/registry.ts';
import { useMeta } from '../meta.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { isDate, operatorText } from './condition-text.ts';
import { type FieldPath, pathText, resolvePath } from './path.ts';
import { namedPeriods, type Period, readPeriod, spanUnits, writePeriod } from './periods.ts';
import { type Condition, isComplete } from './predicate.ts';

const preferred: Record<string, string> = {
  text: 'contains',
  longText: 'contains',
  richText: 'contains',
  file: 'contains',
  image: 'isNotEmpty',
  email: 'contains',
  phone: 'contains',
  url: 'contains',
  address: 'contains',
  personName: 'contains',
  tags: 'contains',
  select: 'in',
  multiSelect: 'in',
  reference: 'in',
  user: 'in',
  country: 'in',
  language: 'in',
  currency: 'in',
  manyToMany: 'in',
  date: 'gte',
  dateTime: 'gte',
  integer: 'gte',
  decimal: 'gte',
  money: 'gte',
  percent: 'gte',
  duration: 'gte',
  rating: 'gte',
  autoNumber: 'contains',
  colour: 'in',
  boolean: 'eq',
};

/** The comparison most often meant for a field. */
export function firstOperator(field: FieldMeta): string {
  const wanted = preferred[field.type];
  return (wanted !== undefined && field.operators.includes(wanted) ? wanted : field.operators[0]) ?? 'eq';
}

const listed = new Set(['in', 'notIn']);

/** Keeps what can be kept of a value when the operator changes: one becomes a list of one and back. */
export function carryValue(value: unknown, from: string, to: string): unknown {
  if (from === to) return value;
  if (listed.has(to))
    return Array.isArray(value) && from !== 'between'
      ? value
      : value === null || value === undefined || Array.isArray(value)
        ? []
        : [value];
  if (to === 'between') return [Array.isArray(value) ? null : (value ?? null), null];
  return Array.isArray(value) ? (value[0] ?? null) : value;
}

/** Spans of days stand among the comparisons of a date; written they are `between`. */
const spans: Record<Period['kind'], Period> = {
  last: { kind: 'last', n: 30, unit: 'days' },
  next: { kind: 'next', n: 30, unit: 'days' },
  in: { kind: 'in', name: 'thisMonth' },
};

function PeriodControl({ period, onChange }: { period: Period; onChange: (period: Period) => void }): ReactNode {
  const { t } = useWords();
  if (period.kind === 'in') {
    return (
      <NativeSelect
        aria-label={t('filter.value')}
        data={namedPeriods.map((name) => ({ value: name, label: t(`filter.${name}`) }))}
        value={period.name}
        onChange={({ currentTarget: { value } }) =>
          onChange({ kind: 'in', name: namedPeriods.find((one) => one === value) ?? period.name })
        }
        data-autofocus
      />
    );
  }
  return (
    <Group gap="xs" grow wrap="nowrap">
      <NumberInput
        aria-label={t('filter.value')}
        min={1}
        max={9999}
        allowDecimal={false}
        allowNegative={false}
        value={period.n}
        onChange={(n) => Number(n) > 0 && onChange({ ...period, n: Number(n) })}
        data-autofocus
      />
      <NativeSelect
        aria-label={t('filter.unit')}
        data={spanUnits.map((unit) => ({ value: unit, label: t(`unit.${unit}`, { count: period.n }) }))}
        value={period.unit}
        onChange={({ currentTarget: { value } }) => onChange({ ...period, unit: spanUnits.find((one) => one === value) ?? period.unit })}
      />
    </Group>
  );
}

/** Comparison and value of one condition. */
export function ConditionControls({
  found,
  condition,
  onChange,
  label,
}: {
  found: FieldPath;
  condition: Condition;
  onChange: (condition: Condition) => void;
  /** Above the comparison; without it the comparison is named for screen readers alone. */
  label?: string;
}): ReactNode {
  const { t } = useWords();
  const { field, object } = found;
  const { Filter } = viewOf(field.type);
  const spanned = isDate(field.type) && field.operators.includes('between');
  const period = spanned && condition.op === 'between' ? readPeriod(condition.value) : null;
  const choose = (op: string): void => {
    const span = op.startsWith('span:') ? spans[op.slice(5) as Period['kind']] : undefined;
    if (span) onChange({ ...condition, op: 'between', value: writePeriod(span) });
    else onChange({ ...condition, op, value: period ? carryValue(null, '', op) : carryValue(condition.value, condition.op, op) });
  };
  return (
    <>
      {/* The browser's own: a dozen words need no list of ours, which would be the largest part of the panel to draw. */}
      <NativeSelect
        label={label}
        aria-label={label ?? t('filter.comparison')}
        data={[
          ...field.operators.map((op) => ({ value: op, label: operatorText(op, field.type) })),
          ...(spanned ? Object.keys(spans).map((kind) => ({ value: `span:${kind}`, label: t(`filter.span.${kind}`) })) : []),
        ]}
        value={period ? `span:${period.kind}` : condition.op}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {period ? (
        <PeriodControl period={period} onChange={(next) => onChange({ ...condition, value: writePeriod(next) })} />
      ) : (
        <Filter
          op={condition.op}
          value={condition.value}
          onChange={(value) => onChange({ ...condition, value })}
          field={field}
          object={object.key}
        />
      )}
    </>
  );
}

interface Props {
  object: ObjectMeta;
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
  onClose: () => void;
}

/** Operator and value of one condition; what is complete takes effect at once. */
export function ConditionEditor({ object, condition, onChange, onRemove, onClose }: Props): ReactNode {
  const look = useWords();
  const { t } = look;
  const meta = useMeta();
  const [draft, setDraft] = useState(condition);
  const form = useRef<HTMLFormElement>(null);
  // The popover sets its focus when it opens; choosing a field comes later, and the value is next.
  useEffect(() => {
    const value =
      form.current?.querySelector<HTMLElement>('[data-autofocus]') ??
      form.current?.querySelectorAll<HTMLElement>('input:not([type="hidden"]),select')[1];
    value?.focus({ preventScroll: true });
  }, []);
  const found = resolvePath(meta, object, condition.field);
  if (!found) {
    return (
      <Button size="compact" variant="default" onClick={onRemove}>
        {t('filter.remove')}
      </Button>
    );
  }
  const change = (next: Condition): void => {
    setDraft(next);
    if (isComplete(next)) onChange(next);
  };
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete(draft)) onClose();
      }}
    >
      <Stack gap="sm">
        <ConditionControls found={found} condition={draft} onChange={change} label={pathText(found, look)} />
        <Group justify="space-between">
          <Button size="compact" variant="subtle" color="gray" onClick={onRemove}>
            {t('filter.remove')}
          </Button>
          <Button size="compact" variant="default" type="submit" disabled={!isComplete(draft)}>
            {t('filter.done')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
