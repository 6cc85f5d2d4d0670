import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  ACCESS_SECONDS,
  type Asked,
  endGranted,
  giveCode,
  listGranted,
  OAuthError,
  readAsked,
  redeemCode,
  refresh,
  revokeToken,
  type Tokens,
} from '#engine/access/oauth.ts';
import { type Client, findClient, isRegistered, recogniseClient } from '#engine/access/oauth-clients.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import { SPECIAL_SCOPES } from '#engine/declare/scopes.ts';
import type { Context } from '#engine/record/context.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { oauthClientRoutes } from './oauth-clients.routes.ts';
import type { Answer, Route } from './route.ts';
import { fromOf, originOf, signedIn } from './sign-in.routes.ts';

/** Applications of others act for members who allow it, with tokens (OAuth 2.1); which applications there are: `oauth-clients.routes.ts`. */

const TOKEN = '/api/v1/oauth/token';
const REVOKE = '/api/v1/oauth/revoke';
const MOST_FORM_BYTES = 16_384;

/** What a token is good for: the whole of this server, by whichever of its names (RFC 8707). */
const resourcesOf = (origin: string): string[] => [origin, `${origin}/`, `${origin}/api/v1`, `${origin}/mcp`];

const REQUEST = z.looseObject({
  client_id: z.string().max(100),
  redirect_uri: z.string().max(2000),
  response_type: z.string().max(40).optional(),
  scope: z.string().max(4000).optional(),
  state: z.string().max(2000).optional(),
  code_challenge: z.string().max(200).optional(),
  code_challenge_method: z.string().max(20).optional(),
  resource: z.string().max(500).optional(),
  prompt: z.string().max(40).optional(),
});
type AskedRequest = z.infer<typeof REQUEST>;

const askedOf = (request: AskedRequest): Asked => ({
  responseType: request.response_type,
  redirectUri: request.redirect_uri,
  scope: request.scope,
  state: request.state,
  challenge: request.code_challenge,
  challengeMethod: request.code_challenge_method,
  resource: request.resource,
  prompt: request.prompt,
});

/** The application that asks. Nobody is led anywhere while it, or where it wants to be led back to, is not known. */
async function asking(ctx: Context, request: AskedRequest): Promise<Client> {
  const client = await findClient(ctx.db, request.client_id);
  if (!client) throw notFound('There is no such application here.');
  if (!isRegistered(client, request.redirect_uri))
    throw invalid('This application is not registered with the address that it wants to be led back to.', [
      { path: 'redirect_uri', code: 'url', detail: 'Not registered.' },
    ]);
  return client;
}

/** The address to lead back to, with the answer (RFC 6749, 4.1.2; who answers: RFC 9207). */
function backTo(request: AskedRequest, origin: string, answer: Record<string, string>): string {
  const url = new URL(request.redirect_uri);
  for (const [name, value] of Object.entries({ ...answer, iss: origin })) url.searchParams.set(name, value);
  if (request.state !== undefined) url.searchParams.set('state', request.state);
  return url.href;
}

const refusalBack = (request: AskedRequest, origin: string, error: OAuthError): string =>
  backTo(request, origin, { error: error.error, error_description: error.description });

/** The fields of a form that was posted; each once, as the protocol has it. */
async function formOf(request: FastifyRequest, body: unknown): Promise<Map<string, string>> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? ''))
    throw new OAuthError('invalid_request', 'Send application/x-www-form-urlencoded.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as Readable) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_FORM_BYTES) throw new OAuthError('invalid_request', 'Too long.');
    chunks.push(chunk as Buffer);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString())) {
    if (fields.has(name)) throw new OAuthError('invalid_request', `“${name.slice(0, 40)}” stands there twice.`);
    fields.set(name, value);
  }
  return fields;
}

