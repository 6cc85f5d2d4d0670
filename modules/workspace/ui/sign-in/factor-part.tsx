import { Button, Modal, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText } from '#ui/failure.ts';
import { formatDateTime } from '#ui/format.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { FactorSetup } from './factor-setup.tsx';
import { factorQuery, SIGN_IN } from './sign-in.ts';

const again = (): Promise<void> => queryClient.invalidateQueries({ queryKey: SIGN_IN });

/** A second factor: one's own to set up and take away, that of `user` for administrators to take away. */
export function FactorPart({ user }: { user?: Named }): ReactNode {
  const { t } = useWords();
  const { data, error } = useQuery(factorQuery(user?.id));
  const [open, setOpen] = useState<'setup' | 'remove' | null>(null);
  const close = (): void => {
    setOpen(null);
    void again();
  };
  return (
    <SettingsPart
      title={user ? t('factor.titleOf', { name: user.name }) : t('factor.title')}
      acts={
        data &&
        (data.since || (user && data.passkeys > 0) ? (
          <Button size="compact" variant="default" onClick={() => setOpen('remove')}>
            {t('factor.remove')}
          </Button>
        ) : (
          !user && (
            <Button size="compact" variant="default" onClick={() => setOpen('setup')}>
              {t('factor.setUp')}
            </Button>
          )
        ))
      }
    >
      {error && <p role="alert">{failureText(error)}</p>}
      {data && (
        <p className="pg-secondary">
          {data.since
            ? `${t('factor.since', { when: formatDateTime(data.since) })} ${t('factor.left', { count: data.recovery })}`
            : t(user ? (data.passkeys > 0 ? 'factor.passkeysOf' : 'factor.noneOf') : 'factor.none')}
        </p>
      )}
      {open === 'setup' && (
        <Modal opened onClose={close} title={t('factor.setUpTitle')} size={440} closeButtonProps={{ 'aria-label': t('action.close') }}>
          <FactorSetup onDone={close} out={t('action.cancel')} onOut={close} />
        </Modal>
      )}
      {open === 'remove' && <Remove {...(user ? { user } : {})} onClose={close} />}
    </SettingsPart>
  );
}

function Remove({ user, onClose }: { user?: Named; onClose: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <ConfirmDialog
      title={user ? t('factor.removeTitleOf', { name: user.name }) : t('factor.removeTitle')}
      act={t('factor.remove')}
      onAct={async () => {
        await post('/sign-in/factor/remove', { user: user?.id });
        showDone(t('factor.removed'));
      }}
      onClose={onClose}
    >
      <p>{t(user ? 'factor.removeLeadOf' : 'factor.removeLead')}</p>
    </ConfirmDialog>
  );
}

/** For administrators: whether everybody must have one. */
export function DemandPart(): ReactNode {
  const { t } = useWords();
  const { data } = useQuery(factorQuery(undefined));
  const demand = async (secondFactor: boolean): Promise<void> => {
    try {
      await request('PUT', '/sign-in/rules', { body: { secondFactor } });
    } catch (failure) {
      showFailure(failure);
    }
    await again();
  };
  return (
    <SettingsPart title={t('factor.title')}>
      <Switch
        label={t('factor.demand')}
        description={t('factor.demandHint')}
        checked={data?.demanded ?? false}
        disabled={!data}
        onChange={(event) => void demand(event.currentTarget.checked)}
      />
    </SettingsPart>
  );
}
