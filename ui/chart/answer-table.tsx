import type { ReactNode } from 'react';
import { useMeta } from '../meta.ts';
import { useWords } from '../words.ts';
import {
  type Answer,
  type AnswerRow,
  amountOf,
  cutText,
  deltaOf,
  deltaText,
  figureText,
  keyOf,
  rowAt,
  type ToldMeasure,
  valuesOf,
  valueText,
} from './answer.ts';
import classes from './chart.module.css';

/** Opens the records behind a figure: `then` those of the stretch before. */
export type Drill = (measure: ToldMeasure, cell: readonly unknown[], then?: boolean) => void;

function FigureCell({
  measure,
  row,
  onDrill,
  cell,
  then,
}: {
  measure: ToldMeasure;
  row: AnswerRow | undefined;
  onDrill: Drill;
  cell: readonly unknown[];
  then?: boolean;
}): ReactNode {
  const { t } = useWords();
  const figure = row?.figures[measure.key];
  const text = figureText(measure.unit, figure);
  if (amountOf(figure) === null) return text;
  return (
    <button type="button" title={t('report.drill')} onClick={() => onDrill(measure, cell, then)}>
      {text}
    </button>
  );
}

/** An answer as rows: what it is cut by, and each figure; compared, how it moved. */
export function AnswerTable({ answer, onDrill }: { answer: Answer; onDrill: Drill }): ReactNode {
  const words = useWords();
  const { t } = words;
  const meta = useMeta();
  const object = answer.measures[0]?.object ?? '';
  const { before } = answer;
  const beside = before !== null && answer.by.every((cut) => typeof cut === 'string');
  const moved = (measure: ToldMeasure, now: AnswerRow | null, then: AnswerRow | null | undefined): ReactNode => {
    const delta = deltaOf(measure, now?.figures[measure.key], then?.figures[measure.key]);
    return (
      delta && <span className={delta.good === null ? undefined : delta.good ? classes.good : classes.bad}>{deltaText(delta, t)}</span>
    );
  };
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            {answer.by.map((cut, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cut is its place
              <th key={i} scope="col">
                {cutText(meta, words, object, cut)}
              </th>
            ))}
            {answer.measures.map((measure) => [
              <th key={measure.key} scope="col" className={classes.number}>
                {t(`measure.${measure.key}`)}
              </th>,
              beside && (
                <th key={`${measure.key} moved`} scope="col" className={classes.number}>
                  {t(`report.compare.${answer.compare ?? 'previous'}`)}
                </th>
              ),
            ])}
          </tr>
        </thead>
        <tbody>
          {answer.rows.map((row) => (
            <tr key={JSON.stringify(row.by.map(keyOf))}>
              {answer.by.map((cut, i) =>
                i === 0 ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cut is its place
                  <th key={i} scope="row">
                    {valueText(meta, words, object, cut, row.by[i])}
                  </th>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cut is its place
                  <td key={i}>{valueText(meta, words, object, cut, row.by[i])}</td>
                ),
              )}
              {answer.measures.map((measure) => [
                <td key={measure.key} className={`${classes.number} ${classes.cell}`}>
                  <FigureCell measure={measure} row={row} onDrill={onDrill} cell={row.by} />
                </td>,
                beside && (
                  <td key={`${measure.key} moved`} className={classes.number}>
                    {moved(measure, row, rowAt(before.rows, row.by))}
                  </td>
                ),
              ])}
            </tr>
          ))}
        </tbody>
        {answer.total && answer.by.length > 0 && (
          <tfoot>
            <tr>
              <th scope="row" colSpan={answer.by.length}>
                {t('report.total')}
              </th>
              {answer.measures.map((measure) => [
                <td key={measure.key} className={classes.number}>
                  {figureText(measure.unit, answer.total?.figures[measure.key])}
                </td>,
                beside && (
                  <td key={`${measure.key} moved`} className={classes.number}>
                    {moved(measure, answer.total, before.total)}
                  </td>
                ),
              ])}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** How far a cell of a heat map is tinted, in per cent of the series' ink: text stays readable on it. */
export const DEEPEST = 45;

/** Two cuts as rows and columns, the first measure in the cells; tinted by how much it is, where that is asked for. */
export function PivotTable({ answer, tinted, onDrill }: { answer: Answer; tinted: boolean; onDrill: Drill }): ReactNode {
  const words = useWords();
  const { t } = words;
  const meta = useMeta();
  const [measure] = answer.measures;
  if (!measure || answer.by.length < 2) return <AnswerTable answer={answer} onDrill={onDrill} />;
  const [down, across] = answer.by;
  const rows = valuesOf(answer.rows, answer.by, 0);
  const columns = valuesOf(answer.rows, answer.by, 1);
  const amounts = answer.rows.map((row) => amountOf(row.figures[measure.key])).filter((one) => one !== null);
  const most = Math.max(...amounts, 0);
  const least = measure.unit === 'percent' ? Math.min(...amounts) : 0;
  const tint = (row: AnswerRow | undefined): string | undefined => {
    const amount = amountOf(row?.figures[measure.key]);
    if (!tinted || amount === null || most <= least) return undefined;
    const share = Math.round((DEEPEST * (amount - least)) / (most - least));
    return `color-mix(in srgb, var(--pg-series-1) ${share}%, var(--pg-canvas))`;
  };
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={t(`measure.${measure.key}`)}>
        <thead>
          <tr>
            <th scope="col">{down !== undefined && cutText(meta, words, measure.object, down)}</th>
            {columns.map((column) => (
              <th key={JSON.stringify(keyOf(column))} scope="col" className={classes.number}>
                {across !== undefined && valueText(meta, words, measure.object, across, column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={JSON.stringify(keyOf(one))}>
              <th scope="row">{down !== undefined && valueText(meta, words, measure.object, down, one)}</th>
              {columns.map((column) => {
                const row = rowAt(answer.rows, [one, column]);
                return (
                  <td
                    key={JSON.stringify(keyOf(column))}
                    className={`${tinted ? classes.tinted : classes.number} ${classes.cell}`}
                    style={{ background: tint(row) }}
                  >
                    {row ? <FigureCell measure={measure} row={row} onDrill={onDrill} cell={[one, column]} /> : ''}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
