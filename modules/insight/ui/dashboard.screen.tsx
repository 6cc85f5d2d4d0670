import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { failureText } from '#ui/failure.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { useWords } from '#ui/words.ts';
import { DashboardView } from './dashboard-view.tsx';
import { dashboardOf } from './dashboards.ts';
import classes from './insight.module.css';
import { dashboardsQuery, insightQuery } from './insight.ts';

const route = getRouteApi('/app/dashboards/$id');

/** The dashboard in the address. */
export function DashboardScreen(): ReactNode {
  const { id } = route.useParams();
  return <Dashboard id={id} />;
}

/** What somebody's day begins with. */
export function HomeScreen(): ReactNode {
  const { data } = useQuery(insightQuery);
  return data?.home.dashboard ? <Dashboard id={data.home.dashboard} /> : null;
}

function Dashboard({ id }: { id: string }): ReactNode {
  const { t } = useWords();
  const insight = useQuery(insightQuery);
  const saved = useQuery(dashboardsQuery);
  const failure = insight.error ?? saved.error;
  if (failure)
    return (
      <p role="alert" className={classes.page}>
        {failureText(failure)}
      </p>
    );
  if (!insight.data || !saved.data) return null;
  const shown = dashboardOf(id, insight.data, saved.data, t);
  if (shown) return <DashboardView key={id} shown={shown} />;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('dashboard.all')} />
      <p className={classes.page}>{t('dashboard.notThere')}</p>
    </div>
  );
}
