import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Actor } from '#engine/access/actor.ts';
import { ACCESS_PREFIX, accessTokenUser } from '#engine/access/oauth.ts';
import { sessionUser } from '#engine/access/sessions.ts';
import { apiKeyUser, expiryOf, loadActor } from '#engine/access/sign-in.ts';
import type { Model } from '#engine/declare/model.ts';
import { type Context, newCause } from '#engine/record/context.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import { Once } from '#engine/record/transact.ts';
import type { Db } from '#engine/store/db.ts';
import { asOf, type Origin, type Watcher } from '#engine/store/origin.ts';
import { denied } from '#kit/errors.ts';
import { Draining } from './draining.ts';
import { readJsonBodies } from './json-body.ts';
import type { Metrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { mountProblems, notThere } from './problems.ts';
import { mountRoutes, NOBODY, type Route } from './route.ts';
import { COOKIE } from './sign-in.routes.ts';

export interface ServerOptions {
  db: Db;
  models: ModelSource;
  routes: readonly Route[];
  /** A context for an actor and a cause. */
  context(actor: Actor, cause: Context['cause']): Promise<Context>;
  ready(): Promise<boolean>;
  /** How many live streams are open. */
  streams(): number;
  log(message: string, error?: unknown): void;
  /** Told of every request once it is answered. */
  answered?(told: Answered): void;
  watch: Required<Watcher>;
  metrics: Metrics;
  /** Folder of the built staff app; without it only the API is served. */
  webRoot: string | null;
}

/** A request and how it went: what is logged of it. Its address is the route's pattern, for addresses hold what people looked for. */
export interface Answered {
  origin: Origin;
  method: string;
  route: string;
  status: number;
  ms: number;
}

/** Requests are numbered within a run of the server. */
const BOOT = `${Date.now().toString(36)}${randomBytes(3).toString('hex')}`;
let requests = 0;
/** An id that whoever asks, or a proxy before us, may give a request. Anything else is no id, and would only muddle a log. */
const SANE_ID = /^[\w.:-]{8,128}$/;
const READING = newCause('request');
const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** A file that is imported may be this large; it goes to the disk as it comes. */
const UPLOAD_BYTES = 4 * 1024 ** 3;
/** For how long an actor's rights are taken as read. Sign-out and role changes on this server end it at once. */
const ACTOR_SECONDS = 2;

export interface Server {
  app: FastifyInstance;
  /** Every address that is mounted, as `METHOD /path/:param`: what the description is held against. */
  mounted: readonly string[];
  /** Forgets who is who: after sign-out and changes of users, roles, teams. */
  forget(): void;
  draining: Draining;
}

/** The HTTP server: security headers, who is asking, the routes, the staff app, health and metrics. */
export async function buildServer(o: ServerOptions): Promise<Server> {
  const app = fastify({
    bodyLimit: 32 * 1024 * 1024,
    trustProxy: process.env.PERIGON_TRUST_PROXY === '1',
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && SANE_ID.test(given) ? given : `${BOOT}-${(++requests).toString(36)}`;
    },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  });
  const draining = new Draining(app);
  const mounted: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) mounted.push(`${one} ${url}`);
  });
  const originOf = watchRequests(app, o);
  readJsonBodies(app);
  await app.register(cookie);
  await app.register(multipart, { limits: { fileSize: UPLOAD_BYTES, files: 1, fields: 20, fieldSize: 1024 * 1024 } });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        styleSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
    },
    hsts: false,
    crossOriginEmbedderPolicy: false,
  });
  mountProblems(app, o.log);

  const actors = new Map<string, { actor: Actor | null; until: number }>();
  const plural = (key: string) => o.models.current.objects.get(key)?.plural ?? key;
  const remembered = async (key: string, anew: boolean, find: () => Promise<Actor | null>): Promise<Actor | null> => {
    const held = anew ? undefined : actors.get(key);
    if (held && held.until > performance.now()) return held.actor;
    const actor = await find();
    if (actors.size > 5000) actors.clear();
    actors.set(key, { actor, until: performance.now() + ACTOR_SECONDS * 1000 });
    return actor;
  };
  const actorOf = async (request: FastifyRequest, anew = false): Promise<Actor | null> => {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const secret = bearerOf(authorization);
      if (!secret) return null;
      return remembered(`k${createHash('sha256').update(secret).digest('base64')}`, anew, async () => {
        if (secret.startsWith(ACCESS_PREFIX)) {
          const token = await accessTokenUser(o.db, secret);
          const actor = token && (await loadActor(o.db, token.userId, { kind: 'apiKey', scopes: token.scopes, plural }));
          return actor && { ...actor, via: token.client };
        }
        const key = await apiKeyUser(o.db, secret);
        return key && loadActor(o.db, key.userId, { kind: 'apiKey', scopes: key.scopes, plural });
      });
    }
    const token = request.cookies[COOKIE];
    if (!token) {
      // An open form of this very site may post (sign-in, set-up), another site's may not.
      if (UNSAFE.has(request.method) && isForeign(request)) throw denied('This request comes from another site.');
      return null;
    }
    if (UNSAFE.has(request.method) && !isOwn(request)) throw denied('This request comes from another site.');
    return remembered(`s${createHash('sha256').update(token).digest('base64')}`, anew, async () => {
      const found = await sessionUser(o.db, token);
      const actor = found && (await loadActor(o.db, found.userId, { plural }));
      // Who has to set a second factor up may do that and nothing else until then.
      if (!actor) return null;
      const { provedUntil } = found;
      return found.bare
        ? { ...NOBODY, userId: actor.userId, name: actor.name, provedUntil, reach: `bare ${found.userId}` }
        : { ...actor, provedUntil };
    });
  };
  const contextOf = async (actor: Actor, request: FastifyRequest): Promise<Context> => {
    // A reading request writes nothing, so it needs no cause of its own.
    const origin = originOf(request);
    if (origin) origin.user = actor.userId;
    const ctx = await o.context(actor, UNSAFE.has(request.method) ? newCause('request', actor.via) : READING);
    const key = request.headers['idempotency-key'];
    if (typeof key === 'string' && key !== '' && UNSAFE.has(request.method)) {
      const asked = createHash('sha256')
        .update(`${request.method} ${request.url} ${JSON.stringify(request.body instanceof Readable ? null : (request.body ?? null))}`)
        .digest('base64');
      ctx.once = new Once(key.slice(0, 200), actor.userId ?? 'nobody', asked);
    }
    return ctx;
  };
  const whyNobody = async ({ headers }: FastifyRequest): Promise<string | undefined> => {
    const day = await expiryOf(o.db, bearerOf(headers.authorization) ?? '');
    return day === null ? undefined : `This key expired on ${day}. Make a new one.`;
  };
  mountRoutes(app, o.routes, { actorOf, whyNobody, contextOf, isBehind: async (version) => (await o.models.newest()).version > version });
  mountHealth(app, o, draining);
  mountDocs(app, o);
  await mountWeb(app, o.webRoot);
  return { app, mounted, forget: () => actors.clear(), draining };
}

