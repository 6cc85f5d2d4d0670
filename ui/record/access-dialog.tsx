import { Modal, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { get } from '../api.ts';
import { failureText } from '../failure.ts';
import { RecordPicker } from '../fields/record-picker.tsx';
import { formatDateTime, formatList } from '../format.ts';
import { titleText } from '../list/record-title.tsx';
import { useMeta } from '../meta.ts';
import { useSession } from '../session.ts';
import type { ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './record.module.css';

const verbs = ['read', 'update', 'delete'] as const;

interface Reach {
  allowed: boolean;
  scope: 'none' | 'own' | 'team' | 'territory' | 'all';
  roles: string[];
  grounds: string[];
  until: string | null;
}

interface AccessAnswer {
  user: { id: string; name: string };
  active: boolean;
  roles: { key: string; name: string }[];
  verbs: Record<(typeof verbs)[number], Reach>;
  fields: { field: string; right: 'hidden' | 'readOnly' }[];
}

/** Why somebody can or cannot see, change and delete this record. Administrators ask about anybody, others about themselves. */
export function AccessDialog({ object, record, onClose }: { object: ObjectMeta; record: RecordData; onClose: () => void }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const session = useSession();
  const others = useMeta().may('administer');
  const [person, setPerson] = useState<{ id: string; name: string } | null>(
    session ? { id: session.user.id, name: session.user.name } : null,
  );
  const user = person?.id;
  const { data, error } = useQuery({
    queryKey: ['access', object.plural, record.id, user],
    queryFn: ({ signal }) => get<AccessAnswer>(`/${object.plural}/${record.id}/access`, { user }, signal),
    enabled: user !== undefined,
    staleTime: 0,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('access.title', { name: titleText(object, record) || t('record.unnamed') })}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        {others && <RecordPicker object="user" value={person} onChange={setPerson} label={t('access.who')} ariaLabel={t('access.who')} />}
        {error && <p role="alert">{failureText(error)}</p>}
        {data && (
          <>
            {!data.active && <p>{t('access.gone', { name: data.user.name })}</p>}
            {data.active && (
              <p className="pg-secondary">
                {data.roles.length > 0
                  ? t('access.roles', { roles: formatList(data.roles.map((role) => role.name)) })
                  : t('access.noRoles')}
              </p>
            )}
            <dl className={classes.access}>
              {verbs.map((verb) => (
                <Answer key={verb} verb={verb} reach={data.verbs[verb]} object={object} />
              ))}
            </dl>
            {data.fields.length > 0 && (
              <p className="pg-secondary">
                {t('access.fields', {
                  fields: formatList(
                    data.fields.map(({ field, right }) => t(`access.field.${right}`, { field: fieldWord(object.key, field) })),
                  ),
                })}
              </p>
            )}
          </>
        )}
      </Stack>
    </Modal>
  );
}

function Answer({ verb, reach, object }: { verb: (typeof verbs)[number]; reach: Reach; object: ObjectMeta }): ReactNode {
  const { t, plural, inSentence } = useWords();
  const values = { objects: inSentence(plural(object.key)), roles: formatList(reach.roles) };
  return (
    <>
      <dt>{t(`access.${verb}`)}</dt>
      <dd>
        <span className={classes.strong}>{t(reach.allowed ? 'access.yes' : 'access.no')}</span> {t(`access.scope.${reach.scope}`, values)}{' '}
        {reach.scope !== 'none' &&
          reach.scope !== 'all' &&
          (reach.allowed ? formatList(reach.grounds.map((ground) => t(`access.ground.${ground}`))) : t('access.ground.none'))}
        {reach.until && ` · ${t('access.until', { at: formatDateTime(reach.until) })}`}
      </dd>
    </>
  );
}
