import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { ATTACKS } from '#tests/harness/markup-attacks.ts';

/** Texts that end a statement, a header, a template, a formula or a path somewhere: everywhere they are texts, or refused. */
const INJECTIONS = [
  `'; drop table parties; --`,
  `" or 1=1 --`,
  `') union select password_hash from sign_ins --`,
  `$1`,
  `\\'; select pg_sleep(5); --`,
  `x' || (select current_user) || '`,
  `%' or '%'='`,
  `\u0000`,
  `\ud800`,
  `a\r\nset-cookie: stolen=1`,
  `{{constructor.constructor('return process')()}}`,
  `\${process.env}`,
  `<%= process.env %>`,
  `=cmd|' /C calc'!A0`,
  `../../../../etc/passwd`,
  `..%2f..%2fetc%2fpasswd`,
  `__proto__`,
  `constructor`,
  `toString`,
  `hasOwnProperty`,
];

/** Half a character has no UTF-8: then its bytes as a careless program writes them. */
const inUrl = (text: string): string => (text === '\ud800' ? '%ED%A0%80' : encodeURIComponent(text));

let inside: Inside;
let admin = '';
const call = (method: string, url: string, body?: unknown, headers?: Record<string, string>) =>
  inside.ask(method, `/api/v1/${url}`, { key: admin, body, headers });

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  await call('POST', 'parties', { name: 'Acme', description: 'x' });
});
afterAll(() => inside.stop());

