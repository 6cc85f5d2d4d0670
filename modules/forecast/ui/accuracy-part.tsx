import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { formatChange, formatDate, formatMoney, formatPercent, formatStretch } from '#ui/format.ts';
import { useWords } from '#ui/words.ts';
import type { Length } from '../period.ts';
import classes from './forecast.module.css';
import { accuracyQuery } from './forecast.ts';

const WAYS = ['commit', 'bestCase', 'weighted', 'statistical', 'call'] as const;

/** How far off the forecasts of earlier periods turned out to be. */
export function AccuracyPart({ every, currency }: { every: Length; currency: string }): ReactNode {
  const { t } = useWords();
  const { data } = useQuery(accuracyQuery(every));
  if (!data || data.length === 0) return null;
  const money = (value: number): string => formatMoney({ amount: String(value), currency }, { whole: true });
  const ways = WAYS.filter((way) => data.some(({ forecast }) => forecast[way] !== null));
  return (
    <section aria-labelledby="forecast-accuracy">
      <h2 id="forecast-accuracy" className={classes.head}>
        {t('forecast.accuracy')}
      </h2>
      <p className={classes.foot}>{t('forecast.accuracyIs')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by key */}
      <section className={classes.scroll} aria-label={t('forecast.accuracy')} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('forecast.period')}</th>
              <th scope="col">{t('forecast.came')}</th>
              {ways.map((way) => (
                <th key={way} scope="col">
                  {t(`forecast.way.${way}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.map((one) => (
              <tr key={one.from}>
                <th scope="row" title={t('forecast.takenOn', { day: formatDate(one.takenOn) })}>
                  {formatStretch(one.from, one.every)}
                </th>
                <td>{money(one.came)}</td>
                {ways.map((way) => (
                  <td key={way}>
                    {one.forecast[way] !== null && (
                      <>
                        {money(one.forecast[way])}
                        <span className={classes.off}>
                          {one.came > 0 ? formatChange(one.forecast[way] / one.came - 1) : ''}
                          {one.wape[way] !== null ? ` · ${t('forecast.wape', { share: formatPercent(one.wape[way]) })}` : ''}
                        </span>
                      </>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
