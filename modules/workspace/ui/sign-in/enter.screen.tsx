import { Button, PasswordInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, post, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { TextLink } from '#ui/links.tsx';
import { queryClient } from '#ui/query-client.ts';
import { enter } from '#ui/session.ts';
import type { Session } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from '../entrance.module.css';

/** Where a link leads that an administrator handed over: one's own password, and in. */
export function EnterScreen(): ReactNode {
  const { t } = useWords();
  const router = useRouter();
  const [token] = useState(() => window.location.hash.slice(1));
  const link = useQuery({
    queryKey: ['entry-link'],
    queryFn: () => post<{ name: string; email: string; kind: 'invitation' | 'reset' }>('/sign-in/links/read', { token }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const { data, status } = await request<Session>('POST', '/sign-in/links/use', { body: { token, password }, expectSignedOut: true });
      queryClient.clear();
      if (status === 202) {
        await router.navigate({ to: '/sign-in', search: {} });
        return;
      }
      enter(data);
      await router.navigate({ to: '/' });
    } catch (problem) {
      setFailure(failureText(problem));
      setBusy(false);
    }
  };
  const gone = link.error instanceof ApiError && [404, 422].includes(link.error.status);
  return (
    <main className={classes.page}>
      <div className={classes.mark}>
        <img src="/mark.svg" width={20} height={20} alt="" />
        {t('product')}
      </div>
      {link.isError && (
        <>
          <h1 className={classes.title}>{t('links.goneTitle')}</h1>
          <p className={classes.lead} role="alert">
            {gone ? t('links.gone') : failureText(link.error)}
          </p>
          <p>
            <TextLink className="pg-link" to="/sign-in">
              {t('links.toSignIn')}
            </TextLink>
          </p>
        </>
      )}
      {link.data && (
        <>
          <h1 className={classes.title}>{t(`links.welcome.${link.data.kind}`, { name: link.data.name })}</h1>
          <p className={classes.lead}>{t('links.choose')}</p>
          <form className={classes.form} onSubmit={(event) => void submit(event)}>
            {failure && (
              <div className={classes.failure} role="alert">
                {failure}
              </div>
            )}
            {/* So that a password manager knows whose password it keeps. */}
            <input type="email" name="email" autoComplete="username" value={link.data.email} readOnly hidden />
            <PasswordInput
              visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
              label={t('links.password')}
              description={t('links.hint')}
              autoComplete="new-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              required
              minLength={8}
              withAsterisk={false}
              autoFocus
            />
            <Button type="submit" disabled={busy} fullWidth>
              {t('links.act')}
            </Button>
          </form>
        </>
      )}
    </main>
  );
}
