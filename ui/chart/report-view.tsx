import { type ReactNode, useMemo } from 'react';
import type { Drawing } from '#engine/declare/report.ts';
import { formatNumber, formatPercent, formatStretch } from '../format.ts';
import { useMeta } from '../meta.ts';
import { useSession } from '../session.ts';
import { useWords } from '../words.ts';
import { type Answer, amountOf, cutText, figureText, keyOf, valueText } from './answer.ts';
import { AnswerTable, DEEPEST, type Drill, PivotTable } from './answer-table.tsx';
import classes from './chart.module.css';
import { cohortsOf } from './cohort.ts';
import { LinesChart } from './lines-chart.tsx';
import { NumberView } from './number-view.tsx';
import { linesOf } from './series.ts';

interface Props {
  answer: Answer;
  drawing: Drawing;
  /** What it is called, for who does not see it. */
  name: string;
  height?: number;
  /** As a table, whatever it is drawn as. */
  asTable?: boolean;
  onDrill: Drill;
}

/** An answer as it is drawn; what could not be told is said below it, quietly. */
export function ReportView({ answer, drawing, name, height = 240, asTable = false, onDrill }: Props): ReactNode {
  const { t } = useWords();
  if (answer.measures.length === 0) return <p className={classes.note}>{t('report.withheldAll')}</p>;
  const empty = answer.by.length > 0 && answer.rows.length === 0;
  return (
    <>
      {empty && drawing.form !== 'number' ? (
        <p className={classes.note}>{t('report.nothing')}</p>
      ) : (
        <Drawn answer={answer} drawing={asTable ? { ...drawing, form: 'table' } : drawing} name={name} height={height} onDrill={onDrill} />
      )}
      <Notes answer={answer} />
    </>
  );
}

function Drawn({ answer, drawing, name, height, onDrill }: Required<Omit<Props, 'asTable'>>): ReactNode {
  switch (drawing.form) {
    case 'number':
      return <NumberView answer={answer} onDrill={onDrill} />;
    case 'pivot':
    case 'heatMap':
      return <PivotTable answer={answer} tinted={drawing.form === 'heatMap'} onDrill={onDrill} />;
    case 'funnel':
      return <Funnel answer={answer} onDrill={onDrill} />;
    case 'cohort':
      return <Cohorts answer={answer} onDrill={onDrill} />;
    case 'line':
    case 'bar':
    case 'stackedBar':
      return <LinesOrBars answer={answer} drawing={drawing} name={name} height={height} onDrill={onDrill} />;
    default:
      return <AnswerTable answer={answer} onDrill={onDrill} />;
  }
}

function Notes({ answer }: { answer: Answer }): ReactNode {
  const { t } = useWords();
  const unconverted = Math.max(0, ...Object.values(answer.total?.unconverted ?? {}));
  const notes = [
    answer.withheld > 0 ? t('report.withheld', { count: answer.withheld }) : null,
    unconverted > 0 ? t('report.unconverted', { count: unconverted, n: formatNumber(unconverted) }) : null,
    answer.unfiltered ? t('report.unfiltered') : null,
    answer.others === null
      ? t('report.manyMore')
      : answer.others > 0
        ? t('report.others', { count: answer.others, n: formatNumber(answer.others) })
        : null,
  ].filter((note) => note !== null);
  return notes.length === 0 ? null : <p className={classes.note}>{notes.join(' ')}</p>;
}

