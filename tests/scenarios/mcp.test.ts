import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, type Booted, bootProduct, setUp } from '#tests/harness/product.ts';

/** The protocol's own client against a running Perigon; and that no tool reaches what its caller may not. */
let product: Booted;
let admin: Api;
const keys: Record<string, string> = {};
const clients: Client[] = [];
const SECRET = 'zqxsecret';
let party = '';
let deal = '';

const connect = async (key: string): Promise<Client> => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', product.url), { requestInit: { headers: { authorization: `Bearer ${key}` } } }),
  );
  clients.push(client);
  return client;
};
const call = async (client: Client, name: string, input: Record<string, unknown> = {}) => {
  const result = await client.callTool({ name, arguments: input });
  const [first] = result.content as { type: string; text: string }[];
  return { failed: result.isError === true, text: first?.text ?? '' };
};
const create = async (plural: string, values: Record<string, unknown>): Promise<string> => {
  const made = await admin.post<{ id: string }>(`/api/v1/${plural}`, values);
  expect(made.status, made.text).toBe(201);
  return made.body.id;
};

beforeAll(async () => {
  product = await bootProduct();
  admin = await setUp(product);
  const roles = await admin.post<{ items: { id: string }[] }>('/api/v1/roles/query', {
    where: { field: 'key', op: 'eq', value: 'salesRep' },
    fields: ['id'],
  });
  await create('users', { name: 'Rep', email: 'rep@example.org', roles: roles.body.items.map(({ id }) => id) });
  const keyOf = async (email: string, ...scope: string[]) =>
    (await product.command('key', 'create', '--email', email, ...scope)).result.trim();
  keys.admin = await keyOf('ada@example.org');
  keys.reader = await keyOf('ada@example.org', '--scope', 'read:parties');
  keys.rep = await keyOf('rep@example.org');
  party = await create('parties', { name: `Hidden ${SECRET}`, kind: 'organisation' });
  deal = await create('opportunities', { name: `Deal ${SECRET}`, customer: party, amount: { amount: '5000', currency: 'EUR' } });
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await product.stop();
});

it('reads, asks, counts, writes and acts', async () => {
  const client = await connect(keys.admin ?? '');
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'describe',
      'search',
      'read',
      'query',
      'aggregate',
      'overview',
      'timeline',
      'create',
      'update',
      'do_closeOpportunity',
    ]),
  );
  expect(JSON.parse((await call(client, 'read', { object: 'party', id: party })).text)).toMatchObject({ id: party });
  const page = await call(client, 'query', {
    object: 'opportunity',
    where: { field: 'customer', op: 'eq', value: party },
    fields: ['name'],
  });
  expect(JSON.parse(page.text).items).toMatchObject([{ name: `Deal ${SECRET}` }]);
  const counted = await call(client, 'aggregate', { object: 'opportunity', measures: { n: { op: 'count' } } });
  expect(JSON.parse(counted.text).rows).toEqual([{ n: 1 }]);
  expect((await call(client, 'overview', { party })).text).toContain(SECRET);
  expect((await call(client, 'timeline', { party })).failed).toBe(false);
  expect((await call(client, 'search', { q: 'Hidden' })).failed).toBe(false);
  expect((await call(client, 'describe', { object: 'party' })).text).toContain('"emails"');
  const made = JSON.parse((await call(client, 'create', { object: 'note', values: { subject: 'From an assistant', party } })).text) as {
    id: string;
    version: number;
  };
  expect(
    (await call(client, 'update', { object: 'note', id: made.id, values: { subject: 'Changed' }, version: made.version })).failed,
  ).toBe(false);
  expect(
    (await call(client, 'update', { object: 'note', id: made.id, values: { subject: 'Late' }, version: made.version })).text,
  ).toContain('conflict');
  const won = await call(client, 'do_closeOpportunity', { as: 'won', ids: [deal] });
  expect(won.failed, won.text).toBe(false);
  const wrong = await call(client, 'create', { object: 'note', values: { subject: 'x', party: 'nobody' } });
  expect(wrong.failed).toBe(true);
  expect(JSON.parse(wrong.text)).toMatchObject({ code: 'invalid', errors: [{ path: 'party' }] });
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toContain('perigon://schema/party');
  const read = await client.readResource({ uri: 'perigon://schema/party' });
  expect(JSON.stringify(read.contents)).toContain('lifecycleStage');
});

it('offers a key that only reads nothing that writes, and refuses it all the same', async () => {
  const client = await connect(keys.reader ?? '');
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain('query');
  expect(names.filter((name) => name === 'create' || name === 'update' || name.startsWith('do_'))).toEqual([]);
  expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['perigon://schema', 'perigon://schema/party']);
  expect(await call(client, 'create', { object: 'party', values: { name: 'x' } })).toMatchObject({ failed: true });
  expect(await call(client, 'read', { object: 'opportunity', id: deal })).toMatchObject({ failed: true });
});

it('reaches another’s record by no tool', async () => {
  const client = await connect(keys.rep ?? '');
  const never = '01900000-0000-7000-8000-000000000000';
  const tries = (id: string, of: string): [string, Record<string, unknown>][] => [
    ['read', { object: 'party', id }],
    ['read', { object: 'opportunity', id: of }],
    ['read', { object: `parties/${id}?x=`, id }],
    ['read', { object: 'note', id: `../parties/${id}` }],
    ['query', { object: 'party', where: { field: 'id', op: 'eq', value: id } }],
    ['query', { object: 'opportunity', where: { field: 'customer', op: 'eq', value: id } }],
    ['aggregate', { object: 'opportunity', groupBy: ['name'], measures: { n: { op: 'count' } } }],
    ['overview', { party: id }],
    ['timeline', { party: id }],
    ['search', { q: SECRET }],
    ['update', { object: 'party', id, values: { name: 'mine now' } }],
    ['create', { object: 'note', values: { subject: 'x', party: id } }],
    ['do_logCall', { party: id, subject: 'x' }],
    ['do_closeOpportunity', { as: 'won', ids: [of] }],
  ];
  const bare = (text: string) => text.replaceAll(party, '#').replaceAll(deal, '#').replaceAll(never, '#');
  for (const [i, [name, input]] of tries(party, deal).entries()) {
    const [real, none] = [await call(client, name, input), await call(client, name, tries(never, never)[i]?.[1])];
    expect(real.text, name).not.toContain(SECRET);
    expect({ ...real, text: bare(real.text) }, `${name} ${JSON.stringify(input)}`).toEqual({ ...none, text: bare(none.text) });
  }
  expect((await admin.get<{ name: string }>(`/api/v1/parties/${party}`)).body.name).toBe(`Hidden ${SECRET}`);
  await expect(connect('perigon_forged')).rejects.toThrow();
});
