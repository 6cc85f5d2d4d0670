import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { failureText } from '#ui/failure.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { useWords } from '#ui/words.ts';
import { Builder } from './builder.tsx';
import classes from './insight.module.css';
import { insightQuery, isBuiltIn, measuresQuery, reportsQuery } from './insight.ts';

const route = getRouteApi('/app/reports/$id');

/** The report in the address: one's own to be changed, a built-in one to be looked at and copied, or a new one. */
export function ReportScreen(): ReactNode {
  const { id } = route.useParams();
  const { t } = useWords();
  const insight = useQuery(insightQuery);
  const saved = useQuery(reportsQuery);
  const measures = useQuery(measuresQuery);
  const failure = insight.error ?? saved.error ?? measures.error;
  if (failure)
    return (
      <p role="alert" className={classes.page}>
        {failureText(failure)}
      </p>
    );
  if (!insight.data || !saved.data || !measures.data) return null;
  const record = saved.data.find((one) => one.id === id);
  const builtIn = isBuiltIn(id) ? insight.data.reports.find((one) => one.key === id) : undefined;
  if (id === 'new')
    return (
      <Builder
        key="new"
        id={null}
        record={null}
        start={{ name: '', question: { measures: [], period: { in: 'year' } }, drawing: { form: 'number' } }}
        measures={measures.data}
      />
    );
  if (record) return <Builder key={`${id} ${record.version}`} id={id} record={record} start={record} measures={measures.data} />;
  if (builtIn)
    return (
      <Builder
        key={id}
        id={id}
        record={null}
        builtIn
        start={{ name: t(`report.${id}`), question: builtIn.question, drawing: builtIn.drawing }}
        measures={measures.data}
      />
    );
  return (
    <div className={classes.screen}>
      <PageHeader title={t('report.all')} />
      <p className={classes.page}>{t('report.notThere')}</p>
    </div>
  );
}
