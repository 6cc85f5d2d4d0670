import { Select, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Branch, FlowShape, Step } from '#engine/declare/flow.ts';
import { useMeta } from '#ui/meta.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { freeId } from './drawing.ts';
import classes from './flows.module.css';
import { type Finding, problemAt } from './flows.ts';
import { TemplateInput, ValuesInput, writable } from './inputs.tsx';
import { PeopleInput, UsersInput } from './people-input.tsx';
import { given, Secret } from './trigger-panel.tsx';
import { LatestInput, WaitForm } from './wait-form.tsx';

interface Props {
  flow: string;
  id: string;
  step: Step;
  shape: FlowShape;
  /** Of the record the step is about. */
  object: ObjectMeta;
  findings: readonly Finding[];
  onChange: (step: Step) => void;
}

/** The form of one step. */
export function StepPanel(props: Props): ReactNode {
  const { t } = useWords();
  const { step, onChange } = props;
  return (
    <Stack gap="md">
      <TextInput
        label={t('flows.stepName')}
        placeholder={t(`flows.kind.${step.do}`)}
        value={step.label ?? ''}
        maxLength={120}
        onChange={({ currentTarget }) => {
          const { label: _was, ...rest } = step;
          onChange((currentTarget.value ? { ...rest, label: currentTarget.value } : rest) as Step);
        }}
      />
      <Form {...props} />
    </Stack>
  );
}

function Form({ flow, id, step, shape, object, findings, onChange }: Props): ReactNode {
  const { t, object: objectWord, field: fieldWord, label, has } = useWords();
  const meta = useMeta();
  const problem = (path: string): string | undefined => problemAt(findings, id, path);
  const missed = (member: string, values: object, word: (key: string) => string): string | undefined =>
    missing(findings, id, member, values)
      .map((key) => `${word(key)}: ${problem(under(member, key))}`)
      .join(' ') || undefined;
  switch (step.do) {
    case 'set':
      return (
        <ValuesInput
          label={t('flows.values')}
          fields={writable(object)}
          object={object.key}
          source={object}
          values={step.values}
          onChange={(values) => onChange({ ...step, values })}
          error={findings.find((one) => one.step === id && one.path === 'values') && problem('values')}
          problem={(key) => problem(under('values', key))}
        />
      );
    case 'create': {
      const made = meta.object(step.object);
      const makes = meta.objects.filter((one) => one.verbs.create && !one.retired);
      return (
        <>
          <Select
            label={t('flows.makes')}
            searchable
            allowDeselect={false}
            data={makes.map((one) => ({ value: one.key, label: objectWord(one.key) }))}
            value={step.object || null}
            onChange={(key) => key && key !== step.object && onChange({ ...step, object: key, values: {} })}
            error={problem('object')}
          />
          {made && (
            <ValuesInput
              label={t('flows.values')}
              fields={writable(made)}
              object={made.key}
              source={object}
              values={step.values}
              onChange={(values) => onChange({ ...step, values })}
              error={missed('values', step.values, (key) => fieldWord(made.key, key))}
              problem={(key) => problem(under('values', key))}
            />
          )}
        </>
      );
    }
    case 'act': {
      const acts = meta.actions.filter((one) => one.object === null || one.object === object.key);
      const action = meta.actions.find(({ key }) => key === step.action);
      return (
        <>
          <Select
            label={t('flows.action')}
            searchable
            allowDeselect={false}
            data={acts.map(({ key }) => ({ value: key, label: has(`action.${key}`) ? t(`action.${key}`) : label(`action.${key}`) }))}
            value={step.action || null}
            onChange={(key) => key && key !== step.action && onChange({ ...step, action: key, input: {} })}
            error={problem('action')}
          />
          {action && action.input.length > 0 && (
            <ValuesInput
              label={t('flows.values')}
              fields={action.input}
              object={action.key}
              source={object}
              values={step.input}
              onChange={(input) => onChange({ ...step, input })}
              error={missed('input', step.input, (key) => fieldWord(action.key, key))}
              problem={(key) => problem(under('input', key))}
            />
          )}
        </>
      );
    }
    case 'assign':
      return (
        <>
          <UsersInput
            label={t('flows.assignTo')}
            users={step.users}
            onChange={(users) => onChange({ ...step, users })}
            error={problem('users')}
          />
          <p className={classes.hint}>{t('flows.inTurn')}</p>
          <Select
            label={t('flows.assignField')}
            data={object.fields.filter(isUserField).map(({ key }) => ({ value: key, label: fieldWord(object.key, key) }))}
            value={step.field ?? object.owner ?? null}
            onChange={(key) => key && onChange({ ...step, field: key })}
            allowDeselect={false}
            error={problem('field')}
          />
        </>
      );
    case 'notify':
      return (
        <>
          <PeopleInput
            label={t('flows.notifyTo')}
            source={object}
            people={step.to}
            onChange={(to) => onChange({ ...step, to })}
            error={problem('to')}
          />
          <TemplateInput
            label={t('flows.text')}
            shown
            source={object}
            value={step.text}
            onChange={(text) => onChange({ ...step, text })}
            error={problem('text')}
          />
        </>
      );
    case 'wait':
      return <WaitForm step={step} object={object} problem={problem} onChange={onChange} />;
    case 'branch':
      return <BranchForm step={step} object={object} problem={problem} onChange={onChange} />;
    case 'approve':
      return (
        <>
          <PeopleInput
            label={t('flows.approveBy')}
            source={object}
            people={step.by}
            onChange={(by) => onChange({ ...step, by })}
            error={problem('by')}
          />
          <TemplateInput
            label={t('flows.question')}
            shown
            source={object}
            value={step.text}
            onChange={(text) => onChange({ ...step, text })}
            error={problem('text')}
          />
          <LatestInput
            label={t('flows.timeout')}
            add={t('flows.addTimeout')}
            timeout={step.timeout}
            onChange={(timeout) => {
              const { timeout: _was, ...rest } = step;
              onChange(timeout ? { ...rest, timeout } : rest);
            }}
            error={problem('timeout.after')}
          />
        </>
      );
    case 'webhook':
      return (
        <>
          <TemplateInput
            label={t('flows.url')}
            shown
            source={object}
            value={step.url}
            onChange={(url) => onChange({ ...step, url })}
            error={problem('url')}
          />
          <ValuesInput
            label={t('flows.body')}
            fields={null}
            object={object.key}
            source={object}
            values={step.body ?? {}}
            onChange={(body) => onChange({ ...step, body })}
            error={undefined}
            problem={(key) => problem(under('body', key))}
          />
          <Secret flow={flow} kind="webhook" />
        </>
      );
    case 'loop': {
      const over = object.fields.find(({ key }) => key === step.over);
      const far = meta.object(over?.to);
      return (
        <>
          <Select
            label={t('flows.over')}
            searchable
            data={object.fields
              .filter((one) => one.type === 'toMany' || one.type === 'manyToMany')
              .map(({ key }) => ({ value: key, label: fieldWord(object.key, key) }))}
            value={step.over || null}
            onChange={(key) =>
              key && key !== step.over && onChange({ do: 'loop', over: key, each: step.each, ...(step.next ? { next: step.next } : {}) })
            }
            allowDeselect={false}
            error={problem('over')}
          />
          {far && (
            <ConditionInput
              object={far}
              label={t('flows.overWhen')}
              empty={t('flows.overAll')}
              value={step.when}
              onChange={(value) => {
                const { when: _was, ...rest } = step;
                onChange(value === undefined ? rest : { ...rest, when: value as NonNullable<FlowShape['when']> });
              }}
              {...given(problem('when'))}
              counts
            />
          )}
          {problem('each') && shape.steps[id] && <p className={classes.wrong}>{problem('each')}</p>}
        </>
      );
    }
  }
}