/** Which application presents itself: by Basic or in the form (RFC 6749, 2.3.1). */
async function presenting(ctx: Context, request: FastifyRequest, form: Map<string, string>): Promise<Client> {
  const basic = /^Basic ([\w+/=-]{1,1000})$/i.exec(request.headers.authorization ?? '')?.[1];
  let [id, secret] = [form.get('client_id') ?? '', form.get('client_secret') ?? null];
  if (basic !== undefined) {
    if (secret !== null) throw new OAuthError('invalid_request', 'Present yourself in one way.');
    const [, name = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
    const decoded = (text: string): string => {
      try {
        return decodeURIComponent(text.replace(/\+/g, ' '));
      } catch {
        return '';
      }
    };
    [id, secret] = [decoded(name), decoded(password)];
  }
  const client = await recogniseClient(ctx.db, id, secret);
  if (!client) throw new OAuthError('invalid_client', 'This application is not known, or its secret is another.');
  return client;
}

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };
const refusal = (error: unknown): Answer => {
  if (!(error instanceof OAuthError)) throw error;
  const unknown = error.error === 'invalid_client';
  return {
    status: unknown ? 401 : 400,
    value: { error: error.error, error_description: error.description },
    headers: { ...NO_STORE, ...(unknown ? { 'www-authenticate': 'Basic realm="Perigon"' } : {}) },
  };
};
const tokens = (given: Tokens): Answer => ({
  value: {
    access_token: given.accessToken,
    token_type: 'Bearer',
    expires_in: ACCESS_SECONDS,
    refresh_token: given.refreshToken,
    scope: given.scopes.join(' '),
  },
  headers: NO_STORE,
});

const PROTOCOL: { tag: string; open: true } = { tag: 'oauth', open: true };
const DOCUMENT = { type: 'object' } as const;

