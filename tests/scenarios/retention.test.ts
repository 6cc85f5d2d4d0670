import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { followJob } from '#engine/jobs/jobs.ts';
import { retainDaily, startRetention } from '#engine/privacy/retention.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Rules for how long something is kept: seen before they are switched on, run, recorded, held back, undone, and final in the end. */
let inside: Inside;
let key: string;
let cookie: string;
const call = (method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key, body });
const make = async (plural: string, values: object): Promise<string> => {
  const made = await call('POST', `/${plural}`, values);
  expect(made.status, made.text).toBe(201);
  return (made.body as { id: string }).id;
};
const there = async (plural: string, id: string): Promise<number> => (await call('GET', `/${plural}/${id}`)).status;
const left = async (table: 'parties' | 'interactions', id: string): Promise<boolean> =>
  (await inside.product.db.query(`select id from ${table} where id = $1::uuid`, [id])).length > 0;
/** Runs a rule now and waits for what came of it. */
async function run(rule: string): Promise<Record<string, number>> {
  const ctx = await inside.ctx();
  const job = await startRetention(inside.product.db, { id: rule, name: 'x' });
  const { state, result, error } = await followJob(ctx, job);
  expect(state, error ?? '').toBe('done');
  return result as Record<string, number>;
}
const runs = async (rule: string) =>
  (
    (await call('GET', `/retention/runs?rule=${rule}`)).body as {
      items: { done: number; purged: number; cause: string; endedAt: string }[];
    }
  ).items;
/** As if the night were long ago. */
const longAgo = (rule: string) =>
  inside.product.db.query(`update retention_runs set ended_at = ended_at - interval '100 days' where rule = $1::uuid`, [rule]);
const OLD = { field: 'description', op: 'contains', value: 'untouched' };

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  const signed = await inside.ask('POST', '/api/v1/session', { body: { email: ADMIN.email, password: ADMIN.password } });
  cookie = String(signed.headers['set-cookie']).split(';')[0] ?? '';
});
afterAll(() => inside?.stop());