/** A place in a step: what stands under a member of it. */
const under = (member: string, key: string | number): string => [member, key].join('.');

const isUserField = (field: FieldMeta): boolean => field.type === 'user' && !field.readOnly;

/** Fields that want a value and have no row yet. */
const missing = (findings: readonly Finding[], id: string, member: string, values: object): string[] =>
  findings
    .filter(({ step, path }) => step === id && path.startsWith(`${member}.`))
    .map(({ path }) => path.slice(member.length + 1))
    .filter((key) => !(key in values));

function BranchForm({
  step,
  object,
  problem,
  onChange,
}: {
  step: Extract<Step, { do: 'branch' }>;
  object: ObjectMeta;
  problem: (path: string) => string | undefined;
  onChange: (step: Step) => void;
}): ReactNode {
  const { t } = useWords();
  const put = (at: number, branch: Branch | null): void =>
    onChange({ ...step, branches: step.branches.flatMap((one, i) => (i !== at ? [one] : branch ? [branch] : [])) });
  const add = (when: unknown): void => {
    const id = freeId('branch', (one) => step.branches.some((branch) => branch.id === one));
    onChange({ ...step, branches: [...step.branches, { id, when: when as Branch['when'] }] });
  };
  return (
    <>
      <p className={classes.hint}>{t('flows.branchLead')}</p>
      {step.branches.map((branch, at) => (
        <Stack key={branch.id} gap="xs" className={classes.branch}>
          <TextInput
            label={t('flows.branchName', { n: at + 1 })}
            placeholder={t('flows.branchN', { n: at + 1 })}
            value={branch.label ?? ''}
            maxLength={120}
            onChange={({ currentTarget }) => {
              const { label: _was, ...rest } = branch;
              put(at, currentTarget.value ? { ...rest, label: currentTarget.value } : rest);
            }}
          />
          <ConditionInput
            object={object}
            label={t('flows.branchWhen', { n: at + 1 })}
            empty={t('flows.whenEmpty')}
            value={branch.when}
            onChange={(value) => put(at, value === undefined ? null : { ...branch, when: value as Branch['when'] })}
            {...given(problem(under('branches', at)))}
            counts
          />
        </Stack>
      ))}
      <ConditionInput
        key={step.branches.length}
        object={object}
        label={t('flows.addBranch')}
        empty={t('flows.addBranchHint')}
        value={undefined}
        onChange={add}
        {...given(step.branches.length === 0 ? problem('branches') : undefined)}
        counts
      />
    </>
  );
}
