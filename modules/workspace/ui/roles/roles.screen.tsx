import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './roles.module.css';
import { makeRole, type Role, rolesQuery } from './roles.ts';

/** All roles, each with what it is for. */
export function RolesScreen(): ReactNode {
  const { t } = useWords();
  const query = useQuery(rolesQuery);
  const [making, setMaking] = useState(false);
  return (
    <SettingsFrame title={t('roles.title')} acts={<Button onClick={() => setMaking(true)}>{t('roles.new')}</Button>}>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      <SettingsPart>
        <p className="pg-secondary">{t('roles.lead')}</p>
        <ul className={classes.roles}>
          {(query.data ?? []).map((role) => (
            <li key={role.id}>
              <Link className={classes.role} to="/settings/roles/$role" params={{ role: role.id }}>
                <span className={classes.strong}>{role.name}</span>
                <span className="pg-secondary">{role.description}</span>
              </Link>
            </li>
          ))}
        </ul>
      </SettingsPart>
      {making && <NewRole from={null} onClose={() => setMaking(false)} />}
    </SettingsFrame>
  );
}

/** Names a new role; as a copy it begins with the rights of the other one. */
export function NewRole({ from, onClose }: { from: Role | null; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const navigate = useNavigate();
  const { data = [] } = useQuery(rolesQuery);
  const [name, setName] = useState(from ? t('roles.copyOf', { name: from.name }) : '');
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === '') return setFailure(t('roles.needsName'));
    try {
      const role = await makeRole(name.trim(), from, data);
      onClose();
      await navigate({ to: '/settings/roles/$role', params: { role: role.id } });
    } catch (refusal) {
      setFailure(failureText(refusal));
    }
  };
  return (
    <FormDialog
      title={from ? t('roles.copyTitle', { name: from.name }) : t('roles.new')}
      size={480}
      failure={null}
      act={t(from ? 'roles.copy' : 'roles.create')}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('roles.name')}
        description={from ? t('roles.copyHint') : t('roles.newHint')}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.currentTarget.value)}
        error={failure}
        data-autofocus
      />
    </FormDialog>
  );
}
