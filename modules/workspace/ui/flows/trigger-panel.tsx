import { Button, Checkbox, CopyButton, Group, MultiSelect, NativeSelect, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { DEEDS, type FlowShape, type Match, type Trigger } from '#engine/declare/flow.ts';
import { post } from '#ui/api.ts';
import { showFailure } from '#ui/notify.tsx';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { rolesQuery } from '../roles/roles.ts';
import classes from './flows.module.css';
import { type Finding, problemAt } from './flows.ts';
import { writable } from './inputs.tsx';

export const TRIGGERS = ['change', 'schedule', 'inbound', 'hand'] as const;

export function blankTrigger(on: string): Trigger {
  if (on === 'schedule') return { on, every: 'day', at: '08:00' };
  if (on === 'inbound') return { on, fields: {} };
  return on === 'hand' ? { on } : { on: 'change', deeds: ['created'] };
}

/** What starts a flow, for which records, and how many at most. */
export function TriggerPanel({
  flow,
  shape,
  object,
  findings,
  onChange,
}: {
  flow: string;
  shape: FlowShape;
  object: ObjectMeta;
  findings: readonly Finding[];
  onChange: (shape: FlowShape) => void;
}): ReactNode {
  const { t } = useWords();
  const { trigger } = shape;
  const problem = (path: string): string | undefined => problemAt(findings, null, path);
  const put = (next: Trigger): void => onChange({ ...shape, trigger: next });
  const kept = (value: unknown, key: 'when'): void => {
    const { [key]: _was, ...rest } = shape;
    onChange(value === undefined ? rest : { ...rest, [key]: value as NonNullable<FlowShape['when']> });
  };
  return (
    <Stack gap="md">
      <NativeSelect
        label={t('flows.trigger')}
        data={TRIGGERS.map((on) => ({ value: on, label: t(`flows.on.${on}`) }))}
        value={trigger.on}
        onChange={({ currentTarget }) => currentTarget.value !== trigger.on && put(blankTrigger(currentTarget.value))}
      />
      {trigger.on === 'change' && <OnChange trigger={trigger} object={object} problem={problem} onChange={put} />}
      {trigger.on === 'schedule' && <OnSchedule trigger={trigger} problem={problem} onChange={put} />}
      {trigger.on === 'inbound' && <OnInbound flow={flow} trigger={trigger} object={object} problem={problem} onChange={put} />}
      {trigger.on === 'hand' && <OnHand trigger={trigger} onChange={put} />}
      <ConditionInput
        object={object}
        label={t('flows.when')}
        empty={t('flows.whenEmpty')}
        value={shape.when}
        onChange={(value) => kept(value, 'when')}
        {...given(problem('when'))}
        counts
      />
      <NumberInput
        label={t('flows.perHour')}
        placeholder={t('flows.noLimit')}
        value={shape.limits?.perHour ?? ''}
        onChange={(n) => {
          const { limits: _was, ...rest } = shape;
          onChange(typeof n === 'number' ? { ...rest, limits: { perHour: n } } : rest);
        }}
        min={1}
        max={1_000_000}
        allowDecimal={false}
      />
    </Stack>
  );
}

/** An error where there is one: a control tells "none" from "not given". */
export const given = (error: string | undefined): { error?: string } => (error === undefined ? {} : { error });

function OnChange({
  trigger,
  object,
  problem,
  onChange,
}: {
  trigger: Extract<Trigger, { on: 'change' }>;
  object: ObjectMeta;
  problem: (path: string) => string | undefined;
  onChange: (trigger: Trigger) => void;
}): ReactNode {
  const { t, field } = useWords();
  return (
    <>
      <Checkbox.Group
        label={t('flows.deeds')}
        value={[...trigger.deeds]}
        onChange={(deeds) => onChange({ ...trigger, deeds: DEEDS.filter((one) => deeds.includes(one)) })}
        error={problem('trigger.deeds')}
      >
        <Group gap="md" mt={4}>
          {DEEDS.map((deed) => (
            <Checkbox key={deed} value={deed} label={t(`flows.deed.${deed}`)} />
          ))}
        </Group>
      </Checkbox.Group>
      {trigger.deeds.includes('changed') && (
        <MultiSelect
          label={t('flows.onFields')}
          placeholder={trigger.fields?.length ? undefined : t('flows.anyField')}
          searchable
          data={object.fields.filter((one) => !one.hidden).map((one) => ({ value: one.key, label: field(object.key, one.key) }))}
          value={[...(trigger.fields ?? [])]}
          onChange={(fields) => {
            const { fields: _was, ...rest } = trigger;
            onChange(fields.length > 0 ? { ...rest, fields } : rest);
          }}
          error={problem('trigger.fields')}
        />
      )}
      <ConditionInput
        object={object}
        label={t('flows.was')}
        empty={t('flows.wasEmpty')}
        value={trigger.was}
        onChange={(value) => {
          const { was: _was, ...rest } = trigger;
          onChange(value === undefined ? rest : { ...rest, was: value as NonNullable<typeof trigger.was> });
        }}
        {...given(problem('trigger.was'))}
      />
    </>
  );
}

function OnSchedule({
  trigger,
  problem,
  onChange,
}: {
  trigger: Extract<Trigger, { on: 'schedule' }>;
  problem: (path: string) => string | undefined;
  onChange: (trigger: Trigger) => void;
}): ReactNode {
  const { t, language } = useWords();
  const every = ['day', 'week', 'month'] as const;
  // 1 January 2024 was a Monday.
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' });
  return (
    <>
      <NativeSelect
        label={t('flows.every')}
        data={every.map((one) => ({ value: one, label: t(`flows.each.${one}`) }))}
        value={trigger.every}
        onChange={({ currentTarget }) => {
          const next = every.find((one) => one === currentTarget.value) ?? 'day';
          onChange({ on: 'schedule', every: next, at: trigger.at, ...(next === 'day' ? {} : { day: 1 }) });
        }}
      />
      {trigger.every === 'week' && (
        <NativeSelect
          label={t('flows.day')}
          data={[1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: String(day), label: weekday.format(new Date(Date.UTC(2024, 0, day))) }))}
          value={String(trigger.day ?? 1)}
          onChange={({ currentTarget }) => onChange({ ...trigger, day: Number(currentTarget.value) })}
          error={problem('trigger.day')}
        />
      )}
      {trigger.every === 'month' && (
        <NumberInput
          label={t('flows.day')}
          description={t('flows.lastDay')}
          value={trigger.day ?? 1}
          min={1}
          max={31}
          allowDecimal={false}
          onChange={(day) => typeof day === 'number' && onChange({ ...trigger, day })}
          error={problem('trigger.day')}
        />
      )}
      <TextInput
        type="time"
        label={t('flows.at')}
        value={trigger.at}
        onChange={({ currentTarget }) => onChange({ ...trigger, at: currentTarget.value })}
        error={problem('trigger.at')}
      />
    </>
  );
}

