import { Button, PasswordInput, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { setClock, setLocale } from '#ui/format.ts';
import { queryClient } from '#ui/query-client.ts';
import { sessionQuery } from '#ui/session.ts';
import type { Session } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './entrance.module.css';

const route = getRouteApi('/sign-in');

/** Remembers who is in, for all screens. */
export function enter(session: Session): void {
  setLocale({ timeZone: session.user.timeZone ?? session.company.timeZone });
  setClock({ now: session.now, timeZone: session.company.timeZone });
  queryClient.setQueryData(sessionQuery.queryKey, session);
}

/** E-mail and password; afterwards the page that was wanted. */
export function SignInScreen(): ReactNode {
  const { t } = useWords();
  const router = useRouter();
  const { back } = route.useSearch();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const { data } = await request<Session>('POST', '/session', { body: { email, password }, expectSignedOut: true });
      enter(data);
      await router.navigate({ href: back ?? '/' });
    } catch (problem) {
      setFailure(problem instanceof ApiError && problem.status === 401 ? t('signIn.wrong') : failureText(problem));
      setBusy(false);
    }
  };
  return (
    <main className={classes.page}>
      <div className={classes.mark}>
        <img src="/mark.svg" width={20} height={20} alt="" />
        {t('product')}
      </div>
      <h1 className={classes.title}>{t('signIn.title')}</h1>
      <p className={classes.lead}>{t('signIn.lead')}</p>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        {failure && (
          <div className={classes.failure} role="alert">
            {failure}
          </div>
        )}
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
        <Button type="submit" disabled={busy} fullWidth>
          {t('signIn.act')}
        </Button>
      </form>
    </main>
  );
}
