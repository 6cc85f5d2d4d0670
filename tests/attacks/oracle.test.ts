import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { Json } from '#kit/json.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * An oracle tells a secret by how it answers, not by what it says: a condition on a hidden record that holds must be answered exactly as one
 * that does not. The attacker is a sales rep with an opportunity of their own whose customer is another team's.
 */
let inside: Inside;
let rep = '';
let admin = '';
let hidden = '';
let bait = '';
/** How many questions were understood: refused ones prove nothing. */
let understood = 0;
const SECRET = 'zqxsecret';

const call = (key: string, method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1/${url}`, { key, body });
const made = async (plural: string, values: Record<string, unknown>): Promise<string> => {
  const answer = await call(admin, 'POST', plural, values);
  expect(answer.status, `${plural} ${answer.text}`).toBe(201);
  return (answer.body as { id: string }).id;
};

/** A field of the hidden customer, with what stands in it and what does not. */
const FIELDS: [field: string, truth: Json, other: Json][] = [
  ['name', `Hidden ${SECRET}`, 'Nobody of that name'],
  ['city', 'Secretville', 'Elsewhere'],
  ['description', `Owes us ${SECRET}`, 'Owes us nothing'],
  ['website', 'https://secret.example', 'https://other.example'],
  ['industry', 'retail', 'food'],
  ['employees', 4711, 12],
  ['birthDate', '1971-02-03', '1999-09-09'],
  ['emails.value', 'boss@secret.example', 'none@other.example'],
  ['phones.value', '+4930777123', '+4930777999'],
];
const OPERATORS = ['eq', 'ne', 'in', 'notIn', 'gt', 'gte', 'lt', 'lte', 'between', 'contains', 'startsWith'] as const;
const asked = (op: string, value: Json): Json => (op === 'in' || op === 'notIn' ? [value] : op === 'between' ? [value, value] : value);

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  const mine = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  const other = await inside.product.addUser(ctx, { name: 'Other', email: 'other@perigon.example', password: null, roles: ['salesRep'] });
  rep = (await createApiKey(ctx.db, { userId: mine, name: 'test' })).secret;
  hidden = await made('parties', {
    kind: 'person',
    name: `Hidden ${SECRET}`,
    city: 'Secretville',
    description: `Owes us ${SECRET}`,
    website: 'https://secret.example',
    industry: 'retail',
    employees: 4711,
    birthDate: '1971-02-03',
    emails: ['boss@secret.example'],
    phones: ['+4930777123'],
    owner: other,
  });
  bait = await made('parties', { name: 'Bait', owner: mine });
  await made('relationships', { from: bait, to: hidden, type: 'partnerOf' });
  await made('tasks', { subject: 'Mine about theirs', party: hidden, owner: mine });
  await made('tasks', { subject: 'Mine about mine', party: bait, owner: mine });
});
afterAll(() => inside.stop());

/** Two answers that differ in nothing but what was asked. */
const same = async (url: string, body: (value: Json) => unknown, truth: Json, other: Json, what: string): Promise<void> => {
  const [yes, no] = [await call(rep, 'POST', url, body(truth)), await call(rep, 'POST', url, body(other))];
  expect(yes.status, `${what}: ${yes.text}`).toBe(no.status);
  if (yes.status >= 400) return;
  understood++;
  expect(yes.text, what).toBe(no.text);
  expect(yes.text).not.toContain('ecretville');
};

describe('another team’s customer', () => {
  it('is not there for the rep at all', async () => {
    expect((await call(rep, 'GET', `parties/${hidden}`)).status).toBe(404);
    expect((await call(rep, 'GET', `parties/${bait}`)).status).toBe(200);
  });

  it('says nothing by a filter, over any operator, directly or along a path', async () => {
    for (const [field, truth, other] of FIELDS)
      for (const op of OPERATORS) {
        const where = (path: string) => (value: Json) => ({
          where: { field: path, op, value: asked(op, value) },
          count: true,
          sort: ['id'],
        });
        await same('parties/query', where(field), truth, other, `parties ${field} ${op}`);
        await same('tasks/query', where(`party.${field}`), truth, other, `tasks party.${field} ${op}`);
        await same('relationships/query', where(`to.${field}`), truth, other, `relationships to.${field} ${op}`);
      }
  });

  it('says nothing by counting what hangs on it, or by being counted', async () => {
    for (const [field, truth, other] of FIELDS) {
      const counted = (value: Json) => ({ where: { count: 'tasks', where: { field: `party.${field}`, op: 'eq', value }, gte: 1 } });
      await same('parties/query', counted, truth, other, `count ${field}`);
      const grouped = (value: Json) => ({
        where: { field: `party.${field}`, op: 'eq', value },
        groupBy: [`party.${field}`],
        measures: { n: { op: 'count' } },
      });
      await same('tasks/aggregate', grouped, truth, other, `aggregate ${field}`);
    }
  });

  it('says nothing by order: sorting along the path puts the hidden among the empty', async () => {
    for (const [field] of FIELDS) {
      for (const sort of [`party.${field}`, `-party.${field}`]) {
        const answer = await call(rep, 'POST', 'tasks/query', { sort: [sort], fields: ['subject', `party.${field}`] });
        expect(answer.text, `${sort} ${answer.text}`).not.toMatch(/secret|ecretville|4711|1971|777123/i);
      }
    }
  });

  it('is not shown along a path, in an export, a measure, the stream or the feed', async () => {
    const fields = FIELDS.map(([field]) => `party.${field}`).filter((field) => !field.endsWith('.value'));
    const list = await call(rep, 'POST', 'tasks/query', { fields: ['subject', ...fields] });
    expect(list.text).not.toMatch(/secret|ecretville|4711|1971|777123/i);
    for (const field of fields) {
      const most = await call(rep, 'POST', 'tasks/aggregate', { measures: { m: { op: 'max', field } } });
      expect(most.text, field).not.toMatch(/secret|ecretville|4711|1971|777123/i);
    }
    for (const format of ['csv', 'ndjson']) {
      const file = await call(rep, 'GET', `tasks/export?format=${format}&fields=subject,${fields.join(',')}`);
      expect(file.text).not.toMatch(/secret|ecretville|4711|1971|777123/i);
    }
    for (const where of ['events?follow=false&after=0', 'changes?after=0&limit=1000&objects=party,task,relationship'])
      expect((await call(rep, 'GET', where)).text).not.toMatch(/secret|ecretville|4711|777123/i);
  });

  it('is not moved by a bulk change, a batch, a merge, a share or a hand-over, whatever the condition', async () => {
    const before = (await call(admin, 'GET', `parties/${hidden}`)).text;
    const where = { field: 'name', op: 'startsWith', value: 'Hidden' };
    for (const [url, body] of [
      ['parties/bulk', { where, set: { city: 'Taken' } }],
      ['parties/bulk', { where, delete: true }],
      ['parties/batch', { operations: [{ op: 'update', id: hidden, values: { city: 'Taken' } }], partial: true }],
      ['merges', { object: 'party', survivor: bait, loser: hidden }],
      ['merges/preview', { object: 'party', survivor: bait, loser: hidden }],
      ['shares', { object: 'party', record: hidden, level: 'write' }],
      ['actions/assignOwner', { object: 'party', ids: [hidden], owner: null }],
      ['trash/restore', { object: 'party', ids: [hidden] }],
      ['personal-data/exports', { party: hidden }],
    ] as const) {
      const answer = await call(rep, 'POST', url, body);
      expect(answer.text, url).not.toMatch(/Hidden zqx|ecretville/);
      expect(answer.status, url).toBeLessThan(500);
    }
    expect((await call(admin, 'GET', `parties/${hidden}`)).text).toBe(before);
  });

  it('was asked about in earnest', () => {
    expect(understood).toBeGreaterThan(150);
  });
});
