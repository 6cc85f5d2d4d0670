import { z } from 'zod';
import type { Predicate } from '#engine/declare/condition.ts';
import { bindPredicate, resolvePath } from '#engine/declare/predicate.ts';
import { COMPARISONS, type Drawing, FORMS, GRAINS, type Question, type Tile } from '#engine/declare/report.ts';
import { measureOf } from '#engine/measures/measures.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { isPerigonError, type Problem } from '#kit/errors.ts';

/** Questions, drawings and dashboards as they come in: their shape, and whether whoever writes them may ask that at all. */

const DAY = z.iso.date();
const GRAIN = z.enum(GRAINS);
const PATH = z.string().min(1).max(200);
export const PeriodShape = z.union([
  z.strictObject({ from: DAY, to: DAY }).refine(({ from, to }) => from <= to, 'The last day lies before the first.'),
  z.strictObject({ in: GRAIN, ago: z.number().int().min(0).max(400).optional() }),
  z.strictObject({ last: z.number().int().min(1).max(400), unit: GRAIN }),
]);
export const QuestionShape = z.strictObject({
  measures: z.array(z.string().max(60)).min(1).max(12).describe('Keys of measures'),
  by: z
    .array(z.union([PATH, z.strictObject({ every: GRAIN, of: PATH.optional() })]))
    .max(3)
    .optional()
    .describe('Cuts: paths such as `owner`, and `{"every":"month"}`'),
  period: PeriodShape.optional().describe('`{"in":"quarter","ago":1}`, `{"last":12,"unit":"month"}` or `{"from","to"}`'),
  where: z.unknown().optional().describe('A condition of the predicate language over the measured records'),
  mine: z.boolean().optional().describe('Only records that belong to the reader'),
  compare: z.enum(COMPARISONS).optional(),
});
export const DrawingShape = z.strictObject({
  form: z.enum(FORMS),
  sort: z.enum(['value', 'cut']).optional(),
  top: z.number().int().min(1).max(1000).optional(),
});
const WIDTH = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
const TilesShape = z
  .array(
    z.union([
      z.strictObject({ width: WIDTH, report: z.string().min(1).max(60) }),
      z.strictObject({ width: WIDTH, name: z.string().min(1).max(120), question: QuestionShape, drawing: DrawingShape }),
    ]),
  )
  .max(30);

type Read<T> = { value: T; problems: [] } | { value: null; problems: Problem[] };

function read<T>(shape: z.ZodType<unknown>, input: unknown): Read<T> {
  const parsed = shape.safeParse(input);
  if (parsed.success) return { value: parsed.data as T, problems: [] };
  return {
    value: null,
    problems: parsed.error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), code: issue.code, detail: issue.message })),
  };
}

export const readQuestion = (input: unknown): Read<Question> => read<Question>(QuestionShape, input);
export const readDrawing = (input: unknown): Read<Drawing> => read<Drawing>(DrawingShape, input);
export const readTiles = (input: unknown): Read<Tile[]> => read<Tile[]>(TilesShape, input);

export const OverShape = z.strictObject({
  period: PeriodShape.nullable().optional().describe('Instead of that of the question; null: all days'),
  filter: z.strictObject({ object: z.string().max(60), where: z.unknown() }).optional(),
  mine: z.boolean().optional(),
});

/** What is wrong with a question for whoever asks it: measures, cuts and conditions that are not there for them. */
export function questionFaults(ctx: Context, question: Question): Problem[] {
  const problems: Problem[] = [];
  const objects = new Set<string>();
  question.measures.forEach((key, i) => {
    try {
      const measure = measureOf(ctx, key);
      objects.add(measure.object);
      (question.by ?? []).forEach((cut, n) => {
        const path = typeof cut === 'string' ? cut : (cut.of ?? measure.at);
        const object = ctx.model.object(measure.object);
        if (path === undefined)
          problems.push({ path: `by.${n}`, code: 'noTime', detail: `${key} says how things stand now: it has no past.` });
        else if (!resolvePath(bindContext(ctx), object, path))
          problems.push({ path: `by.${n}`, code: 'unknownField', detail: `${object.key} has no field “${path.slice(0, 80)}”.` });
      });
    } catch (error) {
      if (!isPerigonError(error)) throw error;
      problems.push({ path: `measures.${i}`, code: 'unknownMeasure', detail: error.message });
    }
  });
  const [object, ...others] = objects;
  if (question.where === undefined || question.where === null || object === undefined) return problems;
  if (others.length > 0)
    problems.push({
      path: 'where',
      code: 'objects',
      detail: 'A condition is about records of one object, and these measures are of several.',
    });
  else
    try {
      bindPredicate(bindContext(ctx), ctx.model.object(object), question.where as Predicate);
    } catch (error) {
      if (!isPerigonError(error)) throw error;
      problems.push(...error.errors.map((one) => ({ ...one, path: ['where', one.path].filter(Boolean).join('.') })));
    }
  return problems;
}