export function oauthRoutes(o: { forget(): void }): readonly Route[] {
  const note = (ctx: Context, request: FastifyRequest, kind: 'allowed' | 'disallowed', userId: string, name: string) =>
    noteSignIn(ctx.db, kind, { userId, byId: userId, way: name, from: fromOf(request) });
  const resource = (path: string, suffix: string): Route => ({
    ...PROTOCOL,
    method: 'GET',
    path,
    summary: 'Who gives tokens for this server (RFC 9728)',
    answer: DOCUMENT,
    handler: ({ request }) => {
      const origin = originOf(request);
      return {
        value: {
          resource: `${origin}${suffix}`,
          authorization_servers: [origin],
          scopes_supported: ['read', 'write', ...SPECIAL_SCOPES],
          bearer_methods_supported: ['header'],
          resource_name: 'Perigon',
          resource_documentation: `${origin}/api/docs`,
        },
      };
    },
  });
  return [
    {
      ...PROTOCOL,
      method: 'GET',
      path: '/.well-known/oauth-authorization-server',
      summary: 'How applications of others get tokens (RFC 8414)',
      answer: DOCUMENT,
      handler: ({ request }) => {
        const origin = originOf(request);
        const methods = ['client_secret_basic', 'client_secret_post', 'none'];
        return {
          value: {
            issuer: origin,
            authorization_endpoint: `${origin}/oauth/authorize`,
            token_endpoint: `${origin}${TOKEN}`,
            revocation_endpoint: `${origin}${REVOKE}`,
            scopes_supported: ['read', 'write', ...SPECIAL_SCOPES],
            response_types_supported: ['code'],
            response_modes_supported: ['query'],
            grant_types_supported: ['authorization_code', 'refresh_token'],
            code_challenge_methods_supported: ['S256'],
            token_endpoint_auth_methods_supported: methods,
            revocation_endpoint_auth_methods_supported: methods,
            authorization_response_iss_parameter_supported: true,
            service_documentation: `${origin}/api/docs`,
          },
        };
      },
    },
    resource('/.well-known/oauth-protected-resource', ''),
    resource('/.well-known/oauth-protected-resource/mcp', '/mcp'),
    {
      ...PROTOCOL,
      method: 'POST',
      path: TOKEN,
      summary: 'Exchange a code or a refresh token for tokens, as a form',
      raw: true,
      answer: DOCUMENT,
      handler: async ({ ctx, request, body }) => {
        try {
          const form = await formOf(request, body);
          const client = await presenting(ctx, request, form);
          const field = (name: string): string => form.get(name) ?? '';
          if (form.get('grant_type') === 'authorization_code')
            return tokens(
              await redeemCode(ctx.db, client, {
                code: field('code'),
                redirectUri: field('redirect_uri'),
                verifier: field('code_verifier'),
                resource: form.get('resource'),
              }),
            );
          if (form.get('grant_type') === 'refresh_token')
            return tokens(await refresh(ctx.db, client, { token: field('refresh_token'), scope: form.get('scope') }));
          throw new OAuthError('unsupported_grant_type', 'Codes and refresh tokens are exchanged.');
        } catch (error) {
          if (error instanceof OAuthError && error.ended) o.forget();
          return refusal(error);
        }
      },
    },
    {
      ...PROTOCOL,
      method: 'POST',
      path: REVOKE,
      summary: 'Give a token back (RFC 7009): a refresh token ends all that came of it',
      raw: true,
      answer: 'none',
      handler: async ({ ctx, request, body }) => {
        try {
          const form = await formOf(request, body);
          await revokeToken(ctx.db, await presenting(ctx, request, form), form.get('token') ?? '');
          o.forget();
          return { status: 200, value: {}, headers: NO_STORE };
        } catch (error) {
          return refusal(error);
        }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/oauth/requests',
      tag: 'oauth',
      summary: 'What an application asks for, to be shown; or where to lead back to when it asks wrongly',
      body: REQUEST,
      answer: {
        type: 'object',
        properties: { name: { type: 'string' }, scopes: { type: 'array', items: { type: 'string' } }, redirect: { type: 'string' } },
      },
      handler: async ({ ctx, body, request }) => {
        signedIn(ctx);
        const asked = body as AskedRequest;
        const client = await asking(ctx, asked);
        const origin = originOf(request);
        try {
          const { scopes } = readAsked(client, askedOf(asked), resourcesOf(origin));
          return { value: { name: client.name, scopes } };
        } catch (error) {
          if (error instanceof OAuthError) return { value: { redirect: refusalBack(asked, origin, error) } };
          throw error;
        }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/oauth/decisions',
      tag: 'oauth',
      summary: 'Allow or refuse what an application asks for: where to lead the browser',
      body: z.strictObject({ request: REQUEST, allow: z.boolean() }),
      answer: { type: 'object', properties: { redirect: { type: 'string' } } },
      handler: async ({ ctx, body, request }) => {
        const userId = signedIn(ctx);
        const { request: asked, allow } = body as { request: AskedRequest; allow: boolean };
        const client = await asking(ctx, asked);
        const origin = originOf(request);
        try {
          const { scopes } = readAsked(client, askedOf(asked), resourcesOf(origin));
          if (!allow) throw new OAuthError('access_denied', 'It was not allowed.');
          const code = await giveCode(ctx.db, {
            client,
            userId,
            scopes,
            redirectUri: asked.redirect_uri,
            challenge: asked.code_challenge ?? '',
            resource: asked.resource ?? null,
          });
          await note(ctx, request, 'allowed', userId, client.name);
          return { value: { redirect: backTo(asked, origin, { code }) } };
        } catch (error) {
          if (error instanceof OAuthError) return { value: { redirect: refusalBack(asked, origin, error) } };
          throw error;
        }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/oauth/grants',
      tag: 'oauth',
      summary: 'Which applications act for me',
      answer: { type: 'object', properties: { items: { type: 'array', items: DOCUMENT } } },
      handler: async ({ ctx }) => ({ value: { items: await listGranted(ctx.db, signedIn(ctx)) } }),
    },
    {
      method: 'DELETE',
      path: '/api/v1/oauth/grants/{id}',
      tag: 'oauth',
      summary: 'End what an application may do for me',
      status: 204,
      answer: 'none',
      handler: async ({ ctx, params, request }) => {
        const userId = signedIn(ctx);
        const id = params.id ?? '';
        const name = isId(id) ? await endGranted(ctx.db, userId, id) : null;
        if (name === null) throw notFound('There is no such application.');
        o.forget();
        await note(ctx, request, 'disallowed', userId, name);
        return { status: 204 };
      },
    },
    ...oauthClientRoutes(o),
  ];
}
