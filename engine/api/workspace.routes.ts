import { z } from 'zod';
import { createApiKey, listApiKeys, revokeApiKey } from '#engine/access/sign-in.ts';
import { cancelJob, enqueueJob, jobStatus, listJobs } from '#engine/jobs/jobs.ts';
import { type Action, readActionInput } from '#engine/record/action.ts';
import { readBrief } from '#engine/record/brief.ts';
import { previewUndo, REHEARSED } from '#engine/record/causes.ts';
import { type Context, newCause } from '#engine/record/context.ts';
import { checkHandOver, holdsOf } from '#engine/record/hand-over.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import { readOverview } from '#engine/record/overview.ts';
import { resolveParty } from '#engine/record/resolve.ts';
import { readTimeline } from '#engine/record/timeline.ts';
import { transact } from '#engine/record/transact.ts';
import { causeOf, type OneRecord, undoCause } from '#engine/record/undo.ts';
import { search } from '#engine/search/search.ts';
import { denied, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Json } from '#kit/json.ts';
import { describeModel } from './meta.ts';
import { following, movedTo, once } from './records.routes.ts';
import { type Route, requirePermission } from './route.ts';

const JOB = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    kind: { type: 'string' },
    state: { type: 'string' },
    done: { type: 'integer' },
    total: { type: ['integer', 'null'] },
    result: { type: ['object', 'null'] },
  },
};

/** The 360° view, search, actions, jobs, undo, keys: what stands above single records. */
/** The record that `object` and `record` of a query name; undefined where they name none. */
function recordNamed(ctx: Context, query: Record<string, unknown>): OneRecord | undefined {
  if (query.record === undefined) return undefined;
  const object = ctx.model.byPlural.get(String(query.object ?? ''));
  if (!object || !isId(query.record)) throw notFound();
  return { object, id: query.record };
}

