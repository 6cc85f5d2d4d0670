import { z } from 'zod';
import { type LinkKind, makeLink, readLink, useLink, withdrawLink } from '#engine/access/entry-links.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import { notFound } from '#kit/errors.ts';
import { type Route, requirePermission } from './route.ts';
import { letIn, SESSION } from './session.routes.ts';
import { fromOf, meant, signedIn } from './sign-in.routes.ts';

const USER = z.strictObject({ user: z.string().max(40) });
const token = z.string().min(1).max(100);

/** Links by which users set their password: made by administrators, opened by whoever holds one. */
export const entryLinkRoutes = (o: { forget(): void }): readonly Route[] => [
  {
    method: 'POST',
    path: '/api/v1/sign-in/links',
    tag: 'session',
    proof: true,
    summary:
      'Make a link by which a user sets their password: an invitation for seven days, or a reset for one hour; its token is shown once',
    status: 201,
    body: USER,
    answer: {
      type: 'object',
      properties: {
        token: { type: 'string', description: 'For the address /enter#TOKEN' },
        kind: { enum: ['invitation', 'reset'] satisfies LinkKind[] },
        expiresAt: { type: 'string', format: 'date-time' },
      },
    },
    handler: async ({ ctx, body, request }) => {
      const byId = signedIn(ctx);
      requirePermission(ctx, 'administer');
      const userId = await meant(ctx, (body as { user: string }).user);
      const link = await makeLink(ctx.db, userId);
      await noteSignIn(ctx.db, 'link', { userId, byId, from: fromOf(request) });
      return { status: 201, value: link };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/sign-in/links',
    tag: 'session',
    summary: 'Take a user’s link back',
    status: 204,
    query: USER,
    answer: 'none',
    handler: async ({ ctx, query }) => {
      signedIn(ctx);
      requirePermission(ctx, 'administer');
      if (!(await withdrawLink(ctx.db, await meant(ctx, query.user)))) throw notFound('There is no link.');
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/links/read',
    tag: 'session',
    summary: 'Whom a link is for',
    open: true,
    body: z.strictObject({ token }),
    answer: { type: 'object', properties: { name: { type: 'string' }, email: { type: 'string' }, kind: { type: 'string' } } },
    handler: async ({ ctx, body }) => ({ value: await readLink(ctx.db, (body as { token: string }).token) }),
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/links/use',
    tag: 'session',
    summary: 'Set one’s password by a link and sign in; 202 where a second factor is still to be given',
    open: true,
    body: z.strictObject({ token, password: z.string().max(200) }),
    answer: SESSION,
    handler: async ({ ctx, body, request, reply }) => {
      const { token, password } = body as { token: string; password: string };
      const userId = await useLink(ctx.db, token, password);
      await noteSignIn(ctx.db, 'password', { userId, byId: userId, from: fromOf(request) });
      o.forget();
      return letIn({ ctx, request, reply }, userId, o.forget);
    },
  },
];
