import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepOAuth } from '#engine/access/oauth.ts';
import { newId } from '#kit/ids.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Applications of others: one made with a library of others, and what a thief might try. */
const BACK = 'https://app.example/back';
let inside: Inside;
let origin: string;
let admin: string;
let rep: string;
let repId: string;
/** A page of somebody's browser, without a secret; and a server, with one. */
let page: string;
let server: { id: string; secret: string };

async function ask(
  method: string,
  url: string,
  o: { cookie?: string; token?: string; body?: unknown; form?: Record<string, string>; basic?: [string, string] } = {},
) {
  const answer = await fetch(origin + url, {
    method,
    redirect: 'manual',
    headers: {
      ...(o.cookie ? { cookie: o.cookie, 'sec-fetch-site': 'same-origin' } : {}),
      ...(o.token ? { authorization: `Bearer ${o.token}` } : {}),
      ...(o.basic ? { authorization: `Basic ${Buffer.from(o.basic.join(':')).toString('base64')}` } : {}),
      ...(o.body ? { 'content-type': 'application/json' } : {}),
    },
    body: o.form ? new URLSearchParams(o.form) : o.body ? JSON.stringify(o.body) : undefined,
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, never>,
  };
}
async function signIn(email: string, password: string): Promise<string> {
  const answer = await ask('POST', '/api/v1/session', { body: { email, password } });
  return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
}

/** What the browser does with the address that an application leads to: asks what is wanted, and says yes. */
async function allow(url: URL, cookie = rep, yes = true): Promise<URL> {
  expect(`${url.origin}${url.pathname}`).toBe(`${origin}/oauth/authorize`);
  const request = Object.fromEntries(url.searchParams);
  const answer = await ask('POST', '/api/v1/oauth/decisions', { cookie, body: { request, allow: yes } });
  expect(answer.status, answer.text).toBe(200);
  return new URL(answer.body['redirect'] ?? '');
}
const VERIFIER = 'v'.repeat(50);
const authorize = async (more: Record<string, string> = {}): Promise<URL> => {
  const url = new URL(`${origin}/oauth/authorize`);
  const challenge = await client.calculatePKCECodeChallenge(VERIFIER);
  url.search = new URLSearchParams({
    client_id: page,
    redirect_uri: BACK,
    response_type: 'code',
    scope: 'read',
    state: 'here',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  }).toString();
  return url;
};
const codeOf = async (more: Record<string, string> = {}): Promise<string> =>
  (await allow(await authorize(more))).searchParams.get('code') ?? '';
const redeem = (code: string, more: Record<string, string> = {}, basic?: [string, string]) =>
  ask('POST', '/api/v1/oauth/token', {
    form: {
      grant_type: 'authorization_code',
      code,
      redirect_uri: BACK,
      code_verifier: VERIFIER,
      ...(basic ? {} : { client_id: page }),
      ...more,
    },
    ...(basic ? { basic } : {}),
  });
const renew = (token: string, more: Record<string, string> = {}) =>
  ask('POST', '/api/v1/oauth/token', { form: { grant_type: 'refresh_token', refresh_token: token, client_id: page, ...more } });
const tokensOf = async (scope = 'read') => {
  const { body, text } = await redeem(await codeOf({ scope }));
  expect(body['access_token'], text).toBeTruthy();
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) };
};
const reads = async (token: string): Promise<number> => (await ask('GET', '/api/v1/parties', { token })).status;

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  repId = await inside.product.addUser(ctx, {
    name: 'Rita Rep',
    email: 'rita@perigon.example',
    password: 'rep-password-1',
    roles: ['salesRep'],
  });
  await inside.product.http.listen({ port: 0, host: '127.0.0.1' });
  origin = `http://127.0.0.1:${(inside.product.http.server.address() as AddressInfo).port}`;
  admin = await signIn(ADMIN.email, ADMIN.password);
  rep = await signIn('rita@perigon.example', 'rep-password-1');
  const scopes = ['read', 'write:notes', 'admin'];
  const one = await ask('POST', '/api/v1/oauth/clients', {
    cookie: admin,
    body: { name: 'Phone book', redirectUris: [BACK, 'http://127.0.0.1/back'], scopes, confidential: false },
  });
  expect(one.status, one.text).toBe(201);
  page = one.body['id'] ?? '';
  const two = await ask('POST', '/api/v1/oauth/clients', {
    cookie: admin,
    body: { name: 'Ledger', redirectUris: [BACK], scopes: ['read'], confidential: true },
  });
  server = two.body as unknown as { id: string; secret: string };
});
afterAll(() => inside?.stop());