describe('a retention rule', () => {
  it('shows what it would do, and what a legal hold keeps', async () => {
    await make('parties', { name: 'Old one', description: 'untouched for years' });
    await make('parties', { name: 'Held one', description: 'untouched for years', legalHold: true });
    const preview = await call('POST', '/retention/preview', { act: 'delete', object: 'party', where: OLD });
    expect(preview.body).toMatchObject({ count: 1, held: 1, first: [{ name: 'Old one' }] });
    const faults = async (values: object): Promise<unknown> =>
      ((await call('POST', '/retentionRules', { name: 'x', ...values })).body as { errors: { path: string }[] }).errors?.[0]?.path;
    expect(await faults({ object: 'party' })).toBe('condition');
    expect(await faults({ object: 'user', condition: OLD })).toBe('object');
    expect(await faults({ object: 'note', act: 'erase', condition: { field: 'subject', op: 'eq', value: 'x' } })).toBe('object');
    expect(await faults({ object: 'party', condition: { field: 'nothing', op: 'eq', value: 1 } })).toMatch(/^condition/);
    expect(await faults({ object: 'party', condition: OLD, days: 0 })).toBe('days');
  });

  it('puts what is over into the trash, from where it comes back, and takes it for good later', async () => {
    const keep = await make('parties', { name: 'Touched', description: 'last week' });
    const [gone, back, held, later] = await Promise.all(
      ['Gone', 'Back', 'Held', 'Held later'].map((name) => make('parties', { name, description: 'untouched', legalHold: name === 'Held' })),
    );
    const rule = await make('retentionRules', { name: 'Forgotten customers', object: 'party', condition: OLD, days: 30, active: true });
    expect((await run(rule)).done).toBeGreaterThanOrEqual(3);
    expect(await Promise.all([keep, gone, back, held, later].map((id) => there('parties', id ?? '')))).toEqual([200, 404, 404, 200, 404]);
    const [first] = await runs(rule);
    expect(first?.endedAt).toBeTruthy();
    expect((await call('POST', '/trash/restore', { object: 'party', ids: [back, later] })).status).toBe(200);
    await call('PATCH', `/parties/${back}`, { description: 'touched again' });
    // Not before its time.
    expect((await run(rule)).purged).toBe(0);
    expect(await left('parties', gone ?? '')).toBe(true);
    await longAgo(rule);
    const { purged } = await run(rule);
    expect(purged).toBeGreaterThanOrEqual(2);
    expect([await left('parties', gone ?? ''), await left('parties', back ?? ''), await left('parties', held ?? '')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('is undone as one act while it lies in the trash', async () => {
    const one = await make('parties', { name: 'Undone', description: 'to be undone' });
    const condition = { field: 'description', op: 'eq', value: 'to be undone' };
    const rule = await make('retentionRules', { name: 'Undone', object: 'party', condition, days: 30, active: true });
    await run(rule);
    const [{ cause } = { cause: '' }] = await runs(rule);
    await call('PATCH', `/retentionRules/${rule}`, { active: false });
    expect([200, 202]).toContain((await call('POST', `/causes/${cause}/undo`, {})).status);
    await expect.poll(() => there('parties', one), { timeout: 10_000 }).toBe(200);
    await longAgo(rule);
    // Switched off it does nothing.
    expect(await run(rule)).toMatchObject({ done: 0, purged: 0 });
    await call('PATCH', `/retentionRules/${rule}`, {
      active: true,
      where: { field: 'description', op: 'eq', value: 'nothing of the kind' },
    });
    expect((await run(rule)).purged).toBe(0);
    expect(await there('parties', one)).toBe(200);
  });

  it('speaks of what belongs to a customer, and leaves it while the customer is held', async () => {
    const [free, held] = [await make('parties', { name: 'Free' }), await make('parties', { name: 'Kept', legalHold: true })];
    const touch = (party: string) => make('interactions', { party, at: '2019-01-01T00:00:00Z', channel: 'fax', subject: 'old' });
    const [mine, theirs] = [await touch(free), await touch(held)];
    const condition = {
      all: [
        { field: 'channel', op: 'eq', value: 'fax' },
        { field: 'at', op: 'lt', value: { days: -365 } },
      ],
    };
    const rule = await make('retentionRules', { name: 'Old faxes', object: 'interaction', condition, days: 1, active: true });
    expect((await run(rule)).done).toBe(1);
    expect([await there('interactions', mine), await there('interactions', theirs)]).toEqual([404, 200]);
    await longAgo(rule);
    await call('PATCH', `/parties/${free}`, { legalHold: true });
    expect((await run(rule)).purged).toBe(0);
    expect(await left('interactions', mine)).toBe(true);
  });

  it('erases persons without a trace, never those that are held', async () => {
    const person = (name: string, more: object = {}) =>
      make('parties', {
        kind: 'person',
        personName: { given: name, family: 'Erasable' },
        name: `${name} Erasable`,
        emails: [`${name}@erasable.example`],
        ...more,
      });
    const [one, held] = [await person('Otto'), await person('Hilda', { legalHold: true })];
    const rule = await make('retentionRules', {
      name: 'Old persons',
      act: 'erase',
      object: 'party',
      condition: { field: 'name', op: 'contains', value: 'Erasable' },
      active: true,
    });
    expect(await run(rule)).toMatchObject({ done: 1 });
    await expect
      .poll(
        async () => ((await call('GET', `/personal-data?party=${one}`)).body as { items: { kind: string; reason: string }[] }).items[0],
        { timeout: 20_000 },
      )
      .toMatchObject({ kind: 'erasure', reason: 'retention' });
    expect((await call('GET', `/parties/${one}`)).text).not.toContain('Otto');
    expect((await call('GET', `/parties/${held}`)).text).toContain('Hilda');
    expect((await call('POST', '/personal-data/erasures/preview', { party: held })).status).toBe(409);
  });

  it('removes the files of old imports and exports', async () => {
    const folder = join(inside.product.dataFolder, 'exports');
    mkdirSync(folder, { recursive: true });
    for (const [name, days] of [
      ['old.csv', 100],
      ['new.csv', 1],
    ] as const) {
      writeFileSync(join(folder, name), 'x');
      utimesSync(join(folder, name), new Date(), new Date(Date.now() - days * 86_400_000));
    }
    const rule = await make('retentionRules', { name: 'Files', act: 'files', days: 30, active: true });
    expect((await run(rule)).done).toBe(1);
    expect(readdirSync(folder)).toEqual(['new.csv']);
  });

  it('runs once a night, and is for administrators alone', async () => {
    const { db } = inside.product;
    const count = async () => (await db.query<{ n: number }>(`select count(*)::int as n from jobs where kind = 'retention'`))[0]?.n ?? 0;
    const before = await count();
    const env = { ...(await inside.ctx()).env, timeZone: 'UTC' };
    await retainDaily(db, { ...env, now: new Date('2027-01-05T01:00:00Z') });
    expect(await count()).toBe(before);
    await retainDaily(db, { ...env, now: new Date('2027-01-05T03:00:00Z') });
    const once = await count();
    expect(once).toBeGreaterThan(before);
    await retainDaily(db, { ...env, now: new Date('2027-01-05T09:00:00Z') });
    expect(await count()).toBe(once);
    const ctx = await inside.ctx();
    const rep = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesManager'] });
    const { secret } = await createApiKey(db, { userId: rep, name: 'test' });
    expect(
      (await inside.ask('POST', '/api/v1/retention/preview', { key: secret, body: { act: 'delete', object: 'party', where: OLD } })).status,
    ).toBe(403);
    expect((await inside.ask('GET', '/api/v1/retention/runs', { key: secret })).status).toBe(403);
    expect([403, 404]).toContain(
      (await inside.ask('POST', '/api/v1/retentionRules', { key: secret, body: { name: 'x', object: 'party', condition: OLD } })).status,
    );
    const [rule] = await db.query<{ id: string }>('select id from retention_rules where active limit 1');
    const now = await inside.ask('POST', '/api/v1/retention/runs', {
      body: { rule: rule?.id },
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    });
    expect(now.status).toBe(202);
  });
});
