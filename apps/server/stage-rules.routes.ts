import { z } from 'zod';
import { once } from '#engine/api/records.routes.ts';
import type { Route } from '#engine/api/route.ts';
import { type StepDraft, writeStageRules } from '#modules/sales/stage-rules.ts';

const keys = z.array(z.string().max(60)).max(100).describe('Keys of fields of an opportunity');

/** What a stage asks of its deals, with its playbook, written in one act. */
export const stageRuleRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: '/api/v1/stages/{id}/rules',
    tag: 'sales',
    summary: 'Set what a stage asks of its deals, and the whole playbook with it: both or neither, undone as one',
    writes: true,
    body: z.strictObject({
      values: z.strictObject({
        guidance: z.string().max(4000).nullable().optional(),
        requiredToEnter: keys.optional(),
        requiredToLeave: keys.optional(),
        maxAgeDays: z.number().int().min(1).max(3650).nullable().optional(),
        forecastCategory: z.string().max(60).nullable().optional(),
      }),
      steps: z
        .array(
          z.strictObject({
            id: z.uuid().nullable().describe('Null for a new one; those that are not named go'),
            text: z.string().max(200),
            detail: z.string().max(2000).nullable().optional(),
            asks: z.string().max(60).nullable().optional(),
            required: z.boolean().optional(),
            makesTask: z.boolean().optional(),
          }),
        )
        .max(100),
    }),
    answer: { type: 'object', properties: { id: { type: 'string' } } },
    handler: async (call) => {
      const { values, steps } = call.body as { values: Record<string, unknown>; steps: StepDraft[] };
      const id = call.params.id ?? '';
      const { replayed } = await once(() => writeStageRules(call.ctx, id, values, steps));
      return { value: { id }, headers: { 'perigon-cause': call.ctx.cause.id, ...(replayed ? { 'idempotent-replay': 'true' } : {}) } };
    },
  },
];
