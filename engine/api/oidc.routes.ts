import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ATTEMPT_SECONDS, beginOidc, endOidc, type OidcPorts, OidcRefusal, tryProvider } from '#engine/access/oidc.ts';
import {
  ADMITS,
  checkProvider,
  listProviders,
  type ProviderValues,
  passwordsOff,
  removeProvider,
  saveProvider,
} from '#engine/access/oidc-providers.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { invalid, isPerigonError, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { type Answer, type Route, requirePermission } from './route.ts';
import { letIn } from './session.routes.ts';
import { fromOf, originOf, signedIn } from './sign-in.routes.ts';

/** The cookie of an attempt: sent to where the provider leads back alone. */
const ATTEMPT = 'perigon_oidc';
const PATH = '/api/v1/sign-in/oidc';

/** Only paths of this site are followed after sign-in. */
const ownPath = (value: unknown): string =>
  typeof value === 'string' && value.length <= 2000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) && !value.includes('\\') ? value : '/';

const VALUES = {
  name: z.string().trim().min(1).max(100),
  issuer: z.string().trim().min(1).max(500),
  clientId: z.string().trim().min(1).max(500),
  secret: z.string().max(2000).nullish().describe('The client secret; null takes it away, none leaves what there is'),
  admits: z
    .enum(ADMITS)
    .describe('`members`: only who is a member already; `domains`: anyone with a verified e-mail of one of the domains'),
  domains: z.array(z.string().max(253)).max(100),
  role: z.string().max(40).nullable().describe('The role of those who come in by a domain'),
  asksFactor: z.boolean().describe('The provider asks for a second factor itself, so Perigon does not'),
  active: z.boolean(),
};
const NEW = z.strictObject({
  ...VALUES,
  domains: VALUES.domains.default([]),
  role: VALUES.role.default(null),
  asksFactor: VALUES.asksFactor.default(true),
  active: VALUES.active.default(true),
  admits: VALUES.admits.default('members'),
});
const CHANGE = z.strictObject(VALUES).partial();

