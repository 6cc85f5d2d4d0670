import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { sessionQuery } from '#ui/session.ts';
import { useWords } from '#ui/words.ts';
import entrance from '../entrance.module.css';
import { ScopeList } from './scope-list.tsx';

const route = getRouteApi('/oauth/authorize');

/** An application of others asks to act for who sits here: what it may do then, in words, and where it leads back to. */
export function ConsentScreen(): ReactNode {
  const { t } = useWords();
  const { asked: request } = route.useRouteContext();
  const { data: session } = useQuery(sessionQuery);
  const [failure, setFailure] = useState<string | null>(null);
  const [leaving, setLeaving] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['applications', 'asking', request],
    queryFn: () => post<{ name?: string; scopes?: string[]; redirect?: string }>('/oauth/requests', request),
    retry: false,
    gcTime: 0,
  });
  const refused = data?.redirect;
  useEffect(() => {
    if (refused !== undefined) window.location.assign(refused);
  }, [refused]);
  const decide = async (allow: boolean): Promise<void> => {
    setLeaving(true);
    setFailure(null);
    try {
      const { redirect } = await post<{ redirect: string }>('/oauth/decisions', { request, allow });
      window.location.assign(redirect);
    } catch (problem) {
      setFailure(failureText(problem));
      setLeaving(false);
    }
  };
  const wrong = failure ?? (error ? failureText(error) : null);
  return (
    <main className={entrance.page}>
      <div className={entrance.mark}>
        <img src="/mark.svg" width={20} height={20} alt="" />
        {t('product')}
      </div>
      <h1 className={entrance.title}>{data?.name ? t('consent.title', { name: data.name }) : t('consent.unknown')}</h1>
      {wrong && (
        <div className={entrance.failure} role="alert">
          {wrong}
        </div>
      )}
      {data?.name && data.scopes && (
        <>
          <p className={entrance.lead}>{t('consent.lead', { name: session?.user.name ?? '' })}</p>
          <ScopeList scopes={data.scopes} />
          <p className="pg-secondary">{t('consent.back', { host: hostOf(request['redirect_uri']) })}</p>
          <p className="pg-secondary">{t('consent.end')}</p>
          <Group mt="lg" gap="sm">
            <Button disabled={leaving} onClick={() => void decide(true)}>
              {t('consent.allow')}
            </Button>
            <Button variant="default" disabled={leaving} onClick={() => void decide(false)}>
              {t('consent.refuse')}
            </Button>
          </Group>
        </>
      )}
    </main>
  );
}

/** Where it leads back to, as much of it as tells whose it is. */
function hostOf(uri: string | undefined): string {
  if (uri === undefined || !URL.canParse(uri)) return '';
  const { host, protocol } = new URL(uri);
  return host === '' ? protocol.replace(/:$/, '') : host;
}
