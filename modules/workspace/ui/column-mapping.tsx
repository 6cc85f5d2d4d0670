import { ActionIcon, Button, Checkbox, Select, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowRight, IconChevronDown, IconChevronRight, IconPlus, IconTrash } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { Mapping, Target } from '#engine/declare/import-mapping.ts';
import type { Json } from '#kit/json.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { iconLook } from '#ui/icons.ts';
import { fieldOf } from '#ui/meta.ts';
import { Tip } from '#ui/tip.tsx';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { humanise, useWords } from '#ui/words.ts';
import classes from './import.module.css';
import type { Inspection } from './import-run.ts';
import { plainTarget, targetField, targetsOf } from './targets.ts';

const choosing = new Set(['select', 'multiSelect', 'reference', 'user', 'country', 'currency', 'language', 'boolean']);

/** Stands for “no value” among the options; keys of options never begin so. */
const leaveEmpty = '-';

interface ValuesProps {
  object: ObjectMeta;
  field: FieldMeta;
  map: Target;
  samples: string[];
  onChange: (values: Target['values']) => void;
}

/** Words of the file and the values they stand for, for columns of a closed set. */
function ValueMapping({ object, field, map, samples, onChange }: ValuesProps): ReactNode {
  const { t, option } = useWords();
  const [added, setAdded] = useState('');
  // Rows stay in their place while somebody types in them, also when nothing is left of their value.
  const [own, setOwn] = useState<string[]>(() => Object.keys(map.values ?? {}));
  const values = map.values ?? {};
  const shown = [...new Set([...own, ...Object.keys(values), ...samples.filter((sample) => sample !== '')])];
  const set = (word: string, to: string | null | undefined): void => {
    const { [word]: _, ...others } = values;
    const next = to === undefined ? others : { ...values, [word]: to };
    setOwn([...new Set([...own, word])]);
    onChange(Object.keys(next).length > 0 ? next : undefined);
  };
  const known = field.options?.map(({ key }) => ({ value: key, label: option(object.key, field.key, key) }));
  const options = known && [...known, { value: leaveEmpty, label: t('import.leaveEmpty') }];
  return (
    <div className={classes.values}>
      {shown.map((word) => (
        <div key={word} className={classes.valueRow}>
          <span className="pg-ellipsis" title={word}>
            {word}
          </span>
          <IconArrowRight {...iconLook} />
          {options ? (
            <Select
              size="compact"
              aria-label={t('import.valueFor', { word })}
              placeholder={t('import.asItIs')}
              clearable
              searchable
              data={options}
              value={values[word] === null ? leaveEmpty : (values[word] ?? null)}
              onChange={(to) => set(word, to === null ? undefined : to === leaveEmpty ? null : to)}
            />
          ) : (
            <TextInput
              size="compact"
              aria-label={t('import.valueFor', { word })}
              placeholder={t('import.asItIs')}
              value={values[word] ?? ''}
              onChange={(event) => set(word, event.currentTarget.value || undefined)}
            />
          )}
          {values[word] !== undefined ? (
            <Tip label={t('action.remove')}>
              <ActionIcon aria-label={t('action.remove')} onClick={() => set(word, undefined)}>
                <IconTrash size={16} stroke={1.5} />
              </ActionIcon>
            </Tip>
          ) : (
            <span />
          )}
        </div>
      ))}
      <form
        className={classes.valueAdd}
        onSubmit={(event) => {
          event.preventDefault();
          if (added.trim() === '') return;
          setOwn([...new Set([...own, added.trim()])]);
          setAdded('');
        }}
      >
        <TextInput
          size="compact"
          aria-label={t('import.addValue')}
          placeholder={t('import.addValue')}
          value={added}
          onChange={(event) => setAdded(event.currentTarget.value)}
        />
        <Button size="compact" variant="subtle" color="gray" type="submit" leftSection={<IconPlus {...iconLook} />}>
          {t('action.add')}
        </Button>
      </form>
    </div>
  );
}

interface RowProps {
  /** Fields this column fills besides the first. */
  others: Target[];
  object: ObjectMeta;
  column: Inspection['columns'][number];
  map: Target;
  taken: boolean;
  onChange: (map: Target | Target[]) => void;
}

