import { ActionIcon, Button, Group, Input, NativeSelect, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { FlowValue } from '#engine/declare/flow.ts';
import { ANCHORS, type Offset, type RelativeDate, UNITS } from '#kit/calendar.ts';
import type { Json } from '#kit/json.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { viewOf } from '#ui/fields/registry.ts';
import { iconLook } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './flows.module.css';
import { useNames } from './flows.ts';

/** Fields that a flow may write. */
export const writable = (object: ObjectMeta): FieldMeta[] =>
  object.fields.filter((field) => !field.readOnly && !field.derived && !field.retired && field.type !== 'toMany');

/** Chooses a field of the record, or one of what it refers to. */
export function PathSelect({
  object,
  label,
  value,
  onChange,
  error,
  only = () => true,
  itself = false,
  clearable = false,
}: {
  object: ObjectMeta;
  label: string;
  value: string | null;
  onChange: (path: string | null) => void;
  error?: string | undefined;
  only?: (field: FieldMeta) => boolean;
  /** Whether the record itself may be chosen. */
  itself?: boolean;
  clearable?: boolean;
}): ReactNode {
  const { t, field: fieldWord, object: objectWord } = useWords();
  const meta = useMeta();
  const plain = (field: FieldMeta): boolean => !field.hidden && field.type !== 'toMany' && field.type !== 'json' && only(field);
  const own = object.fields.filter(plain).map((field) => ({ value: field.key, label: fieldWord(object.key, field.key) }));
  const far = object.fields.flatMap((through) => {
    const target = through.type === 'reference' || through.type === 'user' ? meta.object(through.to) : undefined;
    if (!target || through.hidden) return [];
    return target.fields.filter(plain).map((field) => ({
      value: `${through.key}.${field.key}`,
      label: `${fieldWord(object.key, through.key)} › ${fieldWord(target.key, field.key)}`,
    }));
  });
  const data = [...(itself ? [{ value: 'id', label: t('flows.itself', { object: objectWord(object.key) }) }] : []), ...own, ...far];
  const seen = new Set<string>();
  const once = data.filter((one) => !seen.has(one.value) && seen.add(one.value));
  return (
    <Select
      label={label}
      searchable
      clearable={clearable}
      data={value && !seen.has(value) ? [...once, { value, label: value }] : once}
      value={value}
      onChange={onChange}
      error={error}
      limit={60}
    />
  );
}

/** A span of time: so many of a unit. */
export function SpanInput({
  label,
  value,
  onChange,
  error,
  signed = false,
}: {
  label: string;
  value: Offset | undefined;
  onChange: (span: Offset) => void;
  error?: string | undefined;
  signed?: boolean;
}): ReactNode {
  const { t } = useWords();
  const unit = UNITS.find((one) => value?.[one]) ?? UNITS.find((one) => value?.[one] !== undefined) ?? 'days';
  const put = (n: number, to: (typeof UNITS)[number]): void => {
    const { [unit]: _was, ...rest } = value ?? {};
    onChange({ ...rest, [to]: n });
  };
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Group gap="xs" grow wrap="nowrap">
        <NumberInput
          aria-label={label}
          value={value?.[unit] ?? 0}
          onChange={(n) => typeof n === 'number' && put(n, unit)}
          min={signed ? -99_999 : 0}
          max={99_999}
          allowDecimal={false}
        />
        <NativeSelect
          aria-label={`${label}: ${t('flows.unit')}`}
          data={UNITS.map((one) => ({ value: one, label: t(`flows.unit.${one}`) }))}
          value={unit}
          onChange={({ currentTarget }) => put(value?.[unit] ?? 0, UNITS.find((one) => one === currentTarget.value) ?? unit)}
        />
      </Group>
    </Input.Wrapper>
  );
}

/** A date reckoned from the moment of the step: from today or the start of something, moved by a span. */
function DateInput({ label, value, onChange }: { label: string; value: RelativeDate; onChange: (date: RelativeDate) => void }): ReactNode {
  const { t } = useWords();
  const { from, ...span }: Offset = typeof value === 'string' ? { from: value } : value;
  const put = (anchor: string, moved: Offset): void => {
    const known = ANCHORS.find((one) => one === anchor);
    const away = Object.values(moved).some((n) => n !== 0);
    onChange(known === undefined ? moved : away ? { ...moved, from: known } : known);
  };
  return (
    <Stack gap="xs">
      <SpanInput label={label} value={span} onChange={(moved) => put(from ?? '', moved)} signed />
      <NativeSelect
        aria-label={t('flows.from')}
        data={[
          { value: '', label: t('flows.fromThen') },
          ...ANCHORS.slice(1).map((one) => ({ value: one, label: t(`flows.anchor.${one}`) })),
        ]}
        value={from ?? ''}
        onChange={({ currentTarget }) => put(currentTarget.value, span)}
      />
    </Stack>
  );
}

/** A value of a reference is an id: its name is looked up. */
function ReferenceInput({
  field,
  value,
  label,
  onChange,
}: {
  field: FieldMeta;
  value: unknown;
  label: string;
  onChange: (id: string | null) => void;
}): ReactNode {
  const id = typeof value === 'string' ? value : null;
  const names = useNames(field.to ?? 'user', id === null ? [] : [id]);
  return (
    <RecordPicker
      object={field.to ?? 'user'}
      value={id === null ? null : { id, name: names.get(id) ?? '' }}
      onChange={(chosen) => onChange(chosen?.id ?? null)}
      ariaLabel={label}
    />
  );
}

