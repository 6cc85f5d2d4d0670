import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Actor } from '#engine/access/actor.ts';
import { hasProved, isProofNeeded, requireProof } from '#engine/access/proof.ts';
import { allows, readScope, type SpecialScope } from '#engine/declare/scopes.ts';
import type { Context } from '#engine/record/context.ts';
import { denied, invalid, isPerigonError } from '#kit/errors.ts';
import { isObject, type JsonObject } from '#kit/json.ts';

/**
 * A route is declared once: the server mounts it and the OpenAPI description lists it from the same declaration. `{plural}`
 * in a path stands for every object; the description writes it out for each.
 */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  /** As in OpenAPI: `/api/v1/{plural}/{id}`. */
  path: string;
  summary: string;
  tag: string;
  /** `none`: open to anyone; otherwise an actor is needed. */
  open?: boolean;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The body is read by the handler itself: a multipart upload. */
  multipart?: boolean;
  /** A body of any media type reaches the handler as a stream. */
  raw?: boolean;
  /** Schema of the good answer; `record` and `page` mean those of the object in the path. */
  answer?: JsonObject | 'record' | 'page' | 'none';
  /** Its media type where it is not JSON. */
  answerType?: string;
  status?: number;
  /** Changes nothing though it is posted: open to keys that read. */
  reads?: true;
  /** A special act that a narrowed key must name (`access/scopes.ts`). */
  scope?: SpecialScope;
  /** A dangerous act: who sits there must have proved a short while ago that it is them (`access/proof.ts`). */
  proof?: true;
  /** Whether `Idempotency-Key` and `If-Match` apply. */
  writes?: boolean;
  handler(call: Call): Promise<Answer> | Answer;
}

export interface Call {
  ctx: Context;
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Asks anew who sent this request, for answers that outlive it: null when the session or key has ended. */
  again(): Promise<Actor | null>;
}

export interface Answer {
  status?: number;
  /** A value to serialise, JSON text to hand on as it is, or a stream. */
  value?: unknown;
  json?: string;
  text?: { type: string; body: string };
  stream?: { type: string; body: Readable; filename?: string };
  headers?: Record<string, string>;
}

/** What mounting needs from the product. */
export interface Mount {
  /** The actor behind a request, `anew` as they stand this moment; null when nobody has signed in. Throws `denied` on a forged one. */
  actorOf(request: FastifyRequest, anew?: boolean): Promise<Actor | null>;
  /** What is to be told of a key that opens nothing; undefined where there is nothing to tell. */
  whyNobody(request: FastifyRequest): Promise<string | undefined>;
  contextOf(actor: Actor, request: FastifyRequest): Promise<Context>;
  /** Looks whether a newer catalogue than the one of this version was published, here or by another server. */
  isBehind(version: number): Promise<boolean>;
}

/** Errors that a newer catalogue may mend: an address, a field or an option that is not known here. */
const mayBeBehind = (error: unknown): boolean => isPerigonError(error, 'notFound') || isPerigonError(error, 'invalid');

export class SignInNeeded extends Error {}

/** Mounts routes on the server. */
export function mountRoutes(app: FastifyInstance, routes: readonly Route[], mount: Mount): void {
  const mountOn = (scope: FastifyInstance, route: Route) =>
    scope.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      handler: async (request, reply) => {
        let actor = await mount.actorOf(request);
        if (!actor && !route.open) throw new SignInNeeded(await mount.whyNobody(request));
        if (actor && !route.open) requireScope(route, actor);
        if (route.proof && actor) {
          // Another server may have taken the proof a moment ago.
          if (!hasProved(actor)) actor = await mount.actorOf(request, true);
          if (!actor) throw new SignInNeeded();
          requireProof(actor);
        }
        const query = route.query ? read(route.query, request.query, 'query') : ((request.query ?? {}) as Record<string, unknown>);
        const body = route.body ? read(route.body, request.body ?? {}, 'body') : request.body;
        const context = () => mount.contextOf(actor ?? NOBODY, request);
        const run = async (ctx: Context) =>
          route.handler({
            ctx,
            params: request.params as Record<string, string>,
            query: query as Record<string, unknown>,
            body,
            request,
            reply,
            again: () => mount.actorOf(request),
          });
        let ctx = await context();
        // Whose good records are to stand though others are refused cannot be asked once more: there it is looked first.
        if (isObject(body) && body.partial === true && (await mount.isBehind(ctx.model.version))) ctx = await context();
        try {
          return send(reply, await run(ctx));
        } catch (error) {
          // What this server does not know another one may have made a moment ago: asked once more with what is known now.
          if (route.multipart || route.raw || !actor) throw error;
          if (isProofNeeded(error)) {
            actor = await mount.actorOf(request, true);
            if (!actor || !hasProved(actor)) throw error;
          } else if (!mayBeBehind(error) || !(await mount.isBehind(ctx.model.version))) throw error;
          return send(reply, await run(await context()));
        }
      },
    });
  for (const route of routes) {
    if (!route.raw) mountOn(app, route);
    // A scope of its own, where no parser touches the body.
    else
      void app.register(async (scope) => {
        scope.removeContentTypeParser(['application/json', 'text/plain']);
        scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
        mountOn(scope, route);
      });
  }
}

/** Has no rights at all: what an open route runs under before anyone signed in. */
export const NOBODY: Actor = {
  kind: 'staff',
  userId: null,
  name: 'nobody',
  teamIds: [],
  teamUserIds: null,
  territoryIds: [],
  roles: [],
  rights: { scope: () => 'none', field: () => 'hidden', may: () => false, key: 'nobody' },
  reach: 'nobody',
};

function read<T>(schema: z.ZodType<T>, input: unknown, where: string): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(
    `The ${where} cannot be read.`,
    parsed.error.issues.slice(0, 100).map((issue) => ({ path: issue.path.join('.'), code: issue.code, detail: issue.message })),
  );
}

function send(reply: FastifyReply, answer: Answer): unknown {
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  reply.code(answer.status ?? 200);
  if (answer.stream) {
    reply.type(answer.stream.type);
    if (answer.stream.filename)
      reply.header('content-disposition', `attachment; filename="${answer.stream.filename.replace(/[^\w.-]/g, '_')}"`);
    return reply.send(answer.stream.body);
  }
  if (answer.text) return reply.type(answer.text.type).send(answer.text.body);
  if (answer.json !== undefined) return reply.type('application/json; charset=utf-8').send(answer.json);
  if (answer.value === undefined) return reply.code(answer.status ?? 204).send();
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.value));
}

/**
 * Refuses a narrowed key what its scopes cannot mean, whatever the handler would say: special acts that they do not name, and every
 * change where they only read. What they mean of each object is asked at the door of records.
 */
function requireScope(route: Route, { kind, scopes }: Actor): void {
  if (kind !== 'apiKey' || !scopes) return;
  if (route.scope && !allows(scopes, { act: route.scope })) throw denied(`This key lacks the scope “${route.scope}”.`);
  const changes = route.method !== 'GET' && !route.reads;
  if (changes && scopes.every((scope) => readScope(scope)?.act === 'read')) throw denied('This key only reads.');
}

/** Refuses unless the actor has a permission beyond records. */
export function requirePermission(ctx: Context, permission: 'administer' | 'import' | 'export' | 'undo' | 'manageKeys'): void {
  if (!ctx.actor.rights.may(permission)) throw denied();
}
