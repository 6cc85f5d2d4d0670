import { Button, Group, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { get, post } from '../api.ts';
import { failureText } from '../failure.ts';
import { useWords } from '../words.ts';
import classes from './proof.module.css';

type Way = 'password' | 'code';

/** One small dialog: the password, or a code where there is a second factor. */
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
  const way = chosen ?? (ways?.password === false ? 'code' : 'password');
  const other: Way = way === 'password' ? 'code' : 'password';
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    // A portal's events rise through the tree of components: the form behind is not sent with this one.
    event.stopPropagation();
    setBusy(true);
    setFailure(null);
    try {
      await post('/sign-in/proof', { [way]: typed });
      onDone(true);
    } catch (problem) {
      setFailure(failureText(problem));
      setBusy(false);
    }
  };
  const turn = (): void => {
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
        {ways &&
          (way === 'password' ? (
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
        <Group justify="space-between" gap="sm">
          {ways?.[other] ? (
            <Button variant="subtle" size="compact" onClick={turn}>
              {t(`proof.by.${other}`)}
            </Button>
          ) : (
            <span />
          )}
          <Group gap="sm">
            <Button variant="default" onClick={() => onDone(false)}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" disabled={busy || typed === ''}>
              {t('proof.act')}
            </Button>
          </Group>
        </Group>
      </form>
    </Modal>
  );
}
