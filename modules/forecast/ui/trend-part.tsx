import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { LinesChart } from '#ui/chart/lines-chart.tsx';
import type { Lines } from '#ui/chart/series.ts';
import { formatDate, formatMoney } from '#ui/format.ts';
import { useWords } from '#ui/words.ts';
import type { Point } from '../looking-back.ts';
import type { Period } from '../period.ts';
import type { ForecastAnswer } from '../read.ts';
import classes from './forecast.module.css';
import { trendQuery } from './forecast.ts';

const LINES: readonly { key: string; of: (point: Point) => number | null }[] = [
  { key: 'won', of: (point) => point.won },
  { key: 'withCommit', of: (point) => point.won + point.commit },
  { key: 'weighted', of: (point) => point.weighted },
  { key: 'statistical', of: (point) => point.statistical },
];
const MOVED = ['won', 'commit', 'bestCase', 'pipeline', 'weighted'] as const;

/** How the forecast went, week by week, and what moved since the last of them. */
export function TrendPart({ period, told }: { period: Period; told: ForecastAnswer }): ReactNode {
  const { t } = useWords();
  const { data } = useQuery(trendQuery(period));
  const lines = useMemo(() => (data && data.length > 1 ? linesOf(data) : null), [data]);
  const last = data?.filter(({ takenOn }) => takenOn < told.asOf.slice(0, 10)).at(-1);
  if (!data || data.length === 0) return <p className={classes.foot}>{t('forecast.noTrend')}</p>;
  const money = (value: number): string => formatMoney({ amount: String(value), currency: told.currency }, { whole: true });
  return (
    <>
      {lines && (
        <section aria-labelledby="forecast-trend">
          <h2 id="forecast-trend" className={classes.head}>
            {t('forecast.trend')}
          </h2>
          <LinesChart
            lines={lines}
            over={data.map(({ takenOn }) => formatDate(takenOn, true))}
            names={LINES.map(({ key }) => t(`forecast.figure.${key}`))}
            currency={told.currency}
            line
            height={240}
            label={t('forecast.trend')}
            onPick={() => undefined}
          />
        </section>
      )}
      {last && (
        <section aria-labelledby="forecast-moved">
          <h2 id="forecast-moved" className={classes.head}>
            {t('forecast.moved', { day: formatDate(last.takenOn) })}
            <Link className={classes.link} to="/since" search={{ since: last.takenOn }}>
              {t('forecast.movedDeals')}
            </Link>
          </h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by key */}
          <section className={classes.scroll} aria-label={t('forecast.what')} tabIndex={0}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{t('forecast.what')}</th>
                  <th scope="col">{t('forecast.then')}</th>
                  <th scope="col">{t('forecast.now')}</th>
                  <th scope="col">{t('forecast.change')}</th>
                </tr>
              </thead>
              <tbody>
                {MOVED.map((key) => {
                  const now = told.total[key] ?? 0;
                  const change = now - last[key];
                  return (
                    <tr key={key}>
                      <th scope="row">{t(`forecast.column.${key}`)}</th>
                      <td>{money(last[key])}</td>
                      <td>{money(now)}</td>
                      <td>{change > 0 ? `+${money(change)}` : money(change)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </section>
        </section>
      )}
    </>
  );
}

/** The weeks as lines; what nobody was asked in a week is a gap. */
function linesOf(points: readonly Point[]): Lines {
  return {
    over: points.map(({ takenOn }) => takenOn),
    cut: { every: 'week' },
    inTime: true,
    stacked: false,
    left: [],
    series: LINES.filter(({ of }) => points.some((point) => of(point) !== null)).map(({ key, of }) => ({
      measure: { key, object: 'forecastSnapshot', unit: 'money', better: 'more', at: null },
      before: false,
      points: points.map((point) => ({ value: of(point), cell: [] })),
    })),
  };
}
