import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey, setPassword } from '#engine/access/sign-in.ts';
import type { BoundField, Field, Samples } from '#engine/declare/field.ts';
import * as f from '#engine/declare/fields/index.ts';
import { fieldTypes, typeOf } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { bindPredicate, matches, type RecordGraph } from '#engine/declare/predicate.ts';
import { bindContext } from '#engine/record/context.ts';
import type { Json } from '#kit/json.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * Every field type over every surface: storage, API, filter, sort, search, audit, undo, import, export, access. A new type
 * joins by being in the list below; the last test fails until it is.
 */
const FIELDS: Record<string, Field> = {
  text: f.text({ search: 'words' }),
  longText: f.longText({ search: 'words' }),
  richText: f.richText({ search: 'words' }),
  integer: f.integer(),
  decimal: f.decimal(),
  money: f.money(),
  percent: f.percent(),
  boolean: f.boolean(),
  date: f.date(),
  dateTime: f.dateTime(),
  select: f.select(['second', 'first', 'third']),
  multiSelect: f.multiSelect(['alpha', 'beta', 'gamma']),
  email: f.email({ search: 'words' }),
  manyEmails: f.emails({ search: 'words' }),
  phone: f.phone({ search: 'phone' }),
  manyPhones: f.phones({ search: 'phone' }),
  url: f.url({ search: 'words' }),
  address: f.address(),
  manyAddresses: f.addresses(),
  personName: f.personName({ search: 'words' }),
  language: f.language(),
  recurrence: f.recurrence(),
  country: f.country(),
  currency: f.currency(),
  tags: f.tags({ search: 'words' }),
  json: f.json(),
  duration: f.duration(),
  colour: f.colour(),
  rating: f.rating({ max: 7 }),
  file: f.file({ search: 'words' }),
  files: f.files({ search: 'words' }),
  image: f.image(),
};
/** The same fields once more as a company makes them in the browser: what holds for the one holds for the other. */
const own = (name: string) => `x${name.charAt(0).toUpperCase()}${name.slice(1)}`;
const NAMES = [...Object.keys(FIELDS), ...Object.keys(FIELDS).map(own)];
/** Types whose good values exist only once something was sent: filled before the tests run. */
const SENT: Record<string, Samples['good']> = {};
const specimen = defineObject({
  key: 'specimen',
  plural: 'specimens',
  icon: 'box',
  title: 'name',
  list: { columns: ['name'], sort: ['name'] },
  form: [],
  fields: {
    name: f.text({ required: true, search: 'title' }),
    ...FIELDS,
    reference: f.reference({ to: 'specimen', inverse: 'toMany' }),
    user: f.user(),
    manyToMany: f.manyToMany({ to: 'specimen', roles: ['buyer', 'judge'] }),
    members: f.manyToMany({ to: 'specimen', roles: ['buyer'], membership: true }),
    number: f.autoNumber({ pattern: 'SPEC-{0000}', start: 40, search: 'words' }),
    receipt: f.autoNumber({ pattern: '{yyyy}/{000}', gapless: true }),
    pointing: f.rollUp({ over: 'toMany', op: 'count', where: { field: 'integer', op: 'gte', value: 0 }, index: true }),
    latest: f.rollUp({ over: 'toMany', op: 'last', field: 'text', by: 'date' }),
    doubled: f.formula({ expression: 'integer * 2', index: true }),
    worth: f.formula({ expression: 'reference.money * integer' }),
    greeting: f.formula({ expression: 'has(text) ? "Hello " + text : null' }),
    halved: f.formula({ expression: 'doubled / 4', type: 'percent' }),
  },
});

let inside: Inside;
let key: string;
let blindKey: string;
let base: string;
const url = '/api/v1/specimens';

interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
}
const ask = async <T = Record<string, unknown>>(method: string, path: string, body?: unknown, as = key): Promise<Answer<T>> =>
  (await inside.ask(method, path, { key: as, body })) as unknown as Answer<T>;
const create = async (values: Record<string, unknown>) => {
  const made = await ask('POST', url, { name: 'Specimen', ...values });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
};
const bound = (name: string): BoundField => {
  const field = inside.product.model.object('specimen').fields.get(name);
  if (!field) throw new Error(name);
  return field;
};