/** Sign-in by providers: set up by administrators, begun and ended by anybody's browser. */
export function oidcRoutes(o: OidcPorts & { forget(): void; log(message: string): void }): readonly Route[] {
  const administrator = (ctx: Context): string => {
    const userId = signedIn(ctx);
    requirePermission(ctx, 'administer');
    return userId;
  };
  const save = async (
    ctx: Context,
    id: string | null,
    values: ProviderValues,
    secret: string | null | undefined,
    asked: boolean,
  ): Promise<string> => {
    const checked = checkProvider(values);
    if (checked.role !== null) {
      const role = isId(checked.role) ? checked.role : '';
      await readOne(ctx, ctx.model.object('role'), role, ['id']).catch((error: unknown) => {
        if (isPerigonError(error, 'notFound'))
          throw invalid('The provider cannot be saved.', [{ path: 'role', code: 'reference', detail: 'There is no such role.' }]);
        throw error;
      });
    }
    if (asked)
      await tryProvider(o, checked).catch((error: Error) => {
        throw invalid('The provider cannot be saved.', [
          { path: 'issuer', code: 'discovery', detail: `No sign-in was found there. ${error.message}` },
        ]);
      });
    return saveProvider(o.db, o.vault, { id, values: checked, secret });
  };
  const refused = async (error: unknown, ctx: Context, request: FastifyRequest): Promise<Answer> => {
    if (!(error instanceof OidcRefusal)) throw error;
    const { problem, way, reason, userId } = error;
    if (reason !== null) o.log(`a sign-in by ${way ?? 'a provider'} came to nothing: ${reason}`);
    if (problem !== 'expired' && problem !== 'failed') await noteSignIn(ctx.db, 'refused', { userId, way, from: fromOf(request) });
    return { status: 302, headers: { location: `/sign-in?problem=${problem}`, 'cache-control': 'no-store' } };
  };
  return [
    {
      method: 'GET',
      path: '/api/v1/sign-in/providers',
      tag: 'session',
      summary: 'Providers that may vouch for members, for administrators; never their secrets',
      answer: {
        type: 'object',
        properties: { items: { type: 'array', items: { type: 'object' } }, passwords: { type: 'boolean' }, callback: { type: 'string' } },
      },
      handler: async ({ ctx, request }) => {
        administrator(ctx);
        const [items, off] = [await listProviders(ctx.db), await passwordsOff(ctx.db)];
        return { value: { items, passwords: !off, callback: `${originOf(request)}${PATH}/callback` } };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/sign-in/providers',
      proof: true,
      tag: 'session',
      summary: 'Add a provider; it is asked for its description first',
      status: 201,
      body: NEW,
      answer: { type: 'object', properties: { id: { type: 'string' } } },
      handler: async ({ ctx, body, request }) => {
        const byId = administrator(ctx);
        const { secret, ...values } = body as ProviderValues & { secret?: string | null };
        const id = await save(ctx, null, values, secret ?? null, true);
        await noteSignIn(ctx.db, 'provider', { userId: byId, byId, way: values.name, from: fromOf(request) });
        return { status: 201, value: { id } };
      },
    },
    {
      method: 'PATCH',
      path: '/api/v1/sign-in/providers/{id}',
      proof: true,
      tag: 'session',
      summary: 'Change a provider; it is asked for its description anew where its address or name there is another one',
      status: 204,
      body: CHANGE,
      answer: 'none',
      handler: async ({ ctx, params, body, request }) => {
        const byId = administrator(ctx);
        const held = (await listProviders(ctx.db)).find(({ id }) => id === params.id);
        if (!held) throw notFound('There is no such provider.');
        const { secret, ...changed } = body as Partial<ProviderValues> & { secret?: string | null };
        const { id, hasSecret, version, ...before } = held;
        const values = { ...before, ...changed };
        // What is kept for one address is not sent to another that was typed later.
        const elsewhere = values.issuer !== before.issuer;
        if (elsewhere && hasSecret && secret === undefined)
          throw invalid('The provider cannot be saved.', [
            { path: 'secret', code: 'required', detail: 'Give the secret for this address.' },
          ]);
        await save(ctx, id, values, secret, elsewhere || values.clientId !== before.clientId);
        await noteSignIn(ctx.db, 'provider', { userId: byId, byId, way: values.name, from: fromOf(request) });
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/sign-in/providers/{id}',
      proof: true,
      tag: 'session',
      summary: 'Remove a provider and as whom it knew members',
      status: 204,
      answer: 'none',
      handler: async ({ ctx, params, request }) => {
        const byId = administrator(ctx);
        const held = (await listProviders(ctx.db)).find(({ id }) => id === params.id);
        if (!held) throw notFound('There is no such provider.');
        await removeProvider(o.db, held.id);
        await noteSignIn(ctx.db, 'provider', { userId: byId, byId, way: held.name, from: fromOf(request) });
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/{id}/start`,
      tag: 'session',
      summary: 'Begin to sign in by a provider: leads the browser there',
      open: true,
      status: 302,
      answer: 'none',
      query: z.strictObject({ back: z.string().max(2000).optional().describe('A path of this site to go to afterwards') }),
      handler: async ({ ctx, params, query, request, reply }) => {
        try {
          const id = params.id ?? '';
          if (!isId(id)) throw new OidcRefusal('failed', null);
          const begun = await beginOidc(o, id, { callback: `${originOf(request)}${PATH}/callback`, back: ownPath(query.back) });
          const secure = request.protocol === 'https';
          reply.setCookie(ATTEMPT, begun.sealed, { path: PATH, httpOnly: true, sameSite: 'lax', secure, maxAge: ATTEMPT_SECONDS });
          return { status: 302, headers: { location: begun.url, 'cache-control': 'no-store' } };
        } catch (error) {
          return refused(error, ctx, request);
        }
      },
    },
    {
      method: 'GET',
      path: `${PATH}/callback`,
      tag: 'session',
      summary: 'Where a provider leads back: signs in, or leads to the sign-in page with what was wrong',
      open: true,
      status: 302,
      answer: 'none',
      handler: async ({ ctx, request, reply }) => {
        try {
          const query = new URLSearchParams(request.url.split('?')[1] ?? '');
          const { userId, provider, back } = await endOidc(o, { query, sealed: request.cookies[ATTEMPT] ?? '' });
          reply.clearCookie(ATTEMPT, { path: PATH });
          const { status } = await letIn({ ctx, request, reply }, userId, o.forget, provider);
          const code = `/sign-in?step=code${back === '/' ? '' : `&back=${encodeURIComponent(back)}`}`;
          return { status: 302, headers: { location: status === 202 ? code : back, 'cache-control': 'no-store' } };
        } catch (error) {
          reply.clearCookie(ATTEMPT, { path: PATH });
          return refused(error, ctx, request);
        }
      },
    },
  ];
}