const DATES = new Set(['date', 'dateTime']);
const TEXTS = new Set(['text', 'longText', 'richText', 'url', 'email', 'phone']);
type Sort = 'value' | 'field' | 'date' | 'text';
const sortOf = (value: FlowValue): Sort => ('field' in value ? 'field' : 'date' in value ? 'date' : 'text' in value ? 'text' : 'value');

/** What one field is given, and of which kind that is. */
function ValueInput({
  field,
  object,
  source,
  label,
  value,
  onChange,
}: {
  /** Without one anything fits: a member of what a webhook sends. */
  field: FieldMeta | undefined;
  object: string;
  source: ObjectMeta;
  label: string;
  value: FlowValue;
  onChange: (value: FlowValue) => void;
}): ReactNode {
  const { t } = useWords();
  const sort = sortOf(value);
  const sorts: Sort[] = [
    ...(field ? (['value'] as const) : []),
    'field',
    ...(!field || DATES.has(field.type) ? (['date'] as const) : []),
    ...(!field || TEXTS.has(field.type) ? (['text'] as const) : []),
  ];
  const change = (to: string): void => {
    if (to === sort) return;
    if (to === 'field') onChange({ field: '' });
    else if (to === 'date') onChange({ date: { days: 0 } });
    else if (to === 'text') onChange({ text: '' });
    else onChange({ value: null });
  };
  const { Edit, write } = viewOf(field?.type ?? 'text');
  return (
    <Stack gap="xs">
      <NativeSelect
        aria-label={t('flows.valueKind', { field: label })}
        data={[...new Set([...sorts, sort])].map((one) => ({ value: one, label: t(`flows.value.${one}`) }))}
        value={sort}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
      {'field' in value && (
        <PathSelect
          object={source}
          label={t('flows.copyOf')}
          value={value.field || null}
          onChange={(path) => onChange({ field: path ?? '' })}
          itself
        />
      )}
      {'date' in value && <DateInput label={label} value={value.date} onChange={(date) => onChange({ date })} />}
      {'text' in value && <TemplateInput label={label} source={source} value={value.text} onChange={(text) => onChange({ text })} />}
      {'value' in value &&
        field &&
        (field.type === 'reference' || field.type === 'user' ? (
          <ReferenceInput field={field} value={value.value} label={label} onChange={(id) => onChange({ value: id })} />
        ) : (
          <Edit
            field={field}
            object={object}
            ariaLabel={label}
            value={value.value}
            onChange={(next) => onChange({ value: (next === null ? null : write(next, field)) as Json })}
          />
        ))}
    </Stack>
  );
}

/** A text in which values of the record are filled in, chosen from its fields. */
export function TemplateInput({
  label,
  source,
  value,
  onChange,
  error,
  shown = false,
}: {
  label: string;
  source: ObjectMeta;
  value: string;
  onChange: (text: string) => void;
  error?: string | undefined;
  shown?: boolean;
}): ReactNode {
  const { t } = useWords();
  return (
    <Stack gap="xs">
      <Textarea
        label={shown ? label : undefined}
        aria-label={label}
        autosize
        minRows={2}
        maxRows={8}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        error={error}
        maxLength={5000}
      />
      <PathSelect
        object={source}
        label={t('flows.fillIn')}
        value={null}
        onChange={(path) => path && onChange(`${value}${value && !value.endsWith(' ') ? ' ' : ''}{{${path}}}`)}
      />
    </Stack>
  );
}

/** Fields and what each is given. */
export function ValuesInput({
  label,
  fields,
  object,
  source,
  values,
  onChange,
  error,
  problem,
}: {
  label: string;
  /** Those that can be given something; null where members are named freely. */
  fields: readonly FieldMeta[] | null;
  object: string;
  source: ObjectMeta;
  values: { [field: string]: FlowValue };
  onChange: (values: { [field: string]: FlowValue }) => void;
  error: string | undefined;
  problem: (key: string) => string | undefined;
}): ReactNode {
  const { t, field: fieldWord } = useWords();
  const [member, setMember] = useState('');
  const word = (key: string): string => (fields ? fieldWord(object, key) : key);
  const add = (key: string | null): void => {
    if (key && !(key in values)) onChange({ ...values, [key]: fields ? { value: null } : { field: '' } });
  };
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <ul className={classes.values}>
        {Object.entries(values).map(([key, value]) => (
          <li key={key}>
            <div className={classes.valueHead}>
              <span className={classes.strong}>{word(key)}</span>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('flows.removeField', { field: word(key) })}
                onClick={() => onChange(Object.fromEntries(Object.entries(values).filter(([other]) => other !== key)))}
              >
                <IconX {...iconLook} />
              </ActionIcon>
            </div>
            <ValueInput
              field={fields?.find((one) => one.key === key)}
              object={object}
              source={source}
              label={word(key)}
              value={value}
              onChange={(next) => onChange({ ...values, [key]: next })}
            />
            {problem(key) && <p className={classes.wrong}>{problem(key)}</p>}
          </li>
        ))}
      </ul>
      {fields ? (
        <Select
          aria-label={t('flows.addField')}
          placeholder={t('flows.addField')}
          searchable
          data={fields.filter(({ key }) => !(key in values)).map(({ key }) => ({ value: key, label: word(key) }))}
          value={null}
          onChange={add}
        />
      ) : (
        <Group gap="xs" wrap="nowrap" align="flex-end">
          <TextInput
            className={classes.grow}
            aria-label={t('flows.member')}
            placeholder={t('flows.member')}
            value={member}
            maxLength={60}
            onChange={({ currentTarget }) => setMember(currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={member.trim() === ''}
            onClick={() => {
              add(member.trim());
              setMember('');
            }}
          >
            {t('action.add')}
          </Button>
        </Group>
      )}
    </Input.Wrapper>
  );
}
