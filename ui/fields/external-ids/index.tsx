import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Tip } from '../../tip.tsx';
import { isObject } from '../../wire.ts';
import { useWords } from '../../words.ts';
import { type EditProps, fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { TextFilter } from '../filter-controls.tsx';

interface ExternalId {
  system: string;
  value: string;
}

function read(wire: unknown): ExternalId[] | null {
  const ids = (Array.isArray(wire) ? wire : [])
    .filter(isObject)
    .map((entry) => ({ system: String(entry.system ?? ''), value: String(entry.value ?? '') }));
  return ids.length > 0 ? ids : null;
}

function ExternalIdsEdit({ value, onChange, label, ariaLabel, error, autoFocus }: EditProps<ExternalId[]>): ReactNode {
  const { t } = useWords();
  const ids = value ?? [{ system: '', value: '' }];
  const change = (index: number, part: Partial<ExternalId>): void =>
    onChange(ids.map((id, at) => (at === index ? { ...id, ...part } : id)));
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <fieldset className={classes.points} aria-label={ariaLabel}>
        {ids.map((id, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place while they are typed
          <div key={index} style={{ display: 'grid', gridTemplateColumns: '96px minmax(0, 1fr) auto', gap: 4, alignItems: 'center' }}>
            <TextInput
              aria-label={t('externalId.system')}
              placeholder={t('externalId.system')}
              value={id.system}
              autoFocus={autoFocus && index === 0}
              onChange={(event) => change(index, { system: event.currentTarget.value })}
            />
            <TextInput
              aria-label={t('externalId.value')}
              placeholder={t('externalId.value')}
              value={id.value}
              onChange={(event) => change(index, { value: event.currentTarget.value })}
            />
            <Tip label={t('action.remove')}>
              <ActionIcon aria-label={t('action.remove')} onClick={() => onChange(ids.filter((_, at) => at !== index))}>
                <IconTrash size={16} stroke={1.5} />
              </ActionIcon>
            </Tip>
          </div>
        ))}
        <div>
          <Button
            size="compact"
            variant="subtle"
            color="gray"
            leftSection={<IconPlus size={16} stroke={1.5} />}
            onClick={() => onChange([...ids, { system: '', value: '' }])}
          >
            {t('externalId.add')}
          </Button>
        </div>
      </fieldset>
    </Input.Wrapper>
  );
}

/** What other systems call this record. */
export const externalIds = fieldView<ExternalId[]>({
  read,
  write: (ids) => ids.filter((id) => id.system.trim() !== '' && id.value.trim() !== ''),
  text: (ids) => ids.map((id) => `${id.system} ${id.value}`).join(', '),
  width: 168,
  large: true,
  Read: ({ value }) => (
    <span className={classes.lines}>
      {value.map((id) => (
        <span key={`${id.system} ${id.value}`}>
          {id.value} <span className="pg-meta">{id.system}</span>
        </span>
      ))}
    </span>
  ),
  Edit: ExternalIdsEdit,
  Filter: TextFilter,
});