const BY = ['id', 'email', 'phone', 'handle', 'externalId'] as const;

function OnInbound({
  flow,
  trigger,
  object,
  problem,
  onChange,
}: {
  flow: string;
  trigger: Extract<Trigger, { on: 'inbound' }>;
  object: ObjectMeta;
  problem: (path: string) => string | undefined;
  onChange: (trigger: Trigger) => void;
}): ReactNode {
  const { t, field } = useWords();
  const { match } = trigger;
  const by = (key: string): void => {
    const { match: _was, ...rest } = trigger;
    const found = BY.find((one) => one === key);
    const path = match?.path ?? 'id';
    if (!found) onChange(rest);
    else
      onChange({ ...rest, match: (found === 'externalId' ? { by: found, system: 'other', path } : { by: found, path }) satisfies Match });
  };
  return (
    <>
      <Secret flow={flow} kind="inbound" />
      <NativeSelect
        label={t('flows.matchBy')}
        data={[{ value: '', label: t('flows.matchNew') }, ...BY.map((one) => ({ value: one, label: t(`flows.by.${one}`) }))]}
        value={match?.by ?? ''}
        onChange={({ currentTarget }) => by(currentTarget.value)}
      />
      {match?.by === 'externalId' && (
        <TextInput
          label={t('flows.system')}
          value={match.system}
          maxLength={60}
          onChange={({ currentTarget }) => onChange({ ...trigger, match: { ...match, system: currentTarget.value } })}
          error={problem('trigger.match.system')}
        />
      )}
      {match && (
        <TextInput
          label={t('flows.matchPath')}
          value={match.path}
          maxLength={200}
          onChange={({ currentTarget }) => onChange({ ...trigger, match: { ...match, path: currentTarget.value } })}
          error={problem('trigger.match.path')}
        />
      )}
      <Stack gap="xs">
        <span className={classes.label}>{t('flows.mapping')}</span>
        {Object.entries(trigger.fields).map(([key, path]) => (
          <Group key={key} gap="xs" wrap="nowrap" align="flex-end">
            <TextInput
              className={classes.grow}
              label={field(object.key, key)}
              placeholder={t('flows.pathHint')}
              value={path}
              maxLength={200}
              onChange={({ currentTarget }) => onChange({ ...trigger, fields: { ...trigger.fields, [key]: currentTarget.value } })}
              error={problem(['trigger', 'fields', key].join('.'))}
            />
            <Button
              variant="subtle"
              color="gray"
              aria-label={t('flows.removeField', { field: field(object.key, key) })}
              onClick={() =>
                onChange({ ...trigger, fields: Object.fromEntries(Object.entries(trigger.fields).filter(([one]) => one !== key)) })
              }
            >
              {t('action.remove')}
            </Button>
          </Group>
        ))}
        <Select
          aria-label={t('flows.addField')}
          placeholder={t('flows.addField')}
          searchable
          data={writable(object)
            .filter(({ key }) => !(key in trigger.fields))
            .map(({ key }) => ({ value: key, label: field(object.key, key) }))}
          value={null}
          onChange={(key) => key && onChange({ ...trigger, fields: { ...trigger.fields, [key]: key } })}
        />
      </Stack>
      <NumberInput
        label={t('flows.perMinute')}
        placeholder="60"
        value={trigger.perMinute ?? ''}
        min={1}
        max={100_000}
        allowDecimal={false}
        onChange={(n) => {
          const { perMinute: _was, ...rest } = trigger;
          onChange(typeof n === 'number' ? { ...rest, perMinute: n } : rest);
        }}
      />
    </>
  );
}

