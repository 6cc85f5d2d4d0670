import { Button, Popover, Progress } from '@mantine/core';
import { IconProgress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { formatNumber, formatRelative } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { cancelJob, isLive, jobsQuery } from '#ui/jobs/jobs.ts';
import { showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { Tip } from '#ui/tip.tsx';
import type { Job } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './shell.module.css';

function JobLine({ job }: { job: Job }): ReactNode {
  const { t, label } = useWords();
  const live = isLive(job);
  const cancel = async (): Promise<void> => {
    try {
      await cancelJob(job.id);
      await queryClient.invalidateQueries({ queryKey: ['jobs'] });
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <li className={classes.job}>
      <div className={classes.jobHead}>
        <span className="pg-ellipsis">{job.label || label(`job.${job.kind}`)}</span>
        {live ? (
          <Button size="xs" variant="subtle" color="gray" onClick={() => void cancel()}>
            {t('action.cancel')}
          </Button>
        ) : (
          <span className="pg-meta">{t(`jobState.${job.state}`)}</span>
        )}
      </div>
      {live && (
        <Progress value={job.total ? (100 * job.done) / job.total : 0} size={4} aria-label={job.label ?? label(`job.${job.kind}`)} />
      )}
      <span className="pg-meta pg-figures">
        {live && job.total
          ? t('job.progress', { done: formatNumber(job.done), total: formatNumber(job.total) })
          : formatRelative(job.createdAt)}
      </span>
    </li>
  );
}

/** Long work: what runs, how far it is, what is done. The server keeps it, so it is here again after a reload. */
export function JobTray({ folded }: { folded: boolean }): ReactNode {
  const { t } = useWords();
  const jobs = useQuery(jobsQuery).data ?? [];
  const running = jobs.filter(isLive);
  // When the last job ends, what it wrote is fetched anew.
  const before = useRef(0);
  useEffect(() => {
    if (before.current > running.length)
      void queryClient.invalidateQueries({
        predicate: (query) => query.queryKey[0] !== 'jobs' && query.queryKey[0] !== 'session' && query.queryKey[0] !== 'meta',
      });
    before.current = running.length;
  }, [running.length]);
  if (jobs.length === 0) return null;
  const first = running[0];
  const word = first
    ? first.total
      ? t('job.short', { percent: Math.floor((100 * first.done) / first.total) })
      : t('job.running')
    : t('job.title');
  return (
    <Popover position="right-end" width={320} trapFocus>
      <Tip label={folded ? word : undefined} beside>
        <Popover.Target>
          <button
            type="button"
            className={classes.entry}
            aria-label={folded ? word : undefined}
            data-live={running.length > 0 || undefined}
          >
            <IconProgress {...iconLook} />
            {!folded && <span className="pg-ellipsis pg-figures">{word}</span>}
          </button>
        </Popover.Target>
      </Tip>
      <Popover.Dropdown>
        <ul className={classes.jobs}>
          {jobs.slice(0, 10).map((job) => (
            <JobLine key={job.id} job={job} />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
