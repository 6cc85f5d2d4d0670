import { z } from 'zod';
import type { Ports } from '#engine/flows/doing.ts';
import { startable, startableFor, startByHand } from '#engine/flows/hand.ts';
import { receive } from '#engine/flows/inbound.ts';
import {
  countRuns,
  decideRun,
  listApprovals,
  listRuns,
  RUN_STATES,
  type RunState,
  readRun,
  retryRuns,
  stopRuns,
} from '#engine/flows/runs.ts';
import { checkFlow, newSecret, SECRETS, switchOff, switchOn } from '#engine/flows/switch.ts';
import { tryFlow } from '#engine/flows/trial.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { bind } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { invalid } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { once } from './records.routes.ts';
import type { Route } from './route.ts';

const FINDINGS: JsonObject = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      step: { type: ['string', 'null'], description: 'The step it is at; null for the flow itself' },
      path: { type: 'string' },
      code: { type: 'string' },
      detail: { type: 'string' },
    },
  },
};
const RUN: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    flow: { type: 'object' },
    version: { type: 'integer' },
    object: { type: 'string' },
    record: { type: 'object' },
    state: { enum: [...RUN_STATES] },
    held: { type: 'boolean', description: 'It waits for its hour, since the flow has a limit' },
    step: { type: ['string', 'null'] },
    wakeAt: { type: ['string', 'null'], format: 'date-time' },
    waitsFor: { type: ['object', 'null'], description: 'The condition that it waits for, until `wakeAt` at the latest' },
    attempts: { type: 'integer' },
    error: { type: ['string', 'null'] },
  },
};
const count = (name: string): JsonObject => ({ type: 'object', properties: { [name]: { type: 'integer' } } });

const Definition = z.strictObject({ definition: z.unknown() });

