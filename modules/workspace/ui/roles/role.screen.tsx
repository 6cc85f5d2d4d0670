import { Button, Checkbox, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { get, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatList } from '#ui/format.ts';
import { TextLink } from '#ui/links.tsx';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsFrame, SettingsPart, Unsaved } from '#ui/settings/settings-frame.tsx';
import type { Page, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { everythingElse, lineChanged, permissions, permissionsChanged, type Rights, withPermission } from './rights.ts';
import { RightsMatrix } from './rights-matrix.tsx';
import classes from './roles.module.css';
import { NewRole } from './roles.screen.tsx';
import { type Role, rolesQuery } from './roles.ts';

/** One role: what its holders may do, object by object and field by field. */
export function RoleScreen(): ReactNode {
  const { t } = useWords();
  const { role: id } = useParams({ strict: false });
  const query = useQuery(rolesQuery);
  const role = query.data?.find((one) => one.id === id);
  if (role) return <Editor key={`${role.id} ${role.version}`} role={role} />;
  return (
    <SettingsFrame title={t('roles.title')} back={<ToRoles />}>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && <p>{t('roles.none')}</p>}
    </SettingsFrame>
  );
}

function ToRoles(): ReactNode {
  const { t } = useWords();
  return (
    <TextLink className="pg-link" to="/settings/roles">
      {t('roles.title')}
    </TextLink>
  );
}

/** Works on a draft; nothing counts before it is saved. */
function Editor({ role }: { role: Role }): ReactNode {
  const { t, plural } = useWords();
  const meta = useMeta();
  const [rights, setRights] = useState<Rights>(role.rights);
  const [name, setName] = useState(role.name);
  const [description, setDescription] = useState(role.description ?? '');
  const [saving, setSaving] = useState(false);
  const [copying, setCopying] = useState(false);
  const lines = [everythingElse, ...meta.objects.map((object) => object.key)].filter((key) => lineChanged(role.rights, rights, key));
  const named = name !== role.name || description !== (role.description ?? '');
  const may = permissionsChanged(role.rights, rights);
  const changed = lines.length > 0 || may || named;
  const discard = (): void => {
    setRights(role.rights);
    setName(role.name);
    setDescription(role.description ?? '');
  };
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      const body = { ...(named ? { name, description: description || null } : {}), ...(lines.length > 0 || may ? { rights } : {}) };
      const { cause } = await request('PATCH', `/roles/${role.id}`, { body, headers: { 'if-match': `"${role.version}"` } });
      showUndo(t('roles.saved', { name }), cause, () => void queryClient.invalidateQueries({ queryKey: ['grants'] }));
      await queryClient.invalidateQueries({ queryKey: ['grants'] });
    } catch (failure) {
      showFailure(failure);
    } finally {
      setSaving(false);
    }
  };
  const words = [
    ...(named ? [t('roles.nameChanged')] : []),
    ...(may ? [t('roles.mayTitle')] : []),
    ...lines.map((key) => (key === everythingElse ? t('roles.everythingElse') : plural(key))),
  ];
  return (
    <SettingsFrame
      title={role.name}
      back={<ToRoles />}
      acts={
        <Button variant="default" onClick={() => setCopying(true)}>
          {t('roles.copy')}
        </Button>
      }
      unsaved={
        changed && (
          <Unsaved
            label={t('roles.unsaved')}
            said={t('roles.changes', { count: words.length, what: formatList(words.slice(0, 5)), more: words.length > 5 ? '…' : '' })}
          >
            <Button variant="default" onClick={discard}>
              {t('roles.discard')}
            </Button>
            <Button onClick={() => void save()} loading={saving}>
              {t('roles.save')}
            </Button>
          </Unsaved>
        )
      }
    >
      <SettingsPart className={classes.head}>
        <TextInput label={t('roles.name')} value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label={t('roles.description')}
          value={description}
          maxLength={1000}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Holders role={role} />
      </SettingsPart>
      <SettingsPart title={t('roles.mayTitle')}>
        <div className={classes.may}>
          {permissions.map((permission) => (
            <Checkbox
              key={permission}
              label={t(`roles.may.${permission}`)}
              checked={(rights.may ?? []).includes(permission)}
              onChange={(event) => setRights(withPermission(rights, permission, event.currentTarget.checked))}
            />
          ))}
        </div>
      </SettingsPart>
      <SettingsPart wide title={t('roles.matrix')}>
        <RightsMatrix saved={role.rights} rights={rights} change={setRights} />
      </SettingsPart>
      {copying && <NewRole from={role} onClose={() => setCopying(false)} />}
    </SettingsFrame>
  );
}

/** Whom a change concerns. */
function Holders({ role }: { role: Role }): ReactNode {
  const { t } = useWords();
  const { data } = useQuery({
    queryKey: ['holders', role.id],
    queryFn: ({ signal }) =>
      get<Page<RecordData & { name: string }> & { count?: { value: number } }>(
        '/users',
        { where: JSON.stringify({ field: 'roles', op: 'contains', value: role.id }), fields: 'name', limit: 8, count: true },
        signal,
      ),
  });
  if (!data) return null;
  const count = data.count?.value ?? data.items.length;
  return (
    <p className="pg-secondary">
      {count === 0
        ? t('roles.nobody')
        : t('roles.holders', { count, names: formatList(data.items.map((user) => user.name)), more: count > data.items.length ? '…' : '' })}
    </p>
  );
}
