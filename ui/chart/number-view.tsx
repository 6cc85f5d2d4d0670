import type { ReactNode } from 'react';
import { formatDate } from '../format.ts';
import { useWords } from '../words.ts';
import { type Answer, amountOf, deltaOf, deltaText, figureText, rowAt, valuesOf } from './answer.ts';
import type { Drill } from './answer-table.tsx';
import classes from './chart.module.css';

const WIDTH = 200;
const HEIGHT = 32;

/** One figure, how it moved, and its course where it is cut by time. */
export function NumberView({ answer, onDrill }: { answer: Answer; onDrill: Drill }): ReactNode {
  const { t } = useWords();
  return answer.measures.map((measure) => {
    const now = answer.total?.figures[measure.key];
    const before = answer.before?.total.figures[measure.key];
    const delta = deltaOf(measure, now, before);
    return (
      <div key={measure.key}>
        {answer.measures.length > 1 && <p className={classes.moved}>{t(`measure.${measure.key}`)}</p>}
        <p className={classes.figure} data-figure={measure.key}>
          {amountOf(now) === null ? (
            figureText(measure.unit, now)
          ) : (
            <button type="button" title={t('report.drill')} onClick={() => onDrill(measure, [])}>
              {figureText(measure.unit, now)}
            </button>
          )}
        </p>
        {delta && answer.before && (
          <p className={classes.moved} title={`${formatDate(answer.before.from)} – ${formatDate(answer.before.to)}`}>
            <span className={delta.good === null ? undefined : delta.good ? classes.good : classes.bad}>{deltaText(delta, t)}</span>{' '}
            {t(`report.than.${answer.compare ?? 'previous'}${answer.before.toDate ? 'ToDate' : ''}`, {
              figure: figureText(measure.unit, before),
            })}
          </p>
        )}
        <Course answer={answer} measure={measure.key} />
      </div>
    );
  });
}

/** The line of a figure over time. */
function Course({ answer, measure }: { answer: Answer; measure: string }): ReactNode {
  const { t } = useWords();
  if (answer.by.length !== 1 || typeof answer.by[0] === 'string') return null;
  const values = valuesOf(answer.rows, answer.by, 0).map((day) => amountOf(rowAt(answer.rows, [day])?.figures[measure]) ?? 0);
  if (values.length < 3) return null;
  const [least, most] = [Math.min(0, ...values), Math.max(...values)];
  const y = (value: number): number => (most === least ? HEIGHT : HEIGHT - ((value - least) / (most - least)) * HEIGHT);
  const points = values.map((value, i) => `${((i * WIDTH) / (values.length - 1)).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg
      className={classes.spark}
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('report.course', { measure: t(`measure.${measure}`) })}
    >
      <polyline points={points} />
    </svg>
  );
}
