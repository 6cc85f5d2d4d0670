import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, post, request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { formatDateTime, formatRelative } from '#ui/format.ts';
import { showDone } from '#ui/notify.tsx';
import { makePasskey } from '#ui/passkey.ts';
import { queryClient } from '#ui/query-client.ts';
import { hasPasskeys } from '#ui/session.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { deviceOf } from './device.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import classes from './sign-in.module.css';
import { type PasskeyLine, passkeysQuery, SIGN_IN } from './sign-in.ts';

/** One's passkeys: made with a name, listed with their last use, removed. */
export function PasskeysPart(): ReactNode {
  const { t } = useWords();
  const { data, error } = useQuery(passkeysQuery);
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<PasskeyLine | null>(null);
  const able = hasPasskeys();
  const close = (): void => {
    setMaking(false);
    setRemoving(null);
    void queryClient.invalidateQueries({ queryKey: SIGN_IN });
  };
  return (
    <SettingsPart
      title={t('passkeys.title')}
      acts={
        able && (
          <Button size="compact" variant="default" onClick={() => setMaking(true)}>
            {t('passkeys.make')}
          </Button>
        )
      }
    >
      <p className="pg-secondary">{t(able ? 'passkeys.lead' : 'passkeys.unable')}</p>
      {error && <p role="alert">{failureText(error)}</p>}
      {data && data.length > 0 && (
        <ul className={classes.lines}>
          {data.map((one) => (
            <li key={one.id} className={classes.session}>
              <div>
                <p className={classes.name}>{one.name}</p>
                <p className="pg-secondary">
                  {one.usedAt ? t('passkeys.used', { when: formatRelative(one.usedAt) }) : t('passkeys.unused')} ·{' '}
                  {t('passkeys.made', { when: formatDateTime(one.createdAt) })}
                </p>
              </div>
              <Button
                size="compact"
                variant="subtle"
                color="danger"
                aria-label={t('passkeys.removeOf', { name: one.name })}
                onClick={() => setRemoving(one)}
              >
                {t('passkeys.remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {making && <Make onClose={close} />}
      {removing && <Remove passkey={removing} onClose={close} />}
    </SettingsPart>
  );
}

function Make({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  const { program, system } = deviceOf(navigator.userAgent);
  const [name, setName] = useState(program && system ? t('devices.on', { program, system }) : (program ?? system ?? ''));
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [recovery, setRecovery] = useState<readonly string[]>([]);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const response = await makePasskey();
      if (response === null) {
        setFailure(t('passkeys.turnedAway'));
        setBusy(false);
        return;
      }
      const made = await post<{ recovery: string[] }>('/sign-in/passkeys', { name, response });
      showDone(t('passkeys.done', { name }));
      if (made.recovery.length > 0) setRecovery(made.recovery);
      else onClose();
    } catch (problem) {
      setFailure(problem instanceof ApiError ? failureText(problem) : t('passkeys.unable'));
      setBusy(false);
    }
  };
  if (recovery.length > 0)
    return (
      <Modal opened onClose={onClose} title={t('passkeys.makeTitle')} size={440} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <RecoveryCodes codes={recovery} lead={t('passkeys.recoveryLead')} onDone={onClose} />
      </Modal>
    );
  return (
    <FormDialog
      title={t('passkeys.makeTitle')}
      size={440}
      failure={null}
      act={t('passkeys.next')}
      waits={busy || name.trim() === ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className={classes.lead}>{t('passkeys.makeLead')}</p>
      <TextInput
        label={t('passkeys.name')}
        description={t('passkeys.nameHint')}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.currentTarget.value)}
        error={failure}
        required
        withAsterisk={false}
        data-autofocus
      />
    </FormDialog>
  );
}

function Remove({ passkey, onClose }: { passkey: PasskeyLine; onClose: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <ConfirmDialog
      title={t('passkeys.removeTitle', { name: passkey.name })}
      act={t('passkeys.remove')}
      onAct={async () => {
        await request('DELETE', `/sign-in/passkeys/${passkey.id}`);
        showDone(t('passkeys.removed', { name: passkey.name }));
      }}
      onClose={onClose}
    >
      <p>{t('passkeys.removeLead')}</p>
    </ConfirmDialog>
  );
}
