import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { allowPasswords } from '#engine/access/oidc-providers.ts';
import {
  beginTotp,
  confirmTotp,
  demandSecondFactor,
  hasSecondFactor,
  readSecondFactor,
  removeSecondFactor,
} from '#engine/access/second-factor.ts';
import { endSessions, listSessions, sessionOwner, wasVouched } from '#engine/access/sessions.ts';
import { type From, listSignIns, noteSignIn } from '#engine/access/sign-in-log.ts';
import type { Vault } from '#engine/access/vault.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { conflict, denied, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { type Route, requirePermission } from './route.ts';

/** The cookie that holds a session's token. */
export const COOKIE = 'perigon_session';

/** Where this server stands, as who asks knows it. */
export const originOf = (request: FastifyRequest): string => `${request.protocol}://${request.host}`;

/** Where a request comes from, for the log of sign-ins. */
export const fromOf = (request: FastifyRequest): From => ({ address: request.ip, agent: request.headers['user-agent'] ?? null });

/** Who sits at a browser: a key that leaked must neither look after its owner's ways in nor make new ones. */
export function signedIn(ctx: Context): string {
  const { userId, kind } = ctx.actor;
  if (kind !== 'staff' || userId === null) throw denied('Sign in to do this; a key cannot.');
  return userId;
}

/** Whom a request is about: who asks, or for administrators whom it names. */
export async function meant(ctx: Context, user: unknown): Promise<string> {
  const self = signedIn(ctx);
  if (user === undefined || user === 'me' || user === self) return self;
  requirePermission(ctx, 'administer');
  const id = String(user);
  if (!isId(id)) throw notFound();
  await readOne(ctx, ctx.model.object('user'), id, ['id']);
  return id;
}

/** Of whom, in a query. */
export const WHOSE = z.strictObject({
  user: z.string().max(40).optional().describe('The id of a user, for administrators; else one’s own'),
});
const LINE = {
  type: 'object',
  properties: { id: { type: 'string' }, agent: { type: ['string', 'null'] }, address: { type: ['string', 'null'] } },
};

