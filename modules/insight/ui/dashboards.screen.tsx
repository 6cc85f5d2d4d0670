import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { failureText } from '#ui/failure.ts';
import { formatRelative } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useWords } from '#ui/words.ts';
import classes from './insight.module.css';
import { dashboardsQuery, insightQuery, save } from './insight.ts';

/** All dashboards: one's own and those shared, and those that are built in. */
export function DashboardsScreen(): ReactNode {
  const { t } = useWords();
  const navigate = useNavigate();
  const may = useMeta().object('dashboard')?.verbs.create === true;
  const saved = useQuery(dashboardsQuery);
  const insight = useQuery(insightQuery);
  const failure = saved.error ?? insight.error;
  const home = insight.data?.home.dashboard;
  const make = async (): Promise<void> => {
    try {
      const name = t('dashboard.newName');
      const { id, cause } = await save('dashboards', null, { name, tiles: [], period: { in: 'year' } });
      await navigate({ to: '/dashboards/$id', params: { id } });
      showUndo(t('report.made', { name }), cause, () => void navigate({ to: '/dashboards' }));
    } catch (problem) {
      showFailure(problem);
    }
  };
  const mark = (key: string): ReactNode => home === key && <span className="pg-secondary">{t('dashboard.isHome')}</span>;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('dashboard.all')}>{may && <Button onClick={() => void make()}>{t('dashboard.new')}</Button>}</PageHeader>
      <div className={classes.page}>
        {failure && <p role="alert">{failureText(failure)}</p>}
        <h2 className={classes.section}>{t('dashboard.own')}</h2>
        {saved.data?.length === 0 && <p className="pg-secondary">{t('dashboard.noneYet')}</p>}
        <ul className={classes.rows}>
          {saved.data?.map((one) => (
            <li key={one.id}>
              <Link to="/dashboards/$id" params={{ id: one.id }} className="pg-ellipsis">
                {one.name}
              </Link>
              {mark(one.id)}
              <span className="pg-secondary">{one.owner?.name}</span>
              <span className="pg-meta">{formatRelative(one.updatedAt)}</span>
            </li>
          ))}
        </ul>
        <h2 className={classes.section}>{t('dashboard.builtIn')}</h2>
        <ul className={classes.rows}>
          {insight.data?.dashboards.map((one) => (
            <li key={one.key}>
              <Link to="/dashboards/$id" params={{ id: one.key }}>
                {t(`dashboard.${one.key}`)}
              </Link>
              {mark(one.key)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
