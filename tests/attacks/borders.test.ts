import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { newId } from '#kit/ids.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** What a browser can be made to do, and what it is told to refuse. */
let inside: Inside;
let key = '';
let paths: Record<string, Record<string, unknown>> = {};
const HOST = 'crm.example';
const ask = (method: string, url: string, headers: Record<string, string>, body?: unknown) =>
  inside.ask(method, url, { headers: { host: HOST, ...headers }, body });
const cookieOf = (headers: Record<string, unknown>): string =>
  [headers['set-cookie']]
    .flat()
    .map((one) => String(one ?? '').split(';')[0])
    .filter(Boolean)
    .join('; ');
const signIn = (headers: Record<string, string> = {}) =>
  ask('POST', '/api/v1/session', { origin: `http://${HOST}`, ...headers }, { email: ADMIN.email, password: ADMIN.password });

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  paths = ((await inside.ask('GET', '/api/openapi.json')).body as { paths: typeof paths }).paths;
});
afterAll(() => inside.stop());

describe('another site', () => {
  it('writes nothing with the cookie of a visitor, by any route and any way to say where it comes from', async () => {
    const cookie = cookieOf((await signIn()).headers);
    expect(cookie).not.toBe('');
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: `https://${HOST}.evil.example` },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      {},
    ];
    for (const [path, methods] of Object.entries(paths))
      for (const method of Object.keys(methods).filter((one) => one !== 'get'))
        for (const from of foreign) {
          const url = path.replace(/\{\w+\}/g, newId());
          const answer = await ask(method.toUpperCase(), url, { cookie, ...from }, {});
          expect(answer.status, `${method} ${url} ${JSON.stringify(from)} ${answer.text}`).toBe(403);
        }
  });

  it('gets no leave to read: there is no header that would share an answer', async () => {
    for (const url of ['/api/v1/parties', '/api/v1/session', '/healthz', '/api/openapi.json'])
      for (const method of ['GET', 'OPTIONS']) {
        const answer = await ask(method, url, { origin: 'https://evil.example', 'access-control-request-method': 'POST' });
        expect(
          Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
          `${method} ${url}`,
        ).toEqual([]);
      }
  });
});

describe('every answer', () => {
  it('tells the browser what it may not do', async () => {
    for (const url of [
      '/',
      '/o/parties',
      '/index.html',
      '/api/v1/parties',
      '/api/v1/nothing',
      '/api/docs',
      '/healthz',
      '/scheme.js',
      '/nothing.js',
    ]) {
      const { headers } = await ask('GET', url, { authorization: `Bearer ${key}`, accept: 'text/html' });
      const policy = String(headers['content-security-policy']);
      expect(policy, url).toContain("default-src 'self'");
      expect(policy, url).toContain("object-src 'none'");
      expect(policy, url).toContain("frame-ancestors 'none'");
      expect(policy, url).toContain("base-uri 'self'");
      expect(policy, url).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
      expect(headers['x-content-type-options'], url).toBe('nosniff');
      expect(headers['referrer-policy'], url).toBe('no-referrer');
      expect(headers['x-powered-by'], url).toBeUndefined();
      expect(headers['server'], url).toBeUndefined();
    }
  });

  it('leads nowhere else, whatever an address asks for', async () => {
    for (const url of [
      '//evil.example/',
      '/\\evil.example',
      '/%2f%2fevil.example',
      '/?next=https://evil.example',
      '/enter?return=//evil.example',
      '/sign-in?next=javascript:alert(1)',
      '/api/docs?url=https://evil.example/spec.json',
      '/assets/..%2f..%2fpackage.json',
      '/api/docs/assets/..%2f..%2fpackage.json',
      '/..%2f..%2f..%2fetc/passwd',
    ]) {
      const answer = await ask('GET', url, { accept: 'text/html' });
      expect(answer.status, url).not.toBe(500);
      expect(String(answer.headers['location'] ?? ''), url).not.toContain('evil');
      expect(answer.text, url).not.toMatch(/root:x|"name": "perigon"/);
    }
  });
});

describe('a session', () => {
  it('is a new one at each sign-in, whatever the browser had before, and a made-up one is nobody’s', async () => {
    const planted = 'perigon_session=planted-by-somebody-else';
    const first = cookieOf((await signIn({ cookie: planted })).headers);
    const second = cookieOf((await signIn({ cookie: first })).headers);
    expect(first).not.toContain('planted');
    expect(second).not.toBe(first);
    expect((await ask('GET', '/api/v1/parties', { cookie: planted })).status).toBe(401);
    expect((await ask('GET', '/api/v1/parties', { cookie: second })).status).toBe(200);
  });

  it('lies where no script reads it and no other site sends it, and ends for good', async () => {
    const { headers } = await signIn();
    const [line = ''] = [headers['set-cookie']].flat().map(String);
    expect(line).toMatch(/HttpOnly/i);
    expect(line).toMatch(/SameSite=(Lax|Strict)/i);
    const cookie = cookieOf(headers);
    expect((await ask('DELETE', '/api/v1/session', { cookie, origin: `http://${HOST}` })).status).toBeLessThan(300);
    expect((await ask('GET', '/api/v1/parties', { cookie })).status).toBe(401);
  });

  it('is not told apart: a wrong password and an unknown name get the same answer', async () => {
    const answers = await Promise.all(
      [ADMIN.email, 'nobody@nowhere.example'].map((email) =>
        ask('POST', '/api/v1/session', { origin: `http://${HOST}` }, { email, password: 'wrong-password' }),
      ),
    );
    const bare = answers.map(({ status, text }) => `${status} ${text}`);
    expect(bare[0]).toBe(bare[1]);
  });
});
