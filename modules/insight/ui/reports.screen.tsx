import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatRelative } from '#ui/format.ts';
import { ButtonLink } from '#ui/links.tsx';
import { useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { useWords } from '#ui/words.ts';
import { deliveredQuery, fileAddress } from './deliveries.ts';
import classes from './insight.module.css';
import { insightQuery, reportsQuery } from './insight.ts';

/** All reports: one's own and those shared, and those that are built in. */
export function ReportsScreen(): ReactNode {
  const { t } = useWords();
  const may = useMeta().object('report')?.verbs.create === true;
  const saved = useQuery(reportsQuery);
  const insight = useQuery(insightQuery);
  const delivered = useQuery(deliveredQuery).data ?? [];
  const failure = saved.error ?? insight.error;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('report.all')}>
        {may && (
          <ButtonLink to="/reports/$id" params={{ id: 'new' }}>
            {t('report.new')}
          </ButtonLink>
        )}
      </PageHeader>
      <div className={classes.page}>
        {failure && <p role="alert">{failureText(failure)}</p>}
        <h2 className={classes.section}>{t('report.own')}</h2>
        {saved.data?.length === 0 && <p className="pg-secondary">{t('report.noneYet')}</p>}
        <ul className={classes.rows}>
          {saved.data?.map((report) => (
            <li key={report.id}>
              <Link to="/reports/$id" params={{ id: report.id }} className="pg-ellipsis">
                {report.name}
              </Link>
              <span className="pg-secondary">{t(`form.${report.drawing.form}`)}</span>
              <span className="pg-secondary">{report.owner?.name}</span>
              <span className="pg-meta">{formatRelative(report.updatedAt)}</span>
            </li>
          ))}
        </ul>
        {delivered.length > 0 && (
          <>
            <h2 className={classes.section}>{t('schedule.delivered')}</h2>
            <ul className={classes.rows}>
              {delivered.map(({ id, name, moment }) => (
                <li key={id}>
                  <a href={fileAddress(id)} className="pg-ellipsis">
                    {name}
                  </a>
                  <span className="pg-meta">{formatDateTime(moment)}</span>
                </li>
              ))}
            </ul>
          </>
        )}
        <h2 className={classes.section}>{t('report.builtIn')}</h2>
        <ol className={classes.rows}>
          {insight.data?.reports.map((report) => (
            <li key={report.key}>
              <Link to="/reports/$id" params={{ id: report.key }}>
                {t(`report.${report.key}`)}
              </Link>
              <span className="pg-secondary">{t(`form.${report.drawing.form}`)}</span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
