import { ActionIcon, Button, Select, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconArrowRight, IconChevronDown, IconChevronRight, IconPlus, IconTrash } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { viewOf } from '#ui/fields/registry.ts';
import { iconLook } from '#ui/icons.ts';
import { fieldOf } from '#ui/meta.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './import.module.css';
import type { ColumnMap, Inspection, Mapping } from './import-run.ts';
import { targetField, targetsOf } from './targets.ts';

const choosing = new Set(['select', 'multiSelect', 'reference', 'user', 'country', 'currency', 'language', 'boolean']);

interface ValuesProps {
  object: ObjectMeta;
  field: FieldMeta;
  map: ColumnMap;
  samples: string[];
  onChange: (values: Record<string, string> | undefined) => void;
}

/** Words of the file and the values they stand for, for columns of a closed set. */
function ValueMapping({ object, field, map, samples, onChange }: ValuesProps): ReactNode {
  const { t, option } = useWords();
  const [added, setAdded] = useState('');
  const values = map.values ?? {};
  const shown = [...new Set([...Object.keys(values), ...samples.filter((sample) => sample !== '')])];
  const set = (word: string, to: string | null): void => {
    const next = { ...values };
    if (to === null || to === '') delete next[word];
    else next[word] = to;
    onChange(Object.keys(next).length > 0 ? next : undefined);
  };
  const options = field.options?.map(({ key }) => ({ value: key, label: option(object.key, field.key, key) }));
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
              value={values[word] ?? null}
              onChange={(to) => set(word, to)}
            />
          ) : (
            <TextInput
              size="compact"
              aria-label={t('import.valueFor', { word })}
              placeholder={t('import.asItIs')}
              value={values[word] ?? ''}
              onChange={(event) => set(word, event.currentTarget.value)}
            />
          )}
          {values[word] !== undefined ? (
            <Tooltip label={t('action.remove')}>
              <ActionIcon aria-label={t('action.remove')} onClick={() => set(word, null)}>
                <IconTrash size={16} stroke={1.5} />
              </ActionIcon>
            </Tooltip>
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
          onChange({ ...values, [added.trim()]: values[added.trim()] ?? '' });
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
  object: ObjectMeta;
  column: Inspection['columns'][number];
  map: ColumnMap;
  taken: boolean;
  onChange: (map: ColumnMap) => void;
}

function ColumnRow({ object, column, map, taken, onChange }: RowProps): ReactNode {
  const words = useWords();
  const { t } = words;
  const [open, setOpen] = useState(Object.keys(map.values ?? {}).length > 0);
  const field = map.skip ? undefined : targetField(object, map.field);
  const external = !map.skip && map.field === 'externalId';
  const refers = field?.type === 'reference' || field?.type === 'user';
  const mapsValues = field !== undefined && choosing.has(field.type) && !map.field?.includes('.');
  const count = Object.keys(map.values ?? {}).length;
  const Chevron = open ? IconChevronDown : IconChevronRight;
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
          data={targetsOf(object, words)}
          value={map.skip ? null : (map.field ?? null)}
          onChange={(target) =>
            onChange(target ? { field: target, ...(target === 'externalId' ? { system: map.system ?? 'import' } : {}) } : { skip: true })
          }
          error={taken ? t('import.twice') : undefined}
        />
        <div className={classes.columnMore}>
          {external && (
            <TextInput
              aria-label={t('externalId.system')}
              placeholder={t('externalId.system')}
              value={map.system ?? ''}
              onChange={(event) => onChange({ ...map, system: event.currentTarget.value })}
            />
          )}
          {refers && (
            <Select
              aria-label={t('import.findBy')}
              data={(['name', 'key', 'externalId'] as const).map((by) => ({ value: by, label: t(`import.by.${by}`) }))}
              allowDeselect={false}
              value={map.by ?? 'name'}
              onChange={(by) => onChange({ ...map, by: by === 'key' || by === 'externalId' ? by : 'name' })}
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
      {mapsValues && open && field && (
        <ValueMapping
          object={object}
          field={field}
          map={map}
          samples={column.samples}
          onChange={(values) => onChange({ ...map, values })}
        />
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
    .filter((map) => !map.skip && map.field)
    .map((map) => `${map.field}${map.system ?? ''}`);
  const missing = object.fields.filter(
    (field) =>
      field.required && !field.readOnly && field.default === undefined && !used.some((target) => target.split('.')[0] === field.key),
  );
  return (
    <div className={classes.columns}>
      {inspection.columns.map((column) => {
        const map = mapping.columns[column.name] ?? { skip: true };
        const key = `${map.field}${map.system ?? ''}`;
        const many = fieldOf(object, map.field ?? '')?.many === true;
        return (
          <ColumnRow
            key={column.name}
            object={object}
            column={column}
            map={map}
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
                  onChange({ ...mapping, defaults: written === null ? others : { ...others, [field.key]: written } });
                }}
              />
            );
          })}
        </div>
      )}
    </div>
  );
}
