import { Button, Group, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Step, Timeout } from '#engine/declare/flow.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import classes from './flows.module.css';
import { PathSelect, SpanInput } from './inputs.tsx';
import { given } from './trigger-panel.tsx';

const SORTS = ['for', 'until', 'when'] as const;
type Wait = Extract<Step, { do: 'wait' }>;

const isDateField = (field: FieldMeta): boolean => field.type === 'date' || field.type === 'dateTime';

/** A wait for some time, until a date of the record, or until a condition holds. */
export function WaitForm({
  step,
  object,
  problem,
  onChange,
}: {
  step: Wait;
  object: ObjectMeta;
  problem: (path: string) => string | undefined;
  onChange: (step: Step) => void;
}): ReactNode {
  const { t } = useWords();
  const { for: _for, until: _until, shift: _shift, when: _when, timeout: _timeout, ...rest } = step;
  const blank: Record<(typeof SORTS)[number], Step> = {
    for: { ...rest, for: { days: 1 } },
    until: { ...rest, until: '' },
    when: { ...rest, when: { all: [] } },
  };
  const sort = SORTS.find((one) => step[one] !== undefined) ?? 'for';
  return (
    <>
      <Select
        label={t('flows.waits')}
        allowDeselect={false}
        data={SORTS.map((one) => ({ value: one, label: t(`flows.wait.${one}`) }))}
        value={sort}
        onChange={(next) => {
          const chosen = SORTS.find((one) => one === next);
          if (chosen && chosen !== sort) onChange(blank[chosen]);
        }}
      />
      {sort === 'for' && (
        <SpanInput label={t('flows.span')} value={step.for} onChange={(span) => onChange({ ...step, for: span })} error={problem('for')} />
      )}
      {sort === 'until' && (
        <>
          <PathSelect
            object={object}
            label={t('flows.dateField')}
            value={step.until || null}
            only={isDateField}
            onChange={(path) => onChange({ ...step, until: path ?? '' })}
            error={problem('until')}
          />
          <SpanInput
            label={t('flows.shift')}
            value={step.shift}
            signed
            onChange={(shift) => onChange({ ...step, shift })}
            error={problem('shift')}
          />
        </>
      )}
      {sort === 'when' && (
        <>
          <ConditionInput
            object={object}
            label={t('flows.waitsFor')}
            empty={t('flows.addBranchHint')}
            value={isBlank(step.when) ? undefined : step.when}
            onChange={(value) => onChange({ ...step, when: (value ?? { all: [] }) as NonNullable<Wait['when']> })}
            {...given(problem('when'))}
            counts
          />
          <p className={classes.hint}>{t('flows.waitsForHint')}</p>
          <LatestInput
            label={t('flows.latest')}
            add={t('flows.addLatest')}
            timeout={step.timeout}
            onChange={(timeout) => {
              const { timeout: _was, ...whole } = step;
              onChange(timeout ? { ...whole, timeout } : whole);
            }}
            error={problem('timeout.after')}
          />
        </>
      )}
    </>
  );
}

const isBlank = (when: Wait['when']): boolean => when === undefined || ('all' in when && when.all.length === 0);

/** How long something is waited for, if not without end; where it then goes on is drawn. */
export function LatestInput({
  label,
  add,
  timeout,
  onChange,
  error,
}: {
  label: string;
  /** What sets an end. */
  add: string;
  timeout: Timeout | undefined;
  onChange: (timeout: Timeout | undefined) => void;
  error?: string | undefined;
}): ReactNode {
  const { t } = useWords();
  if (!timeout)
    return (
      <Group>
        <Button variant="default" onClick={() => onChange({ after: { days: 3 } })}>
          {add}
        </Button>
      </Group>
    );
  return (
    <>
      <SpanInput label={label} value={timeout.after} onChange={(after) => onChange({ ...timeout, after })} error={error} />
      <Group>
        <Button variant="default" onClick={() => onChange(undefined)}>
          {t('flows.noTimeout')}
        </Button>
      </Group>
    </>
  );
}