const bearerOf = (authorization: string | undefined): string | undefined => /^Bearer ([\w-]{1,120})$/.exec(authorization ?? '')?.[1];

/** Whether a browser says that the request was made by a page of this site. */
function isOwn(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return originMatches(request);
}
const isForeign = (request: FastifyRequest): boolean => {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return request.headers.origin !== undefined && !originMatches(request);
};
function originMatches(request: FastifyRequest): boolean {
  const { origin } = request.headers;
  try {
    return typeof origin === 'string' && new URL(origin).host === request.host;
  } catch {
    return false;
  }
}

/** What each request is done as, from its first byte to its answer. */
function watchRequests(app: FastifyInstance, o: ServerOptions): (request: FastifyRequest) => Origin | undefined {
  const origins = new WeakMap<FastifyRequest, Origin>();
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const { traceparent } = request.headers;
    const origin: Origin = {
      kind: 'request',
      id: request.id,
      name: `${request.method} ${route}`,
      user: null,
      ...(typeof traceparent === 'string' ? { parent: traceparent } : {}),
    };
    origins.set(request, origin);
    // On the raw answer, so that streams have it too.
    reply.raw.setHeader('x-request-id', request.id);
    o.watch.began(origin);
    done();
  });
  // Entered only here: reading a body leaves what was entered before it.
  app.addHook('preHandler', (request, _reply, done) => {
    const origin = origins.get(request);
    if (origin) asOf(origin, done);
    else done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const origin = origins.get(request);
    const told = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: reply.elapsedTime,
    };
    o.metrics.request(told);
    if (origin) {
      o.watch.ended(origin, { ms: told.ms, status: String(told.status), failed: told.status >= 500 });
      o.answered?.({ origin, ...told });
    }
    done();
  });
  return (request) => origins.get(request);
}

