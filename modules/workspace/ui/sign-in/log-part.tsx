import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { REFUSALS, type SignInLine } from '#engine/declare/sign-in.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime } from '#ui/format.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { DeviceName } from './device-name.tsx';
import classes from './sign-in.module.css';
import { signInsQuery } from './sign-in.ts';

/** What was done about signing in, newest first: of `user` (`me`), or of everybody with their names. */
export function LogPart({ user, title }: { user?: string; title: string }): ReactNode {
  const { t } = useWords();
  const query = useInfiniteQuery(signInsQuery(user));
  const lines = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SettingsPart title={title}>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && lines.length === 0 && <p className="pg-secondary">{t('signIns.none')}</p>}
      <ol className={classes.lines}>
        {lines.map((line) => (
          <Line key={line.id} line={line} named={user === undefined} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button variant="default" size="compact" mt="sm" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('signIns.more')}
        </Button>
      )}
    </SettingsPart>
  );
}

function Line({ line, named }: { line: SignInLine; named: boolean }): ReactNode {
  const { t } = useWords();
  return (
    <li className={classes.event}>
      <p className={classes.what}>
        {named && <span className={classes.who}>{line.user?.name ?? t('signIns.nobody')}</span>}
        <span className={REFUSALS.has(line.kind) ? classes.refused : undefined}>
          {line.by ? t(`signIns.by.${line.kind}`, { name: line.by.name }) : t(`signIns.kind.${line.kind}`)}
        </span>
      </p>
      <p className="pg-secondary">
        <DeviceName agent={line.agent} />
        {line.address && ` · ${line.address}`}
        {line.way && ` · ${line.way}`}
      </p>
      <time className="pg-secondary" dateTime={line.at}>
        {formatDateTime(line.at)}
      </time>
    </li>
  );
}
