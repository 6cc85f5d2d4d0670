import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { formatDate, formatMoney, formatNumber, formatPercent, formatStretch } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { Later } from '#ui/later.tsx';
import { useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { useWords } from '#ui/words.ts';
import { BY, type By, LENGTHS, type Period, periodsOn } from '../period.ts';
import type { ForecastAnswer } from '../read.ts';
import type { ForecastRow } from '../roll-up.ts';
import { AccuracyPart } from './accuracy-part.tsx';
import { CallDialog } from './call-dialog.tsx';
import classes from './forecast.module.css';
import { type ForecastSearch, forecastQuery, periodOf, pipelinesQuery, shares } from './forecast.ts';
import { ForecastTable } from './forecast-table.tsx';
import { TrendPart } from './trend-part.tsx';

const route = getRouteApi('/app/forecast');

/** What will be won in a period: by the deals, by people, by experience; against the quotas. */
export function ForecastScreen(): ReactNode {
  const { t, object: objectWord } = useWords();
  const navigate = useNavigate();
  const meta = useMeta();
  const search = route.useSearch();
  const period = periodOf(search);
  const by = search.by ?? 'team';
  const query = useQuery(forecastQuery(period, by, search.pipeline));
  const pipelines = useQuery({ ...pipelinesQuery, enabled: meta.object('pipeline') !== undefined });
  const [calling, setCalling] = useState<ForecastRow | null>(null);
  const go = (change: ForecastSearch): void => void navigate({ to: '/forecast', search: { ...search, ...change }, replace: true });
  const { data } = query;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('forecast.title')} aside={formatStretch(period.from, period.every)}>
        {meta.object('quota') && (
          <Button size="compact" variant="default" component={Link} to="/forecast/quotas">
            {t('forecast.quotas')}
          </Button>
        )}
      </PageHeader>
      <div className={classes.bar}>
        <ActionIcon variant="default" size={28} aria-label={t('forecast.before')} onClick={() => go(periodsOn(period, -1))}>
          <IconChevronLeft {...iconLook} className={classes.turns} />
        </ActionIcon>
        <ActionIcon variant="default" size={28} aria-label={t('forecast.after')} onClick={() => go(periodsOn(period, 1))}>
          <IconChevronRight {...iconLook} className={classes.turns} />
        </ActionIcon>
        <SegmentedControl
          size="xs"
          aria-label={t('forecast.every')}
          value={period.every}
          data={LENGTHS.map((value) => ({ value, label: t(`forecast.every.${value}`) }))}
          onChange={(every) => go({ every: every as Period['every'], from: undefined })}
        />
        <Select
          size="xs"
          aria-label={t('forecast.by')}
          allowDeselect={false}
          data={BY.map((value) => ({ value, label: t(`forecast.by.${value}`) }))}
          value={by}
          onChange={(value) => go({ by: (value ?? 'team') as By })}
        />
        {(pipelines.data?.length ?? 0) > 1 && (
          <Select
            size="xs"
            clearable
            aria-label={objectWord('pipeline')}
            placeholder={objectWord('pipeline')}
            data={(pipelines.data ?? []).map((one) => ({ value: one.id, label: String(one.name ?? '') }))}
            value={search.pipeline ?? null}
            onChange={(pipeline) => go({ pipeline: pipeline ?? undefined })}
          />
        )}
      </div>
      {query.isError && (
        <p className={classes.body} role="alert">
          {failureText(query.error)}
        </p>
      )}
      {data && (
        <div className={classes.body}>
          <Head told={data} />
          <ForecastTable told={data} onCall={setCalling} />
          <Foot told={data} />
          <Later>
            <TrendPart period={period} told={data} />
            <AccuracyPart every={period.every} currency={data.currency} />
          </Later>
        </div>
      )}
      {calling && data && <CallDialog row={calling} told={data} onClose={() => setCalling(null)} />}
    </div>
  );
}

/** The figures that count, and how far the quota is reached. */
function Head({ told }: { told: ForecastAnswer }): ReactNode {
  const { t } = useWords();
  const { total, currency } = told;
  const money = (value: number): string => formatMoney({ amount: String(value), currency }, { whole: true });
  const parts = shares(total);
  const committed = (total.won ?? 0) + (total.commit ?? 0);
  const figures: [string, number | null, string | null][] = [
    [
      'won',
      total.won,
      total.quota ? t('forecast.ofQuota', { share: formatPercent(Math.round(((total.won ?? 0) / total.quota) * 100) / 100) }) : null,
    ],
    ['withCommit', committed, null],
    ['weighted', total.weighted, null],
    [
      'statistical',
      total.statistical,
      total.low !== null && total.high !== null ? t('forecast.between', { low: money(total.low), high: money(total.high) }) : null,
    ],
    ['quota', total.quota, null],
  ];
  return (
    <section aria-label={t('forecast.atAGlance')}>
      <dl className={classes.figures}>
        {figures.map(([key, value, more]) => (
          <div key={key}>
            <dt>{t(`forecast.figure.${key}`)}</dt>
            <dd className={classes.figure}>{value === null ? t('forecast.none') : money(value)}</dd>
            {more && <dd className={classes.more}>{more}</dd>}
          </div>
        ))}
      </dl>
      {parts && total.quota !== null && (
        <>
          <div className={classes.reached} aria-hidden>
            {parts.map((share, at) => (
              <span key={['won', 'commit', 'bestCase'][at]} data-part={at} style={{ inlineSize: `${share * 100}%` }} />
            ))}
          </div>
          <p className={classes.sentence}>
            {committed >= total.quota
              ? t('forecast.above', { amount: money(committed - total.quota) })
              : t('forecast.short', { amount: money(total.quota - committed) })}
          </p>
        </>
      )}
    </section>
  );
}

/** What no sum holds, named. */
function Foot({ told }: { told: ForecastAnswer }): ReactNode {
  const { t } = useWords();
  const lines = [
    told.unconverted > 0 ? t('forecast.unconverted', { count: told.unconverted, n: formatNumber(told.unconverted, 0) }) : null,
    told.overdue.deals > 0
      ? t('forecast.overdue', {
          count: told.overdue.deals,
          n: formatNumber(told.overdue.deals, 0),
          amount: formatMoney({ amount: String(told.overdue.amount), currency: told.currency }, { whole: true }),
        })
      : null,
    told.expectedOn !== null ? t('forecast.expectedOn', { day: formatDate(told.expectedOn) }) : null,
  ].filter((line) => line !== null);
  return lines.length > 0 ? <p className={classes.foot}>{lines.join(' ')}</p> : null;
}
