import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { isPast, lookAtAlerts } from '#engine/reports/alerts.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * Reports and dashboards are questions: whoever asks sees their own answer. Attacked by another user's report, hidden amounts, forged,
 * ended and revoked links, and makers who lose what they lent.
 */
let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
const call = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key: keys[who], body });
const made = async (who: string, url: string, body: unknown): Promise<{ id: string; version: number }> => {
  const answer = await call(who, 'POST', url, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as { id: string; version: number };
};
interface Told {
  rows: { by: unknown[]; figures: Record<string, unknown> }[];
  total: { figures: Record<string, unknown> } | null;
  withheld: number;
  measures: { key: string }[];
}
const read = async (who: string, question: object, over: object = {}, form = 'table'): Promise<Told> => {
  const answer = await call(who, 'POST', '/insight/read', { question, drawing: { form }, over });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Told;
};
const DEALS = { measures: ['openDeals', 'pipelineValue'] };

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  users.admin = ctx.actor.userId ?? '';
  for (const [name, role] of [
    ['lead', 'salesManager'],
    ['rep', 'salesRep'],
    ['other', 'salesRep'],
    ['agent', 'agent'],
  ] as const)
    users[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
  for (const [name, id] of Object.entries(users)) keys[name] = (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
  const deal = (name: string, owner: string | undefined, amount: string) =>
    made('admin', '/opportunities', { name, owner, amount: { amount, currency: 'EUR' } });
  await deal('One', users.rep, '100');
  await deal('Two', users.rep, '50');
  await deal('Three', users.other, '1000');
});
afterAll(() => inside.stop());

describe('reports', () => {
  it('are refused at the field where a measure, a cut, a condition or a drawing is none', async () => {
    const refused = async (question: unknown, drawing: unknown = { form: 'table' }) => {
      const answer = await call('lead', 'POST', '/reports', { name: 'x', question, drawing });
      expect(answer.status, answer.text).toBe(422);
      return (answer.body as { errors: { path: string }[] }).errors.map(({ path }) => path);
    };
    expect(await refused({ measures: ['nothing'] })).toEqual(['question.measures.0']);
    expect(await refused({ measures: ['openDeals'], by: ['nosuch'] })).toEqual(['question.by.0']);
    expect(await refused({ measures: ['openDeals'], by: [{ every: 'month' }] })).toEqual(['question.by.0']);
    expect(await refused({ measures: ['openDeals'], where: { field: 'nosuch', op: 'eq', value: 1 } })).toHaveLength(1);
    expect(await refused({ measures: ['openDeals'] }, { form: 'pie' })).toEqual(['drawing.form']);
    expect(await refused({ measures: [] })).toEqual(['question.measures']);
  });

  it('are one’s own until they are shared, and show each reader their own figures', async () => {
    const report = await made('lead', '/reports', { name: 'Open', question: { ...DEALS, by: ['owner'] }, drawing: { form: 'bar' } });
    expect((await call('rep', 'GET', `/reports/${report.id}`)).status).toBe(404);
    const board = await made('lead', '/dashboards', { name: 'Ours', tiles: [{ report: report.id, width: 2 }] });
    for (const [object, record] of [
      ['report', report.id],
      ['dashboard', board.id],
    ])
      await made('lead', '/shares', { object, record, user: users.rep, level: 'read' });
    expect((await call('rep', 'GET', `/dashboards/${board.id}`)).status).toBe(200);
    expect((await call('other', 'GET', `/dashboards/${board.id}`)).status).toBe(404);
    expect((await call('rep', 'PATCH', `/reports/${report.id}`, { name: 'Mine' })).status).toBe(403);
    expect((await read('lead', DEALS)).total?.figures).toMatchObject({ openDeals: 3, pipelineValue: { amount: '1150.00' } });
    expect((await read('rep', DEALS)).total?.figures).toMatchObject({ openDeals: 2, pipelineValue: { amount: '150.00' } });
    expect((await read('other', DEALS)).total?.figures).toMatchObject({ openDeals: 1 });
    // Only what belongs to the reader, and a filter over all.
    expect((await read('lead', DEALS, { mine: true })).total?.figures).toMatchObject({ openDeals: 0 });
    const filter = { object: 'opportunity', where: { field: 'name', op: 'eq', value: 'One' } };
    expect((await read('lead', DEALS, { filter })).total?.figures).toMatchObject({ openDeals: 1 });
  });

  it('leave out what a reader may not know, and say that something is', async () => {
    const told = await read('agent', DEALS);
    expect(told.measures.map(({ key }) => key)).toEqual(['openDeals']);
    expect([told.withheld, JSON.stringify(told).includes('1150')]).toEqual([1, false]);
    const all = await read('agent', { measures: ['pipelineValue'] });
    expect([all.measures, all.total]).toEqual([[], null]);
    // Neither is it guessed by a filter over all.
    const guess = { object: 'opportunity', where: { field: 'amount', op: 'gte', value: { amount: '500', currency: 'EUR' } } };
    expect(
      (await call('agent', 'POST', '/insight/read', { question: DEALS, drawing: { form: 'table' }, over: { filter: guess } })).status,
    ).toBe(422);
  });

  it('go out as a file for who may export, with texts that could be formulas made safe', async () => {
    await made('admin', '/products', { name: '=cmd()' });
    const csv = await call('lead', 'POST', '/insight/csv', { question: { ...DEALS, by: ['owner'] }, drawing: { form: 'table' } });
    expect(csv.status).toBe(200);
    expect(csv.text.split('\r\n').slice(0, 3)).toEqual(['Owner,Open deals,Pipeline value (EUR)', 'rep,2,150.00', 'other,1,1000.00']);
    expect((await call('agent', 'POST', '/insight/csv', { question: DEALS, drawing: { form: 'table' } })).status).toBe(403);
  });

  it('begin the day: Sales for who leads, My sales for who sells, or what somebody chose', async () => {
    const home = async (who: string) =>
      ((await call(who, 'GET', '/insight')).body as { home: { dashboard: string | null; chosen: boolean } }).home;
    expect(await home('admin')).toEqual({ dashboard: 'sales', chosen: false });
    expect(await home('rep')).toEqual({ dashboard: 'mySales', chosen: false });
    expect((await call('rep', 'PUT', '/insight/home', { dashboard: 'sales' })).body).toEqual({ dashboard: 'sales', chosen: true });
    const hidden = await made('admin', '/dashboards', { name: 'Secret', tiles: [] });
    expect((await call('rep', 'PUT', '/insight/home', { dashboard: hidden.id })).status).toBe(422);
    expect((await call('rep', 'PUT', '/insight/home', { dashboard: null })).body).toEqual({ dashboard: 'mySales', chosen: false });
  });
});

describe('public links', () => {
  const soon = () => new Date(Date.now() + 3_600_000).toISOString();
  const link = async (who: string, body: object) => {
    const { id } = await made(who, '/embeds', { name: 'Wall', until: soon(), ...body });
    const told = await call(who, 'GET', `/insight/embeds/${id}/link`);
    return { id, path: (told.body as { path: string }).path };
  };

  it('show one thing with the rights of their maker, to whom they say and to no frame else', async () => {
    const { path, id } = await link('lead', { dashboard: 'sales', sites: ['https://intranet.example'] });
    const page = await inside.ask('GET', path);
    expect([page.status, String(page.headers['content-type'])]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<h1>Sales</h1>');
    expect(String(page.headers['content-security-policy'])).toMatch(/default-src 'none'.*frame-ancestors https:\/\/intranet\.example$/);
    expect([page.headers['cache-control'], page.headers['x-frame-options']]).toEqual(['no-store', undefined]);
    expect(page.text).not.toMatch(/<script/);
    // Nobody else is told the address, not even who may read that the link is there.
    expect((await call('admin', 'GET', `/insight/embeds/${id}/link`)).status).toBe(404);
    expect((await call('rep', 'GET', `/insight/embeds/${id}/link`)).status).toBe(404);
    const rep = await link('rep', { report: 'openDeals' });
    expect((await inside.ask('GET', rep.path)).text).toContain('<p class="figure">2</p>');
  });

  it('that are forged, ended, taken back or of who left open nothing, all in the same words', async () => {
    const gone = async (path: string) => {
      const answer = await inside.ask('GET', path);
      return [answer.status, answer.text];
    };
    const never = await gone('/embed/forged');
    expect(never[0]).toBe(404);
    const { path, id } = await link('other', { report: 'openDeals' });
    const tampered = path.slice(0, -4) + (path.endsWith('AAAA') ? 'BBBB' : 'AAAA');
    expect(await gone(tampered)).toEqual(never);
    expect((await inside.ask('GET', path)).status).toBe(200);
    await inside.product.db.query(`update embeds set until = now() - interval '1 second' where id = $1::uuid`, [id]);
    expect(await gone(path)).toEqual(never);
    await inside.product.db.query(`update embeds set until = now() + interval '1 hour' where id = $1::uuid`, [id]);
    expect((await inside.ask('GET', path)).status).toBe(200);
    expect((await call('other', 'DELETE', `/embeds/${id}`)).status).toBe(204);
    expect(await gone(path)).toEqual(never);
    const later = await link('other', { report: 'openDeals' });
    expect((await call('admin', 'PATCH', `/users/${users.other}`, { active: false })).status).toBe(200);
    expect(await gone(later.path)).toEqual(never);
  });

  it('are made by who may export, until a day, for sites that are sites', async () => {
    const refused = async (who: string, body: object) => {
      const answer = await call(who, 'POST', '/embeds', { name: 'x', until: soon(), report: 'openDeals', ...body });
      return [answer.status, ...((answer.body as { errors?: { path: string }[] }).errors ?? []).map(({ path }) => path)];
    };
    expect(await refused('agent', {})).toEqual([422, '']);
    expect(await refused('lead', { until: '2020-01-01T00:00:00Z' })).toEqual([422, 'until']);
    expect(await refused('lead', { until: '2090-01-01T00:00:00Z' })).toEqual([422, 'until']);
    expect(await refused('lead', { sites: ["https://x.example; script-src 'unsafe-inline'"] })).toEqual([422, 'sites']);
    expect(await refused('lead', { dashboard: 'sales' })).toEqual([422, 'report']);
  });

  it('take so many calls a minute and no more', async () => {
    const { path, id } = await link('lead', { report: 'openDeals' });
    await inside.product.db.query(
      `insert into embed_calls (embed, minute, n) select $1::uuid, m, 120 from (values (date_trunc('minute', now())), (date_trunc('minute', now()) + interval '1 minute')) v (m)`,
      [id],
    );
    expect((await inside.ask('GET', path)).status).toBe(429);
  });
});

describe('alerts', () => {
  it('know when a figure is past its bound', () => {
    expect([isPast('above', 5, 6, null), isPast('above', 5, 5, null), isPast('below', 5, 4, null)]).toEqual([true, false, true]);
    expect([isPast('change', 0.2, 79, 100), isPast('change', 0.2, 81, 100), isPast('change', 0.2, 1, 0)]).toEqual([true, false, null]);
    expect(isPast('below', 5, null, null)).toBe(null);
  });

  it('tell once when the figure goes past, and again only after it came back', async () => {
    const { db } = inside.product;
    const look = () =>
      lookAtAlerts(
        {
          db,
          context: (actor) => inside.product.context(actor),
          log: (_said, error) => {
            throw error;
          },
        },
        { all: true },
      );
    const notices = async () =>
      ((await call('rep', 'GET', '/notices')).body as { items: { kind: string; text: string }[] }).items.filter(
        ({ kind }) => kind === 'alert',
      );
    await made('rep', '/measureAlerts', { name: 'Few deals', measure: 'openDeals', bound: 'above', threshold: '2' });
    expect(await look()).toEqual([]);
    const third = await made('rep', '/opportunities', { name: 'Four' });
    expect(await look()).toEqual([users.rep]);
    expect(await look()).toEqual([]);
    expect((await notices()).map(({ text }) => text)).toEqual(['3 > 2']);
    expect((await call('rep', 'DELETE', `/opportunities/${third.id}`)).status).toBe(204);
    expect(await look()).toEqual([]);
    await made('rep', '/opportunities', { name: 'Five' });
    expect(await look()).toEqual([users.rep]);
    expect(await notices()).toHaveLength(2);
    // Of what its owner may not know nobody is told, and no alert is made.
    expect(
      (await call('agent', 'POST', '/measureAlerts', { name: 'x', measure: 'pipelineValue', bound: 'above', threshold: '1' })).status,
    ).toBe(422);
  });
});
