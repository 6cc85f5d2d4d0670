import { ActionIcon, Input, Select } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Tip } from '../../tip.tsx';
import { isObject, readNamed } from '../../wire.ts';
import { useWords } from '../../words.ts';
import { type EditProps, fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { RecordFilter } from '../record-filter.tsx';
import { RecordLink } from '../record-link.tsx';
import { RecordPicker } from '../record-picker.tsx';

export interface LinkTo {
  id: string;
  name: string;
  role: string | null;
}

/** Reads links to records with their roles. */
export function readLinks(wire: unknown): LinkTo[] | null {
  const links = (Array.isArray(wire) ? wire : []).flatMap((entry): LinkTo[] => {
    const named = readNamed(entry);
    return named ? [{ ...named, role: isObject(entry) && typeof entry.role === 'string' ? entry.role : null }] : [];
  });
  return links.length > 0 ? links : null;
}

function LinksEdit({ value, onChange, field, object, label, ariaLabel, error, autoFocus }: EditProps<LinkTo[]>): ReactNode {
  const { t, option } = useWords();
  const links = value ?? [];
  const roles = (field.roles ?? []).map((role) => ({ value: role, label: option(object, field.key, role) }));
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <fieldset className={classes.points} aria-label={ariaLabel}>
        {links.map((link, index) => (
          <div key={`${link.id}${link.role}`} style={{ display: 'flex', gap: 4, alignItems: 'center' }}>
            <span className="pg-ellipsis" style={{ flex: 1 }}>
              {link.name}
            </span>
            {roles.length > 0 && (
              <Select
                w={128}
                aria-label={t('picker.role')}
                placeholder={t('picker.role')}
                data={roles}
                value={link.role}
                onChange={(role) => onChange(links.map((other, at) => (at === index ? { ...other, role } : other)))}
              />
            )}
            <Tip label={t('action.remove')}>
              <ActionIcon
                aria-label={t('action.remove')}
                onClick={() => onChange(links.length > 1 ? links.filter((_, at) => at !== index) : null)}
              >
                <IconTrash size={16} stroke={1.5} />
              </ActionIcon>
            </Tip>
          </div>
        ))}
        <RecordPicker
          object={field.to}
          value={null}
          onChange={(picked) => picked && onChange([...links, { ...picked, role: field.roles?.[0] ?? null }])}
          ariaLabel={ariaLabel}
          placeholder={t('picker.add')}
          autoFocus={autoFocus}
        />
      </fieldset>
    </Input.Wrapper>
  );
}

/** Links to any number of records, each with its role. */
export const manyToMany = fieldView<LinkTo[]>({
  read: readLinks,
  write: (links) => links.map(({ id, role }) => ({ id, role })),
  text: (links) => links.map((link) => link.name).join(', '),
  width: 184,
  large: true,
  Read: ({ value, field, object }) => {
    const { option } = useWords();
    return (
      <span className={classes.lines}>
        {value.map((link) => (
          <span key={`${link.id}${link.role}`}>
            <RecordLink object={field.to} to={link} />
            {link.role && <span className="pg-meta"> {option(object, field.key, link.role)}</span>}
          </span>
        ))}
      </span>
    );
  },
  Edit: LinksEdit,
  Filter: RecordFilter,
});
