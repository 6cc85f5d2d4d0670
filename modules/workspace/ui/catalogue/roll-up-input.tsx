import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMeta } from '#ui/meta.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import type { RollUpWith } from './catalogue.ts';
import { ConditionInput } from './condition-input.tsx';

const OPS = ['count', 'sum', 'min', 'max', 'first', 'last'] as const;

/** What a roll-up counts or sums, as the catalogue takes it. */
export interface RollUpDraft {
  over: string | null;
  op: (typeof OPS)[number];
  field: string | null;
  by: string | null;
  where: unknown;
}
export const NO_ROLL_UP: RollUpDraft = { over: null, op: 'count', field: null, by: null, where: undefined };

/** The draft that a roll-up begins with when it is changed. */
export const draftOf = ({ over, op, field, by, where }: RollUpWith): RollUpDraft => ({
  over,
  op: OPS.find((one) => one === op) ?? 'count',
  field: field ?? null,
  by: by ?? null,
  where,
});

/** The draft without what its operation does not take. */
export const rollUpOf = ({ over, op, field, by, where }: RollUpDraft): Record<string, unknown> => ({
  over,
  op,
  ...(op !== 'count' && field ? { field } : {}),
  ...(inOrder(op) && by ? { by } : {}),
  ...(where ? { where } : {}),
});

const inOrder = (op: RollUpDraft['op']): boolean => op === 'first' || op === 'last';

/** Which of the records that point here are reckoned up, and how. */
export function RollUpInput({
  object,
  draft,
  onChange,
  errors,
}: {
  object: ObjectMeta;
  draft: RollUpDraft;
  onChange: (draft: RollUpDraft) => void;
  errors: Record<string, string>;
}): ReactNode {
  const { t, field: fieldWord } = useWords();
  const meta = useMeta();
  const relations = object.fields.filter((field) => field.type === 'toMany');
  const far = meta.objects.find(({ key }) => key === relations.find(({ key: one }) => one === draft.over)?.to);
  const own = (far?.fields ?? []).filter((field) => !field.derived && !field.retired);
  const fits = (field: FieldMeta): boolean =>
    inOrder(draft.op) ? field.filterable && !field.many && !field.to : (field.aggregates ?? []).includes(draft.op) && field.type !== 'text';
  const choices = (fields: readonly FieldMeta[]) => fields.map(({ key }) => ({ value: key, label: fieldWord(far?.key ?? '', key) }));
  return (
    <>
      <Select
        label={t('catalogue.rollUpOver')}
        data={relations.map(({ key }) => ({ value: key, label: fieldWord(object.key, key) }))}
        value={draft.over}
        onChange={(over) => onChange({ ...NO_ROLL_UP, op: draft.op, over })}
        error={errors.over}
        searchable
      />
      <Select
        label={t('catalogue.rollUpOp')}
        data={OPS.map((op) => ({ value: op, label: t(`catalogue.rollUpOps.${op}`) }))}
        value={draft.op}
        allowDeselect={false}
        onChange={(op) => op && op !== draft.op && onChange({ ...draft, op: op as RollUpDraft['op'], field: null, by: null })}
        error={errors.op}
      />
      {far && draft.op !== 'count' && (
        <Select
          label={t('catalogue.rollUpField')}
          data={choices(own.filter(fits))}
          value={draft.field}
          onChange={(field) => onChange({ ...draft, field })}
          error={errors.field}
          searchable
        />
      )}
      {far && inOrder(draft.op) && (
        <Select
          label={t('catalogue.rollUpBy')}
          data={choices(own.filter(({ type }) => ['date', 'dateTime', 'integer', 'decimal'].includes(type)))}
          value={draft.by}
          onChange={(by) => onChange({ ...draft, by })}
        />
      )}
      {far && (
        <ConditionInput
          key={far.key}
          object={far}
          label={t('catalogue.rollUpWhere')}
          empty={t('catalogue.rollUpAll')}
          value={draft.where}
          onChange={(where) => onChange({ ...draft, where })}
          error={errors.where}
        />
      )}
    </>
  );
}
