import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  addClient,
  type ClientValues,
  changeClient,
  findClient,
  listClients,
  removeClient,
  renewSecret,
} from '#engine/access/oauth-clients.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import type { Context } from '#engine/record/context.ts';
import { type Route, requirePermission } from './route.ts';
import { fromOf, originOf, signedIn } from './sign-in.routes.ts';

/** Which applications of others members may allow to act for them: registered, changed and removed by administrators. */

const CLIENTS = '/api/v1/oauth/clients';
const DOCUMENT = { type: 'object' } as const;

const values = {
  name: z.string().trim().min(1).max(100),
  redirectUris: z.array(z.string().max(2000)).max(50),
  scopes: z.array(z.string().max(100)).max(300),
  active: z.boolean(),
};

export function oauthClientRoutes(o: { forget(): void }): readonly Route[] {
  const administrator = (ctx: Context): string => {
    const userId = signedIn(ctx);
    requirePermission(ctx, 'administer');
    return userId;
  };
  const note = (ctx: Context, request: FastifyRequest, userId: string, name: string) =>
    noteSignIn(ctx.db, 'application', { userId, byId: userId, way: name, from: fromOf(request) });
  return [
    {
      method: 'GET',
      path: CLIENTS,
      tag: 'oauth',
      summary: 'Applications of others that members may allow, for administrators; never their secrets',
      answer: { type: 'object', properties: { items: { type: 'array', items: DOCUMENT }, server: { type: 'string' } } },
      handler: async ({ ctx, request }) => {
        administrator(ctx);
        return { value: { items: await listClients(ctx.db), server: originOf(request) } };
      },
    },
    {
      method: 'POST',
      path: CLIENTS,
      proof: true,
      tag: 'oauth',
      summary: 'Register an application; its secret, where it keeps one, is shown once',
      status: 201,
      body: z.strictObject({ ...values, active: values.active.default(true), confidential: z.boolean() }),
      answer: { type: 'object', properties: { id: { type: 'string' }, secret: { type: ['string', 'null'] } } },
      handler: async ({ ctx, body, request }) => {
        const userId = administrator(ctx);
        const given = body as ClientValues & { confidential: boolean };
        const made = await addClient(ctx.db, given);
        await note(ctx, request, userId, given.name);
        return { status: 201, value: made };
      },
    },
    {
      method: 'PATCH',
      path: `${CLIENTS}/{id}`,
      proof: true,
      tag: 'oauth',
      summary: 'Change an application',
      status: 204,
      body: z.strictObject(values).partial(),
      answer: 'none',
      handler: async ({ ctx, params, body, request }) => {
        const userId = administrator(ctx);
        const client = await changeClient(ctx.db, params.id ?? '', body as Partial<ClientValues>);
        o.forget();
        await note(ctx, request, userId, client.name);
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      path: `${CLIENTS}/{id}/secret`,
      proof: true,
      tag: 'oauth',
      summary: 'A new secret for an application, shown once; the one before holds no more',
      answer: { type: 'object', properties: { secret: { type: 'string' } } },
      handler: async ({ ctx, params, request }) => {
        const userId = administrator(ctx);
        const secret = await renewSecret(ctx.db, params.id ?? '');
        await note(ctx, request, userId, (await findClient(ctx.db, params.id ?? ''))?.name ?? '');
        return { value: { secret } };
      },
    },
    {
      method: 'DELETE',
      path: `${CLIENTS}/{id}`,
      proof: true,
      tag: 'oauth',
      summary: 'Remove an application; what it may do for anybody ends at once',
      status: 204,
      answer: 'none',
      handler: async ({ ctx, params, request }) => {
        const userId = administrator(ctx);
        const name = await removeClient(ctx.db, params.id ?? '');
        o.forget();
        await note(ctx, request, userId, name);
        return { status: 204 };
      },
    },
  ];
}
