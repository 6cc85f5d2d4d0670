import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { askPasskey, beginPasskey, keepPasskey, listPasskeys, removePasskey, takePasskey } from '#engine/access/passkeys.ts';
import { openSession } from '#engine/access/sessions.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import { beginTry, forgiveTry, networkOf } from '#engine/access/tries.ts';
import { notFound, unrecognised } from '#kit/errors.ts';
import { placeOf } from './place.ts';
import type { Route } from './route.ts';
import { enter, SESSION } from './session.routes.ts';
import { fromOf, meant, signedIn, WHOSE } from './sign-in.routes.ts';

/** Refusals of passkeys from one network within the hour before it must wait: nobody can guess one, but logs can be filled. */
const TRIES_PER_NETWORK = 50;

const text = z.string().max(20_000);
/** Only its outline: the library of the standard reads what lies inside. */
const credential = z.looseObject({ id: text, rawId: text, type: z.literal('public-key'), response: z.record(z.string(), z.unknown()) });
/** What a browser gives when it was asked for a passkey. */
export const ASSERTION = z.strictObject({ passkey: credential });

/** Passkeys: made, listed and removed by their owner, and the way in by one. */
export const passkeyRoutes = (o: { forget(): void }): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/sign-in/passkeys',
    tag: 'session',
    summary: 'My passkeys; for administrators somebody’s',
    query: WHOSE,
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
    handler: async ({ ctx, query }) => ({ value: { items: await listPasskeys(ctx.db, await meant(ctx, query.user)) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/passkeys/options',
    tag: 'session',
    proof: true,
    summary: 'Begin to make a passkey: what the browser needs for it',
    answer: { type: 'object' },
    handler: async ({ ctx, request }) => {
      const userId = signedIn(ctx);
      const [user] = await ctx.db.query<{ email: string | null; name: string }>('select email, name from users where id = $1::uuid', [
        userId,
      ]);
      if (!user) throw notFound();
      return { value: await beginPasskey(ctx.db, placeOf(request), { id: userId, ...user }) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/passkeys',
    tag: 'session',
    summary: 'Keep a passkey that the browser made; with the first second factor recovery codes are given, this once',
    body: z.strictObject({ name: z.string().trim().min(1).max(100), response: credential }),
    status: 201,
    answer: { type: 'object', properties: { id: { type: 'string' }, recovery: { type: 'array', items: { type: 'string' } } } },
    handler: async ({ ctx, body, request }) => {
      const userId = signedIn(ctx);
      const { name, response } = body as unknown as { name: string; response: RegistrationResponseJSON };
      const made = await keepPasskey(ctx.db, placeOf(request), { userId, name, response });
      await noteSignIn(ctx.db, 'passkey', { userId, byId: userId, from: fromOf(request) });
      o.forget();
      return { status: 201, value: made };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/sign-in/passkeys/{id}',
    tag: 'session',
    proof: true,
    summary: 'Remove a passkey of mine',
    status: 204,
    answer: 'none',
    handler: async ({ ctx, params, request }) => {
      const userId = signedIn(ctx);
      if (!(await removePasskey(ctx.db, userId, params.id ?? ''))) throw notFound('There is no such passkey.');
      await noteSignIn(ctx.db, 'noPasskey', { userId, byId: userId, from: fromOf(request) });
      o.forget();
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/session/passkey/options',
    tag: 'session',
    summary: 'Begin to sign in by a passkey: what the browser needs for it',
    open: true,
    answer: { type: 'object' },
    handler: async ({ ctx, request }) => ({ value: await askPasskey(ctx.db, placeOf(request), { purpose: 'enter' }) }),
  },
  {
    method: 'POST',
    path: '/api/v1/session/passkey',
    tag: 'session',
    summary: 'Sign in by a passkey: no password, no code',
    open: true,
    body: ASSERTION,
    answer: SESSION,
    handler: async ({ ctx, body, request, reply }) => {
      const from = fromOf(request);
      const attempt = await beginTry(ctx.db, [{ subject: `passkey ${networkOf(from.address)}`, free: TRIES_PER_NETWORK }]);
      const { passkey } = body as unknown as { passkey: AuthenticationResponseJSON };
      const userId = await takePasskey(ctx.db, placeOf(request), { purpose: 'enter', response: passkey });
      if (userId === null) {
        await noteSignIn(ctx.db, 'wrongPasskey', { userId: null, from });
        throw unrecognised('This passkey does not open here.');
      }
      await forgiveTry(ctx.db, attempt);
      return { value: await enter({ ctx, request, reply }, { token: await openSession(ctx.db, userId, from), userId }, o.forget) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/proof/options',
    tag: 'session',
    summary: 'Begin to prove by a passkey that it is me: what the browser needs for it',
    answer: { type: 'object' },
    handler: async ({ ctx, request }) => ({
      value: await askPasskey(ctx.db, placeOf(request), { purpose: 'prove', userId: signedIn(ctx) }),
    }),
  },
];
