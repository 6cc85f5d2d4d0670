import { z } from 'zod';
import { requireVerb } from '#engine/access/policy.ts';
import type { Route } from '#engine/api/route.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { invalid } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { previewAssignment } from '#modules/leads/assign-leads.action.ts';
import { startScoring } from '#modules/leads/score-job.ts';
import { loadThresholds, ruledObject, saveThresholds, scoreRules } from '#modules/leads/score-leads.ts';
import { explainScore, gradesNow, previewScores } from '#modules/leads/score-reading.ts';
import { faultOfThresholds, GRADES, type ScoreRule, type Thresholds } from '#modules/leads/scoring.ts';

const points = z.number().int().min(1).max(100);
const Grades = z.strictObject({ A: points, B: points, C: points }).describe('From how many points on a lead is an A, a B, a C');
const Rule = z.strictObject({
  id: z.uuid().nullable().describe('The rule that it takes the place of; null for a new one'),
  active: z.boolean().default(true),
  name: z.string().max(120).default(''),
  kind: z.enum(['fit', 'engagement']),
  condition: z.record(z.string(), z.unknown()),
  points: z.number().int().min(-100).max(100),
  most: z.number().int().min(1).max(50).default(5),
  halfLifeDays: z.number().int().min(1).max(365).default(14),
});
type Draft = z.infer<typeof Rule>;

const GRADE: JsonObject = { enum: [...GRADES] };
const COUNTS: JsonObject = { type: 'object', properties: Object.fromEntries(GRADES.map((grade) => [grade, { type: 'integer' }])) };

function checked(grades: Thresholds): Thresholds {
  const fault = faultOfThresholds(grades);
  if (fault)
    throw invalid('The grades cannot stand so.', [
      { path: fault, code: 'order', detail: 'A begins above B, B above C; each between 1 and 100.' },
    ]);
  return grades;
}

/** The rules as they would be with a draft among them, which must ask what its writer may ask. */
async function drafted(ctx: Context, draft: Draft | null): Promise<ScoreRule[]> {
  const rules = await scoreRules(ctx.db);
  if (!draft) return rules;
  const { active, id, ...values } = draft;
  bindPredicate(bindContext(ctx), ruledObject(ctx.model, values.kind), values.condition, 'rule.condition');
  const others = rules.filter((rule) => rule.id !== id);
  return active ? [...others, { ...values, id: id ?? '' }] : others;
}

const mayEdit = (ctx: Context): void => requireVerb(ctx.actor, ctx.model.object('scoreRule'), 'update');

/** How promising leads are and why, and to whom they would go. */
export const leadScoreRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/lead-scores/{id}',
    tag: 'leads',
    summary: 'Why a lead has its score, reckoned this moment: each reason with its points, when it came, and when half will be left',
    answer: {
      type: 'object',
      properties: {
        score: { type: 'integer' },
        grade: GRADE,
        reasons: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              rule: { type: ['object', 'null'], description: 'Null for all that looks at what you may not read, together' },
              kind: { enum: ['fit', 'engagement', null] },
              points: { type: 'number' },
              touches: { type: ['integer', 'null'] },
              at: { type: ['string', 'null'], format: 'date-time' },
              halvedOn: { type: ['string', 'null'], format: 'date' },
            },
          },
        },
      },
    },
    handler: async ({ ctx, params }) => ({ value: await explainScore(ctx, params.id ?? '') }),
  },
  {
    method: 'GET',
    path: '/api/v1/lead-grades',
    tag: 'leads',
    summary: 'From how many points on a lead has which grade, and how many open leads have it',
    answer: { type: 'object', properties: { grades: { type: 'object' }, leads: COUNTS } },
    handler: async ({ ctx }) => {
      requireVerb(ctx.actor, ctx.model.object('lead'), 'read');
      return { value: { grades: await loadThresholds(ctx.db), leads: await gradesNow(ctx) } };
    },
  },
  {
    method: 'PUT',
    path: '/api/v1/lead-grades',
    tag: 'leads',
    summary: 'Set from how many points on a lead has which grade; open leads are graded anew, as a job',
    body: Grades,
    status: 202,
    answer: { type: 'object', properties: { job: { type: 'string' } } },
    handler: async ({ ctx, body }) => {
      mayEdit(ctx);
      await saveThresholds(ctx.db, checked(body as Thresholds));
      return { status: 202, value: { job: await startScoring(ctx.db, enqueueJob) } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/lead-grades/preview',
    tag: 'leads',
    reads: true,
    summary: 'How the open leads of now would score with another rule, or other grades',
    body: z.strictObject({ rule: Rule.nullable().default(null), grades: Grades.nullable().default(null) }),
    answer: {
      type: 'object',
      properties: {
        total: { type: 'integer' },
        before: COUNTS,
        after: COUNTS,
        examples: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              name: { type: 'string' },
              before: { type: 'integer' },
              after: { type: 'integer' },
              gradeBefore: GRADE,
              gradeAfter: GRADE,
            },
          },
        },
      },
    },
    handler: async ({ ctx, body }) => {
      mayEdit(ctx);
      const { rule, grades } = body as { rule: Draft | null; grades: Thresholds | null };
      const thresholds = grades ? checked(grades) : await loadThresholds(ctx.db);
      return { value: await previewScores(ctx, { rules: await drafted(ctx, rule), thresholds }) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/assignments/preview',
    tag: 'leads',
    reads: true,
    summary: 'Who would get which of some open leads if they were given out by the rules now',
    body: z.strictObject({ ids: z.array(z.uuid()).min(1).max(200) }),
    answer: {
      type: 'object',
      properties: {
        items: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              name: { type: 'string' },
              user: { type: ['object', 'null'] },
              why: { type: ['object', 'null'] },
            },
          },
        },
      },
    },
    handler: async ({ ctx, body }) => ({ value: { items: await previewAssignment(ctx, (body as { ids: string[] }).ids) } }),
  },
];
