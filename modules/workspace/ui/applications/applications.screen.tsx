import { Button, CopyButton, Group, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText } from '#ui/failure.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { ActiveSwitch } from '#ui/settings/active-switch.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { ApplicationForm } from './application-form.tsx';
import classes from './applications.module.css';
import { type Application, applicationsQuery, refreshApplications } from './applications.ts';
import { ScopeList } from './scope-list.tsx';

interface Shown {
  name: string;
  id: string;
  secret: string | null;
}

/** For administrators: which programs of others members may let act for them. */
export function ApplicationsScreen(): ReactNode {
  const { t } = useWords();
  const { data, error } = useQuery(applicationsQuery);
  const [editing, setEditing] = useState<Application | 'new' | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <SettingsFrame title={t('applications.title')} acts={<Button onClick={() => setEditing('new')}>{t('applications.new')}</Button>}>
      <p className="pg-secondary">{t('applications.lead')}</p>
      {error && <p role="alert">{failureText(error)}</p>}
      {data?.items.length === 0 && <p>{t('applications.none')}</p>}
      {data && (
        <SettingsPart title={t('applications.server')}>
          <Copied value={data.server} />
        </SettingsPart>
      )}
      {data?.items.map((application) => (
        <OneApplication key={application.id} application={application} onEdit={() => setEditing(application)} onSecret={setShown} />
      ))}
      {editing && (
        <ApplicationForm
          application={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onMade={(name, made) => setShown({ name, ...made })}
        />
      )}
      {shown && <Credentials {...shown} onClose={() => setShown(null)} />}
    </SettingsFrame>
  );
}

function Copied({ value }: { value: string }): ReactNode {
  const { t } = useWords();
  return (
    <div className={classes.copied}>
      <code>{value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button size="compact" variant="default" onClick={copy}>
            {t(copied ? 'applications.copied' : 'applications.copy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

/** What the application is set up with; its secret, where it keeps one, this once. */
function Credentials({ name, id, secret, onClose }: Shown & { onClose: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <Modal opened onClose={onClose} title={name} size={520} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <h3 className={classes.label}>{t('applications.clientId')}</h3>
      <Copied value={id} />
      {secret !== null && (
        <>
          <h3 className={classes.label}>{t('applications.secret')}</h3>
          <Copied value={secret} />
          <p className="pg-secondary">{t('applications.secretOnce')}</p>
        </>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.close')}
        </Button>
      </Group>
    </Modal>
  );
}

interface OneProps {
  application: Application;
  onEdit: () => void;
  onSecret: (shown: Shown) => void;
}

function OneApplication({ application, onEdit, onSecret }: OneProps): ReactNode {
  const { t } = useWords();
  const [removing, setRemoving] = useState(false);
  const path = `/oauth/clients/${application.id}`;
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (failure) {
      showFailure(failure);
    }
    await refreshApplications();
  };
  const renew = (): Promise<void> =>
    attempt(async () => onSecret({ ...application, secret: (await post<{ secret: string }>(`${path}/secret`, {})).secret }));
  const remove = async (): Promise<void> => {
    await request('DELETE', path);
    showDone(t('applications.removed', { name: application.name }));
    await refreshApplications();
  };
  return (
    <SettingsPart
      title={application.name}
      acts={
        <ActiveSwitch
          active={application.active}
          label={t('applications.switch', { name: application.name })}
          onChange={(active) => void attempt(() => request('PATCH', path, { body: { active } }))}
        />
      }
    >
      <p className="pg-secondary">{t('applications.members', { count: application.members })}</p>
      <ScopeList scopes={application.scopes} />
      <h3 className={classes.label}>{t('applications.clientId')}</h3>
      <Copied value={application.id} />
      <Group gap="xs" mt="sm">
        <Button size="compact" variant="default" onClick={onEdit}>
          {t('applications.edit')}
        </Button>
        {application.confidential && (
          <Button size="compact" variant="default" onClick={() => void renew()}>
            {t('applications.renew')}
          </Button>
        )}
        <Button size="compact" variant="subtle" color="danger" onClick={() => setRemoving(true)}>
          {t('applications.remove')}
        </Button>
      </Group>
      {removing && (
        <ConfirmDialog
          title={t('applications.removeTitle', { name: application.name })}
          act={t('applications.remove')}
          onAct={remove}
          onClose={() => setRemoving(false)}
        >
          <p>{t('applications.removeLead')}</p>
        </ConfirmDialog>
      )}
    </SettingsPart>
  );
}