beforeAll(async () => {
  inside = await insideProduct({ modules: [{ key: 'conformance', objects: [specimen] }], background: true });
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  for (const [name, { type, with: options, search }] of Object.entries(FIELDS)) {
    const made = await ask('POST', '/api/v1/catalogue/objects/specimen/fields', {
      key: own(name),
      field: { type, with: options, ...(search ? { search } : {}) },
      words: { en: { label: name } },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
  }
  // Someone for whom every field under test is hidden.
  const hidden = Object.fromEntries(
    [...Object.keys(specimen.fields), ...NAMES].filter((name) => name !== 'name').map((name) => [name, 'hidden']),
  );
  await ask('POST', '/api/v1/roles', {
    name: 'Blind',
    key: 'blind',
    rights: {
      objects: { specimen: { create: 'all', read: 'all', update: 'all', delete: 'all' } },
      fields: { specimen: hidden },
      may: ['export', 'import', 'undo'],
    },
  });
  const blind = await inside.product.addUser(ctx, { name: 'Blind', email: 'blind@perigon.example', password: null, roles: ['blind'] });
  await setPassword(ctx.db, blind, 'blind-perigon');
  blindKey = (await createApiKey(ctx.db, { userId: blind, name: 'test' })).secret;
  base = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
  const [plan, letter] = [await send('Zürich plan.txt', 'first'), await send('letter.txt', 'second')];
  const [red, blue] = [await send('red.png', await picture('#f00')), await send('blue.png', await picture('#00f'))];
  SENT.file = [
    { input: plan.id, value: plan },
    { input: { id: letter.id }, value: letter },
  ] as unknown as Samples['good'];
  SENT.files = [
    { input: [plan.id, red.id], value: [plan, red] },
    { input: [letter.id], value: [letter] },
  ] as unknown as Samples['good'];
  SENT.image = [
    { input: red.id, value: red },
    { input: blue.id, value: blue },
  ] as unknown as Samples['good'];
  for (const name of Object.keys(SENT)) SENT[own(name)] = SENT[name] as Samples['good'];
});
afterAll(() => inside.stop());

const picture = (background: string) =>
  sharp({ create: { width: 40, height: 20, channels: 3, background } })
    .png()
    .toBuffer();
const send = async (name: string, content: string | Buffer) => {
  const sent = await fetch(`${base}/api/v1/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    body: content as BodyInit,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' },
  });
  expect(sent.status).toBe(201);
  return (await sent.json()) as { id: string; name: string };
};
const importFile = async (text: string, parts: Record<string, string>) => {
  const form = new FormData();
  form.append('file', new Blob([text], { type: 'text/csv' }), 'specimens.csv');
  for (const [name, value] of Object.entries(parts)) form.append(name, value);
  const started = await fetch(`${base}/api/v1/imports`, { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } });
  const { id } = (await started.json()) as { id: string };
  for (let i = 0; i < 300; i++) {
    const { body } = await ask(`GET`, `/api/v1/imports/${id}`);
    if (body.state !== 'queued' && body.state !== 'running') return body;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('The import did not end.');
};

describe.each(NAMES)('%s', (name) => {
  const samples = () => ({ ...typeOf(bound(name)).samples(bound(name)), ...(SENT[name] ? { good: SENT[name] } : {}) });
  const type = () => typeOf(bound(name));

  it('takes every good value, stores it and gives it back, also emptied', async () => {
    for (const { input, value } of samples().good) {
      const made = await create({ [name]: input });
      expect(made[name]).toEqual(value);
      const read = await ask('GET', `${url}/${made.id}`);
      expect(read.body[name]).toEqual(value);
      const emptied = await ask('PATCH', `${url}/${made.id}`, { [name]: null });
      expect(emptied.body[name]).toBeNull();
    }
  });

  it('refuses every bad value at the field, and writes nothing', async () => {
    const before = await ask<{ count: unknown }>('GET', `${url}?count=true&limit=1`);
    for (const bad of samples().bad) {
      const refused = await ask<{ code: string; errors: { path: string; detail: string }[] }>('POST', url, { name: 'Bad', [name]: bad });
      expect(refused.status, JSON.stringify(bad)).toBe(422);
      expect(refused.body.code).toBe('invalid');
      expect(refused.body.errors.every(({ path, detail }) => path.split('.')[0] === name && detail.length > 5)).toBe(true);
    }
    expect((await ask<{ count: unknown }>('GET', `${url}?count=true&limit=1`)).body.count).toEqual(before.body.count);
  });

  it('is found by its filters, in both readings', async () => {
    const [first, second] = samples().good;
    if (!first || !second || type().operators.length === 0) return;
    const mark = `filter ${name}`;
    await create({ name: mark, [name]: first.input });
    await create({ name: mark, [name]: second.input });
    await create({ name: mark });
    const ctx = await inside.ctx();
    const object = ctx.model.object('specimen');
    const all = (
      await ask<{ items: Record<string, unknown>[] }>('POST', `${url}/query`, {
        where: { field: 'name', op: 'eq', value: mark },
        limit: 500,
      })
    ).body.items;
    const graph: RecordGraph = { get: () => null, children: () => [] };
    for (const op of type().operators) {
      const scalar = type().shape?.of(first.value, bound(name));
      const operand: unknown = type().shape?.many
        ? (scalar as unknown[])[0]
        : op === 'contains' || op === 'startsWith'
          ? scalar
          : first.value;
      const value =
        op === 'isEmpty' || op === 'isNotEmpty'
          ? undefined
          : op === 'in' || op === 'notIn'
            ? [operand]
            : op === 'between'
              ? [operand, operand]
              : operand;
      const where = { field: name, op, value };
      const found = await ask<{ items: Record<string, unknown>[] }>('POST', `${url}/query`, {
        where: { all: [{ field: 'name', op: 'eq', value: mark }, where] },
        limit: 500,
      });
      expect(found.status, `${op} ${JSON.stringify(found.body)}`).toBe(200);
      const boundWhere = bindPredicate(bindContext(ctx), object, where);
      expect(found.body.items.map((item) => item.id).sort(), op).toEqual(
        all
          .filter((item) => matches(boundWhere, item, graph))
          .map((item) => item.id)
          .sort(),
      );
      if (op === 'eq' || op === 'in' || op === 'isNotEmpty' || op === 'contains') expect(found.body.items.length, op).toBeGreaterThan(0);
    }
  });

  it('sorts as its samples stand, the empty last, both ways', async () => {
    const [first, second] = samples().good;
    if (!first || !second || !type().sortable) return;
    const mark = `sort ${name}`;
    const b = await create({ name: mark, [name]: second.input });
    const none = await create({ name: mark });
    const a = await create({ name: mark, [name]: first.input });
    const ids = async (sort: string) =>
      (await ask<{ items: { id: string }[] }>('GET', `${url}?sort=${sort}&name=${encodeURIComponent(mark)}`)).body.items.map(
        (item) => item.id,
      );
    expect(await ids(name)).toEqual([a.id, b.id, none.id]);
    expect(await ids(`-${name}`)).toEqual([b.id, a.id, none.id]);
  });

  it('stands in the history and is undone', async () => {
    const [first, second] = samples().good;
    if (!first || !second) return;
    const made = await create({ [name]: first.input });
    const changed = await inside.ask('PATCH', `${url}/${made.id}`, { key, body: { [name]: second.input } });
    const history = await ask<{ items: { action: string; fields: Record<string, { from: Json; to: Json }> }[] }>(
      'GET',
      `${url}/${made.id}/history`,
    );
    expect(history.body.items[0]?.fields[name]).toEqual({ from: first.value, to: second.value });
    const undone = await ask('POST', `/api/v1/causes/${changed.headers['perigon-cause']}/undo`);
    expect(undone.status).toBe(200);
    expect((await ask('GET', `${url}/${made.id}`)).body[name]).toEqual(first.value);
  });

  it('leaves in an export and comes back from it unchanged', async () => {
    const mark = `round trip ${name}`;
    if (SENT[name]) {
      const [first] = samples().good;
      await create({ name: mark, [name]: first?.input });
      const csv = await inside.ask('GET', `${url}/export?format=csv&fields=${name}&name=${encodeURIComponent(mark)}`, { key });
      const [sent] = [first?.value].flat() as unknown as { name: string; url: string }[];
      expect(csv.text).toContain(`${sent?.name} ${sent?.url}`);
      const form = new FormData();
      form.append('file', new Blob([csv.text]), 'specimens.csv');
      form.append('map', JSON.stringify({ object: 'specimen', columns: { [name]: { field: name } } }));
      const refused = await fetch(`${base}/api/v1/imports`, { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } });
      expect(refused.status).toBe(422);
      expect(await refused.text()).toContain('/api/v1/files');
      return;
    }
    const made = [];
    // One line of a file holds one address, in its parts; what else a list of them knows (label, further ones) leaves as NDJSON.
    const isAddress = bound(name).type === 'address';
    const fields = isAddress ? Object.keys(type().parts ?? {}).map((part) => `${name}.${part}`) : [name];
    // A table holds the words of a rich text; its marks leave as NDJSON.
    const plain = bound(name).type === 'richText' ? samples().good.slice(1, 2) : samples().good;
    for (const { input } of isAddress && bound(name).with.many ? plain.slice(0, 1) : plain)
      made.push(await create({ name: mark, [name]: input }));
    const answer = await fetch(`${base}${url}/export?format=csv&fields=id,name,${fields.join()}&name=${encodeURIComponent(mark)}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.status).toBe(200);
    const csv = await answer.text();
    expect(csv.split('\n').length).toBeGreaterThan(made.length);
    // Emptied and changed here, then brought back from the file.
    for (const record of made) await ask('PATCH', `${url}/${record.id}`, { [name]: null });
    const header = csv
      .slice(0, csv.indexOf('\n'))
      .replace(/^\ufeff/, '')
      .trim()
      .split(',');
    const columns: Record<string, unknown> = {};
    for (const column of header) columns[column] = { field: column };
    const result = await importFile(csv, { map: JSON.stringify({ object: 'specimen', columns, match: ['id'] }), mode: 'update' });
    expect(result, JSON.stringify(result)).toMatchObject({ state: 'done', failed: 0 });
    for (const record of made) expect((await ask('GET', `${url}/${record.id}`)).body[name], header.join()).toEqual(record[name]);
  });

  it('is searched by where it asks to be', async () => {
    const field = bound(name);
    if (!field.search) return;
    const [first] = samples().good;
    const made = await create({ name: 'Needle', [name]: first?.input });
    const shape = type().shape;
    const scalar = shape?.of(first?.value, field);
    const text = String(Array.isArray(scalar) ? scalar[0] : scalar);
    const q =
      field.search === 'phone'
        ? text.replace(/\D/g, '').slice(-5)
        : (text.split(/[^\p{L}\p{N}]+/u).find((word) => word.length > 3) ?? text);
    const found = await ask<{ items: { id: string }[] }>('GET', `/api/v1/search?limit=50&q=${encodeURIComponent(q)}`);
    expect(
      found.body.items.map((item) => item.id),
      q,
    ).toContain(made.id);
    const blind = await ask<{ items: { id: string }[] }>('GET', `/api/v1/search?limit=50&q=${encodeURIComponent(q)}`, undefined, blindKey);
    expect(
      blind.body.items.map((item) => item.id),
      'hidden words are not searched',
    ).not.toContain(made.id);
  });

  it('is refused everywhere to whom it is hidden', async () => {
    const [first] = samples().good;
    const made = await create({ [name]: first?.input });
    const read = await ask('GET', `${url}/${made.id}`, undefined, blindKey);
    expect(read.status).toBe(200);
    expect(name in read.body).toBe(false);
    const list = await ask<{ items: Record<string, unknown>[] }>('GET', `${url}?limit=500`, undefined, blindKey);
    expect(list.body.items.some((item) => name in item)).toBe(false);
    const history = await ask<{ items: { fields: Record<string, unknown> }[] }>('GET', `${url}/${made.id}/history`, undefined, blindKey);
    expect(history.body.items.some((item) => name in item.fields)).toBe(false);
    const meta = await ask<{ objects: { key: string; fields: { key: string }[] }[] }>('GET', '/api/v1/meta', undefined, blindKey);
    expect(meta.body.objects.find((object) => object.key === 'specimen')?.fields.some((field) => field.key === name)).toBe(false);
    // Refused as if there were no such field: the answers must not differ from those about one that is not there.
    const asked = (field: string) =>
      [
        ['GET', `${url}?${field}[isNotEmpty]=`],
        ['GET', `${url}?sort=${field}`],
        ['GET', `${url}?fields=${field}`],
        ['PATCH', `${url}/${made.id}`, { [field]: first?.input }],
        ['POST', url, { name: 'x', [field]: first?.input }],
        ['POST', `${url}/query`, { where: { field, op: 'isNotEmpty' } }],
        ['POST', `${url}/query`, { where: { count: 'toMany', where: { field, op: 'isNotEmpty' } } }],
        ['POST', `${url}/aggregate`, { groupBy: [field], measures: { n: { op: 'count' } } }],
        ['POST', `${url}/aggregate`, { measures: { n: { op: 'countDistinct', field } } }],
        ['GET', `${url}/export?format=csv&fields=${field}`],
        ['POST', `${url}/batch`, { operations: [{ op: 'update', id: made.id, values: { [field]: first?.input } }] }],
      ] as const;
    const real = asked(name);
    const absent = asked('nosuchfield');
    for (const [i, [method, path, body]] of real.entries()) {
      const refused = await ask(method, path, body, blindKey);
      const twin = await ask(absent[i]?.[0] ?? 'GET', absent[i]?.[1] ?? '', absent[i]?.[2], blindKey);
      expect(refused.status, `${method} ${path}`).toBe(422);
      expect(JSON.stringify(refused.body).replaceAll(name, 'nosuchfield')).toBe(JSON.stringify(twin.body));
    }
  });
});

