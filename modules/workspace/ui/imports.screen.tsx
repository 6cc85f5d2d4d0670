import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { get } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatNumber, formatRelative } from '#ui/format.ts';
import { ButtonLink } from '#ui/links.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useWords } from '#ui/words.ts';
import classes from './import.module.css';
import { type ImportRun, isOver } from './import-run.ts';

/** Every import so far, newest first; each leads to its result and its undo. */
export function ImportsScreen(): ReactNode {
  const { t, plural } = useWords();
  const query = useQuery({
    queryKey: ['imports'],
    queryFn: async ({ signal }) => (await get<{ items: ImportRun[] }>('/imports', {}, signal)).items,
    refetchInterval: (state) => (state.state.data?.some((run) => !isOver(run)) ? 1500 : false),
  });
  const runs = (query.data ?? []).filter((run) => !run.dryRun);
  return (
    <div className={classes.screen}>
      <PageHeader title={t('import.history')} aside={runs.length > 0 ? formatNumber(runs.length) : undefined}>
        <ButtonLink size="compact" to="/import" search={{}}>
          {t('import.newFile')}
        </ButtonLink>
      </PageHeader>
      <div className={classes.wide}>
        {query.isError && <p role="alert">{failureText(query.error)}</p>}
        {query.isSuccess && runs.length === 0 && <p className="pg-secondary">{t('import.none')}</p>}
        {runs.length > 0 && (
          <table className={classes.runs}>
            <thead>
              <tr>
                <th>{t('import.file')}</th>
                <th>{t('import.into')}</th>
                <th>{t('import.state')}</th>
                <th data-end>{t('import.count.created')}</th>
                <th data-end>{t('import.count.updated')}</th>
                <th data-end>{t('import.count.failed')}</th>
                <th>{t('import.when')}</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.id}>
                  <td>
                    <Link className={classes.runLink} to="/import" search={{ id: run.id }}>
                      {run.name ?? run.label ?? t('import.one')}
                    </Link>
                  </td>
                  <td>{run.object ? plural(run.object) : null}</td>
                  <td>{t(`jobState.${run.state}`)}</td>
                  <td data-end>{formatNumber(run.created, 0)}</td>
                  <td data-end>{formatNumber(run.updated, 0)}</td>
                  <td data-end>{formatNumber(run.failed, 0)}</td>
                  <td>
                    {run.createdAt && (
                      <time dateTime={run.createdAt} title={formatDateTime(run.createdAt)}>
                        {formatRelative(run.createdAt)}
                      </time>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
