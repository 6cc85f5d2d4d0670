import { Button, Select, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { type AssignmentRule, refreshRules, WAYS, type Way } from './assignment.ts';

type Lists = Record<'members' | 'teams' | 'skills' | 'skillsFrom', unknown>;

/** Which lists a way goes by. */
const ASKED: Record<Way, readonly (keyof Lists)[]> = {
  roundRobin: ['members', 'teams'],
  load: ['members', 'teams'],
  skill: ['skills', 'skillsFrom', 'members', 'teams'],
  territory: [],
  fixed: ['members'],
};

/** A rule by which leads find their owner is made or changed. */
export function RuleDialog({
  object,
  rule,
  position,
  onClose,
}: {
  object: ObjectMeta;
  rule: AssignmentRule | null;
  /** Where a new one stands. */
  position: number;
  onClose: () => void;
}): ReactNode {
  const { t, option } = useWords();
  const lead = useMeta().object('lead');
  const [name, setName] = useState(rule?.name ?? '');
  const [condition, setCondition] = useState<unknown>(rule?.condition ?? undefined);
  const [way, setWay] = useState<Way>(rule?.way ?? 'roundRobin');
  const [lists, setLists] = useState<Lists>({
    members: rule?.members ?? null,
    teams: rule?.teams ?? null,
    skills: rule?.skills ?? null,
    skillsFrom: rule?.skillsFrom ?? null,
  });
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['name', 'condition', 'way', 'members', 'teams', 'skills', 'skillsFrom']);
  const done = async (said: string, cause: string | null): Promise<void> => {
    await refreshRules();
    showUndo(said, cause);
    onClose();
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    const written = Object.fromEntries(
      Object.entries(lists).map(([key, value]) => {
        const field = fieldOf(object, key);
        const asked = ASKED[way].some((one) => one === key);
        return [key, asked && field && value !== null ? viewOf(field.type).write(value, field) : null];
      }),
    );
    const values = { name: name.trim(), condition: condition ?? null, way, ...written };
    try {
      const { cause } = rule
        ? await request('PATCH', `/assignmentRules/${rule.id}`, { body: values })
        : await request('POST', '/assignmentRules', { body: { ...values, object: 'lead', position } });
      await done(t('assignment.saved', { name: values.name }), cause);
    } catch (refused) {
      setFailure(refused);
    }
  };
  const remove = async (): Promise<void> => {
    try {
      const { cause } = await request('DELETE', `/assignmentRules/${rule?.id}`);
      await done(t('assignment.removed', { name: rule?.name ?? '' }), cause);
    } catch (refused) {
      setFailure(refused);
    }
  };
  return (
    <FormDialog
      title={t(rule === null ? 'assignment.new' : 'assignment.change')}
      failure={refusal.whole}
      act={t('assignment.save')}
      aside={
        rule && (
          <Button variant="subtle" color="danger" onClick={() => void remove()}>
            {t('assignment.remove')}
          </Button>
        )
      }
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('assignment.name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={refusal.at('name')}
        maxLength={120}
        data-autofocus
      />
      {lead && (
        <ConditionInput
          object={lead}
          label={t('assignment.takes')}
          empty={t('assignment.takesAll')}
          value={condition}
          onChange={setCondition}
          error={refusal.at('condition')}
          counts
        />
      )}
      <Select
        label={t('assignment.way')}
        description={t(`assignment.is.${way}`)}
        value={way}
        onChange={(next) => setWay(WAYS.find((one) => one === next) ?? 'roundRobin')}
        data={WAYS.map((key) => ({ value: key, label: option('assignmentRule', 'way', key) }))}
        error={refusal.at('way')}
        allowDeselect={false}
      />
      {ASKED[way].map((key) => (
        <ListField
          key={key}
          object={object}
          name={key}
          value={lists[key]}
          onChange={(value) => setLists({ ...lists, [key]: value })}
          error={refusal.at(key)}
        />
      ))}
    </FormDialog>
  );
}

/** A field of the rule as every form has it. */
function ListField({
  object,
  name,
  value,
  onChange,
  error,
}: {
  object: ObjectMeta;
  name: string;
  value: unknown;
  onChange: (value: unknown) => void;
  error: string | undefined;
}): ReactNode {
  const { field: fieldWord } = useWords();
  const field = fieldOf(object, name);
  if (!field) return null;
  const { Edit } = viewOf(field.type);
  const label = fieldWord(object.key, name);
  return (
    <Edit
      field={field}
      object={object.key}
      value={value}
      onChange={onChange}
      label={label}
      ariaLabel={label}
      {...(error ? { error } : {})}
    />
  );
}
