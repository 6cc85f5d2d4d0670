import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bootProduct, setUp } from '#tests/harness/product.ts';

/** The log of a server as whoever runs one reads it: a JSON object a line, each belonging to what was asked, and no secret anywhere. */
interface Line {
  level: string;
  time: string;
  msg: string;
  request?: string;
  asked?: string;
  user?: string;
  route?: string;
  status?: number;
  ms?: number;
  sql?: string;
  at?: string;
  work?: string;
  job?: string;
}
const linesOf = (output: string): Line[] =>
  output
    // The last line may still be coming.
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

describe('the log', () => {
  test('says of each request who asked, for what and how it went, under an id that the answer bears', async () => {
    const product = await bootProduct({ env: { PERIGON_SLOW_QUERY_MS: '0' } });
    const admin = await setUp(product);
    const me = (await admin.get<{ user: { id: string } }>('/api/v1/session')).body.user.id;
    const good = await admin.get('/api/v1/parties?limit=1', { 'x-request-id': 'of-the-proxy.1' });
    expect(good.headers.get('x-request-id')).toBe('of-the-proxy.1');
    const bad = await admin.get<{ request: string }>('/api/v1/parties/nothing', { 'x-request-id': 'two words; or more' });
    expect(bad.status).toBe(404);
    expect(bad.body.request).toMatch(/^[\w-]{8,40}$/);
    expect(bad.headers.get('x-request-id')).toBe(bad.body.request);
    const nowhere = await admin.get<{ request: string }>('/api/v1/there/is/no/such');
    expect(nowhere.headers.get('x-request-id')).toBe(nowhere.body.request);

    await expect
      .poll(() => linesOf(product.run.output).some(({ msg, request }) => msg === 'answered' && request === nowhere.body.request))
      .toBe(true);
    const lines = linesOf(product.run.output);
    const of = (id: string, msg: string) => lines.filter((line) => line.request === id && line.msg === msg);
    expect(of('of-the-proxy.1', 'answered')).toEqual([
      expect.objectContaining({ level: 'info', method: 'GET', route: '/api/v1/:plural', status: 200, user: me, ms: expect.any(Number) }),
    ]);
    expect(of(bad.body.request, 'answered')).toMatchObject([{ status: 404, route: '/api/v1/:plural/:id' }]);
    expect(of(nowhere.body.request, 'answered')).toMatchObject([{ status: 404, route: 'none' }]);
    // Every statement was slow here: each names its asker, also where nobody asked, and where in the code it stands.
    const list = of('of-the-proxy.1', 'slow query').filter(({ sql }) => /from parties/.test(sql ?? ''));
    expect(list[0]).toMatchObject({ level: 'warn', asked: 'GET /api/v1/:plural', user: me, rows: expect.any(Number) });
    expect(list[0]?.at).toMatch(/engine\/record\/\w[\w-]*\.ts:\d+$/);
    expect(lines.some(({ work, sql }) => work === 'search' && sql !== undefined)).toBe(true);
    const { job } = (await admin.post<{ job: string }>('/api/v1/backups', {})).body;
    await expect
      .poll(() => linesOf(product.run.output).some((line) => line.job === job && line.sql !== undefined), { timeout: 20_000 })
      .toBe(true);
    const figures = await (await fetch(`${product.url}/metrics`)).text();
    expect(figures).toMatch(/perigon_http_seconds_count\{method="GET",route="\/api\/v1\/:plural",status="200"\} [1-9]/);
    expect(figures).toMatch(/perigon_query_seconds_count\{pool="keyed"\} [1-9]/);
  });

  test('never holds a secret, whatever comes in', async () => {
    const received: string[] = [];
    const other = createServer((request, response) => {
      received.push(String(request.headers['webhook-signature']));
      request.resume();
      response.writeHead(500).end('no');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const product = await bootProduct({
      env: {
        PERIGON_LOG: 'debug',
        PERIGON_SLOW_QUERY_MS: '0',
        PERIGON_PRIVATE_WEBHOOKS: '1',
        PERIGON_SECRET: 'sealing-key-of-this-very-test-0123456789',
      },
    });
    const secrets = ['sealing-key-of-this-very-test-0123456789', 'correct horse battery', 'ada@example.org'];
    const used = (secret: string) => {
      secrets.push(secret);
      return secret;
    };
    try {
      const admin = await setUp(product);
      used(admin.identity['cookie']?.split('=')[1] ?? 'none');
      const open = product.api();
      for (const password of ['wrong-password-one', 'wrong-password-two'])
        expect((await open.post('/api/v1/session', { email: used('nobody-there@example.org'), password: used(password) })).status).toBe(
          401,
        );
      const signedIn = await open.post('/api/v1/session', { email: 'ada@example.org', password: 'correct horse battery' });
      used((signedIn.headers.get('set-cookie') ?? '').split(';')[0]?.split('=')[1] ?? 'none');

      const { secret: key } = (await admin.post<{ secret: string }>('/api/v1/keys', { name: used('name-of-a-key') })).body;
      used(key);
      expect((await product.api(key).get('/api/v1/parties')).status).toBe(200);
      expect((await product.api(used('a-key-that-is-none')).get('/api/v1/parties')).status).toBe(401);

      const { id: user } = (
        await admin.post<{ id: string }>('/api/v1/users', { name: used('Rita Rarename'), email: used('rita@example.org') })
      ).body;
      const link = (await admin.post<{ token: string }>('/api/v1/sign-in/links', { user })).body.token;
      expect((await open.post('/api/v1/sign-in/links/read', { token: used(link) })).status).toBe(200);
      expect((await open.post('/api/v1/sign-in/links/use', { token: link, password: used('set-by-a-link-1') })).status).toBe(200);
      expect(
        (await open.post('/api/v1/sign-in/links/use', { token: used('no-such-link-token'), password: used('another-try-22') })).status,
      ).toBeGreaterThan(399);
      const factor = (await admin.post<{ uri: string }>('/api/v1/sign-in/factor', { password: 'correct horse battery' })).body;
      used(new URL(factor.uri).searchParams.get('secret') ?? 'none');
      await admin.post('/api/v1/sign-in/factor/confirm', { code: used('918273') });

      const hook = (
        await admin.post<{ id: string }>('/api/v1/webhooks', {
          name: 'ERP',
          url: `http://127.0.0.1:${(other.address() as AddressInfo).port}/hook?token=${used('in-the-hooks-address')}`,
          objects: ['party'],
          actions: ['create'],
        })
      ).body.id;
      used((await admin.post<{ secret: string }>(`/api/v1/webhooks/${hook}/secret`, {})).body.secret.replace('whsec_', ''));
      await admin.post('/api/v1/parties', {
        kind: 'person',
        name: used('Quentin Quietname'),
        emails: [{ value: used('quentin@example.org') }],
      });
      await expect.poll(() => received.length, { timeout: 20_000 }).toBeGreaterThan(0);
      for (const signature of received) used(signature);

      // What comes from strangers: an OIDC answer, tokens in queries, a body that is none, values that cannot be.
      await open.get(`/api/v1/session?code=${used('code-of-the-provider')}&state=${used('state-of-the-sign-in')}`);
      await open.get('/api/v1/parties', {
        authorization: `Bearer ${used('eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln')}`,
        cookie: `id_token=${used('cookie-of-a-provider')}`,
      });
      await admin.get(`/api/v1/search?q=${used('searched-for-this')}`);
      await admin.get(`/api/v1/parties/${used('not-an-id-but-a-secret')}`);
      await admin.send('POST', '/api/v1/parties', `{"password": "${used('broken-body-secret')}"`, { 'content-type': 'application/json' });
      await admin.post('/api/v1/parties/query', { where: { field: 'id', op: 'eq', value: used('value-of-a-condition') } });
      await admin.post(
        '/api/v1/parties',
        { kind: 'person', name: used('once-only-name') },
        { 'idempotency-key': used('key-of-this-request') },
      );
      await admin.get(`/o/party?reset=${used('in-a-pages-address')}`, { accept: 'text/html' });
      await admin.send('DELETE', '/api/v1/session');
      await product.stop();
    } finally {
      other.close();
    }
    const written = product.run.output;
    expect(linesOf(written).length).toBeGreaterThan(100);
    expect(secrets.length).toBeGreaterThan(25);
    expect(
      secrets.filter((secret) => secret === 'none' || written.includes(secret) || written.includes(encodeURIComponent(secret))),
    ).toEqual([]);
  });
});