/** Where somebody is signed in, and what was done about signing in. */
export const signInRoutes = (o: { forget(): void; vault: Vault }): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/sign-in/sessions',
    tag: 'session',
    summary: 'Where I am signed in, this session marked; for administrators where somebody is',
    query: WHOSE,
    answer: { type: 'object', properties: { items: { type: 'array', items: LINE } } },
    handler: async ({ ctx, query, request }) => ({
      value: { items: await listSessions(ctx.db, await meant(ctx, query.user), request.cookies[COOKIE] ?? null) },
    }),
  },
  {
    method: 'DELETE',
    path: '/api/v1/sign-in/sessions',
    tag: 'session',
    summary: 'End all other sessions of mine; for administrators all of somebody',
    query: WHOSE,
    answer: { type: 'object', properties: { ended: { type: 'integer' } } },
    handler: async ({ ctx, query, request }) => {
      const userId = await meant(ctx, query.user);
      const ended = await endSessions(ctx.db, { userId, but: request.cookies[COOKIE] ?? null, byId: signedIn(ctx), from: fromOf(request) });
      o.forget();
      return { value: { ended } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/sign-in/sessions/{id}',
    tag: 'session',
    summary: 'End one session of mine; for administrators anybody’s',
    status: 204,
    answer: 'none',
    handler: async ({ ctx, params, request }) => {
      const self = signedIn(ctx);
      const id = params.id ?? '';
      const userId = isId(id) ? await sessionOwner(ctx.db, id) : null;
      const may = userId !== null && (userId === self || ctx.actor.rights.may('administer'));
      if (!may || (await endSessions(ctx.db, { userId, id, but: null, byId: self, from: fromOf(request) })) === 0)
        throw notFound('There is no such session.');
      // Out at once, on open streams and other servers, too.
      o.forget();
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/sign-in/events',
    tag: 'session',
    summary: 'What was done about signing in, newest first: everybody’s for administrators, else one’s own',
    query: z.strictObject({
      user: z.string().max(40).optional().describe('`me`, or the id of a user'),
      cursor: z.string().max(40).optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
    }),
    answer: {
      type: 'object',
      properties: { items: { type: 'array', items: LINE }, next: { type: ['string', 'null'] } },
      required: ['items', 'next'],
    },
    handler: async ({ ctx, query }) => {
      signedIn(ctx);
      const everybody = query.user === undefined && ctx.actor.rights.may('administer');
      const userId = everybody ? null : await meant(ctx, query.user);
      return { value: await listSignIns(ctx.db, { ...(query as { cursor?: string; limit?: number }), userId }) };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/sign-in/factor',
    tag: 'session',
    summary: 'How my second factor stands; for administrators somebody’s',
    query: WHOSE,
    answer: {
      type: 'object',
      properties: {
        since: { type: ['string', 'null'], format: 'date-time' },
        recovery: { type: 'integer' },
        passkeys: { type: 'integer' },
        demanded: { type: 'boolean' },
      },
    },
    handler: async ({ ctx, query }) => ({ value: await readSecondFactor(ctx.db, await meant(ctx, query.user)) }),
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/factor',
    tag: 'session',
    proof: true,
    summary: 'Begin to set up a second factor: the secret for an authenticator app, as an address to be drawn',
    answer: { type: 'object', properties: { uri: { type: 'string' }, secret: { type: 'string' } } },
    handler: async ({ ctx }) => {
      const userId = signedIn(ctx);
      const [user] = await ctx.db.query<{ email: string | null; name: string }>('select email, name from users where id = $1::uuid', [
        userId,
      ]);
      return { value: await beginTotp(ctx.db, o.vault, { id: userId, email: user?.email ?? user?.name ?? '' }) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/factor/confirm',
    tag: 'session',
    summary: 'Give the first code of the app; the recovery codes are shown once',
    body: z.strictObject({ code: z.string().max(20) }),
    answer: { type: 'object', properties: { recovery: { type: 'array', items: { type: 'string' } } } },
    handler: async ({ ctx, body, request }) => {
      const userId = signedIn(ctx);
      const recovery = await confirmTotp(ctx.db, o.vault, userId, (body as { code: string }).code.replace(/\s/g, ''));
      await noteSignIn(ctx.db, 'factor', { userId, byId: userId, from: fromOf(request) });
      o.forget();
      return { value: { recovery } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/factor/remove',
    tag: 'session',
    proof: true,
    summary: 'Take a second factor away: one’s own, or as administrator that of somebody who lost it',
    body: z.strictObject({ user: z.string().max(40).optional() }),
    status: 204,
    answer: 'none',
    handler: async ({ ctx, body, request }) => {
      const userId = await meant(ctx, (body as { user?: string }).user);
      const byId = signedIn(ctx);
      // Who lost the telephone lost the passkeys on it, too.
      if (!(await removeSecondFactor(ctx.db, userId, { everything: userId !== byId }))) throw notFound('There is no second factor.');
      await noteSignIn(ctx.db, 'noFactor', { userId, byId, from: fromOf(request) });
      o.forget();
      return { status: 204 };
    },
  },
  {
    method: 'PUT',
    path: '/api/v1/sign-in/rules',
    tag: 'session',
    proof: true,
    summary:
      'Whether everybody must have a second factor, for administrators who have one themselves; whether passwords open, for administrators whom a provider let in',
    body: z.strictObject({ secondFactor: z.boolean().optional(), passwords: z.boolean().optional() }),
    status: 204,
    answer: 'none',
    handler: async ({ ctx, body, request }) => {
      const userId = signedIn(ctx);
      requirePermission(ctx, 'administer');
      const { secondFactor, passwords } = body as { secondFactor?: boolean; passwords?: boolean };
      if (secondFactor && !(await hasSecondFactor(ctx.db, userId)))
        throw conflict('Set up a second factor of your own first, so that you know how it is done.');
      if (passwords === false && !(await wasVouched(ctx.db, request.cookies[COOKIE] ?? '')))
        throw conflict('Sign in by a provider yourself first, so that it is sure that this way is open.');
      if (secondFactor !== undefined) await demandSecondFactor(ctx.db, secondFactor);
      if (passwords !== undefined) {
        await allowPasswords(ctx.db, passwords);
        await noteSignIn(ctx.db, 'passwords', { userId, byId: userId, from: fromOf(request) });
      }
      o.forget();
      return { status: 204 };
    },
  },
];