/** Automation: drawing is writing the records of `flows`; here is what else is done with them. */
export const flowRoutes = (ports: Ports): readonly Route[] => [
  {
    method: 'POST',
    path: '/api/v1/flows/check',
    tag: 'flows',
    summary: 'What is wrong with a drawing, at its steps',
    body: Definition,
    answer: { type: 'object', properties: { findings: FINDINGS } },
    handler: async ({ ctx, body }) => ({ value: { findings: await checkFlow(ctx, (body as z.infer<typeof Definition>).definition) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/flows/try',
    tag: 'flows',
    summary: 'What a drawing would have done with the records of a span; nothing is written, nothing leaves',
    body: z.strictObject({
      definition: z.unknown(),
      from: z.iso.datetime({ offset: true }).optional().describe('Thirty days ago unless given'),
      to: z.iso.datetime({ offset: true }).optional().describe('Now unless given'),
    }),
    answer: {
      type: 'object',
      properties: {
        starts: { type: 'integer' },
        tried: { type: 'integer' },
        since: { type: ['string', 'null'], description: 'Nothing older was looked at: there were too many, or no more time' },
        steps: { type: 'object' },
        items: { type: 'array', items: { type: 'object' } },
      },
    },
    handler: async ({ ctx, body }) => {
      const { definition, from, to } = body as { definition: unknown; from?: string; to?: string };
      const now = ctx.env.now.getTime();
      return {
        value: await tryFlow(ctx, ports, {
          definition,
          from: from ?? new Date(now - 30 * 86_400_000).toISOString(),
          to: to ?? new Date(now + 60_000).toISOString(),
        }),
      };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/flows/startable',
    tag: 'flows',
    summary: 'Flows that the caller may start by hand for records of an object',
    query: z.looseObject({ object: z.string().max(60) }),
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    handler: async ({ ctx, query }) => ({ value: { items: await startableFor(ctx, String(query.object)) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/flows/{id}/activate',
    tag: 'flows',
    summary: 'Switch a flow on as it is drawn now; it acts with the rights of the caller',
    writes: true,
    answer: count('version'),
    handler: async ({ ctx, params }) => ({
      value: (await once(() => switchOn(ctx, params.id ?? ''))).outcome,
      headers: { 'perigon-cause': ctx.cause.id },
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/flows/{id}/deactivate',
    tag: 'flows',
    summary: 'Switch a flow off',
    body: z.strictObject({ stop: z.boolean().optional().describe('Stop runs that are under way; they end as they would unless told so') }),
    writes: true,
    answer: count('stopped'),
    handler: async ({ ctx, params, body }) => ({
      value: (await once(() => switchOff(ctx, params.id ?? '', (body as { stop?: boolean }).stop === true))).outcome,
      headers: { 'perigon-cause': ctx.cause.id },
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/flows/{id}/secret',
    tag: 'flows',
    proof: true,
    summary: 'Make a new secret; it is given this once',
    body: z.strictObject({ kind: z.enum(SECRETS).describe('inbound: what others post with; webhook: what webhooks are signed with') }),
    answer: { type: 'object', properties: { secret: { type: 'string' } } },
    handler: async ({ ctx, params, body }) => ({
      value: { secret: await newSecret(ctx, params.id ?? '', (body as { kind: (typeof SECRETS)[number] }).kind) },
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/flows/{id}/start',
    tag: 'flows',
    summary: 'Start a flow for records: for those named at once, for those that meet a condition as a job',
    body: z.strictObject({ ids: z.array(z.string().max(40)).min(1).max(2000).optional(), where: z.unknown().optional() }),
    writes: true,
    answer: {
      type: 'object',
      properties: { started: { type: 'integer' }, skipped: { type: 'integer' }, id: { type: 'string', description: 'Of the job' } },
    },
    handler: async ({ ctx, params, body }) => {
      const { ids, where } = body as { ids?: string[]; where?: unknown };
      const flow = params.id ?? '';
      const headers = { 'perigon-cause': ctx.cause.id };
      if ((ids === undefined) === (where === undefined))
        throw invalid('Which records?', [{ path: 'ids', code: 'required', detail: 'Send `ids`, or a condition as `where`.' }]);
      if (ids !== undefined) return { value: (await once(() => startByHand(ctx, flow, ids))).outcome, headers };
      const { version, object } = await startable(ctx, flow);
      bind(ctx, object, where);
      const { outcome } = await once(() =>
        transact(ctx, (tx) =>
          enqueueJob(tx, {
            kind: 'flow',
            label: version.name,
            payload: { flow, where } as JsonObject,
            actor: ctx.actor,
            causeId: ctx.cause.id,
          }),
        ),
      );
      return { status: 202, value: { id: outcome }, headers: { ...headers, location: `/api/v1/jobs/${outcome}` } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/flows/{id}/inbound/{secret}',
    tag: 'flows',
    summary: 'For other programs: write a record and start the flow for it',
    open: true,
    body: z.record(z.string(), z.unknown()),
    writes: true,
    status: 202,
    answer: { type: 'object', properties: { record: { type: 'string' }, created: { type: 'boolean' }, started: { type: 'boolean' } } },
    handler: async ({ ctx, params, body, request }) => {
      const key = request.headers['idempotency-key'];
      const { outcome, replayed } = await once(() =>
        receive(ctx, params.id ?? '', params.secret ?? '', body, typeof key === 'string' && key !== '' ? key : null),
      );
      const headers: Record<string, string> = replayed ? { 'idempotent-replay': 'true' } : {};
      return { status: 202, value: outcome, headers };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/flows/{id}/counts',
    tag: 'flows',
    summary: 'How many runs of a flow stand where',
    answer: { type: 'object' },
    handler: async ({ ctx, params }) => ({ value: await countRuns(ctx, params.id ?? '') }),
  },
  {
    method: 'POST',
    path: '/api/v1/flows/{id}/retry',
    tag: 'flows',
    summary: 'Try failed runs of a flow again, up to 5,000 at once',
    answer: count('retried'),
    handler: async ({ ctx, params }) => ({ value: { retried: await retryRuns(ctx, { flow: params.id ?? '' }) } }),
  },
  {
    method: 'GET',
    path: '/api/v1/flow-runs',
    tag: 'flows',
    summary: 'Runs of flows, newest first',
    query: z.looseObject({
      flow: z.string().max(40).optional(),
      record: z.string().max(40).optional(),
      state: z.enum(RUN_STATES).optional(),
      cursor: z.string().max(40).optional(),
      limit: z.coerce.number().int().min(1).max(500).optional(),
    }),
    answer: { type: 'object', properties: { items: { type: 'array', items: RUN }, next: { type: ['string', 'null'] } } },
    handler: async ({ ctx, query }) => ({
      value: await listRuns(ctx, query as { flow?: string; record?: string; state?: RunState; cursor?: string; limit?: number }),
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/approvals',
    tag: 'flows',
    summary: 'Runs that wait for the caller to decide',
    query: z.looseObject({ record: z.string().max(40).optional() }),
    answer: { type: 'object', properties: { items: { type: 'array', items: RUN } } },
    handler: async ({ ctx, query }) => ({ value: { items: await listApprovals(ctx, query.record as string | undefined) } }),
  },
  {
    method: 'GET',
    path: '/api/v1/flow-runs/{id}',
    tag: 'flows',
    summary: 'A run with all it did',
    answer: RUN,
    handler: async ({ ctx, params }) => ({ value: await readRun(ctx, params.id ?? '') }),
  },
  {
    method: 'POST',
    path: '/api/v1/flow-runs/{id}/retry',
    tag: 'flows',
    summary: 'Try a failed run again from the step it failed at',
    answer: count('retried'),
    handler: async ({ ctx, params }) => ({ value: { retried: await retryRuns(ctx, { run: params.id ?? '' }) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/flow-runs/{id}/stop',
    tag: 'flows',
    summary: 'Stop a run; what it did stays',
    answer: count('stopped'),
    handler: async ({ ctx, params }) => ({ value: { stopped: await stopRuns(ctx, { run: params.id ?? '' }) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/flow-runs/{id}/decide',
    tag: 'flows',
    summary: 'Approve or refuse, for those whom the run asks',
    body: z.strictObject({ verdict: z.enum(['approve', 'refuse']), comment: z.string().max(2000).optional() }),
    answer: 'none',
    status: 204,
    handler: async ({ ctx, params, body }) => {
      const { verdict, comment } = body as { verdict: 'approve' | 'refuse'; comment?: string };
      await decideRun(ctx, params.id ?? '', verdict, comment ?? null);
      return { status: 204 };
    },
  },
];
