import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import { useWords } from '#ui/words.ts';
import classes from './scores.module.css';
import { GRADES, type ScorePreview, type ScoreRule, type Thresholds } from './scores.ts';

/** A rule as it is tried out. */
export type Draft = Pick<ScoreRule, 'name' | 'active' | 'kind' | 'condition' | 'points' | 'most' | 'halfLifeDays'> & { id: string | null };

/** How the open leads of now would score: by grade before and after, and those that move most. */
export function Preview({ rule, grades }: { rule: Draft | null; grades: Thresholds | null }): ReactNode {
  const { t } = useWords();
  const { data, error } = useQuery({
    queryKey: ['leadScores', 'preview', rule, grades],
    queryFn: () => post<ScorePreview>('/lead-grades/preview', { rule, grades }),
    gcTime: 0,
    retry: false,
  });
  if (error) return <p role="alert">{failureText(error)}</p>;
  if (!data) return null;
  return (
    <div className={classes.preview} role="status">
      <table className={classes.grades}>
        <caption>{t('scores.wouldBe', { count: data.total, n: formatNumber(data.total, 0) })}</caption>
        <thead>
          <tr>
            <td />
            {GRADES.map((grade) => (
              <th key={grade} scope="col">
                {grade}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(['before', 'after'] as const).map((when) => (
            <tr key={when}>
              <th scope="row">{t(`scores.${when}`)}</th>
              {GRADES.map((grade) => (
                <td key={grade}>{formatNumber(data[when][grade], 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {data.examples.length === 0 ? (
        <p className="pg-secondary">{t('scores.nothingMoves')}</p>
      ) : (
        <ul className={classes.examples} aria-label={t('scores.examples')}>
          {data.examples.map((one) => (
            <li key={one.id}>
              <Link className="pg-link" to="/o/$plural/$id" params={{ plural: 'leads', id: one.id }} target="_blank">
                {one.name}
              </Link>
              <span className={classes.moves}>
                {t('scores.moves', {
                  from: `${formatNumber(one.before, 0)} ${one.gradeBefore}`,
                  to: `${formatNumber(one.after, 0)} ${one.gradeAfter}`,
                })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