function ColumnRow({ object, column, map, others, taken, onChange }: RowProps): ReactNode {
  const words = useWords();
  const { t } = words;
  const [open, setOpen] = useState(Object.keys(map.values ?? {}).length > 0);
  const field = map.skip ? undefined : targetField(object, map.field);
  const external = !map.skip && map.field === 'externalId';
  const refers = field?.type === 'reference' || field?.type === 'user';
  const mapsValues = field !== undefined && choosing.has(field.type) && !map.field?.includes('.');
  const count = Object.keys(map.values ?? {}).length;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const targets = targetsOf(object, words);
  // A remembered or hand-written mapping may lead further, such as to a field of a referenced record.
  const plain = plainTarget(map.field);
  const further = plain !== undefined && !targets.some((target) => target.value === plain);
  const choices = further ? [...targets, { value: plain, label: plain.split('.').map(humanise).join(' · ') }] : targets;
  const change = (next: Target): void => onChange(others.length > 0 ? [next, ...others] : next);
  return (
    <div className={classes.column}>
      <div className={classes.columnLine}>
        <div className={classes.columnName}>
          <div className={classes.strong}>{column.name}</div>
          <div className="pg-meta pg-ellipsis" title={column.samples.join(', ')}>
            {column.samples.filter(Boolean).slice(0, 3).join(', ')}
          </div>
        </div>
        <IconArrowRight {...iconLook} />
        <Select
          aria-label={t('import.fieldFor', { column: column.name })}
          placeholder={t('import.leaveOut')}
          searchable
          clearable
          data={choices}
          value={map.skip ? null : (plainTarget(map.field) ?? null)}
          onChange={(target) =>
            change(target ? { field: target, ...(target === 'externalId' ? { system: map.system ?? 'import' } : {}) } : { skip: true })
          }
          error={taken ? t('import.twice') : undefined}
        />
        <div className={classes.columnMore}>
          {external && (
            <TextInput
              aria-label={t('externalId.system')}
              placeholder={t('externalId.system')}
              value={map.system ?? ''}
              onChange={(event) => change({ ...map, system: event.currentTarget.value })}
            />
          )}
          {refers && (
            <Select
              aria-label={t('import.findBy')}
              data={[...new Set(['name', 'key', 'externalId', ...(map.by ? [map.by] : [])])].map((by) => ({
                value: by,
                label: words.label(`import.by.${by}`),
              }))}
              allowDeselect={false}
              value={map.by ?? 'name'}
              onChange={(by) => by && change({ ...map, by })}
            />
          )}
          {field?.type === 'reference' && (
            <Checkbox
              label={t('import.createMissing')}
              checked={map.create === true}
              onChange={(event) => change({ ...map, create: event.currentTarget.checked || undefined })}
            />
          )}
          {mapsValues && (
            <UnstyledButton className={classes.valuesToggle} aria-expanded={open} onClick={() => setOpen(!open)}>
              <Chevron size={14} stroke={1.5} aria-hidden />
              {count > 0 ? t('import.valuesMapped', { count }) : t('import.mapValues')}
            </UnstyledButton>
          )}
        </div>
      </div>
      {others.length > 0 && (
        <p className={classes.also}>
          {t('import.also', {
            fields: others
              .map((other) => targets.find((target) => target.value === other.field)?.label ?? humanise(other.field ?? ''))
              .join(', '),
          })}
          <Button size="xs" variant="subtle" color="gray" onClick={() => onChange(map)}>
            {t('import.onlyFirst')}
          </Button>
        </p>
      )}
      {mapsValues && open && field && (
        <ValueMapping object={object} field={field} map={map} samples={column.samples} onChange={(values) => change({ ...map, values })} />
      )}
    </div>
  );
}

interface Props {
  object: ObjectMeta;
  inspection: Inspection;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}

/** Every column of the file and the field it fills. */
export function ColumnMapping({ object, inspection, mapping, onChange }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  // Values for all rows as their controls show them; the mapping holds them as they are written.
  const [shown, setShown] = useState<Record<string, unknown>>({});
  const used = Object.values(mapping.columns)
    .flat()
    .filter((map) => !map.skip && map.field)
    .map((map) => `${map.field}${map.system ?? ''}`);
  const templated = Object.keys(mapping.templates ?? {});
  const missing = object.fields.filter(
    (field) =>
      field.required &&
      !field.readOnly &&
      field.default === undefined &&
      ![...used, ...templated].some((target) => target.split('.')[0] === field.key),
  );
  return (
    <div className={classes.columns}>
      {inspection.columns.map((column) => {
        const [map = { skip: true as const }, ...others] = [mapping.columns[column.name] ?? []].flat();
        const key = `${map.field}${map.system ?? ''}`;
        const many = fieldOf(object, map.field ?? '')?.many === true;
        return (
          <ColumnRow
            key={column.name}
            object={object}
            column={column}
            map={map}
            others={others}
            taken={!map.skip && map.field !== undefined && !many && used.filter((target) => target === key).length > 1}
            onChange={(next) => onChange({ ...mapping, columns: { ...mapping.columns, [column.name]: next } })}
          />
        );
      })}
      {missing.length > 0 && (
        <div className={classes.defaults}>
          <p className="pg-secondary">
            {t('import.missing', { fields: missing.map((field) => fieldWord(object.key, field.key)).join(', ') })}
          </p>
          {missing.map((field) => {
            const view = viewOf(field.type);
            const word = fieldWord(object.key, field.key);
            return (
              <view.Edit
                key={field.key}
                field={field}
                object={object.key}
                label={t('import.forAll', { field: word })}
                ariaLabel={word}
                value={shown[field.key] ?? null}
                onChange={(value) => {
                  setShown({ ...shown, [field.key]: value });
                  const written = view.write(value, field);
                  const { [field.key]: _, ...others } = mapping.defaults ?? {};
                  onChange({ ...mapping, defaults: written === null ? others : { ...others, [field.key]: written as Json } });
                }}
              />
            );
          })}
        </div>
      )}
    </div>
  );
}
