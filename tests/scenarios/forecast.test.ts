import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { JobRun } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { accuracyOf, trendOf } from '#modules/forecast/looking-back.ts';
import type { ForecastAnswer } from '#modules/forecast/read.ts';
import { forecastJob } from '#modules/forecast/take.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { realData } from '#tests/harness/places.ts';

let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
const ids: Record<string, string> = {};

const send = (key: string, method: string, path: string, body?: unknown) =>
  inside.ask(method, `/api/v1${path}`, { ...(keys[key] ? { key: keys[key] } : {}), body });
async function good<T>(key: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(key, method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
}
const eur = (amount: number) => ({ amount: String(amount), currency: 'EUR' });
const QUARTER = { start: '2031-01-01', every: 'quarter' };

/** Somebody who reads and forecasts, as a role of the company. */
async function person(name: string, role: string, team: string | null): Promise<void> {
  const ctx = await inside.ctx();
  const id = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
  users[name] = id;
  if (team) await good('admin', 'PATCH', `/users/${id}`, { team });
  keys[name] = (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
}

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  keys.admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  ids.north = (await good<{ id: string }>('admin', 'POST', '/teams', { name: 'North' })).id;
  ids.coast = (await good<{ id: string }>('admin', 'POST', '/teams', { name: 'Coast', parent: ids.north })).id;
  ids.south = (await good<{ id: string }>('admin', 'POST', '/teams', { name: 'South' })).id;
  await person('rep', 'salesRep', ids.coast ?? null);
  await person('mate', 'salesRep', ids.coast ?? null);
  await person('far', 'salesRep', ids.south ?? null);
  await person('manager', 'salesManager', ids.north ?? null);
  const stages = (await good<{ items: { id: string; category: string; key: string }[] }>('admin', 'GET', '/stages?fields=category,key'))
    .items;
  const stage = (key: string) => stages.find((one) => one.key === key)?.id;
  const deal = (owner: string, key: string, amount: unknown, more: object = {}) =>
    good('admin', 'POST', '/opportunities', {
      name: `${owner} ${key}`,
      owner: users[owner],
      stage: stage(key),
      amount,
      openedOn: '2030-12-01',
      closeDate: '2031-02-10',
      ...more,
    });
  await deal('rep', 'won', eur(1000), { closedOn: '2031-01-20' });
  await deal('rep', 'prospecting', eur(500), { forecastCategory: 'commit' });
  await deal('rep', 'engaging', eur(300));
  await deal('mate', 'prospecting', eur(200));
  await deal('mate', 'prospecting', eur(90), { forecastCategory: 'omitted' });
  await deal('mate', 'engaging', { amount: '70', currency: 'CHF' });
  await deal('far', 'won', eur(50), { closedOn: '2031-03-31' });
  await deal('far', 'won', eur(4000), { closedOn: '2031-04-01' });
}, 60_000);

afterAll(() => inside.stop());

const forecast = (key: string, more = '') => good<ForecastAnswer>(key, 'GET', `/forecast?from=2031-01-01&every=quarter${more}`);
const row = ({ rows }: ForecastAnswer, name: string) => rows.find((one) => one.name === name);

