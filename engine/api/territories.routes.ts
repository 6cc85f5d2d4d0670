import { z } from 'zod';
import { requireVerb } from '#engine/access/policy.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { checkCut, previewCut, type RuleChange } from '#engine/record/territories.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import { once } from './records.routes.ts';
import type { Route } from './route.ts';

/** Cutting territories anew: what new rules would do, and doing it. */
const Rules = z.strictObject({
  rules: z
    .array(z.strictObject({ id: z.uuid(), rule: z.record(z.string(), z.unknown()).nullable() }))
    .max(500)
    .describe('Territories with the rule that each would have; the others keep theirs'),
});

export const territoryRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/territories/preview',
    tag: 'territories',
    reads: true,
    summary: 'How many customers would move from where to where if these rules stood',
    body: Rules,
    answer: {
      type: 'object',
      properties: {
        total: { type: 'integer' },
        moves: { type: 'array', items: { type: 'object' } },
        first: { type: 'array', items: { type: 'object' } },
      },
    },
    handler: async ({ ctx, body }) => {
      requireVerb(ctx.actor, ctx.model.object('territory'), 'update');
      return { value: await previewCut(ctx, (body as { rules: RuleChange[] }).rules) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/territories/apply',
    tag: 'territories',
    summary: 'Give territories these rules and move every customer that nobody put elsewhere by hand, as a job',
    body: Rules,
    writes: true,
    status: 202,
    answer: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    handler: async ({ ctx: asked, body }) => {
      const { rules } = body as { rules: RuleChange[] };
      const object = asked.model.object('territory');
      requireVerb(asked.actor, object, 'update');
      await checkCut(asked, rules);
      // Rules and customers share a cause: one undo gives both back.
      const ctx = { ...asked, cause: { ...asked.cause, kind: 'territories' as const } };
      const { outcome, replayed } = await once(() =>
        transact(ctx, async (tx) => {
          await writeIn(
            tx,
            ctx,
            object,
            rules.map(({ id, rule }) => ({ op: 'update', id, values: { rule } })),
          );
          return enqueueJob(tx, { kind: 'territories', payload: { causeKind: 'territories' }, actor: ctx.actor, causeId: ctx.cause.id });
        }),
      );
      return {
        status: 202,
        value: { id: outcome },
        headers: {
          location: `/api/v1/jobs/${outcome}`,
          'perigon-cause': ctx.cause.id,
          ...(replayed ? { 'idempotent-replay': 'true' } : {}),
        },
      };
    },
  },
];
