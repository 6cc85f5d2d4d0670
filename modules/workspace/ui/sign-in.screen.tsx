import { Button, PasswordInput, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { enter, hasPasskeys } from '#ui/session.ts';
import type { Session } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './entrance.module.css';

const route = getRouteApi('/sign-in');

/** E-mail and password, or a provider that vouches; afterwards the page that was wanted. */
export function SignInScreen(): ReactNode {
  const { t } = useWords();
  const router = useRouter();
  const { back, problem: refused, step } = route.useSearch();
  const { ways } = route.useRouteContext();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  /** The password was right, and a code is still to be given. */
  const [code, setCode] = useState(step === 'code');
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<string | null>(refused ? t(`signIn.problem.${refused}`) : null);
  const [busy, setBusy] = useState(false);
  const goOn = async (): Promise<void> => {
    // An application of others is led on with its address to the letter.
    if (back?.startsWith('/oauth/')) window.location.assign(back);
    else await router.navigate({ href: back ?? '/' });
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const { data, status } = code
        ? await request<Session>('POST', '/session/code', { body: { code: typed }, expectSignedOut: true })
        : await request<Session>('POST', '/session', { body: { email, password }, expectSignedOut: true });
      if (status === 202) {
        setCode(true);
        setBusy(false);
        return;
      }
      enter(data);
      await goOn();
    } catch (problem) {
      const seconds = problem instanceof ApiError ? Number(problem.body.seconds) : Number.NaN;
      if (seconds > 0) setFailure(t(code ? 'signIn.waitCode' : 'signIn.wait', { count: Math.ceil(seconds / 60) }));
      else
        setFailure(
          problem instanceof ApiError && problem.status === 401 ? t(code ? 'factor.wrong' : 'signIn.wrong') : failureText(problem),
        );
      setBusy(false);
    }
  };
  const byPasskey = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const { askPasskey } = await import('#ui/passkey.ts');
      const passkey = await askPasskey('/session/passkey/options');
      if (passkey === null) {
        setBusy(false);
        return;
      }
      const { data } = await request<Session>('POST', '/session/passkey', { body: { passkey }, expectSignedOut: true });
      enter(data);
      await goOn();
    } catch (problem) {
      const unknown = problem instanceof ApiError && problem.status === 401;
      setFailure(unknown || !(problem instanceof ApiError) ? t('signIn.passkeyWrong') : failureText(problem));
      setBusy(false);
    }
  };
  return (
    <main className={classes.page}>
      <div className={classes.mark}>
        <img src="/mark.svg" width={20} height={20} alt="" />
        {t('product')}
      </div>
      <h1 className={classes.title}>{t(code ? 'factor.title' : 'signIn.title')}</h1>
      <p className={classes.lead}>{t(code ? 'factor.lead' : ways.passwords ? 'signIn.lead' : 'signIn.leadProvider')}</p>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        {failure && (
          <div className={classes.failure} role="alert">
            {failure}
          </div>
        )}
        {code ? (
          <TextInput
            key="code"
            name="code"
            autoComplete="one-time-code"
            autoCapitalize="none"
            label={t('factor.code')}
            description={t('factor.orRecovery')}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            required
            withAsterisk={false}
            autoFocus
          />
        ) : ways.passwords ? (
          <>
            <TextInput
              type="email"
              name="email"
              autoComplete="username"
              label={t('signIn.email')}
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              required
              withAsterisk={false}
              autoFocus
            />
            <PasswordInput
              visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
              name="password"
              autoComplete="current-password"
              label={t('signIn.password')}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              required
              withAsterisk={false}
            />
          </>
        ) : null}
        {(code || ways.passwords) && (
          <Button type="submit" disabled={busy} fullWidth>
            {t('signIn.act')}
          </Button>
        )}
        {hasPasskeys() && (
          <Button variant="default" disabled={busy} fullWidth onClick={() => void byPasskey()}>
            {t('signIn.passkey')}
          </Button>
        )}
        {code && (
          <Button
            variant="subtle"
            fullWidth
            onClick={() => {
              setCode(false);
              setTyped('');
              setFailure(null);
            }}
          >
            {t('factor.back')}
          </Button>
        )}
      </form>
      {!code && ways.providers.length > 0 && (
        <div className={classes.providers} data-alone={!ways.passwords || undefined}>
          {ways.passwords && <p className={classes.or}>{t('signIn.or')}</p>}
          {ways.providers.map(({ id, name }, i) => (
            <Button
              key={id}
              component="a"
              href={`/api/v1/sign-in/oidc/${id}/start${back ? `?back=${encodeURIComponent(back)}` : ''}`}
              variant={!ways.passwords && i === 0 ? 'filled' : 'default'}
              fullWidth
            >
              {t('signIn.with', { name })}
            </Button>
          ))}
        </div>
      )}
    </main>
  );
}