describe('a text that would break out', () => {
  it('is kept as it is, or refused: in every place of a question', async () => {
    const tables = async () => (await inside.product.db.query<{ n: number }>(`select count(*)::int as n from pg_class`))[0]?.n;
    const before = await tables();
    for (const text of INJECTIONS) {
      const asks: [string, string, unknown?][] = [
        ['POST', 'parties/query', { where: { field: text, op: 'eq', value: 'x' } }],
        ['POST', 'parties/query', { where: { field: 'name', op: text, value: 'x' } }],
        ['POST', 'parties/query', { where: { field: 'name', op: 'eq', value: text }, count: true }],
        ['POST', 'parties/query', { where: { field: 'name', op: 'contains', value: text } }],
        ['POST', 'parties/query', { where: { field: 'name', op: 'in', value: [text] } }],
        ['POST', 'parties/query', { where: { count: text, gte: 1 } }],
        ['POST', 'parties/query', { sort: [text] }],
        ['POST', 'parties/query', { sort: [`-${text}`] }],
        ['POST', 'parties/query', { fields: [text] }],
        ['POST', 'parties/query', { cursor: text }],
        ['POST', 'parties/query', { limit: text }],
        ['POST', 'parties/aggregate', { groupBy: [text], measures: { n: { op: 'count' } } }],
        ['POST', 'parties/aggregate', { measures: { [text]: { op: 'sum', field: 'employees' } } }],
        ['POST', 'parties/aggregate', { measures: { n: { op: text, field: text, in: text } } }],
        ['POST', 'parties/aggregate', { groupBy: [{ path: 'createdAt', by: text }], measures: { n: { op: 'count' } } }],
        ['GET', `parties?${inUrl(text)}=${inUrl(text)}`],
        ['GET', `parties?name[${inUrl(text)}]=x`],
        ['GET', `parties/${inUrl(text)}`],
        ['GET', `search?q=${inUrl(text)}&objects=${inUrl(text)}`],
        ['GET', `search?q=${inUrl(text)}`],
        ['GET', `parties/export?format=${inUrl(text)}`],
        ['GET', `jobs/${inUrl(text)}`],
        ['GET', `files/${inUrl(text)}`],
        ['GET', `quality?object=${inUrl(text)}`],
        ['POST', 'parties/resolve', { identifiers: [{ kind: text, value: text }] }],
        ['POST', 'duplicates/like', { object: text, values: { name: text } }],
        ['POST', 'catalogue/objects/party/formula', { expression: text }],
        ['POST', `actions/${inUrl(text)}`, {}],
        ['POST', `files?name=${inUrl(text)}`, 'x'],
        ['PATCH', 'session', { language: text }],
      ];
      for (const [method, url, body] of asks) {
        const answer = await call(method, url, body);
        expect(answer.status, `${method} ${url} ${JSON.stringify(body)} → ${answer.text}`).toBeLessThan(500);
        // Nothing of PostgreSQL or of the machine comes out.
        expect(answer.text, url).not.toMatch(/syntax error|SQLSTATE|root:x|relation ".*" does not exist|node:internal/);
        expect(answer.headers['set-cookie'] ?? '').not.toContain('stolen');
      }
    }
    expect(await tables()).toBe(before);
    expect((await call('GET', 'parties?limit=1')).status).toBe(200);
  });

  it('comes back as it went in, wherever a record keeps it', async () => {
    for (const text of INJECTIONS) {
      const made = await call('POST', 'parties', { name: text, description: text });
      // What no text can hold is refused at its field.
      if (made.status === 422) {
        expect(made.body, made.text).toMatchObject({ code: 'invalid', detail: expect.stringMatching(/character|name|value/i) });
        continue;
      }
      expect(made.status, `${JSON.stringify(text)} ${made.text}`).toBe(201);
      const { id } = made.body as { id: string };
      const read = (await call('GET', `parties/${id}`)).body as { name: string; description: string };
      expect(read.name.trim()).toBe(text.replace(/[\r\n]+/g, ' ').trim());
    }
  });

  it('stays a text in what a flow writes: a template is read once', async () => {
    const made = await call('POST', 'parties', { name: '{{owner}} {{id}}', description: '-' });
    const flow = {
      object: 'party',
      trigger: { on: 'change', deeds: ['created'] },
      start: 'mark',
      steps: { mark: { do: 'set', values: { description: { text: 'New: {{name}}' } } } },
    };
    const tried = await call('POST', 'flows/try', { definition: flow });
    expect(tried.status, tried.text).toBeLessThan(300);
    expect(tried.text).toContain('New: {{owner}} {{id}}');
    expect(made.status).toBe(201);
  });

  it('does not reach beyond a formula', async () => {
    for (const expression of [
      'constructor',
      'name.constructor',
      '__proto__',
      'this',
      'process',
      'globalThis',
      'name["constructor"]',
      'import("fs")',
    ]) {
      const answer = await call('POST', 'catalogue/objects/party/formula', { expression });
      expect(answer.status, `${expression} ${answer.text}`).toBeLessThan(500);
      if (answer.status < 300) expect(answer.body, expression).toMatchObject({ type: null, problem: { code: expect.any(String) } });
    }
  });

  it('is a text in a spreadsheet that was exported', async () => {
    await call('POST', 'parties', { name: `=HYPERLINK("https://evil.example","x")` });
    const { text } = await call('GET', 'parties/export?format=csv&fields=name');
    for (const line of text.split(/\r?\n/)) expect(line, line).not.toMatch(/^"?[=+@\t\r-]/);
  });
});

describe('markup', () => {
  it('is cleaned in rich text, and stands as text everywhere else', async () => {
    for (const attack of ATTACKS) {
      const note = await call('POST', 'notes', { subject: attack, body: attack });
      if (note.status !== 201) continue;
      const read = (await call('GET', `notes/${(note.body as { id: string }).id}`)).body as { body?: string };
      expect(read.body ?? '', attack).not.toMatch(
        /<(script|iframe|object|embed|form|style|svg|math|base|meta|link)|\son\w+=|javascript:|vbscript:/i,
      );
    }
  });
});

describe('names that every object of JavaScript has', () => {
  it('are fields like any other, which nothing has', async () => {
    const raw = (url: string, payload: string) =>
      inside.product.http.inject({
        method: 'POST',
        url: `/api/v1/${url}`,
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        payload,
      });
    for (const payload of [
      '{"name":"x","__proto__":{"polluted":true}}',
      '{"name":"x","constructor":{"prototype":{"polluted":true}}}',
      '{"where":{"__proto__":{"polluted":true},"field":"name","op":"eq","value":"x"}}',
      '{"operations":[{"op":"create","values":{"name":"x","__proto__":{"polluted":true}}}]}',
      '{"measures":{"__proto__":{"op":"count"},"constructor":{"op":"count"}}}',
      '{"definition":{"where":{"all":[]},"__proto__":{"polluted":true}},"object":"party","name":"x"}',
    ])
      for (const url of [
        'parties',
        'parties/query',
        'parties/batch',
        'parties/aggregate',
        'parties/bulk',
        'views',
        'flows/check',
        'keys',
        'session',
      ]) {
        const answer = await raw(url, payload);
        expect(answer.statusCode, `${url} ${payload} ${answer.body}`).toBeLessThan(500);
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      }
    for (const url of ['parties?__proto__[polluted]=1', 'parties?constructor[prototype][polluted]=1', 'parties?name[__proto__]=1']) {
      expect((await call('GET', url)).status).toBeLessThan(500);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    }
  });
});