function LinesOrBars({ answer, drawing, name, height, onDrill }: Required<Omit<Props, 'asTable'>>): ReactNode {
  const words = useWords();
  const meta = useMeta();
  const currency = useSession()?.company.baseCurrency ?? 'EUR';
  const line = drawing.form === 'line';
  const drawn = useMemo(() => {
    const lines = linesOf(answer, drawing);
    if (!lines) return null;
    const object = answer.measures[0]?.object ?? '';
    const second = answer.by[1];
    return {
      lines,
      over: lines.over.map((value) => valueText(meta, words, object, lines.cut, value)),
      names: lines.series.map((series) =>
        series.before
          ? words.t(`report.compare.${answer.compare ?? 'previous'}`)
          : second !== undefined
            ? valueText(meta, words, object, second, series.of)
            : words.t(`measure.${series.measure.key}`),
      ),
    };
  }, [answer, drawing, meta, words]);
  if (!drawn) return <NumberView answer={answer} onDrill={onDrill} />;
  const { lines, over, names } = drawn;
  const lying = !line && !lines.inTime;
  const tall = lying ? Math.max(96, Math.min(640, over.length * (lines.series.length > 1 && !lines.stacked ? 40 : 32) + 32)) : height;
  return (
    <>
      {lines.series.length > 1 && (
        <ul className={classes.legend}>
          {names.map((one, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place
            <li key={i}>
              <span style={{ background: lines.series[i]?.before ? 'var(--pg-control)' : `var(--pg-series-${(i % 8) + 1})` }} />
              {one}
            </li>
          ))}
        </ul>
      )}
      <LinesChart
        lines={lines}
        over={over}
        names={names}
        currency={currency}
        line={line}
        height={tall}
        label={name}
        said={(series, at) => {
          const one = lines.series[series];
          const value = one?.points[at]?.value ?? null;
          const figure = value === null || one?.measure.unit !== 'money' ? value : { amount: String(value), currency };
          return words.t('chart.point', {
            over: over[at] ?? '',
            series: names[series] ?? '',
            figure: figureText(one?.measure.unit ?? 'number', figure),
          });
        }}
        onPick={(series, at) => {
          const point = series.points[at];
          if (point) onDrill(series.measure, point.cell, series.before);
        }}
      />
      {lines.left.length > 0 && (
        <p className={classes.note}>
          {words.t('report.inTable', { measures: lines.left.map(({ key }) => words.t(`measure.${key}`)).join(', ') })}
        </p>
      )}
    </>
  );
}

/** Steps below each other: how much is in each, and its share of the largest. */
function Funnel({ answer, onDrill }: { answer: Answer; onDrill: Drill }): ReactNode {
  const words = useWords();
  const meta = useMeta();
  const [measure, second] = answer.measures;
  const [cut] = answer.by;
  if (!measure || cut === undefined) return <NumberView answer={answer} onDrill={onDrill} />;
  const most = Math.max(...answer.rows.map((row) => amountOf(row.figures[measure.key]) ?? 0), 0);
  return (
    <ol className={classes.funnel} aria-label={words.t(`measure.${measure.key}`)}>
      {answer.rows.map((row) => {
        const amount = amountOf(row.figures[measure.key]) ?? 0;
        return (
          <li key={JSON.stringify(row.by.map(keyOf))}>
            <span>{valueText(meta, words, measure.object, cut, row.by[0])}</span>
            <div className={classes.bar} style={{ inlineSize: `${most === 0 ? 0 : (100 * amount) / most}%` }} aria-hidden />
            <span className={`${classes.cell} pg-figures`}>
              <button type="button" title={words.t('report.drill')} onClick={() => onDrill(measure, row.by)}>
                {figureText(measure.unit, row.figures[measure.key])}
              </button>
              {second && <span className={classes.share}> · {figureText(second.unit, row.figures[second.key])}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** What began together, and how much of it came when. */
function Cohorts({ answer, onDrill }: { answer: Answer; onDrill: Drill }): ReactNode {
  const words = useWords();
  const { t } = words;
  const meta = useMeta();
  const [measure] = answer.measures;
  const [cut] = answer.by;
  const rows = measure ? cohortsOf(answer.rows, answer.by, measure.key, answer.period?.to ?? answer.asOf.slice(0, 10)) : [];
  if (!measure || typeof cut !== 'object' || rows.length === 0) return <AnswerTable answer={answer} onDrill={onDrill} />;
  const money = measure.unit === 'money';
  const said = (amount: number): string => formatNumber(amount, money ? 0 : 2);
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={t(`measure.${measure.key}`)}>
        <thead>
          <tr>
            <th scope="col">{cutText(meta, words, measure.object, cut)}</th>
            <th scope="col" className={classes.number}>
              {t('report.total')}
            </th>
            {rows[0]?.after.map((_, later) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is its distance
              <th key={later} scope="col" className={classes.number}>
                {t(`report.later.${cut.every}`, { n: later })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.start}>
              <th scope="row">{formatStretch(row.start, cut.every)}</th>
              <td className={classes.number}>{said(row.whole)}</td>
              {row.after.map(({ amount, share, cell }, later) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its distance
                  key={later}
                  className={`${classes.tinted} ${classes.cell}`}
                  style={{
                    background: amount
                      ? `color-mix(in srgb, var(--pg-series-1) ${Math.round(share * DEEPEST)}%, var(--pg-canvas))`
                      : undefined,
                  }}
                  title={amount === null ? undefined : said(amount)}
                >
                  {amount ? (
                    <button type="button" title={t('report.drill')} onClick={() => onDrill(measure, cell)}>
                      {formatPercent(Math.round(share * 100) / 100)}
                    </button>
                  ) : amount === 0 ? (
                    '0'
                  ) : (
                    ''
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
