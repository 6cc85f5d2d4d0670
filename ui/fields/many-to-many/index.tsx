import { ActionIcon, Input, Select } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { dayOf } from '../../format.ts';
import { Tip } from '../../tip.tsx';
import { isObject, readNamed } from '../../wire.ts';
import { useWords } from '../../words.ts';
import { type EditProps, fieldView } from '../field-view.tsx';
import classes from '../fields.module.css';
import { RecordFilter } from '../record-filter.tsx';
import { RecordLink } from '../record-link.tsx';
import { RecordPicker } from '../record-picker.tsx';
import { endOf, type Membership, readMembership, startOf, useMembershipWords } from './membership.ts';

export interface LinkTo extends Membership {
  id: string;
  name: string;
  role: string | null;
}

const levels = ['read', 'write'] as const;

/** Reads links to records with their roles. */
export function readLinks(wire: unknown): LinkTo[] | null {
  const links = (Array.isArray(wire) ? wire : []).flatMap((entry): LinkTo[] => {
    const named = readNamed(entry);
    return named
      ? [{ ...named, role: isObject(entry) && typeof entry.role === 'string' ? entry.role : null, ...readMembership(entry) }]
      : [];
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
        {links.map((link, index) => {
          const change = (changed: Partial<LinkTo>): void =>
            onChange(links.map((other, at) => (at === index ? { ...other, ...changed } : other)));
          return (
            <div key={`${link.id}${link.role}`} className={classes.link}>
              <div className={classes.linkHead}>
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
                    onChange={(role) => change({ role })}
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
              {field.membership && <Terms link={link} onChange={change} />}
            </div>
          );
        })}
        <RecordPicker
          object={field.to}
          value={null}
          onChange={(picked) => picked && onChange([...links, { ...picked, role: field.roles?.[0] ?? null, ...readMembership(null) }])}
          ariaLabel={ariaLabel}
          placeholder={t('picker.add')}
          autoFocus={autoFocus}
        />
      </fieldset>
    </Input.Wrapper>
  );
}

/** What a membership opens, and from when until when. */
function Terms({ link, onChange }: { link: LinkTo; onChange: (changed: Partial<LinkTo>) => void }): ReactNode {
  const { t } = useWords();
  const { name } = link;
  return (
    <div className={classes.linkTerms}>
      <Select
        aria-label={t('share.levelOf', { name })}
        allowDeselect={false}
        value={link.level}
        data={levels.map((level) => ({ value: level, label: t(`share.level.${level}`) }))}
        onChange={(level) => onChange({ level: level === 'read' ? 'read' : 'write' })}
      />
      <DateInput
        aria-label={t('membership.sinceOf', { name })}
        placeholder={t('membership.sincePlaceholder')}
        clearable
        clearButtonProps={{ 'aria-label': t('picker.clear') }}
        valueFormat="D MMM YYYY"
        value={link.since && dayOf(link.since)}
        onChange={(day) => onChange({ since: day && startOf(day) })}
      />
      <DateInput
        aria-label={t('membership.untilOf', { name })}
        placeholder={t('share.untilPlaceholder')}
        clearable
        clearButtonProps={{ 'aria-label': t('picker.clear') }}
        valueFormat="D MMM YYYY"
        {...(link.since ? { minDate: dayOf(link.since) } : {})}
        value={link.until && dayOf(link.until)}
        onChange={(day) => onChange({ until: day && endOf(day) })}
      />
    </div>
  );
}

/** Links to any number of records, each with its role. */
export const manyToMany = fieldView<LinkTo[]>({
  read: readLinks,
  write: (links, field) =>
    links.map(({ id, role, since, until, level }) => (field.membership ? { id, role, since, until, level } : { id, role })),
  text: (links) => links.map((link) => link.name).join(', '),
  width: 184,
  large: true,
  Read: ({ value, field, object }) => {
    const { option } = useWords();
    const terms = useMembershipWords();
    return (
      <span className={classes.lines}>
        {value.map((link) => {
          const about = [...(link.role ? [option(object, field.key, link.role)] : []), ...terms(link)];
          return (
            <span key={`${link.id}${link.role}`}>
              <RecordLink object={field.to} to={link} />
              {about.length > 0 && <span className="pg-meta"> {about.join(' · ')}</span>}
            </span>
          );
        })}
      </span>
    );
  },
  Edit: LinksEdit,
  Filter: RecordFilter,
});
