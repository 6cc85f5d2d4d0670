import { Button, NumberInput, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { get, post, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatRelative, formatSize } from '#ui/format.ts';
import { waitForJob } from '#ui/jobs/jobs.ts';
import { showFailure, showFailureText } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './backups.module.css';

interface Plan {
  daily: boolean;
  keep: number;
}
interface Backups {
  folder: string;
  plan: Plan;
  items: { name: string; bytes: number; at: string }[];
  /** The job that makes one right now. */
  job: string | null;
  /** From when to when one can go back to any second. */
  back: { from: string; to: string } | null;
}

const KEY = ['backups'];
const MOST_KEPT = 366;

/** Backups that the server makes by itself: whether, how many stay, which are there, and one right now. */
export function BackupsScreen(): ReactNode {
  const { t } = useWords();
  const query = useQuery({ queryKey: KEY, queryFn: () => get<Backups>('/backups') });
  const [asked, setAsked] = useState(false);
  const job = query.data?.job ?? null;
  // One that somebody else began, or the night, ends here as well.
  useEffect(() => {
    if (job === null) return;
    let left = false;
    void waitForJob(job)
      .then(() => (left ? undefined : queryClient.invalidateQueries({ queryKey: KEY })))
      .catch(() => undefined);
    return () => {
      left = true;
    };
  }, [job]);
  const make = async (): Promise<void> => {
    setAsked(true);
    try {
      const { job } = await post<{ job: string }>('/backups', {});
      const ended = await waitForJob(job);
      if (ended.state === 'failed') showFailureText(ended.error ?? t('failure.unexpected'));
      await queryClient.invalidateQueries({ queryKey: KEY });
    } catch (failure) {
      showFailure(failure);
    }
    setAsked(false);
  };
  return (
    <SettingsFrame
      title={t('backups.title')}
      acts={
        query.data && (
          <Button loading={asked || job !== null} onClick={() => void make()}>
            {t('backups.now')}
          </Button>
        )
      }
    >
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && (
        <>
          <SettingsPart title={t('backups.plan')}>
            <PlanForm plan={query.data.plan} />
          </SettingsPart>
          <SettingsPart title={t('backups.kept')}>
            <p className="pg-secondary">
              {t('backups.where')} <code className={classes.path}>{query.data.folder}</code>
            </p>
            {query.data.items.length === 0 ? (
              <p>{t('backups.none')}</p>
            ) : (
              <ul className={classes.list}>
                {query.data.items.map(({ name, bytes, at }) => (
                  <li key={name}>
                    <span title={formatDateTime(at)}>{formatRelative(at)}</span>
                    <code className="pg-ellipsis">{name}</code>
                    <span className={classes.size}>{formatSize(bytes)}</span>
                  </li>
                ))}
              </ul>
            )}
            {query.data.back && <p>{t('backups.back', { from: formatDateTime(query.data.back.from) })}</p>}
            <p className="pg-secondary">{t('backups.restore')}</p>
          </SettingsPart>
        </>
      )}
    </SettingsFrame>
  );
}

/** Each change is saved as it is made; a number that cannot be says so and is not. */
function PlanForm({ plan }: { plan: Plan }): ReactNode {
  const { t } = useWords();
  const [keep, setKeep] = useState<number | string>(plan.keep);
  const wrong = typeof keep !== 'number' || !Number.isInteger(keep) || keep < 1 || keep > MOST_KEPT;
  const save = async (next: Plan): Promise<void> => {
    const before = queryClient.getQueryData<Backups>(KEY);
    queryClient.setQueryData<Backups>(KEY, (held) => held && { ...held, plan: next });
    try {
      await request('PUT', '/backups/plan', { body: next });
    } catch (failure) {
      queryClient.setQueryData(KEY, before);
      showFailure(failure);
    }
  };
  return (
    <div className={classes.plan}>
      <Switch
        label={t('backups.daily')}
        description={t('backups.dailyHint')}
        checked={plan.daily}
        onChange={(event) => void save({ ...plan, daily: event.currentTarget.checked })}
      />
      <NumberInput
        label={t('backups.keep')}
        value={keep}
        onChange={setKeep}
        onBlur={() => {
          if (!wrong && keep !== plan.keep) void save({ ...plan, keep });
        }}
        min={1}
        max={MOST_KEPT}
        clampBehavior="none"
        error={wrong ? t('backups.keepRange', { most: MOST_KEPT }) : null}
        w={160}
      />
    </div>
  );
}