/** Makes a secret and shows it this once: as the address others post to, or as what webhooks are signed with. */
export function Secret({ flow, kind }: { flow: string; kind: 'inbound' | 'webhook' }): ReactNode {
  const { t } = useWords();
  const [shown, setShown] = useState<string | null>(null);
  const make = async (): Promise<void> => {
    try {
      const { secret } = await post<{ secret: string }>(`/flows/${flow}/secret`, { kind });
      setShown(kind === 'inbound' ? `${location.origin}/api/v1/flows/${flow}/inbound/${secret}` : secret);
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <Stack gap="xs">
      <p className={classes.hint}>{t(kind === 'inbound' ? 'flows.addressLead' : 'flows.signLead')}</p>
      {shown === null ? (
        <Group>
          <Button variant="default" onClick={() => void make()}>
            {t(kind === 'inbound' ? 'flows.newAddress' : 'flows.newSecret')}
          </Button>
        </Group>
      ) : (
        <>
          <code className={classes.secret}>{shown}</code>
          <Group gap="sm">
            <CopyButton value={shown}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {t(copied ? 'keys.copied' : 'keys.copy')}
                </Button>
              )}
            </CopyButton>
            <span className="pg-secondary">{t('flows.once')}</span>
          </Group>
        </>
      )}
    </Stack>
  );
}

function OnHand({ trigger, onChange }: { trigger: Extract<Trigger, { on: 'hand' }>; onChange: (trigger: Trigger) => void }): ReactNode {
  const { t } = useWords();
  const { data = [] } = useQuery(rolesQuery);
  return (
    <MultiSelect
      label={t('flows.roles')}
      description={t('flows.rolesHint')}
      data={data.map((role) => ({ value: role.key, label: role.name }))}
      value={[...(trigger.roles ?? [])]}
      onChange={(roles) => onChange(roles.length > 0 ? { on: 'hand', roles } : { on: 'hand' })}
    />
  );
}