describe('a forecast', () => {
  test('rolls up by team what the deals say, by how sure one is of them, and names what has no rate', async () => {
    const told = await forecast('admin');
    expect(told.rows.map(({ name, depth }) => [name, depth])).toEqual([
      ['North', 0],
      ['Coast', 1],
      ['mate', 2],
      ['rep', 2],
      ['South', 0],
      ['far', 1],
    ]);
    expect(row(told, 'rep')?.figures).toMatchObject({ won: 1000, commit: 500, bestCase: 300, pipeline: 0, weighted: 1000 + 50 + 120 });
    expect(row(told, 'mate')?.figures).toMatchObject({ won: 0, commit: 0, bestCase: 0, pipeline: 200, weighted: 20 });
    expect(row(told, 'North')?.figures).toMatchObject({ won: 1000, commit: 500, bestCase: 300, pipeline: 200 });
    expect(told.total).toMatchObject({ won: 1050, commit: 500, bestCase: 300, pipeline: 200 });
    // Francs have no rate: they are counted and in no sum.
    expect(told.unconverted).toBe(1);
  });

  test('holds the rights inside its sums', async () => {
    expect((await forecast('rep')).total).toMatchObject({ won: 1000, pipeline: 200 });
    expect((await forecast('far')).total).toMatchObject({ won: 50, pipeline: 0 });
    expect((await forecast('far')).rows.map(({ name }) => name)).toEqual(['South', 'far']);
  });

  test('adds quotas of months to a quarter and of people to a team, unless one of its own is set', async () => {
    const set = (subject: object, start: string, every: string, amount: number) =>
      good('manager', 'POST', '/quotas', { ...subject, start, every, amount: eur(amount) });
    await set({ user: users.rep }, '2031-01-01', 'month', 400);
    await set({ user: users.rep }, '2031-02-01', 'month', 500);
    await set({ user: users.mate }, '2031-01-01', 'quarter', 600);
    const told = await forecast('manager');
    expect(row(told, 'rep')?.figures.quota).toBe(900);
    expect(row(told, 'Coast')).toMatchObject({ quotaOf: 'below', figures: { quota: 1500 } });
    await set({ team: ids.coast }, '2031-01-01', 'quarter', 2000);
    expect(row(await forecast('manager'), 'Coast')).toMatchObject({ quotaOf: 'own', figures: { quota: 2000 } });
    expect(row(await forecast('manager'), 'North')?.figures.quota).toBe(2000);
    // One in francs has no rate: it says nothing, and is named.
    const before = (await forecast('manager')).unconverted;
    const francs = { user: users.mate, start: '2031-03-01', every: 'month', amount: { amount: '80', currency: 'CHF' } };
    const unrated = await good<{ id: string }>('manager', 'POST', '/quotas', francs);
    const with80 = await forecast('manager');
    expect([with80.unconverted, row(with80, 'mate')?.figures.quota]).toEqual([before + 1, 600]);
    await good('manager', 'DELETE', `/quotas/${unrated.id}`);
    const twice = await send('manager', 'POST', '/quotas', { user: users.mate, ...QUARTER, amount: eur(1) });
    expect(twice.status).toBe(409);
    const whose = await send('manager', 'POST', '/quotas', { user: users.mate, team: ids.coast, ...QUARTER, amount: eur(1) });
    expect(whose.body).toMatchObject({ errors: [{ path: 'team', code: 'subject' }] });
    const middle = await send('manager', 'POST', '/quotas', { user: users.mate, start: '2031-01-15', every: 'month', amount: eur(1) });
    expect(middle.body).toMatchObject({ errors: [{ path: 'start', code: 'range' }] });
  });

  test('keeps what a rep says beside what their manager says, and the manager has the last word', async () => {
    const own = await good<{ id: string }>('rep', 'POST', '/forecastCalls', {
      user: users.rep,
      ...QUARTER,
      amount: eur(1500),
      note: 'Hotel signs in March.',
    });
    expect(row(await forecast('manager'), 'rep')?.figures.call).toBe(1500);
    const override = await good<{ id: string }>('manager', 'POST', '/forecastCalls', { user: users.rep, ...QUARTER, amount: eur(1200) });
    const told = row(await forecast('rep'), 'rep');
    expect(told?.figures.call).toBe(1200);
    // Who may speak for whom is told with each row, as it is held.
    expect(told?.mayCall).toBe(true);
    expect(row(await forecast('rep'), 'Coast')?.mayCall).toBe(false);
    expect(row(await forecast('manager'), 'Coast')?.mayCall).toBe(true);
    expect(told?.calls.map(({ kind, amount, by, note }) => [kind, amount, by, note])).toEqual(
      expect.arrayContaining([
        ['submitted', 1500, 'rep', 'Hotel signs in March.'],
        ['override', 1200, 'manager', null],
      ]),
    );
    // A word of one's own is not put into another's mouth.
    const moved = await send('rep', 'PATCH', `/forecastCalls/${own.id}`, { user: users.mate });
    expect(moved.body).toMatchObject({ errors: [{ path: 'user', code: 'denied' }] });
    // Nobody speaks for another but who leads them, and a rep cannot take back what the manager said.
    expect((await send('rep', 'POST', '/forecastCalls', { user: users.mate, ...QUARTER, amount: eur(1) })).status).toBe(422);
    expect((await send('rep', 'PATCH', `/forecastCalls/${override.id}`, { amount: eur(9999) })).status).toBe(422);
    expect((await send('rep', 'DELETE', `/forecastCalls/${override.id}`)).status).toBe(422);
    const south = await send('manager', 'POST', '/forecastCalls', { team: ids.south, ...QUARTER, amount: eur(1) });
    expect(south.body).toMatchObject({ errors: [{ path: 'team', code: 'denied' }] });
    const francs = await send('rep', 'POST', '/forecastCalls', {
      user: users.rep,
      start: '2031-04-01',
      every: 'quarter',
      amount: { amount: '1', currency: 'CHF' },
    });
    expect(francs.body).toMatchObject({ errors: [{ path: 'amount', code: 'currency' }] });
    expect((await send('far', 'GET', `/forecastCalls/${override.id}`)).status).toBe(404);
    expect((await send('mate', 'GET', '/forecastCalls')).body).toMatchObject({ items: [] });
  });

  test('is cut by product, territory and currency, too; who may take one by hand is an administrator', async () => {
    const by = await forecast('admin', '&by=currency');
    expect(by.rows.map(({ id, figures }) => [id, figures.bestCase])).toEqual([
      ['EUR', 300],
      ['CHF', 0],
    ]);
    expect((await forecast('admin', '&by=product')).rows.map(({ id }) => id)).toEqual([null]);
    expect((await forecast('admin', '&by=territory')).total.won).toBe(1050);
    expect((await send('rep', 'POST', '/forecast/take')).status).toBe(403);
    expect((await send('', 'GET', '/forecast?from=2031-01-01&every=quarter')).status).toBe(401);
  });
});