describe('fields that lead to records', () => {
  it('reference: reads with its name, is written by id and external id, refuses what is not there', async () => {
    const target = await create({ name: 'Target', externalIds: [{ system: 'erp', value: 'T-1' }] });
    const made = await create({ name: 'Pointing', reference: target.id });
    expect(made.reference).toEqual({ id: target.id, name: 'Target' });
    const other = await create({ name: 'Pointing too', reference: { externalId: { system: 'erp', value: 'T-1' } } });
    expect(other.reference).toEqual({ id: target.id, name: 'Target' });
    for (const bad of [
      ...typeOf(bound('reference')).samples(bound('reference')).bad,
      '01a1ffd0-be67-72c5-a33a-c75cf014b97b',
      { externalId: { system: 'erp', value: 'none' } },
    ]) {
      const refused = await ask<{ errors: { path: string }[] }>('POST', url, { name: 'x', reference: bad });
      expect(refused.status, JSON.stringify(bad)).toBe(422);
      expect(refused.body.errors[0]?.path.split('.')[0]).toBe('reference');
    }
    const found = await ask<{ items: { id: string }[] }>('GET', `${url}?reference=${target.id}&sort=reference.name`);
    expect(found.body.items).toHaveLength(2);
    const counted = await ask<{ items: { toMany: { count: number } }[] }>('GET', `${url}?id=${target.id}&fields=toMany`);
    expect(counted.body.items[0]?.toMany).toEqual({ count: 2 });
    const group = await ask<{ rows: unknown[] }>('POST', `${url}/aggregate`, {
      where: { field: 'reference', op: 'eq', value: target.id },
      groupBy: ['reference'],
      measures: { n: { op: 'count' } },
    });
    expect(group.body.rows).toEqual([{ reference: { id: target.id, name: 'Target' }, n: 2 }]);
    // What lies in the trash has no name any more, and paths through it find nothing.
    await ask('DELETE', `${url}/${target.id}`);
    expect((await ask('GET', `${url}/${made.id}`)).body.reference).toEqual({ id: target.id, name: null });
    expect((await ask<{ items: unknown[] }>('GET', `${url}?reference.name=Target`)).body.items).toHaveLength(0);
  });

  it('user: reads with its name and is filtered by path', async () => {
    const ctx = await inside.ctx();
    const made = await create({ name: 'Owned', user: ctx.actor.userId });
    expect(made.user).toEqual({ id: ctx.actor.userId, name: 'Ana Admin' });
    expect(
      (await ask<{ items: { id: string }[] }>('GET', `${url}?user.name[startsWith]=ana&name=Owned`)).body.items.map((item) => item.id),
    ).toEqual([made.id]);
  });

  it('many-to-many with role: set, replaced, filtered, counted, undone', async () => {
    const a = await create({ name: 'Link A' });
    const b = await create({ name: 'Link B' });
    const made = await create({
      name: 'Linked',
      manyToMany: [
        { id: a.id, role: 'buyer' },
        { id: b.id, role: 'judge' },
      ],
    });
    expect(made.manyToMany).toEqual([
      { id: a.id, name: 'Link A', role: 'buyer' },
      { id: b.id, name: 'Link B', role: 'judge' },
    ]);
    const changed = await inside.ask('PATCH', `${url}/${made.id}`, { key, body: { manyToMany: [{ id: b.id, role: 'buyer' }] } });
    expect((changed.body as Record<string, unknown>).manyToMany).toEqual([{ id: b.id, name: 'Link B', role: 'buyer' }]);
    const where = (extra: object) => ask<{ items: { id: string }[] }>('POST', `${url}/query`, { where: extra, fields: ['name'] });
    expect((await where({ field: 'manyToMany', op: 'contains', value: b.id })).body.items.map((item) => item.id)).toEqual([made.id]);
    expect((await where({ count: 'manyToMany', role: 'buyer', gte: 1 })).body.items.map((item) => item.id)).toEqual([made.id]);
    expect((await where({ count: 'manyToMany', role: 'judge', gte: 1 })).body.items).toEqual([]);
    for (const bad of [...typeOf(bound('manyToMany')).samples(bound('manyToMany')).bad, [{ id: a.id, role: 'king' }]])
      expect((await ask('PATCH', `${url}/${made.id}`, { manyToMany: bad })).status).toBe(422);
    await ask('POST', `/api/v1/causes/${changed.headers['perigon-cause']}/undo`);
    expect(((await ask('GET', `${url}/${made.id}`)).body.manyToMany as unknown[]).length).toBe(2);
  });

  it('many-to-many as membership: with a beginning, an end and a level, from and to files, undone, and as it always was without', async () => {
    const far = await create({ name: 'Member' });
    const field = bound('members');
    const term = { since: '2026-01-01T00:00:00.000Z', until: '2026-12-31T23:00:00.000Z' };
    const always = { since: null, until: null, level: 'write' };
    const made = await create({ name: 'Joined', members: [far.id] });
    expect(made.members).toEqual([{ id: far.id, name: 'Member', role: null, ...always }]);
    const changed = await inside.ask('PATCH', `${url}/${made.id}`, {
      key,
      body: { members: [{ id: far.id, role: 'buyer', level: 'read', ...term }] },
    });
    const limited = [{ id: far.id, name: 'Member', role: 'buyer', level: 'read', ...term }];
    expect((changed.body as Record<string, unknown>).members).toEqual(limited);
    // What was read is written back without a change, and what goes without saying is no change either.
    const again = await inside.ask('PATCH', `${url}/${made.id}`, { key, body: { members: limited } });
    expect((again.body as { version: number }).version).toBe((changed.body as { version: number }).version);
    const type = typeOf(field);
    const env = { timeZone: 'UTC' } as Parameters<typeof type.parse>[2];
    for (const link of [
      { id: far.id },
      { id: far.id, role: 'buyer', ...term },
      { id: far.id, level: 'read' },
      { id: far.id, until: term.until },
    ]) {
      const value = type.parse([link], field, env);
      expect(type.fromText?.(type.toText(value, field), field, env)).toEqual(value);
    }
    for (const bad of [{ level: 'own' }, { since: 'soon' }, { since: term.until, until: term.since }, { until: 5 }])
      expect((await ask('PATCH', `${url}/${made.id}`, { members: [{ id: far.id, ...bad }] })).status, JSON.stringify(bad)).toBe(422);
    expect((await ask('PATCH', `${url}/${made.id}`, { manyToMany: [{ id: far.id, ...term }] })).status).toBe(422);
    await ask('POST', `/api/v1/causes/${changed.headers['perigon-cause']}/undo`);
    expect((await ask('GET', `${url}/${made.id}`)).body.members).toEqual([{ id: far.id, name: 'Member', role: null, ...always }]);
  });

  it('external ids: exclusive among live records, also when two are written at once', async () => {
    const id = [{ system: 'shop', value: 'X-1' }];
    const made = await create({ name: 'First', externalIds: id });
    const second = await ask<{ code: string; errors: { path: string }[] }>('POST', url, { name: 'Second', externalIds: id });
    expect([second.status, second.body.code, second.body.errors[0]?.path]).toEqual([409, 'conflict', 'externalIds']);
    await ask('DELETE', `${url}/${made.id}`);
    expect((await ask('POST', url, { name: 'Third', externalIds: id })).status).toBe(201);
    const race = await Promise.all(
      Array.from({ length: 8 }, (_, i) => ask('POST', url, { name: `Race ${i}`, externalIds: [{ system: 'race', value: '1' }] })),
    );
    expect(race.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(race.every((answer) => answer.status === 201 || answer.status === 409)).toBe(true);
  });
});

describe('auto-number', () => {
  type Numbered = { id: string; number: string; receipt: string };
  const count = (text: string) => Number(/(\d+)$/.exec(text)?.[1]);
  const make = async (values: Record<string, unknown> = {}) => (await create({ name: 'Numbered', ...values })) as unknown as Numbered;

  it('is given on creation in its pattern, never written by people, and rises', async () => {
    const [a, b] = [await make(), await make()];
    expect(a.number).toMatch(/^SPEC-\d{4,}$/);
    expect(count(a.number)).toBeGreaterThanOrEqual(40);
    expect(count(b.number)).toBeGreaterThan(count(a.number));
    expect(a.receipt).toMatch(new RegExp(`^${new Date().getUTCFullYear()}/\\d{3,}$`));
    for (const [method, path] of [
      ['POST', url],
      ['PATCH', `${url}/${a.id}`],
    ] as const) {
      const refused = await ask<{ errors: { path: string; code: string }[] }>(method, path, { name: 'x', number: 'SPEC-0001' });
      expect([refused.status, refused.body.errors[0]?.path, refused.body.errors[0]?.code]).toEqual([422, 'number', 'readOnly']);
    }
  });

  it('is unique among writers at once and in batches, and takes one step a batch', async () => {
    const batch = (n: number) => ({ operations: Array.from({ length: n }, () => ({ op: 'create', values: { name: 'Batched' } })) });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask('POST', `${url}/batch`, batch(20))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 200]);
    const items = (await ask<{ items: Numbered[] }>('GET', `${url}?name=Batched&limit=500`)).body.items;
    expect(items).toHaveLength(120);
    expect(new Set(items.map((item) => item.number)).size).toBe(120);
    const receipts = items.map((item) => count(item.receipt)).sort((x, y) => x - y);
    // Without a gap: each batch held the counter until its end.
    expect((receipts.at(-1) ?? 0) - (receipts[0] ?? 0)).toBe(119);
  });

  it('leaves no gap where declared so, although a record is refused', async () => {
    const a = await make();
    const refused = await ask('POST', `${url}/batch`, {
      operations: [
        { op: 'create', values: { name: 'Fine' } },
        { op: 'create', values: { name: 'Twice', externalIds: [{ system: 'gap', value: '1' }] } },
        { op: 'create', values: { name: 'Twice', externalIds: [{ system: 'gap', value: '1' }] } },
      ],
    });
    expect(refused.status).toBe(422);
    expect(count((await make()).receipt)).toBe(count(a.receipt) + 1);
  });

  it('is never given again: not after undo, not below a number that an import brought', async () => {
    const made = await inside.ask('POST', url, { key, body: { name: 'Undone' } });
    const { number, receipt } = made.body as Numbered;
    expect((await ask('POST', `/api/v1/causes/${made.headers['perigon-cause']}/undo`)).status).toBe(200);
    const next = await make();
    expect(count(next.number)).toBeGreaterThan(count(number));
    expect(count(next.receipt)).toBe(count(receipt) + 1);
    const columns = { Name: { field: 'name' }, No: { field: 'number' } };
    const map = JSON.stringify({ object: 'specimen', columns });
    const result = await importFile('Name,No\nKept,SPEC-5000\nForeign,OLD-17\nNew,\n', { map, mode: 'create' });
    expect(result, JSON.stringify(result)).toMatchObject({ state: 'done', created: 3, failed: 0 });
    expect((await ask<{ items: Numbered[] }>('GET', `${url}?name=Kept`)).body.items[0]?.number).toBe('SPEC-5000');
    expect((await ask<{ items: Numbered[] }>('GET', `${url}?name=Foreign`)).body.items[0]?.number).toBe('OLD-17');
    expect(count((await make()).number)).toBeGreaterThan(5000);
    const twice = await importFile('Name,No\nAgain,SPEC-5000\n', { map, mode: 'create' });
    expect(twice).toMatchObject({ created: 0 });
  });

  it('is found by filter and search, sorts as a number, and leaves in an export', async () => {
    const mark = 'sort number';
    const columns = { Name: { field: 'name' }, No: { field: 'number' } };
    const map = JSON.stringify({ object: 'specimen', columns });
    await importFile(`Name,No\n${mark},SPEC-20000\n${mark},SPEC-9000\n${mark},SPEC-10000\n`, { map, mode: 'create' });
    const list = async (query: string) =>
      (await ask<{ items: Numbered[] }>('GET', `${url}?${query}`)).body.items.map((item) => item.number);
    expect(await list(`name=${mark}&sort=number`)).toEqual(['SPEC-9000', 'SPEC-10000', 'SPEC-20000']);
    expect(await list('number=spec-9000')).toEqual(['SPEC-9000']);
    expect(await list('number[startsWith]=spec-100')).toEqual(['SPEC-10000']);
    const found = await ask<{ items: { id: string }[] }>('GET', '/api/v1/search?q=20000&limit=20');
    expect(found.body.items.length).toBeGreaterThan(0);
    const csv = await fetch(`${base}${url}/export?format=csv&fields=number&name=${encodeURIComponent(mark)}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect((await csv.text()).split(/\r?\n/).slice(1, 4).sort()).toEqual(['SPEC-10000', 'SPEC-20000', 'SPEC-9000']);
  });
});

describe('fields that are reckoned from others', () => {
  it('roll-up: kept, shown, filtered in both readings, sorted, exported; written by nobody, hidden where what it reads is', async () => {
    const mark = 'rolled up';
    const [some, none] = [await create({ name: mark }), await create({ name: mark })];
    expect([some.pointing, some.latest]).toEqual([0, null]);
    await create({ name: 'below', reference: some.id, integer: 1, text: 'Later', date: '2026-02-01' });
    await create({ name: 'below', reference: some.id, integer: 2, text: 'Earlier', date: '2026-01-01' });
    await create({ name: 'below', reference: none.id, integer: -1 });
    for (let i = 0; i < 200; i++) {
      const { body } = await ask('GET', `${url}/${some.id}`);
      if (body.pointing === 2 && body.latest === 'Later') break;
      await new Promise((done) => setTimeout(done, 50));
    }
    const all = (await ask<{ items: Record<string, unknown>[] }>('GET', `${url}?name=${mark}&sort=-pointing`)).body.items;
    expect(all.map(({ id, pointing, latest }) => ({ id, pointing, latest }))).toEqual([
      { id: some.id, pointing: 2, latest: 'Later' },
      { id: none.id, pointing: 0, latest: null },
    ]);
    const ctx = await inside.ctx();
    const graph: RecordGraph = { get: () => null, children: () => [] };
    for (const where of [
      { field: 'pointing', op: 'eq', value: 0 },
      { field: 'pointing', op: 'gte', value: 1 },
      { field: 'pointing', op: 'ne', value: 2 },
      { field: 'latest', op: 'startsWith', value: 'lat' },
      { field: 'latest', op: 'isEmpty' },
    ]) {
      const both = { all: [{ field: 'name', op: 'eq', value: mark }, where] };
      const found = await ask<{ items: { id: string }[] }>('POST', `${url}/query`, { where: both });
      const judged = bindPredicate(bindContext(ctx), ctx.model.object('specimen'), where);
      expect(found.body.items.map(({ id }) => id).sort(), JSON.stringify(where)).toEqual(
        all
          .filter((item) => matches(judged, item, graph))
          .map(({ id }) => id)
          .sort(),
      );
    }
    const csv = await inside.ask('GET', `${url}/export?format=csv&fields=pointing,latest&name=${encodeURIComponent(mark)}&sort=pointing`, {
      key,
    });
    expect(csv.text.split(/\r?\n/).slice(1, 3)).toEqual(['0,', '2,Later']);
    const refused = await ask<{ errors: { code: string }[] }>('PATCH', `${url}/${some.id}`, { pointing: 7 });
    expect([refused.status, refused.body.errors[0]?.code]).toEqual([422, 'readOnly']);
    const blind = await ask('GET', `${url}/${some.id}`, undefined, blindKey);
    expect('pointing' in blind.body || 'latest' in blind.body).toBe(false);
    expect((await ask('GET', `${url}?sort=pointing`, undefined, blindKey)).status).toBe(422);
    const history = await ask<{ items: unknown[] }>('GET', `${url}/${some.id}/history`);
    expect(history.body.items).toHaveLength(1);
  });

  it('formula: shown, filtered in both readings, sorted, grouped, summed, exported, described; written by nobody, hidden where what it reads is', async () => {
    const mark = 'formulated';
    const priced = await create({ name: 'price', money: { amount: '10.50', currency: 'USD' } });
    const made = [
      await create({ name: mark, integer: 3, reference: priced.id, text: 'Zoë' }),
      await create({ name: mark, integer: 1, reference: priced.id }),
      await create({ name: mark }),
    ];
    const shown = { doubled: 6, worth: { amount: '31.50', currency: 'USD' }, greeting: 'Hello Zoë', halved: 1.5 };
    expect(made[0]).toMatchObject(shown);
    expect(made[2]).toMatchObject({ doubled: null, worth: null, greeting: null, halved: null });
    expect((await ask('GET', `${url}/${made[0]?.id}`)).body).toMatchObject(shown);
    const sorted = async (sort: string) =>
      (await ask<{ items: { id: string }[] }>('GET', `${url}?name=${mark}&sort=${sort}`)).body.items.map((item) =>
        made.findIndex(({ id }) => id === item.id),
      );
    expect(await sorted('doubled')).toEqual([1, 0, 2]);
    expect(await sorted('-worth')).toEqual([0, 1, 2]);
    expect(await sorted('greeting,-halved')).toEqual([0, 1, 2]);
    const all = (await ask<{ items: Record<string, unknown>[] }>('GET', `${url}?name=${mark}`)).body.items;
    const ctx = await inside.ctx();
    const graph: RecordGraph = { get: (_object, id) => (id === priced.id ? priced : null), children: () => [] };
    for (const where of [
      { field: 'doubled', op: 'eq', value: 6 },
      { field: 'doubled', op: 'between', value: [2, 5] },
      { field: 'doubled', op: 'ne', value: 2 },
      { field: 'worth', op: 'gt', value: 20 },
      { field: 'worth.currency', op: 'eq', value: 'USD' },
      { field: 'worth', op: 'isEmpty' },
      { field: 'greeting', op: 'contains', value: 'zoe' },
      { field: 'halved', op: 'lt', value: 1 },
    ]) {
      const both = { all: [{ field: 'name', op: 'eq', value: mark }, where] };
      const found = await ask<{ items: { id: string }[] }>('POST', `${url}/query`, { where: both });
      const judged = bindPredicate(bindContext(ctx), ctx.model.object('specimen'), where);
      const byOne = all.filter((item) => matches(judged, item, graph)).map(({ id }) => id);
      expect(found.body.items.map(({ id }) => id).sort(), JSON.stringify(where)).toEqual(byOne.sort());
      expect([1, 2]).toContain(byOne.length);
    }
    const below = await ask<{ items: unknown[] }>('POST', `${url}/query`, { where: { field: 'reference.doubled', op: 'isNotEmpty' } });
    expect(below.body.items).toEqual([]);
    const groups = await ask<{ rows: unknown[] }>('POST', `${url}/aggregate`, {
      where: { field: 'name', op: 'eq', value: mark },
      groupBy: ['greeting'],
      measures: { n: { op: 'sum', field: 'doubled' }, worth: { op: 'sum', field: 'worth' } },
    });
    expect(groups.body.rows).toEqual([
      { greeting: 'Hello Zoë', n: 6, worth: [{ currency: 'USD', amount: '31.50' }] },
      { greeting: null, n: 2, worth: [{ currency: 'USD', amount: '10.50' }] },
    ]);
    const csv = await inside.ask('GET', `${url}/export?format=csv&fields=doubled,worth,greeting&name=${mark}&sort=doubled`, { key });
    expect(csv.text.split(/\r?\n/).slice(1, 4)).toEqual(['2,10.50 USD,', '6,31.50 USD,Hello Zoë', ',,']);
    const meta = await ask<{ objects: { key: string; fields: Record<string, unknown>[] }[] }>('GET', '/api/v1/meta');
    const described = meta.body.objects.find((object) => object.key === 'specimen')?.fields.find((field) => field.key === 'halved');
    expect(described).toMatchObject({ type: 'percent', derived: 'formula', expression: 'doubled / 4', readOnly: true, sortable: true });
    const refused = await ask<{ errors: { code: string }[] }>('PATCH', `${url}/${made[0]?.id}`, { doubled: 7 });
    expect([refused.status, refused.body.errors[0]?.code]).toEqual([422, 'readOnly']);
    const changed = await inside.ask('PATCH', `${url}/${made[0]?.id}`, { key, body: { integer: 5 } });
    expect(changed.body).toMatchObject({ doubled: 10, version: 2 });
    const history = await ask<{ items: { fields: object }[] }>('GET', `${url}/${made[0]?.id}/history`);
    expect(Object.keys(history.body.items[0]?.fields ?? {})).toEqual(['integer']);
    expect((await ask('POST', `/api/v1/causes/${changed.headers['perigon-cause']}/undo`)).status).toBe(200);
    expect((await ask('GET', `${url}/${made[0]?.id}`)).body.doubled).toBe(6);
    const blind = await ask('GET', `${url}/${made[0]?.id}`, undefined, blindKey);
    expect(['doubled', 'worth', 'greeting', 'halved'].some((name) => name in blind.body)).toBe(false);
    for (const asked of ['?sort=doubled', '?fields=halved', '?doubled=6'])
      expect((await ask('GET', url + asked, undefined, blindKey)).status, asked).toBe(422);
  });
});

it('covers every field type there is', () => {
  const covered = new Set(Object.values(specimen.fields).map((field) => field.type));
  for (const field of inside.product.model.object('specimen').fields.values()) covered.add(field.type);
  for (const type of fieldTypes.keys()) expect([...covered]).toContain(type);
});
