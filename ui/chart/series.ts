import type { Cut, Drawing } from '#engine/declare/report.ts';
import { type Answer, amountOf, keyOf, type ToldMeasure, valuesOf } from './answer.ts';

/** What a line or bar chart shows of an answer, before it has colours and words. Pure. */

export interface Point {
  value: number | null;
  /** Where it leads: the values of the cuts, of the stretch before for what is compared. */
  cell: unknown[];
}

export interface Series {
  /** The value of the second cut; undefined where measures are the series. */
  of?: unknown;
  measure: ToldMeasure;
  before: boolean;
  points: Point[];
}

export interface Lines {
  /** What the points stand over: values of the first cut. */
  over: unknown[];
  cut: Cut;
  /** Whether the first cut is time: it runs along, and gaps in it are nothing. */
  inTime: boolean;
  series: Series[];
  stacked: boolean;
  /** Measures in other units than the first: told in the table alone. */
  left: ToldMeasure[];
}

/** The most lines that are told apart. */
const MOST_SERIES = 8;

/** An answer as lines or bars over its first cut; null where it is not cut. */
export function linesOf(answer: Answer, drawing: Drawing): Lines | null {
  const [first] = answer.measures;
  const [cut, second] = answer.by;
  if (!first || cut === undefined) return null;
  const inTime = typeof cut !== 'string';
  const over = valuesOf(answer.rows, answer.by, 0);
  const at = new Map(answer.rows.map((row) => [JSON.stringify(row.by.map(keyOf)), row]));
  const value = (measure: ToldMeasure, cell: unknown[]): Point => {
    const figure = amountOf(at.get(JSON.stringify(cell.map(keyOf)))?.figures[measure.key]);
    // A count or sum of a stretch without anything is none; a mean of nothing is nothing.
    return { value: figure ?? (inTime && (measure.unit === 'count' || measure.unit === 'money') ? 0 : null), cell };
  };
  if (second !== undefined) {
    const parts = valuesOf(answer.rows, answer.by, 1).slice(0, MOST_SERIES);
    return {
      over,
      cut,
      inTime,
      stacked: drawing.form === 'stackedBar' && first.unit !== 'percent' && first.unit !== 'days',
      series: parts.map((part) => ({ of: part, measure: first, before: false, points: over.map((one) => value(first, [one, part])) })),
      left: answer.measures.slice(1),
    };
  }
  const drawn = answer.measures.filter(({ unit }) => unit === first.unit);
  const now = drawn.map((measure): Series => ({ measure, before: false, points: over.map((one) => value(measure, [one])) }));
  return {
    over,
    cut,
    inTime,
    stacked: drawing.form === 'stackedBar',
    series: [...now, ...earlier(answer, drawn[0], over, inTime)],
    left: answer.measures.filter(({ unit }) => unit !== first.unit),
  };
}

/** The stretch before beside the first measure: in time the first month stands over the first one. */
function earlier(answer: Answer, measure: ToldMeasure | undefined, over: readonly unknown[], inTime: boolean): Series[] {
  if (!answer.before || !measure) return [];
  const rows = answer.before.rows;
  const then = inTime ? valuesOf(rows, answer.by, 0) : over;
  const at = new Map(rows.map((row) => [JSON.stringify(keyOf(row.by[0])), row]));
  return [
    {
      measure,
      before: true,
      points: over.map((_, i) => {
        const cell = [then[i] ?? null];
        return { value: amountOf(at.get(JSON.stringify(keyOf(cell[0])))?.figures[measure.key]), cell };
      }),
    },
  ];
}
