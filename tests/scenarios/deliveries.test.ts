import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAs } from '#engine/access/actor.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { JobRun } from '#engine/jobs/jobs.ts';
import { sweepDeliveries } from '#engine/reports/deliveries.ts';
import { tickSchedules } from '#engine/reports/schedules.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { pdfText } from '#tests/harness/pdf-text.ts';

/**
 * Reports that go out by the clock: to each recipient once, with that recipient's own figures. Attacked by the file of another, by who
 * left or may not take data out, by hidden fields, by a break in the middle and by two servers at once.
 */
let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
let report: string;
const call = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key: keys[who], body });
const made = async (who: string, url: string, body: unknown): Promise<{ id: string; nextAt: string | null }> => {
  const answer = await call(who, 'POST', url, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as { id: string; nextAt: string | null };
};
const DAILY = { name: 'Open deals', every: 'day', at: '08:00', format: 'csv' };
const plan = (who: string, body: object) => made(who, '/reportSchedules', { ...DAILY, report, ...body });
const named = (...names: string[]) => names.map((name) => users[name]);
interface Outcome {
  id: string;
  state: string;
  reason: string | null;
  fetchedAt: string | null;
  user: { name: string };
}
const outcomes = async (who: string, id: string): Promise<Record<string, string>> => {
  const answer = await call(who, 'GET', `/insight/schedules/${id}/deliveries`);
  expect(answer.status, answer.text).toBe(200);
  return Object.fromEntries((answer.body as { items: Outcome[] }).items.map((one) => [one.user.name, one.reason ?? one.state]));
};
const mine = async (who: string) =>
  ((await call(who, 'GET', '/insight/deliveries')).body as { items: { id: string; name: string }[] }).items;
const file = (who: string, id: string | undefined) => call(who, 'GET', `/insight/deliveries/${id}/file`);
const told = async (who: string) =>
  ((await call(who, 'GET', '/notices')).body as { items: { kind: string; file: string | null; text: string }[] }).items.filter(
    ({ kind }) => kind === 'delivered',
  );
/** Works at the jobs that wait, as a server would; with `after` it is stopped behind so many recipients. */
async function work(after = Number.POSITIVE_INFINITY): Promise<void> {
  const { db, handlers, dataFolder } = inside.product;
  const jobs = await db.query<JobRun['job']>(`select id, kind, payload, done, total from jobs where kind = 'deliver' and state = 'queued'`);
  for (const job of jobs) {
    let saved = 0;
    const result = await handlers.get('deliver')?.({
      job,
      ctx: await inside.ctx(),
      dataFolder,
      save: async () => void saved++,
      cancelled: () => saved >= after,
    });
    if (!result?.unfinished) await db.query(`update jobs set state = 'done' where id = $1::uuid`, [job.id]);
  }
}
const tick = () => tickSchedules({ db: inside.product.db, context: () => inside.product.context(systemAs('reports')) });
const due = (id: string, ago: string) =>
  inside.product.db.query(`update report_schedules set next_at = now() - $2::interval where id = $1::uuid`, [id, ago]);
const rows = (id: string) =>
  inside.product.db.query<{ moment: string; state: string }>('select moment, state from report_deliveries where schedule = $1::uuid', [id]);

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  users.admin = ctx.actor.userId ?? '';
  keys.admin = (await createApiKey(ctx.db, { userId: users.admin, name: 'test' })).secret;
  // Takes data out, but knows nothing of amounts.
  await made('admin', '/roles', {
    key: 'blind',
    name: 'Blind',
    rights: {
      objects: { '*': { read: 'all' } },
      fields: { opportunity: { amount: 'hidden' } },
      may: ['export'],
    },
  });
  const south = await made('admin', '/teams', { name: 'South' });
  for (const [name, role] of [
    ['lead', 'salesManager'],
    ['rep', 'salesRep'],
    ['other', 'salesRep'],
    ['agent', 'agent'],
    ['left', 'salesRep'],
    ['blind', 'blind'],
  ] as const)
    users[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
  for (const [name, id] of Object.entries(users)) keys[name] ??= (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
  await call('admin', 'PATCH', `/users/${users.other}`, { team: south.id });
  await call('admin', 'PATCH', `/users/${users.left}`, { active: false });
  users.south = south.id;
  for (const [name, owner, amount] of [
    ['One', users.rep, '100'],
    ['Two', users.rep, '50'],
    ['Three', users.other, '1000'],
  ])
    await made('admin', '/opportunities', { name, owner, amount: { amount, currency: 'EUR' } });
  const asked = { measures: ['openDeals', 'pipelineValue'], by: ['owner'] };
  report = (await made('lead', '/reports', { name: 'Größe – €', question: asked, drawing: { form: 'bar' } })).id;
});
afterAll(() => inside.stop());

describe('a planned delivery', () => {
  it('is made by who may take data out and open what it delivers, for a time and for somebody', async () => {
    const refused = async (who: string, body: object) => {
      const answer = await call(who, 'POST', '/reportSchedules', { ...DAILY, report, users: named('rep'), ...body });
      return [answer.status, ...((answer.body as { errors?: { path: string }[] }).errors ?? []).map(({ path }) => path)];
    };
    expect(await refused('agent', { report: 'openDeals' })).toEqual([422, '']);
    expect(await refused('lead', { at: '25:00' })).toEqual([422, 'at']);
    expect(await refused('lead', { every: 'week', day: 8 })).toEqual([422, 'day']);
    expect(await refused('lead', { users: [] })).toEqual([422, 'users']);
    expect(await refused('lead', { dashboard: 'sales' })).toEqual([422, 'report']);
    // Somebody else's report is not there, as one that never was.
    expect(await refused('rep', {})).toEqual([422, 'report']);
    expect(await refused('rep', { report: newId() })).toEqual([422, 'report']);
    const { nextAt, id } = await plan('lead', { users: named('rep') });
    expect(Date.parse(nextAt ?? '')).toBeGreaterThan(Date.now());
    expect((await call('lead', 'PATCH', `/reportSchedules/${id}`, { active: false })).body).toMatchObject({ nextAt: null });
    expect((await call('rep', 'GET', `/reportSchedules/${id}`)).status).toBe(404);
    expect((await call('rep', 'POST', `/insight/schedules/${id}/deliver`)).status).toBe(404);
    expect((await call('rep', 'GET', `/insight/schedules/${id}/deliveries`)).status).toBe(404);
  });

  it('gives each their own figures, nothing to who left or may not, and tells who got what', async () => {
    const { id } = await plan('lead', { users: named('lead', 'rep', 'agent', 'left', 'blind'), teams: [users.south] });
    expect((await call('lead', 'POST', `/insight/schedules/${id}/deliver`)).body).toEqual({ recipients: 6 });
    expect((await call('lead', 'POST', `/insight/schedules/${id}/deliver`)).status).toBe(409);
    await work();
    expect(await outcomes('lead', id)).toEqual({ lead: 'done', rep: 'done', other: 'done', blind: 'done', agent: 'mayNot', left: 'gone' });
    const [[leads], [reps], [blinds], agents] = await Promise.all([mine('lead'), mine('rep'), mine('blind'), mine('agent')]);
    expect([leads?.name, agents]).toEqual([expect.stringMatching(/^Größe – € \d{4}-\d\d-\d\d\.csv$/), []]);
    expect((await file('lead', leads?.id)).text).toMatch(/Owner,Open deals,Pipeline value \(EUR\)\r\nrep,2,150\.00\r\nother,1,1000\.00/);
    const own = (await file('rep', reps?.id)).text;
    expect([own.includes('150.00'), own.includes('1000')]).toEqual([true, false]);
    const blind = (await file('blind', blinds?.id)).text;
    expect(blind).toContain('One figure is not shown to your roles.');
    expect([blind.includes('rep,2'), /Pipeline|150/.test(blind)]).toEqual([true, false]);
    expect((await told('rep')).map(({ file: at, text }) => [at, text])).toEqual([[reps?.id, 'Größe – €']]);
    expect(await told('agent')).toEqual([]);
    // That it was fetched is noted, for who planned it.
    const [row] = await inside.product.db.query<{ fetched: boolean }>(
      'select fetched_at is not null as fetched from report_deliveries where id = $1::uuid',
      [reps?.id],
    );
    expect(row).toEqual({ fetched: true });
    // Another's file is not there, whoever asks: its planner and administrators no more than others.
    const never = await file('rep', newId());
    for (const who of ['lead', 'admin', 'agent', 'other']) {
      const answer = await file(who, reps?.id);
      expect([who, answer.status]).toEqual([who, who === 'agent' ? 403 : 404]);
      if (who !== 'agent') expect(answer.text).toBe(never.text);
    }
    // Who lost the right since then no longer takes it out.
    await call('admin', 'PATCH', `/users/${users.blind}`, { roles: [] });
    keys.blind = (await createApiKey(inside.product.db, { userId: users.blind ?? '', name: 'new' })).secret;
    expect((await file('blind', blinds?.id)).status).toBe(403);
  });

  it('goes out once to each, however often it breaks off and whoever goes on', async () => {
    const { id } = await plan('lead', { users: named('lead', 'rep', 'other') });
    const before = (await told('rep')).length + (await told('lead')).length + (await told('other')).length;
    await due(id, '1 minute');
    await Promise.all([tick(), tick(), tick()]);
    expect((await rows(id)).map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    await work(1);
    expect((await rows(id)).filter(({ state }) => state === 'done')).toHaveLength(1);
    // Two go on with it at once.
    await Promise.all([work(), work()]);
    expect((await rows(id)).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect((await told('rep')).length + (await told('lead')).length + (await told('other')).length).toBe(before + 3);
    await tick();
    expect(await rows(id)).toHaveLength(3);
    expect((await call('lead', 'PATCH', `/reportSchedules/${id}`, { active: false })).status).toBe(200);
  });

  it('makes up for the latest moment that was missed, and for nothing while it is paused or gone', async () => {
    const { id } = await plan('lead', { users: named('lead') });
    await due(id, '40 days');
    await tick();
    const [only, ...more] = await rows(id);
    expect([more, Date.now() - Date.parse(only?.moment ?? '') < 25 * 3_600_000]).toEqual([[], true]);
    await due(id, '1 minute');
    await call('lead', 'DELETE', `/reportSchedules/${id}`);
    await tick();
    expect(await rows(id)).toHaveLength(1);
    await work();
    // What waited when it was taken back goes to nobody.
    expect((await rows(id)).map(({ state }) => state)).toEqual(['skipped']);
  });

  it('ends with who planned it: what they may no longer open goes to nobody', async () => {
    const { id } = await plan('other', { report: 'openDeals', users: named('lead') });
    const board = await made('lead', '/reports', { name: 'Gone', question: { measures: ['openDeals'] }, drawing: { form: 'number' } });
    const second = await plan('lead', { report: board.id, users: named('lead') });
    await call('lead', 'DELETE', `/reports/${board.id}`);
    await call('admin', 'PATCH', `/users/${users.other}`, { active: false });
    for (const one of [id, second.id]) await due(one, '1 minute');
    await tick();
    await work();
    expect(await outcomes('admin', id)).toEqual({ lead: 'ownerGone' });
    expect(await outcomes('lead', second.id)).toEqual({ lead: 'notThere' });
  });

  it('of a dashboard comes as pages, in the reader’s language and with their figures, or as its tables', async () => {
    await call('admin', 'PATCH', `/users/${users.rep}`, { language: 'de' });
    const tiles = [
      { width: 1, report: 'openDeals' },
      { width: 2, report },
      {
        width: 2,
        name: 'Алиса Łódź',
        question: { measures: ['openDeals'], by: ['owner'], where: { field: 'name', op: 'eq', value: 'One' } },
        drawing: { form: 'table' },
      },
    ];
    const board = await made('lead', '/dashboards', { name: 'Übersicht', tiles });
    const { id } = await plan('lead', { report: null, dashboard: board.id, format: 'pdf', users: named('rep') });
    await call('lead', 'POST', `/insight/schedules/${id}/deliver`);
    await work();
    expect(await outcomes('lead', id)).toEqual({ rep: 'done' });
    const [ready] = await mine('rep');
    const answer = await inside.product.http.inject({
      method: 'GET',
      url: `/api/v1/insight/deliveries/${ready?.id}/file`,
      headers: { authorization: `Bearer ${keys.rep}` },
    });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/pdf', 'cache-control': 'no-store' });
    const { pages, text } = pdfText(answer.rawPayload);
    expect(pages).toBe(1);
    expect(text.replace(/\n/g, '').replace(/\s/g, ' ')).toMatch(
      /Übersicht.*Test · rep.*Größe – €.*150,00 €.*Алиса Łódź.*Nur wo.*ist One.*Seite 1 von 1/,
    );
    expect(text).not.toMatch(/1\.000/);
    await call('lead', 'PATCH', `/reportSchedules/${id}`, { format: 'csv' });
    await call('lead', 'POST', `/insight/schedules/${id}/deliver`);
    await work();
    const [zip] = await mine('rep');
    expect(zip?.name).toMatch(/\.zip$/);
  });

  it('is kept for a while: a file that ended, and one that nothing tells of, go', async () => {
    const { dataFolder, db } = inside.product;
    const [first] = await mine('lead');
    const path = () => readdirSync(join(dataFolder, 'deliveries')).find((name) => name.startsWith(String(first?.id)));
    expect(path()).toBeDefined();
    await db.query(`update report_deliveries set expires_at = now() - interval '1 second' where id = $1::uuid`, [first?.id]);
    expect((await file('lead', first?.id)).status).toBe(404);
    expect((await told('lead')).some(({ file: at }) => at === first?.id)).toBe(false);
    await sweepDeliveries(db, dataFolder);
    expect(path()).toBeUndefined();
    const [kept] = await mine('lead');
    expect(existsSync(join(dataFolder, 'deliveries', `${kept?.id}.csv`))).toBe(true);
  });
});

describe('a report as pages at once', () => {
  it('is for who may take data out, with their figures and no others', async () => {
    const asked = { name: 'Now', reports: [{ name: 'Deals', question: { measures: ['pipelineValue'] }, drawing: { form: 'number' } }] };
    const pages = async (who: string) => {
      const headers = { authorization: `Bearer ${keys[who]}`, 'content-type': 'application/json' };
      return inside.product.http.inject({ method: 'POST', url: '/api/v1/insight/pdf', headers, payload: JSON.stringify(asked) });
    };
    expect((await pages('agent')).statusCode).toBe(403);
    expect(pdfText((await pages('lead')).rawPayload).text).toContain('€1,150');
    expect(pdfText((await pages('rep')).rawPayload).text).toContain('€150.00');
  });
});
