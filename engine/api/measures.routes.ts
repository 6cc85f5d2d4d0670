import { z } from 'zod';
import { GRAINS, type MeasureQuery, measureOf, readableMeasures, readMeasures, recordsBehind } from '#engine/measures/measures.ts';
import type { Route } from './route.ts';

const DAY = z.iso.date();
const CUT = z.union([z.string().max(200), z.strictObject({ every: z.enum(GRAINS), of: z.string().max(200).optional() })]);
const Question = z.strictObject({
  measures: z.array(z.string().max(60)).min(1).max(12).describe('Keys of measures'),
  by: z.array(CUT).max(3).optional().describe('Cuts: paths such as `owner` or `customer.country`, and `{"every":"month"}`'),
  from: DAY.optional().describe('First day that counts'),
  to: DAY.optional().describe('Last day that counts'),
  where: z.unknown().optional().describe('A condition of the predicate language over the measured records'),
  compare: z.enum(['previous', 'yearBefore']).optional(),
  limit: z.number().int().min(1).max(1000).optional(),
});
const Cell = z.strictObject({
  measure: z.string().max(60),
  by: z.array(CUT).max(3).optional(),
  cell: z
    .array(z.union([z.string().max(300), z.number(), z.boolean(), z.null()]))
    .max(3)
    .optional()
    .describe('The value of each cut; a record by its id'),
  from: DAY.optional(),
  to: DAY.optional(),
  where: z.unknown().optional(),
});

const FIGURE = { type: ['object', 'number', 'null'] };
const ROW = {
  type: 'object',
  properties: {
    by: { type: 'array', items: {} },
    figures: { type: 'object', additionalProperties: FIGURE },
    unconverted: { type: 'object', additionalProperties: { type: 'integer' } },
  },
};

/** Measures: what there is to be measured, read and drilled. */
export const measureRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/measures',
    tag: 'measures',
    summary: 'The measures that I may read, each with its one definition',
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    handler: async ({ ctx }) => ({ value: { items: readableMeasures(ctx) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/measures/read',
    tag: 'measures',
    reads: true,
    summary: 'Measures cut by fields and time, with their total; of the records that I may read',
    body: Question,
    answer: {
      type: 'object',
      properties: {
        rows: { type: 'array', items: ROW },
        total: ROW,
        more: { type: 'boolean' },
        asOf: { type: 'string' },
        before: { type: 'object' },
      },
    },
    handler: async ({ ctx, body }) => ({ value: await readMeasures(ctx, body as MeasureQuery) }),
  },
  {
    method: 'POST',
    path: '/api/v1/measures/records',
    tag: 'measures',
    reads: true,
    summary: 'The records behind one figure, as an object and a condition to ask for them with',
    body: Cell,
    answer: { type: 'object', properties: { object: { type: 'string' }, where: { type: 'object' } } },
    handler: async ({ ctx, body }) => {
      const { measure, ...cell } = body as z.infer<typeof Cell>;
      return { value: recordsBehind(ctx, measureOf(ctx, measure), cell as Parameters<typeof recordsBehind>[2]) };
    },
  },
];