function mountHealth(app: FastifyInstance, o: ServerOptions, draining: Draining): void {
  o.metrics.gauge('perigon_oldest_transaction_seconds', 'Age of the oldest open transaction: it holds the log back', async () => {
    const [row] = await o.db
      .query<{ age: string | null }>(
        `select extract(epoch from now() - min(xact_start))::text as age from pg_stat_activity where xact_start is not null and pid <> pg_backend_pid()`,
      )
      .catch(() => []);
    return Number(row?.age ?? 0);
  });
  o.metrics.gauge('perigon_live_streams', 'Open live streams: one a browser', () => o.streams());
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const ready = !draining.isOn && (await o.ready().catch(() => false));
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  app.get('/metrics', async (_request, reply) => reply.type(o.metrics.registry.contentType).send(await o.metrics.registry.metrics()));
}

function mountDocs(app: FastifyInstance, o: ServerOptions): void {
  let held: { model: Model; text: string } | undefined;
  app.get('/api/openapi.json', async (_request, reply) => {
    const model = await o.models.newest();
    if (held?.model !== model) held = { model, text: JSON.stringify(describeApi(model, o.routes)) };
    return reply.type('application/json').send(held.text);
  });
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  void app.register(fastifyStatic, {
    root: swagger,
    prefix: '/api/docs/assets/',
    decorateReply: false,
    index: false,
    allowedPath: (path) => /\.(css|js|png)$/.test(path),
  });
  app.get('/api/docs', (_request, reply) => reply.type('text/html').send(DOCS));
  app.get('/api/docs/start.js', (_request, reply) => reply.type('text/javascript').send(START));
}

const DOCS = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Perigon API</title>
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css"></head><body><div id="docs"></div>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body></html>`;
const START = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#docs', docExpansion: 'none', deepLinking: true, defaultModelsExpandDepth: 0, validatorUrl: null });`;

async function mountWeb(app: FastifyInstance, root: string | null): Promise<void> {
  const page = root && existsSync(join(root, 'index.html')) ? root : null;
  if (page) {
    const files = (folder: string, cacheControl: string) => ({
      root: join(page, folder),
      prefix: `/${folder}`,
      preCompressed: true,
      decorateReply: false,
      index: false as const,
      setHeaders: (reply: { header(name: string, value: string): unknown }) => {
        reply.header('cache-control', cacheControl);
      },
    });
    // Hundreds, of which each start would make addresses of their own: they are looked for when they are asked for.
    await app.register(fastifyStatic, files('assets/', 'public, max-age=31536000, immutable'));
    await app.register(fastifyStatic, { ...files('', 'no-cache'), wildcard: false, globIgnore: ['index.html*', 'assets/**'] });
  }
  // Every address of the app is the same page, which finds its own way.
  const html = page ? readFileSync(join(page, 'index.html'), 'utf8') : null;
  const send = (reply: FastifyReply): FastifyReply => {
    // The sheets that the app makes as it runs carry the word of this very answer; no other inline style holds.
    const nonce = randomBytes(16).toString('base64');
    const policy = String(reply.getHeader('content-security-policy')).replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`);
    return reply
      .header('content-security-policy', policy)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(html?.replace('PERIGON_NONCE', nonce));
  };
  if (html !== null) for (const path of ['/', '/index.html']) app.get(path, (_request, reply) => send(reply));
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (html !== null && wantsPage && !/^\/(api|assets)\//.test(request.url)) return send(reply);
    const { status, body } = notThere();
    return reply
      .code(status)
      .type('application/problem+json')
      .send(JSON.stringify({ ...body, request: request.id }));
  });
}
