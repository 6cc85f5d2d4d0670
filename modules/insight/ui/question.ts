import type { Cut, Drawing, Form, MeasureInfo, Question } from './insight.ts';

/** What a question is best drawn as, and what it may be drawn as. Pure. */

const inTime = (cut: Cut | undefined): boolean => cut !== undefined && typeof cut !== 'string';

/** Every form that can show the answer, the best first. */
export function formsFor(question: Question, measures: readonly MeasureInfo[]): Form[] {
  const by = question.by ?? [];
  const [first, second] = by;
  const first0 = measures.find(({ key }) => key === question.measures[0]);
  if (by.length === 0) return ['number', 'table'];
  if (by.length === 1 && inTime(first)) return ['line', 'bar', 'number', 'table'];
  if (by.length === 1)
    return typeof first === 'string' && first.split('.').at(-1) === 'stage' ? ['funnel', 'bar', 'table'] : ['bar', 'table', 'funnel'];
  if (by.length === 2 && inTime(first) && inTime(second)) return ['cohort', 'heatMap', 'pivot', 'table'];
  const whole = first0?.unit !== 'percent' && first0?.unit !== 'days';
  if (by.length === 2 && inTime(first)) return ['line', ...(whole ? (['stackedBar'] as const) : []), 'bar', 'heatMap', 'pivot', 'table'];
  if (by.length === 2) return ['heatMap', 'pivot', ...(whole ? (['stackedBar'] as const) : []), 'bar', 'table'];
  return ['table'];
}

/** The drawing that stays, or the best one where the question no longer fits it. */
export function fitting(question: Question, drawing: Drawing, measures: readonly MeasureInfo[], chosen: boolean): Drawing {
  const forms = formsFor(question, measures);
  return chosen && forms.includes(drawing.form) ? drawing : { ...drawing, form: forms[0] ?? 'table' };
}

/** By what all measures can be cut. */
export function sharedDimensions(question: Question, measures: readonly MeasureInfo[]): string[] {
  const used = measures.filter(({ key }) => question.measures.includes(key));
  const [first, ...others] = used;
  return first ? first.dimensions.filter((path) => others.every(({ dimensions }) => dimensions.includes(path))) : [];
}

/** Whether the question may be cut by time: every measure counts on a day. */
export const hasTime = (question: Question, measures: readonly MeasureInfo[]): boolean =>
  question.measures.length > 0 && question.measures.every((key) => measures.find((one) => one.key === key)?.at !== undefined);

/** The one object that all measures are of. */
export function objectOf(question: Question, measures: readonly MeasureInfo[]): string | null {
  const objects = new Set(question.measures.map((key) => measures.find((one) => one.key === key)?.object));
  const [only] = objects;
  return objects.size === 1 && only !== undefined ? only : null;
}

/** A question without what no longer fits it after a measure came or went. */
export function mended(question: Question, measures: readonly MeasureInfo[]): Question {
  const time = hasTime(question, measures);
  const { where, compare, ...rest } = question;
  const single = objectOf(question, measures) !== null;
  return {
    ...rest,
    ...(question.by ? { by: question.by.filter((cut) => typeof cut === 'string' || cut.of !== undefined || time) } : {}),
    ...(where !== undefined && single ? { where } : {}),
    ...(compare && time ? { compare } : {}),
  };
}
