import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatRelative } from '#ui/format.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './applications.module.css';
import { type Granted, grantedQuery, refreshApplications } from './applications.ts';
import { ScopeList } from './scope-list.tsx';

/** Which applications of others act for me, each with its end. */
export function GrantedPart(): ReactNode {
  const { t } = useWords();
  const { data, error } = useQuery(grantedQuery);
  const end = async (one: Granted): Promise<void> => {
    try {
      await request('DELETE', `/oauth/grants/${one.client}`);
      showDone(t('applications.ended', { name: one.name }));
    } catch (failure) {
      showFailure(failure);
    }
    await refreshApplications();
  };
  return (
    <SettingsPart title={t('applications.mine')}>
      {error && <p role="alert">{failureText(error)}</p>}
      {data?.length === 0 && <p className="pg-secondary">{t('applications.noneOfMine')}</p>}
      <ul className={classes.granted}>
        {data?.map((one) => (
          <li key={one.client}>
            <div>
              <p className={classes.name}>{one.name}</p>
              <ScopeList scopes={one.scopes} />
              <p className="pg-secondary">
                {t('applications.since', { when: formatDateTime(one.at) })}
                {one.usedAt && ` · ${t('applications.used', { when: formatRelative(one.usedAt) })}`}
              </p>
            </div>
            <Button size="compact" variant="subtle" color="danger" onClick={() => void end(one)}>
              {t('applications.end')}
            </Button>
          </li>
        ))}
      </ul>
    </SettingsPart>
  );
}