export const workspaceRoutes = (actions: ReadonlyMap<string, Action>, o: { models: ModelSource; forget(): void }): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/parties/{id}/overview',
    tag: '360°',
    summary: 'A customer whole, in one answer',
    answer: { type: 'object' },
    handler: async (call) => {
      const { value, id } = await following(call, call.ctx.model.object('party'), (one) => readOverview(call.ctx, one));
      return { json: value, headers: movedTo(call, id, (one) => `/api/v1/parties/${one}/overview`) };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/parties/{id}/brief',
    tag: '360°',
    summary: 'What whoever takes a customer over must know, in one answer',
    answer: { type: 'object' },
    handler: async ({ ctx, params }) => ({ json: await readBrief(ctx, params.id ?? '') }),
  },
  {
    method: 'GET',
    path: '/api/v1/parties/{id}/timeline',
    tag: '360°',
    summary: 'All touches and events of a customer, newest first',
    answer: { type: 'object' },
    query: z.looseObject({
      channel: z.string().max(40).optional(),
      kind: z.string().max(40).optional(),
      object: z.string().max(60).optional(),
      cursor: z.string().max(300).optional(),
      limit: z.coerce.number().int().min(1).max(200).optional(),
    }),
    handler: async ({ ctx, params, query }) => ({ json: await readTimeline(ctx, params.id ?? '', query) }),
  },
  {
    method: 'GET',
    path: '/api/v1/users/{id}/hand-over',
    tag: '360°',
    summary: 'What a member of staff would leave behind: customers and open work',
    answer: { type: 'object' },
    handler: async ({ ctx, params }) => ({ value: await holdsOf(ctx, params.id ?? '') }),
  },
  {
    method: 'POST',
    path: '/api/v1/users/{id}/hand-over',
    tag: '360°',
    summary: 'Give customers and open work of a member of staff to a successor, as a job',
    body: z.strictObject({ to: z.string().max(40) }),
    writes: true,
    status: 202,
    answer: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    handler: async ({ ctx, params, body }) => {
      const change = { from: params.id ?? '', to: (body as { to: string }).to };
      await checkHandOver(ctx, change);
      const { outcome, replayed } = await once(() =>
        transact(ctx, (tx) =>
          enqueueJob(tx, { kind: 'handOver', payload: { change, causeKind: 'handOver' }, actor: ctx.actor, causeId: ctx.cause.id }),
        ),
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
  {
    method: 'POST',
    path: '/api/v1/parties/resolve',
    tag: '360°',
    summary: 'Whom addresses, numbers and external ids name',
    answer: { type: 'object' },
    body: z.strictObject({
      identifiers: z
        .array(z.strictObject({ kind: z.string().max(60), value: z.string().max(400) }))
        .min(1)
        .max(50),
    }),
    handler: async ({ ctx, body }) => ({ value: await resolveParty(ctx, (body as { identifiers: unknown }).identifiers) }),
  },
  {
    method: 'GET',
    path: '/api/v1/search',
    tag: 'search',
    summary: 'Search over all objects',
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    query: z.looseObject({
      q: z.string().max(200),
      limit: z.coerce.number().int().min(1).max(50).optional(),
      objects: z.string().max(500).optional(),
    }),
    handler: async ({ ctx, query }) => ({
      value: {
        items: await search(ctx, {
          q: String(query.q),
          limit: query.limit as number | undefined,
          objects: typeof query.objects === 'string' && query.objects ? query.objects.split(',') : undefined,
        }),
      },
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/meta',
    tag: 'meta',
    summary: 'Objects, fields and actions the caller may use',
    query: z.looseObject({
      version: z.coerce.number().int().optional().describe('At least this version of the catalogue, as the live stream told it'),
    }),
    answer: { type: 'object' },
    handler: async ({ ctx, query }) => {
      const isBehind = typeof query.version === 'number' && query.version > ctx.model.version;
      return { value: describeModel(isBehind ? { ...ctx, model: await o.models.newest() } : ctx) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/actions/{action}',
    tag: 'actions',
    summary: 'Do something',
    body: z.record(z.string(), z.unknown()),
    answer: { type: 'object' },
    writes: true,
    handler: async ({ ctx, params, body }) => {
      const action = actions.get(params.action ?? '');
      if (!action) throw notFound('There is no such action.');
      const { input, ids } = readActionInput(ctx, action, body);
      const headers = { 'perigon-cause': ctx.cause.id };
      if (action.declaration.bulk && ids.length > 100) {
        const { outcome } = await once(() =>
          transact(ctx, (tx) =>
            enqueueJob(tx, {
              kind: 'action',
              label: action.declaration.key,
              payload: { action: action.declaration.key, input: body as { [key: string]: Json } },
              actor: ctx.actor,
              causeId: ctx.cause.id,
              total: ids.length,
            }),
          ),
        );
        return { status: 202, value: { id: outcome }, headers };
      }
      const { outcome, replayed } = await once(() =>
        action.run({ ...ctx, cause: { ...ctx.cause, kind: 'action', label: action.declaration.key } }, input, ids),
      );
      return { value: outcome ?? {}, headers: { ...headers, ...(replayed ? { 'idempotent-replay': 'true' } : {}) } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/jobs',
    tag: 'jobs',
    summary: 'Long work, newest first',
    query: z.looseObject({ mine: z.enum(['true', 'false']).optional() }),
    answer: { type: 'object', properties: { items: { type: 'array', items: JOB } } },
    handler: async ({ ctx, query }) => ({ value: { items: await listJobs(ctx, { mine: query.mine !== 'false' }) } }),
  },
  {
    method: 'GET',
    path: '/api/v1/jobs/{id}',
    tag: 'jobs',
    summary: 'How far a job is',
    answer: JOB,
    handler: async ({ ctx, params }) => ({ value: await jobStatus(ctx, params.id ?? '') }),
  },
  {
    method: 'POST',
    path: '/api/v1/jobs/{id}/cancel',
    tag: 'jobs',
    summary: 'Stop a job at its next step',
    answer: JOB,
    handler: async ({ ctx, params }) => ({ value: await cancelJob(ctx, params.id ?? '') }),
  },
  {
    method: 'POST',
    path: '/api/v1/causes/{id}/undo',
    tag: 'undo',
    summary: 'Take back all that a cause wrote',
    query: z.looseObject({
      dryRun: z.enum(['true', 'false']).optional(),
      object: z.string().max(60).optional().describe('Plural of the object of `record`'),
      record: z.string().max(40).optional().describe('Takes back only what the cause did to this record'),
    }),
    answer: { type: 'object' },
    handler: async ({ ctx, params, query }) => {
      const only = recordNamed(ctx, query);
      const cause = await causeOf(ctx, params.id ?? '', only);
      const undoing = { ...ctx, cause: { ...newCause('undo', cause.label, cause.id), id: ctx.cause.id } };
      if (query.dryRun === 'true')
        return {
          value:
            cause.records > REHEARSED
              ? { ...(await previewUndo(ctx, cause.id, only)), rehearsed: false }
              : { ...(await undoCause(undoing, cause.id, { dryRun: true, only })), rehearsed: true },
        };
      const headers = { 'perigon-cause': ctx.cause.id };
      // A single edit comes back at once; anything larger is a job with progress.
      if (cause.records <= 100) return { value: { state: 'done', result: await undoCause(undoing, cause.id, { only }) }, headers };
      const id = await enqueueJob(ctx.db, {
        kind: 'undo',
        label: cause.label,
        payload: { cause: cause.id, causeKind: 'undo', causeParent: cause.id },
        actor: ctx.actor,
        causeId: ctx.cause.id,
        total: cause.records,
      });
      return { status: 202, value: { id }, headers };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/keys',
    tag: 'keys',
    summary: 'My API keys',
    answer: { type: 'object' },
    handler: async ({ ctx }) => ({ value: { items: await listApiKeys(ctx.db, userOf(ctx.actor.userId)) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/keys',
    tag: 'keys',
    proof: true,
    summary: 'Make an API key; its secret is shown once',
    status: 201,
    answer: { type: 'object' },
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      scopes: z.array(z.string().max(80)).max(50).nullish(),
      expiresAt: z.iso.datetime().nullish(),
    }),
    handler: async ({ ctx, body }) => {
      requirePermission(ctx, 'manageKeys');
      if (ctx.actor.kind === 'apiKey') throw denied('A key cannot make keys. Sign in.');
      return { status: 201, value: await createApiKey(ctx.db, { userId: userOf(ctx.actor.userId), ...(body as { name: string }) }) };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/keys/{id}',
    tag: 'keys',
    summary: 'Revoke an API key',
    status: 204,
    answer: 'none',
    handler: async ({ ctx, params }) => {
      if (!isId(params.id) || !(await revokeApiKey(ctx.db, userOf(ctx.actor.userId), params.id))) throw notFound('There is no such key.');
      // What was opened with it ends now, streams on other servers, too.
      o.forget();
      return { status: 204 };
    },
  },
];

function userOf(id: string | null): string {
  if (id === null) throw denied();
  return id;
}
