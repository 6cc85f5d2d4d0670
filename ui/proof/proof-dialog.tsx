import { Button, Group, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, get, post } from '../api.ts';
import { failureText } from '../failure.ts';
import { askPasskey } from '../passkey.ts';
import { hasPasskeys, leave } from '../session.ts';
import { useWords } from '../words.ts';
import classes from './proof.module.css';

type Way = 'password' | 'code' | 'passkey';
const ORDER: readonly Way[] = ['passkey', 'password', 'code'];

/** One small dialog: a passkey, the password, or a code, as there are; who has none of them was let in by a provider and comes in anew. */
export function ProofDialog({ onDone }: { onDone: (proved: boolean) => void }): ReactNode {
  const { t } = useWords();
  const { data: ways, error } = useQuery({
    queryKey: ['proof'],
    queryFn: ({ signal }) => get<Record<Way, boolean>>('/sign-in/proof', {}, signal),
    staleTime: 0,
    gcTime: 0,
  });
  const [chosen, setChosen] = useState<Way | null>(null);
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const open = ORDER.filter((one) => ways?.[one] && (one !== 'passkey' || hasPasskeys()));
  const way = chosen ?? open[0] ?? 'password';
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    // A portal's events rise through the tree of components: the form behind is not sent with this one.
    event.stopPropagation();
    setBusy(true);
    setFailure(null);
    try {
      const given = way === 'passkey' ? await askPasskey('/sign-in/proof/options') : typed;
      if (given !== null) {
        await post('/sign-in/proof', { [way]: given });
        onDone(true);
        return;
      }
      setFailure(t('passkeys.turnedAway'));
      setBusy(false);
    } catch (problem) {
      setFailure(problem instanceof ApiError ? failureText(problem) : t('passkeys.unable'));
      setBusy(false);
    }
  };
  /** Out, and by the provider back to where this was asked. */
  const comeAnew = async (): Promise<void> => {
    const back = window.location.pathname + window.location.search;
    try {
      await leave();
      window.location.assign(`/sign-in?${new URLSearchParams({ back })}`);
    } catch (problem) {
      setFailure(failureText(problem));
    }
  };
  const turn = (other: Way): void => {
    setChosen(other);
    setTyped('');
    setFailure(null);
  };
  const field = {
    value: typed,
    error: failure,
    required: true,
    withAsterisk: false,
    'data-autofocus': true,
    autoFocus: true,
  };
  // Not before it is known what is asked for: the focus goes there.
  if (!ways && !error) return null;
  return (
    <Modal
      opened
      onClose={() => onDone(false)}
      title={t('proof.title')}
      size={400}
      zIndex={400}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <p>{t('proof.lead')}</p>
        {error && <p role="alert">{failureText(error)}</p>}
        {ways && open.length === 0 && <p>{failure ?? t('proof.anew')}</p>}
        {open.length > 0 &&
          (way === 'passkey' ? (
            failure && <p role="alert">{failure}</p>
          ) : way === 'password' ? (
            <PasswordInput
              {...field}
              key="password"
              visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
              label={t('proof.password')}
              autoComplete="current-password"
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          ) : (
            <TextInput
              {...field}
              key="code"
              label={t('factor.code')}
              description={t('factor.orRecovery')}
              autoComplete="one-time-code"
              autoCapitalize="none"
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          ))}
        {open.length > 1 && (
          <Group gap={0} className={classes.others}>
            {open
              .filter((one) => one !== way)
              .map((one) => (
                <Button key={one} variant="subtle" size="compact" onClick={() => turn(one)}>
                  {t(`proof.by.${one}`)}
                </Button>
              ))}
          </Group>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={() => onDone(false)}>
            {t('action.cancel')}
          </Button>
          {ways && open.length === 0 && (
            <Button data-autofocus onClick={() => void comeAnew()}>
              {t('account.signOut')}
            </Button>
          )}
          {open.length > 0 && (
            <Button type="submit" disabled={busy || (way !== 'passkey' && typed === '')} data-autofocus={way === 'passkey' || undefined}>
              {t(way === 'passkey' ? 'proof.passkey' : 'proof.act')}
            </Button>
          )}
        </Group>
      </form>
    </Modal>
  );
}
