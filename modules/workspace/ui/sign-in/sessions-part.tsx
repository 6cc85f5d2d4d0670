import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatRelative } from '#ui/format.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { DeviceName } from './device-name.tsx';
import classes from './sign-in.module.css';
import { type SessionLine, SIGN_IN, sessionsQuery } from './sign-in.ts';

/** Where one is signed in, each place with its end; for administrators where `user` is. */
export function SessionsPart({ user }: { user?: Named }): ReactNode {
  const { t } = useWords();
  const query = useQuery(sessionsQuery(user?.id));
  const items = query.data ?? [];
  const others = items.filter(({ current }) => !current);
  const end = async (path: string, done: string): Promise<void> => {
    try {
      await request('DELETE', path, { query: { user: path.endsWith('/sessions') ? user?.id : undefined } });
      showDone(done);
    } catch (failure) {
      showFailure(failure);
    }
    await queryClient.invalidateQueries({ queryKey: SIGN_IN });
  };
  return (
    <SettingsPart
      title={user ? t('devices.titleOf', { name: user.name }) : t('devices.title')}
      acts={
        others.length > 0 && (
          <Button size="compact" variant="default" onClick={() => void end('/sign-in/sessions', t('devices.allEnded'))}>
            {t(user ? 'devices.endAll' : 'devices.endOthers')}
          </Button>
        )
      }
    >
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && items.length === 0 && <p className="pg-secondary">{t('devices.none')}</p>}
      <ul className={classes.lines}>
        {items.map((session) => (
          <Line key={session.id} session={session} onEnd={() => void end(`/sign-in/sessions/${session.id}`, t('devices.ended'))} />
        ))}
      </ul>
    </SettingsPart>
  );
}

function Line({ session, onEnd }: { session: SessionLine; onEnd: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <li className={classes.session}>
      <div>
        <p className={classes.what}>
          <DeviceName agent={session.agent} />
        </p>
        <p className="pg-secondary">
          {session.current ? t('devices.current') : t('devices.seen', { when: formatRelative(session.seenAt) })}
          {' · '}
          {t('devices.since', { when: formatDateTime(session.createdAt) })}
          {session.address && ` · ${session.address}`}
        </p>
      </div>
      {!session.current && (
        <Button size="compact" variant="subtle" color="danger" onClick={onEnd}>
          {t('devices.end')}
        </Button>
      )}
    </li>
  );
}
