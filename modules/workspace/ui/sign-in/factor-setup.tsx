import { Button, Group, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { useWords } from '#ui/words.ts';
import { QrCode } from './qr.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import classes from './sign-in.module.css';

interface Props {
  onDone: () => void;
  /** The way out of it, in a word. */
  out: string;
  onOut: () => void;
}

/** Sets a second factor up: the picture for the app with its first code, then the recovery codes. */
export function FactorSetup({ onDone, out, onOut }: Props): ReactNode {
  const { t } = useWords();
  const [app, setApp] = useState<{ uri: string; secret: string } | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      if (app) setRecovery((await post<{ recovery: string[] }>('/sign-in/factor/confirm', { code: typed })).recovery);
      else setApp(await post<{ uri: string; secret: string }>('/sign-in/factor'));
      setTyped('');
    } catch (problem) {
      setFailure(failureText(problem));
    }
  };
  if (recovery) return <RecoveryCodes codes={recovery} lead={t('factor.recoveryLead')} onDone={onDone} />;
  return (
    <form className={classes.setup} onSubmit={(event) => void submit(event)}>
      {app ? (
        <>
          <p>{t('factor.scan')}</p>
          <QrCode text={app.uri} label={t('factor.picture')} />
          <p className="pg-secondary">
            {t('factor.byHand')} <code className={classes.secret}>{app.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
          </p>
          <TextInput
            key="code"
            label={t('factor.code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={failure}
            required
            withAsterisk={false}
            autoFocus
          />
        </>
      ) : (
        <>
          <p>{t('factor.ready')}</p>
          {failure && <p role="alert">{failure}</p>}
        </>
      )}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onOut}>
          {out}
        </Button>
        <Button type="submit" disabled={app !== null && typed === ''} data-autofocus>
          {t(app ? 'factor.confirm' : 'factor.next')}
        </Button>
      </Group>
    </form>
  );
}
