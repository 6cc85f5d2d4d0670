import { Button, CopyButton, Group, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText } from '#ui/failure.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { ActiveSwitch } from '#ui/settings/active-switch.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { ProviderForm } from './provider-form.tsx';
import { type Provider, providersQuery, refreshProviders } from './providers.ts';
import classes from './sign-in.module.css';

/** For administrators: the providers that may vouch for members, and whether passwords open beside them. */
export function ProvidersScreen(): ReactNode {
  const { t } = useWords();
  const { data, error } = useQuery(providersQuery);
  const [editing, setEditing] = useState<Provider | 'new' | null>(null);
  return (
    <SettingsFrame title={t('providers.title')} acts={<Button onClick={() => setEditing('new')}>{t('providers.new')}</Button>}>
      <p className="pg-secondary">{t('providers.lead')}</p>
      {error && <p role="alert">{failureText(error)}</p>}
      {data && (
        <>
          {data.items.length === 0 && <p>{t('providers.none')}</p>}
          <SettingsPart title={t('providers.callback')}>
            <div className={classes.callback}>
              <code>{data.callback}</code>
              <CopyButton value={data.callback}>
                {({ copied, copy }) => (
                  <Button size="compact" variant="default" onClick={copy}>
                    {t(copied ? 'providers.copied' : 'providers.copy')}
                  </Button>
                )}
              </CopyButton>
            </div>
          </SettingsPart>
          {data.items.map((provider) => (
            <OneProvider key={provider.id} provider={provider} onEdit={() => setEditing(provider)} />
          ))}
          {data.items.length > 0 && <Passwords open={data.passwords} />}
        </>
      )}
      {editing && <ProviderForm provider={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </SettingsFrame>
  );
}

async function attempt(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (failure) {
    showFailure(failure);
  }
  await refreshProviders();
}

function OneProvider({ provider, onEdit }: { provider: Provider; onEdit: () => void }): ReactNode {
  const { t } = useWords();
  const [removing, setRemoving] = useState(false);
  const path = `/sign-in/providers/${provider.id}`;
  const domains = new Intl.ListFormat(document.documentElement.lang || 'en', { type: 'disjunction' }).format(provider.domains);
  return (
    <SettingsPart
      title={provider.name}
      acts={
        <ActiveSwitch
          active={provider.active}
          label={t('providers.switch', { name: provider.name })}
          onChange={(active) => void attempt(() => request('PATCH', path, { body: { active } }))}
        />
      }
    >
      <code className={classes.issuer}>{provider.issuer}</code>
      <p className="pg-secondary">{provider.admits === 'members' ? t('providers.membersOnly') : t('providers.anyone', { domains })}</p>
      <Group gap="xs">
        <Button size="compact" variant="default" onClick={onEdit}>
          {t('providers.edit')}
        </Button>
        <Button size="compact" variant="subtle" color="danger" onClick={() => setRemoving(true)}>
          {t('providers.remove')}
        </Button>
      </Group>
      {removing && (
        <ConfirmDialog
          title={t('providers.removeTitle', { name: provider.name })}
          act={t('providers.removeAct')}
          onAct={async () => {
            await request('DELETE', path);
            showDone(t('providers.removed', { name: provider.name }));
            await refreshProviders();
          }}
          onClose={() => setRemoving(false)}
        >
          <p>{t('providers.removeLead')}</p>
        </ConfirmDialog>
      )}
    </SettingsPart>
  );
}

function Passwords({ open }: { open: boolean }): ReactNode {
  const { t } = useWords();
  return (
    <SettingsPart title={t('providers.passwords')}>
      <Switch
        label={t('providers.passwordsOpen')}
        description={t('providers.passwordsHint')}
        checked={open}
        onChange={(event) => {
          const passwords = event.currentTarget.checked;
          void attempt(() => request('PUT', '/sign-in/rules', { body: { passwords } }));
        }}
      />
    </SettingsPart>
  );
}
