import { Button, Group, Select, Stack } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { viewOf } from '../fields/registry.ts';
import { fieldOf } from '../meta.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { operatorText } from './condition-text.ts';
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

interface Props {
  object: ObjectMeta;
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
  onClose: () => void;
}

/** Operator and value of one condition; Enter applies. */
export function ConditionEditor({ object, condition, onChange, onRemove, onClose }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const [draft, setDraft] = useState(condition);
  const form = useRef<HTMLFormElement>(null);
  // The list of fields that was here a moment ago took the focus with it.
  useEffect(() => {
    const value = form.current?.querySelector<HTMLElement>('[data-autofocus]') ?? form.current?.querySelector('input');
    value?.focus({ preventScroll: true });
  }, []);
  const field = fieldOf(object, condition.field);
  if (!field) {
    return (
      <Button size="compact" variant="default" onClick={onRemove}>
        {t('filter.remove')}
      </Button>
    );
  }
  const { Filter } = viewOf(field.type);
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
        <Select
          label={fieldWord(object.key, field.key)}
          data={field.operators.map((op) => ({ value: op, label: operatorText(op, field.type) }))}
          value={draft.op}
          allowDeselect={false}
          onChange={(op) => op && change({ ...draft, op, value: carryValue(draft.value, draft.op, op) })}
          comboboxProps={{ withinPortal: false }}
        />
        <Filter op={draft.op} value={draft.value} onChange={(value) => change({ ...draft, value })} field={field} object={object.key} />
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