describe('an application of others', () => {
  it('finds everything by itself, gets tokens, uses, renews and gives them back, by a library of others', async () => {
    for (const [id, how] of [
      [page, client.None()],
      [server.id, client.ClientSecretBasic(server.secret)],
      [server.id, client.ClientSecretPost(server.secret)],
    ] as const) {
      const config = await client.discovery(new URL(origin), id, undefined, how, {
        algorithm: 'oauth2',
        execute: [client.allowInsecureRequests],
      });
      const [verifier, state] = [client.randomPKCECodeVerifier(), client.randomState()];
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: BACK,
        scope: 'read',
        state,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      const tokens = await client.authorizationCodeGrant(config, await allow(url), { pkceCodeVerifier: verifier, expectedState: state });
      expect(tokens.expiresIn()).toBeLessThanOrEqual(900);
      expect(await reads(tokens.access_token)).toBe(200);
      const again = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(await reads(again.access_token)).toBe(200);
      await client.tokenRevocation(config, again.refresh_token ?? '');
      expect([await reads(again.access_token), await reads(tokens.access_token)]).toEqual([401, 401]);
      await expect(client.refreshTokenGrant(config, again.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    }
  });

  it('leads an assistant from its refusal to the tokens for it', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const refused = await ask('POST', '/mcp', { body: message });
    expect(refused.status).toBe(401);
    const metadata = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(metadata).toBe(`${origin}/.well-known/oauth-protected-resource/mcp`);
    const resource = (await ask('GET', new URL(metadata).pathname)).body as unknown as {
      resource: string;
      authorization_servers: string[];
    };
    expect(resource).toMatchObject({ resource: `${origin}/mcp`, authorization_servers: [origin] });
    const code = await codeOf({ resource: resource.resource });
    const { body } = await redeem(code, { resource: resource.resource });
    const listed = await ask('POST', '/mcp', { body: message, token: body['access_token'] });
    expect(listed.text).toContain('"search"');
    expect(listed.text).not.toContain('"create"');
    expect((await allow(await authorize({ resource: 'https://elsewhere.example/mcp' }))).searchParams.get('error')).toBe('invalid_target');
  });

  it('acts as the member, by what was allowed and what their roles allow, and stands so in the log', async () => {
    const { access } = await tokensOf('read write:notes');
    const { id: party } = (await ask('POST', '/api/v1/parties', { cookie: rep, body: { name: 'Windmill' } })).body;
    const mine = await ask('POST', '/api/v1/notes', { token: access, body: { subject: 'From the telephone', party } });
    expect(mine.status, mine.text).toBe(201);
    const history = await ask('GET', `/api/v1/notes/${mine.body['id']}/history`, { cookie: admin });
    expect((history.body['items'] as unknown as unknown[])[0]).toMatchObject({
      actor: { name: 'Rita Rep' },
      cause: { label: 'Phone book' },
    });
    expect((await ask('POST', '/api/v1/parties', { token: access, body: { name: 'x' } })).status).toBe(403);
    // Allowed by the member, but not theirs to give: a rep administers nothing, and no token looks after its owner's ways in.
    const most = await tokensOf('read admin');
    expect((await ask('GET', '/api/v1/backups', { token: most.access })).status).toBe(403);
    expect((await ask('GET', '/api/v1/oauth/grants', { token: most.access })).status).toBe(403);
    expect(
      (
        await ask('POST', '/api/v1/oauth/decisions', {
          token: most.access,
          body: { request: { client_id: page, redirect_uri: BACK }, allow: true },
        })
      ).status,
    ).toBe(403);
  });

  it('gets no more than it was registered for, nor more with a refresh than was allowed', async () => {
    for (const scope of ['write', 'read export', 'write:parties', 'everything'])
      expect((await allow(await authorize({ scope }))).searchParams.get('error'), scope).toBe('invalid_scope');
    const { refresh } = await tokensOf('read:notes');
    const more = await renew(refresh, { scope: 'read' });
    expect([more.status, more.body['error']]).toEqual([400, 'invalid_scope']);
    const { body } = await renew(refresh);
    expect((await ask('GET', '/api/v1/notes', { token: body['access_token'] })).status).toBe(200);
    expect([403, 404]).toContain((await ask('GET', '/api/v1/parties', { token: body['access_token'] })).status);
  });

  it('whose code comes twice loses what the first one opened', async () => {
    const code = await codeOf();
    const { body } = await redeem(code);
    expect(await reads(body['access_token'] ?? '')).toBe(200);
    expect((await redeem(code)).body['error']).toBe('invalid_grant');
    await expect.poll(() => reads(body['access_token'] ?? '')).toBe(401);
    expect((await renew(body['refresh_token'] ?? '')).body['error']).toBe('invalid_grant');
    // At the same moment: one at the most gets tokens, and these do not hold.
    const raced = await codeOf();
    const both = await Promise.all([redeem(raced), redeem(raced)]);
    const given = both.filter(({ status }) => status === 200);
    expect(given.length).toBe(1);
    expect(await reads(given[0]?.body['access_token'] ?? '')).toBe(401);
  });

  it('gets nothing for a code with another verifier, address, application or secret, nor for it afterwards', async () => {
    const wrong: [Record<string, string>, [string, string]?][] = [
      [{ code_verifier: 'w'.repeat(50) }],
      [{ code_verifier: '' }],
      [{ redirect_uri: 'http://127.0.0.1/back' }],
      [{ redirect_uri: `${BACK}/` }],
      [{ resource: `${origin}/mcp` }],
      [{}, [server.id, server.secret]],
    ];
    for (const [more, basic] of wrong) {
      const code = await codeOf();
      expect((await redeem(code, more, basic)).body['error'], JSON.stringify(more)).toBe('invalid_grant');
      expect((await redeem(code)).body['error']).toBe('invalid_grant');
    }
    for (const basic of [
      [server.id, 'wrong'],
      [server.id, ''],
      [page, 'any'],
      [newId(), 'x'],
    ] as [string, string][]) {
      const refused = await redeem('x', {}, basic);
      expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_client']);
    }
    expect((await redeem('x', { client_id: server.id })).body['error']).toBe('invalid_client');
  });

  it('is led back to no address but those registered, and never without a challenge', async () => {
    const ways = [
      `${BACK}x`,
      `${BACK}?x=1`,
      'https://app.example.evil.example/back',
      'https://app.example/back/../x',
      'javascript:alert(1)',
      'http://127.0.0.1:80@evil.example/back',
    ];
    for (const redirect_uri of ways)
      for (const path of ['requests', 'decisions']) {
        const request = { ...Object.fromEntries((await authorize()).searchParams), redirect_uri };
        const answer = await ask('POST', `/api/v1/oauth/${path}`, {
          cookie: rep,
          body: path === 'requests' ? request : { request, allow: true },
        });
        expect(answer.status, redirect_uri).toBe(422);
        expect(answer.text).not.toContain('"redirect"');
      }
    // At this very machine an app takes the port that is free.
    expect((await allow(await authorize({ redirect_uri: 'http://127.0.0.1:49152/back' }))).href).toContain(
      'http://127.0.0.1:49152/back?code=',
    );
    for (const more of [{ code_challenge: '' }, { code_challenge_method: 'plain' }, { code_challenge: 'short' }] as Record<
      string,
      string
    >[])
      expect((await allow(await authorize(more))).searchParams.get('error')).toBe('invalid_request');
    expect((await allow(await authorize({ response_type: 'token' }))).searchParams.get('error')).toBe('unsupported_response_type');
    const refused = await allow(await authorize(), rep, false);
    expect(Object.fromEntries(refused.searchParams)).toMatchObject({ error: 'access_denied', state: 'here', iss: origin });
  });

  it('whose refresh token comes twice loses the whole family', async () => {
    const { refresh } = await tokensOf();
    const { body: second } = await renew(refresh);
    const { body: third } = await renew(second['refresh_token'] ?? '');
    expect(await reads(third['access_token'] ?? '')).toBe(200);
    expect((await renew(refresh)).body['error']).toBe('invalid_grant');
    await expect.poll(() => reads(third['access_token'] ?? '')).toBe(401);
    expect((await renew(third['refresh_token'] ?? '')).body['error']).toBe('invalid_grant');
    const other = await tokensOf();
    const both = await Promise.all([renew(other.refresh), renew(other.refresh)]);
    expect(both.filter(({ status }) => status === 200).length).toBe(1);
    // Another application gets nothing for it, and does not end it.
    const mine = await tokensOf();
    const theirs = await ask('POST', '/api/v1/oauth/token', {
      form: { grant_type: 'refresh_token', refresh_token: mine.refresh },
      basic: [server.id, server.secret],
    });
    expect(theirs.body['error']).toBe('invalid_grant');
    await ask('POST', '/api/v1/oauth/revoke', { form: { token: mine.refresh }, basic: [server.id, server.secret] });
    expect((await renew(mine.refresh)).status).toBe(200);
  });

  it('is listed to the member, who ends it at once', async () => {
    const { access, refresh } = await tokensOf('read');
    const listed = (await ask('GET', '/api/v1/oauth/grants', { cookie: rep })).body as unknown as {
      items: { client: string; name: string; scopes: string[] }[];
    };
    expect(listed.items.find(({ client: id }) => id === page)).toMatchObject({ name: 'Phone book' });
    expect(((await ask('GET', '/api/v1/oauth/grants', { cookie: admin })).body as unknown as { items: unknown[] }).items).toEqual([]);
    expect((await ask('DELETE', `/api/v1/oauth/grants/${page}`, { cookie: admin })).status).toBe(404);
    expect((await ask('DELETE', `/api/v1/oauth/grants/${page}`, { cookie: rep })).status).toBe(204);
    expect(await reads(access)).toBe(401);
    expect((await renew(refresh)).body['error']).toBe('invalid_grant');
    const log = (await ask('GET', `/api/v1/sign-in/events?user=${repId}`, { cookie: admin })).body as unknown as {
      items: { kind: string; way: string }[];
    };
    expect(log.items[0]).toMatchObject({ kind: 'disallowed', way: 'Phone book' });
  });

  it('that is switched off, or whose member is gone, opens nothing', async () => {
    const { access, refresh } = await tokensOf();
    const change = (body: object) => ask('PATCH', `/api/v1/oauth/clients/${page}`, { cookie: admin, body });
    expect((await change({ scopes: ['read:notes'] })).status).toBe(204);
    expect(await reads(access)).toBe(401);
    expect((await renew(refresh)).body['error']).toBe('invalid_grant');
    await change({ scopes: ['read', 'write:notes', 'admin'], active: false });
    expect(await reads(access)).toBe(401);
    await change({ active: true });
    expect(await reads(access)).toBe(200);
    expect((await ask('PATCH', `/api/v1/users/${repId}`, { cookie: admin, body: { active: false } })).status).toBe(200);
    await expect.poll(() => reads(access)).toBe(401);
    await ask('PATCH', `/api/v1/users/${repId}`, { cookie: admin, body: { active: true } });
    expect((await renew(refresh)).body['error']).toBe('invalid_grant');
  });

  it('is registered by administrators, with addresses that make sense, and forgotten with all it could do', async () => {
    const body = { name: 'x', redirectUris: [BACK], scopes: ['read'], confidential: true };
    rep = await signIn('rita@perigon.example', 'rep-password-1');
    expect((await ask('POST', '/api/v1/oauth/clients', { cookie: rep, body })).status).toBe(403);
    for (const bad of [
      'http://app.example/',
      'https://app.example/#x',
      'javascript:alert(1)',
      'data:text/html,x',
      'https://a:b@app.example/',
      'x',
    ])
      expect((await ask('POST', '/api/v1/oauth/clients', { cookie: admin, body: { ...body, redirectUris: [bad] } })).status, bad).toBe(422);
    expect((await ask('POST', '/api/v1/oauth/clients', { cookie: admin, body: { ...body, scopes: ['all'] } })).status).toBe(422);
    const { access } = await tokensOf();
    const renewed = await ask('POST', `/api/v1/oauth/clients/${server.id}/secret`, { cookie: admin });
    expect((await redeem('x', {}, [server.id, server.secret])).body['error']).toBe('invalid_client');
    expect((await redeem('x', {}, [server.id, String(renewed.body['secret'])])).body['error']).toBe('invalid_grant');
    const listed = await ask('GET', '/api/v1/oauth/clients', { cookie: admin });
    expect(listed.text).not.toContain(String(renewed.body['secret']));
    expect((await ask('DELETE', `/api/v1/oauth/clients/${page}`, { cookie: admin })).status).toBe(204);
    expect(await reads(access)).toBe(401);
    await sweepOAuth(inside.product.db);
    const [left] = await inside.product.db.query<{ n: number }>('select count(*)::int as n from oauth_grants where client = $1::uuid', [
      page,
    ]);
    expect(left?.n).toBe(0);
  });
});