const folder = realData('sales');

/** A real company's year: its snapshots are reckoned back from its history, and its forecasts held against what came. */
describe.skipIf(!folder)('forecasts of a real company', () => {
  let maven: Inside;
  let key = '';
  const at = async (now: string): Promise<Context> => {
    const ctx = await maven.ctx();
    return { ...ctx, env: { ...ctx.env, now: new Date(now) } };
  };
  const take = async (now: string, progress: Record<string, string> = {}) => {
    const ctx = await at(now);
    return forecastJob({ job: { progress }, ctx, save: async () => undefined, cancelled: () => false } as unknown as JobRun);
  };

  beforeAll(async () => {
    maven = await insideProduct({ background: true });
    const ctx = await maven.ctx();
    key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
    await maven.ask('POST', '/api/v1/exchangeRates', { key, body: { currency: 'USD', date: '2016-01-01', rate: '1' } });
    for (const [name, preset] of [
      ['accounts', 'maven-accounts'],
      ['products', 'maven-products'],
      ['sales_teams', 'maven-sales-teams'],
      ['sales_pipeline', 'maven-sales-pipeline'],
    ] as const) {
      const boundary = 'part-of-a-test';
      const text = fs.readFileSync(`${folder}/maven_${name}.csv`, 'utf8');
      const begun = await maven.product.http.inject({
        method: 'POST',
        url: '/api/v1/imports',
        headers: { authorization: `Bearer ${key}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
        payload: `--${boundary}\r\ncontent-disposition: form-data; name="preset"\r\n\r\n${preset}\r\n--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}.csv"\r\ncontent-type: text/csv\r\n\r\n${text}\r\n--${boundary}--\r\n`,
      });
      expect(begun.statusCode, begun.body).toBe(202);
      const { id } = JSON.parse(begun.body) as { id: string };
      const state = async () => ((await maven.ask('GET', `/api/v1/imports/${id}`, { key })).body as { state: string }).state;
      for (let now = await state(); now !== 'done'; now = await state()) {
        expect(['queued', 'running']).toContain(now);
        await sleep(50);
      }
    }
  }, 120_000);
  afterAll(() => maven.stop());

  test('snapshots of the weeks behind are reckoned back, once', async () => {
    expect(await take('2017-10-02T12:00:00Z')).toEqual({ weeks: 50 });
    expect(await take('2017-10-02T18:00:00Z')).toEqual({ weeks: 0 });
    const ctx = await at('2017-10-02T12:00:00Z');
    // A server that died at the last week left a part of it: whoever goes on with its work takes that week whole, and nothing twice.
    const kept = `select md5(string_agg(key || coalesce(amount, 0), ',' order by key)) as all, count(*)::int as n from forecast_snapshots where weekly and deleted_at is null`;
    const before = await ctx.db.query(kept);
    await ctx.db.query(`delete from forecast_snapshots where weekly and taken_on = '2017-10-02' and cut <> 'whole'`);
    expect(await ctx.db.query(kept)).not.toEqual(before);
    expect(await take('2017-10-02T19:00:00Z', { day: '2017-10-02' })).toEqual({ weeks: 1 });
    expect(await ctx.db.query(kept)).toEqual(before);
    const points = await trendOf(ctx, { from: '2017-07-01', every: 'quarter' });
    expect(points.map(({ takenOn }) => takenOn)).toContain('2017-09-25');
    // Won on the way is never less the week after, and ends at what the file says of the quarter.
    const won = points.filter(({ takenOn }) => takenOn >= '2017-07-01').map((point) => point.won);
    expect(won).toEqual([...won].sort((a, b) => a - b));
    expect(won.at(-1)).toBeGreaterThan(2_500_000);
  });

  test('experience, asked on the first of October, was off by less than last quarter again', async () => {
    const [fourth, third] = await accuracyOf(await at('2018-01-05T12:00:00Z'), 'quarter', 2);
    expect(fourth).toMatchObject({ from: '2017-10-01', takenOn: '2017-10-02', came: 2_802_496 });
    expect(third).toMatchObject({ from: '2017-07-01', takenOn: '2017-07-03', came: 2_982_255 });
    expect(fourth?.wape.statistical).toBeLessThan(0.228);
  });
});
