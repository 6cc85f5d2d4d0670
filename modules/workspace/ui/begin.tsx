import { Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import { jobsQuery, waitForJob } from '#ui/jobs/jobs.ts';
import { queryClient } from '#ui/query-client.ts';
import { loadSample } from '#ui/sample/sample.ts';
import { useWords } from '#ui/words.ts';
import classes from './entrance.module.css';

/** How far the load is, told as it goes. */
function Loading({ job }: { job: string }): ReactNode {
  const { t } = useWords();
  const jobs = useQuery({ ...jobsQuery, refetchInterval: 500 }).data ?? [];
  const { done = 0, total = null } = jobs.find((candidate) => candidate.id === job) ?? {};
  return (
    <div role="status">
      <p>{t('sample.loading')}</p>
      <Progress value={total ? (100 * done) / total : 0} size={4} aria-label={t('sample.loading')} />
      <p className="pg-meta pg-figures">{total ? t('job.progress', { done: formatNumber(done), total: formatNumber(total) }) : ''}</p>
    </div>
  );
}

/** The last step of the first run: with something to look at, with one's own file, or with nothing. */
export function Begin(): ReactNode {
  const { t } = useWords();
  const router = useRouter();
  const [job, setJob] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const look = async (): Promise<void> => {
    setFailure(null);
    try {
      const id = await loadSample();
      setJob(id);
      const ended = await waitForJob(id);
      if (ended.state !== 'done') throw new Error(ended.error ?? t('failure.unexpected'));
      await queryClient.invalidateQueries();
      await router.navigate({ to: '/' });
    } catch (problem) {
      setFailure(failureText(problem));
      setJob(null);
    }
  };
  const choices = [
    { word: t('sample.load'), hint: t('sample.loadHint'), act: () => void look() },
    { word: t('sample.import'), hint: t('sample.importHint'), act: () => void router.navigate({ to: '/import', search: {} }) },
    { word: t('sample.empty'), hint: t('sample.emptyHint'), act: () => void router.navigate({ to: '/' }) },
  ];
  return (
    <>
      <h1 className={classes.title}>{t('sample.begin')}</h1>
      <p className={classes.lead}>{t('sample.beginLead')}</p>
      {failure && (
        <div className={classes.failure} role="alert">
          {failure}
        </div>
      )}
      {job ? (
        <Loading job={job} />
      ) : (
        <ul className={classes.choices}>
          {choices.map(({ word, hint, act }) => (
            <li key={word}>
              <button type="button" className={classes.choice} onClick={act}>
                <span className={classes.choiceWord}>{word}</span>
                <span className="pg-secondary">{hint}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
