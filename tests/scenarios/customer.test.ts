import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** One customer's story by hand: what the 360° view must say about it, and how the API behaves on the way. */
let inside: Inside;
let key: string;
type Body = Record<string, unknown>;
const ask = async <T = Body>(method: string, url: string, body?: unknown, headers?: Record<string, string>) => {
  const answer = await inside.ask(method, `/api/v1/${url}`, { key, body, headers });
  return { ...answer, body: answer.body as T };
};
const create = async (plural: string, values: Body): Promise<Body & { id: string }> => {
  const made = await ask(`POST`, plural, values);
  expect(made.status, made.text).toBe(201);
  return made.body as Body & { id: string };
};
/** A day of the company's calendar: late in the evening in UTC it is tomorrow in Berlin already. */
const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' });
const eur = (amount: string) => ({ amount, currency: 'EUR' });

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
});
afterAll(() => inside.stop());

interface Block {
  count: number;
  age: number | null;
  owner: { name: string } | null;
  amount: { currency: string; amount: string }[];
  items: { title: string }[];
}
interface Overview {
  party: Body;
  matters: { key: string; title: string; params: { days: number; amount: unknown } }[];
  blocks: Record<'pastSales' | 'serviceRecord' | 'outstanding' | 'unresolvedCalls', Block>;
  figures: { key: string; value: unknown }[];
  sections: { key: string; count?: number; items?: Body[]; rows?: Body[] }[];
  relations: { type: string; direction: string; party: { name: string } }[];
  timeline: { items: { object: string; title: string }[]; next: string | null };
}

describe('the customer whole', () => {
  it('counts the four blocks, the figures and what matters as worked out by hand', async () => {
    const acme = await create('parties', { name: 'Acme', emails: ['info@acme.example'], phones: ['030 1234567'] });
    const parent = await create('parties', { name: 'Holding' });
    await ask('PATCH', `parties/${acme.id}`, { parent: parent.id });
    const boss = await create('parties', { kind: 'person', personName: { given: 'Eva', family: 'Meyer' } });
    await create('relationships', { from: boss.id, to: acme.id, type: 'employedBy' });
    const product = await create('products', { name: 'Pump', sku: 'P1', price: eur('100') });
    await create('assets', { party: acme.id, product: product.id, serial: 'SN-1' });
    await create('assets', { party: acme.id, product: product.id, serial: 'SN-2', status: 'retired' });
    // A sale that went the whole way counts once, as its invoice.
    const deal = await create('opportunities', { name: 'Deal', customer: acme.id, amount: eur('1000') });
    await ask('POST', 'actions/closeOpportunity', { ids: [deal.id], as: 'won', on: '2026-01-10' });
    const order = await create('orders', {
      number: 'O1',
      customer: acme.id,
      opportunity: deal.id,
      date: '2026-01-11',
      status: 'fulfilled',
      total: eur('1000'),
    });
    await create('invoices', {
      number: 'I1',
      customer: acme.id,
      order: order.id,
      date: '2026-01-12',
      dueDate: '2026-01-20',
      total: eur('1000'),
      status: 'paid',
    });
    // A won deal without order, an invoice in dollars, and a credit note.
    const second = await create('opportunities', { name: 'Deal 2', customer: acme.id, amount: eur('500') });
    await ask('POST', 'actions/closeOpportunity', { ids: [second.id], as: 'won', on: '2025-06-01' });
    await create('invoices', {
      number: 'I2',
      customer: acme.id,
      date: '2026-02-01',
      total: { amount: '200', currency: 'USD' },
      status: 'paid',
    });
    await create('invoices', {
      number: 'C1',
      customer: acme.id,
      kind: 'creditNote',
      date: '2026-02-05',
      total: eur('-100'),
      status: 'paid',
    });
    // Outstanding: one overdue invoice partly paid, one not yet due, an open deal, an order, a task, a case.
    const late = await create('invoices', {
      number: 'I3',
      customer: acme.id,
      date: dayFromNow(-60),
      dueDate: dayFromNow(-23),
      total: eur('1500'),
    });
    await create('payments', { number: 'Z1', customer: acme.id, invoice: late.id, date: dayFromNow(-10), amount: eur('220') });
    await create('invoices', { number: 'I4', customer: acme.id, date: dayFromNow(-1), dueDate: dayFromNow(29), total: eur('50') });
    await create('opportunities', { name: 'Open deal', customer: acme.id, amount: eur('300'), openedOn: dayFromNow(-5) });
    await create('orders', { number: 'O2', customer: acme.id, date: dayFromNow(-2), total: eur('80') });
    await create('tasks', { subject: 'Send offer', kind: 'promise', party: acme.id, dueOn: dayFromNow(-3) });
    await create('cases', { subject: 'Pump leaks', customer: acme.id, priority: 'urgent' });
    const solved = await create('cases', { subject: 'Old question', customer: acme.id });
    await ask('POST', 'actions/closeCase', { ids: [solved.id], solution: 'Explained' });
    await ask('POST', 'actions/logCall', {
      party: acme.id,
      subject: 'Complaint about the pump',
      outcome: 'unresolved',
      at: new Date(Date.now() - 4 * 86_400_000).toISOString(),
    });
    await create('interactions', { party: acme.id, at: '2024-05-01T10:00:00Z', channel: 'email', subject: 'Hello', cost: eur('0.50') });

    await inside.figured();
    const { body } = await ask<Overview>('GET', `parties/${acme.id}/overview`);
    // I1 1000 + I2 200 USD + C1 -100 + I3 1500 + I4 50 + Deal 2 500.
    expect(body.blocks.pastSales).toMatchObject({
      count: 6,
      amount: [
        { currency: 'EUR', amount: '2950.00' },
        { currency: 'USD', amount: '200.00' },
      ],
    });
    expect(body.blocks.pastSales.items.map((item) => item.title)).not.toContain('Deal');
    expect(body.blocks.serviceRecord.count).toBe(2);
    expect(body.blocks.outstanding).toMatchObject({ count: 5, age: 23, owner: { name: 'Ana Admin' } });
    expect(body.blocks.outstanding.amount).toEqual([{ currency: 'EUR', amount: '1660.00' }]);
    expect(body.blocks.outstanding.items[0]?.title).toBe('I3');
    expect(body.blocks.unresolvedCalls).toMatchObject({ count: 1, age: 4 });
    expect(body.matters.map((matter) => matter.key)).toEqual([
      'case.urgent',
      'invoice.overdue',
      'interaction.unresolvedCall',
      'task.overdue',
    ]);
    expect(body.matters[1]).toMatchObject({ title: 'I3', params: { days: 23, amount: eur('1280.00') } });
    const figure = (name: string) => body.figures.find((one) => one.key === name)?.value;
    expect(figure('lifetimeRevenue')).toEqual([
      { currency: 'EUR', amount: '2450.00' },
      { currency: 'USD', amount: '200.00' },
    ]);
    expect([figure('wonValue'), figure('openPipeline'), figure('openBalance')]).toEqual([
      [{ currency: 'EUR', amount: '1500.00' }],
      [{ currency: 'EUR', amount: '300.00' }],
      [{ currency: 'EUR', amount: '1330.00' }],
    ]);
    expect([figure('openCases'), figure('orders')]).toEqual([1, 2]);
    const section = (name: string) => body.sections.find((one) => one.key === name);
    expect(section('productsInUse')).toMatchObject({ count: 1, items: [{ serial: 'SN-1', product: { name: 'Pump' } }] });
    expect(section('interactionsByChannel')?.rows?.map((row) => [row.channel, row.count])).toEqual([
      ['email', 1],
      ['phone', 1],
    ]);
    expect(body.relations.map((one) => [one.type, one.direction, one.party.name])).toEqual([
      ['employedBy', 'to', 'Eva Meyer'],
      ['parent', 'from', 'Holding'],
    ]);
    // Both ends are readable.
    expect((await ask<Overview>('GET', `parties/${boss.id}/overview`)).body.relations).toMatchObject([
      { type: 'employedBy', direction: 'from', party: { name: 'Acme' } },
    ]);
    expect((await ask<Overview>('GET', `parties/${parent.id}/overview`)).body.relations).toMatchObject([
      { type: 'parent', direction: 'to', party: { name: 'Acme' } },
    ]);
    // Each reaches it from what they have: a number, an address, a serial number, an invoice.
    for (const identifiers of [[{ kind: 'phone', value: '+49 30 1234567' }], [{ kind: 'email', value: 'INFO@acme.example' }]])
      expect((await ask<{ party: { id: string } }>('POST', 'parties/resolve', { identifiers })).body.party.id).toBe(acme.id);
    expect((await ask<{ items: { object: string }[] }>('GET', 'search?q=SN-1')).body.items[0]).toMatchObject({ object: 'asset' });
    const timeline = await ask<{ items: { channel: string }[] }>('GET', `parties/${acme.id}/timeline?channel=phone`);
    expect(timeline.body.items.map((item) => item.channel)).toEqual(['phone']);
    const whole = (
      await ask<{ items: { id: string }[]; next: string | null }>('GET', `parties/${acme.id}/timeline?limit=200`)
    ).body.items.map((item) => item.id);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: { id: string }[]; next: string | null } = (
        await ask<{ items: { id: string }[]; next: string | null }>(
          'GET',
          `parties/${acme.id}/timeline?limit=3${cursor ? `&cursor=${cursor}` : ''}`,
        )
      ).body;
      paged.push(...page.items.map((item) => item.id));
      cursor = page.next;
    }
    expect(paged).toEqual(whole);
  });

  it('keeps the history of stages by its dates, and opportunities in the stages of their pipeline', async () => {
    const deal = await create('opportunities', { name: 'Stages', openedOn: '2026-01-01' });
    await ask('POST', 'actions/closeOpportunity', { ids: [deal.id], as: 'lost', lostReason: 'Price' });
    const lost = await ask(`GET`, `opportunities/${deal.id}`);
    expect(lost.body).toMatchObject({ probability: 0, lostReason: 'Price', stage: { name: 'Lost' } });
    expect(lost.body.closedOn).toMatch(/^\d{4}-/);
    const changes = await ask<{ items: { from: { name: string } | null; to: { name: string } }[] }>(
      'GET',
      `stageChanges?opportunity=${deal.id}&sort=at`,
    );
    expect(changes.body.items.map((item) => [item.from?.name ?? null, item.to.name])).toEqual([
      [null, 'Prospecting'],
      ['Prospecting', 'Lost'],
    ]);
    const pipeline = await create('pipelines', { name: 'Other' });
    const refused = await ask<{ errors: { path: string }[] }>('PATCH', `opportunities/${deal.id}`, { pipeline: pipeline.id });
    expect([refused.status, refused.body.errors[0]?.path]).toEqual([422, 'stage']);
  });

  it('reckons base amounts by the rate of the day, and leaves them empty where none is known', async () => {
    const party = await create('parties', { name: 'Rates' });
    const invoice = (number: string, date: string) =>
      create('invoices', { number, customer: party.id, date, total: { amount: '100', currency: 'GBP' }, status: 'paid' });
    await invoice('G1', '2026-01-15');
    await invoice('G2', '2026-03-15');
    const sum = () =>
      ask<{ rows: Body[] }>('POST', 'invoices/aggregate', {
        where: { field: 'customer', op: 'eq', value: party.id },
        measures: { own: { op: 'sum', field: 'total' }, base: { op: 'sum', field: 'total', in: 'base' }, n: { op: 'count' } },
      });
    expect((await sum()).body.rows).toEqual([
      { own: [{ currency: 'GBP', amount: '200.00' }], base: { currency: 'EUR', amount: '0.00' }, n: 2 },
    ]);
    await create('exchangeRates', { currency: 'GBP', date: '2026-01-01', rate: '1.2' });
    await create('exchangeRates', { currency: 'GBP', date: '2026-03-01', rate: '1.1' });
    expect((await sum()).body.rows).toMatchObject([{ base: { amount: '230.00' } }]);
    await invoice('G3', '2025-12-31');
    expect((await sum()).body.rows).toMatchObject([{ base: { amount: '230.00' }, own: [{ amount: '300.00' }] }]);
  });
});

describe('the API on the way', () => {
  it('answers the second request with the same Idempotency-Key as the first, and refuses the key for another', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const first = await ask('POST', 'notes', { subject: 'Once', party: (await create('parties', { name: 'Idem' })).id }, headers);
    const party = (first.body.party as { id: string }).id;
    const again = await ask('POST', 'notes', { subject: 'Once', party }, headers);
    expect([again.status, again.body.id, again.headers['idempotent-replay']]).toEqual([201, first.body.id, 'true']);
    expect((await ask('POST', 'notes', { subject: 'Other', party }, headers)).status).toBe(422);
    const race = await Promise.all(
      Array.from({ length: 6 }, () => ask('POST', 'notes', { subject: 'Race', party }, { 'idempotency-key': 'once-2' })),
    );
    expect(new Set(race.map((answer) => answer.body.id)).size).toBe(1);
    const call = await ask('POST', 'actions/logCall', { party, subject: 'Twice' }, { 'idempotency-key': 'once-3' });
    expect((await ask('POST', 'actions/logCall', { party, subject: 'Twice' }, { 'idempotency-key': 'once-3' })).body).toEqual(call.body);
  });

  it('shows a conflict field by field, with both values', async () => {
    const party = await create('parties', { name: 'Conflict', city: 'Bonn' });
    await ask('PATCH', `parties/${party.id}`, { city: 'Köln' });
    const stale = await ask<{ errors: Body[]; version: number }>(
      'PATCH',
      `parties/${party.id}`,
      { city: 'Mainz', jobTitle: 'x' },
      { 'if-match': '"1"' },
    );
    expect(stale.status).toBe(412);
    expect(stale.body).toMatchObject({ code: 'conflict', version: 2 });
    expect(stale.body.errors).toContainEqual(expect.objectContaining({ path: 'city', current: 'Köln', wanted: 'Mainz' }));
    expect((await ask('PATCH', `parties/${party.id}`, { city: 'Mainz' }, { 'if-match': '"2"' })).headers.etag).toBe('"3"');
    // Many at once on one record: each is either written or told.
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask('PATCH', `parties/${party.id}`, { jobTitle: `t${i}` }, { 'if-match': '"3"' })),
    );
    expect(many.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(many.every((answer) => answer.status === 200 || answer.status === 412)).toBe(true);
  });

  it('takes a batch whole or not at all, or each by itself', async () => {
    const operations = [
      { op: 'create', values: { name: 'B1' } },
      { op: 'create', values: { name: '' } },
      { op: 'upsert', values: { name: 'B3', externalIds: [{ system: 'b', value: '3' }] } },
    ];
    const count = async () =>
      (await ask<{ count: { value: number } }>('GET', 'parties?name[startsWith]=B&limit=1&count=true')).body.count.value;
    const whole = await ask<{ errors: Body[] }>('POST', 'parties/batch', { operations });
    expect([whole.status, whole.body.errors]).toMatchObject([422, [{ path: '1.name', code: 'required' }]]);
    expect(await count()).toBe(0);
    const partial = await ask('POST', 'parties/batch', { operations, partial: true });
    expect(partial.body).toMatchObject({
      created: 2,
      failed: 1,
      results: [{ ok: true }, { ok: false, error: { errors: [{ path: 'name' }] } }, { ok: true }],
    });
    const again = await ask('POST', 'parties/batch', { operations: [operations[2]], partial: true });
    expect(again.body).toMatchObject({ created: 0, updated: 1 });
  });

  it('counts exactly, pages by cursor, and refuses a cursor of another list', async () => {
    const page = await ask<{ items: unknown[]; next: string; count: Body }>('GET', 'parties?limit=2&count=true');
    expect(page.body.count).toMatchObject({ exact: true });
    expect(page.body.items).toHaveLength(2);
    expect((await ask('GET', `parties?limit=2&cursor=${page.body.next}&sort=-createdAt`)).status).toBe(422);
    expect((await ask('GET', 'parties?limit=2&cursor=nonsense')).status).toBe(422);
    expect((await ask('GET', 'parties/query')).status).toBe(404);
  });

  it('answers what cannot be read with a problem at its place, never with a fault', async () => {
    const bad: [string, string, unknown?][] = [
      ['GET', 'parties?nope=1'],
      ['GET', 'parties?name[nope]=1'],
      ['GET', 'parties?sort=nope'],
      ['GET', 'parties?limit=0'],
      ['GET', 'parties?limit=x'],
      ['GET', 'parties?where={'],
      ['GET', 'parties?employees[gt]=abc'],
      ['GET', 'parties?id=1'],
      ['GET', 'parties?fields=owner.nope'],
      ['POST', 'parties/query', { where: { field: 'name' } }],
      ['POST', 'parties/query', { where: { all: {} } }],
      ['POST', 'parties/query', { nope: 1 }],
      ['POST', 'parties/query', { where: { count: 'orders', gte: 'x' } }],
      ['POST', 'parties/query', { where: JSON.parse(`${'{"all":['.repeat(40)}${']}'.repeat(40)}`) }],
      ['POST', 'parties/aggregate', { measures: { n: { op: 'sum', field: 'name' } } }],
      ['POST', 'parties/aggregate', { measures: { 'n"; drop table parties': { op: 'count' } } }],
      ['POST', 'parties', []],
      ['POST', 'parties', 'x'],
      ['POST', 'parties', { name: 'x\u0000y', kind: ['person'] }],
      ['POST', 'parties', { name: 'x', externalIds: { system: 'a' } }],
      ['POST', 'actions/logCall', { party: 'x' }],
      ['POST', 'actions/nope', {}],
      ['PATCH', 'parties/01a1ffd0-be67-72c5-a33a-c75cf014b97b', { name: 'x' }],
      ['GET', 'parties/x'],
      ['GET', 'nope'],
      ['POST', 'parties/resolve', { identifiers: [] }],
      ['GET', `search?q=${'x'.repeat(300)}`],
      ['GET', 'parties/x/overview'],
      ['POST', 'causes/x/undo'],
      ['GET', 'jobs/x'],
      ['POST', 'parties', { __proto__: null, constructor: 1, name: 'x' }],
    ];
    for (const [method, url, body] of bad) {
      const answer = await ask(method, url, body);
      expect([404, 422], `${method} ${url} ${answer.text}`).toContain(answer.status);
      expect(String(answer.headers['content-type'])).toContain('application/problem+json');
    }
    const raw = await inside.product.http.inject({
      method: 'POST',
      url: '/api/v1/parties',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      payload: '{"name":',
    });
    expect([raw.statusCode, raw.json().code]).toEqual([422, 'invalid']);
  });

  it('locks out after too many failed sign-ins, per address and account, and says the same for accounts that are not there', async () => {
    const sign = (email: string, password: string) => inside.ask('POST', '/api/v1/session', { body: { email, password } });
    const wrong = await sign('ana@perigon.example', 'wrong-wrong');
    const nobody = await sign('nobody@perigon.example', 'wrong-wrong');
    expect([wrong.status, wrong.text]).toEqual([nobody.status, nobody.text]);
    for (let i = 0; i < 9; i++) await sign('nobody@perigon.example', 'wrong-wrong');
    expect((await sign('nobody@perigon.example', 'wrong-wrong')).status).toBe(429);
    const right = await sign('ana@perigon.example', 'perigon-1234');
    expect(right.status).toBe(200);
    const cookie = String(right.headers['set-cookie']).split(';')[0] ?? '';
    expect((await inside.ask('GET', '/api/v1/session', { headers: { cookie } })).status).toBe(200);
    await inside.ask('DELETE', '/api/v1/session', { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    expect((await inside.ask('GET', '/api/v1/session', { headers: { cookie } })).status).toBe(401);
  });

  it('sets passwords: one’s own with the present one, another’s as administrator, never by a key', async () => {
    const own = { 'sec-fetch-site': 'same-origin' };
    const sign = async (email: string, password: string) => {
      const answer = await inside.ask('POST', '/api/v1/session', { body: { email, password } });
      return { status: answer.status, cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' };
    };
    const made = await create('users', { name: 'New', email: 'new@perigon.example' });
    const admin = await sign('ana@perigon.example', 'perigon-1234');
    const set = (who: string, cookie: string, body: Body) =>
      inside.ask('POST', `/api/v1/users/${who}/password`, { body, headers: { cookie, ...own } });
    expect((await ask('POST', `users/${made.id}/password`, { password: 'by-a-key-1234' })).status).toBe(403);
    expect((await set(made.id, admin.cookie, { password: 'short' })).status).toBe(422);
    expect((await set(made.id, admin.cookie, { password: 'first-password' })).status).toBe(204);
    const first = await sign('new@perigon.example', 'first-password');
    expect(first.status).toBe(200);
    expect((await set(made.id, first.cookie, { password: 'second-password', current: 'wrong' })).status).toBe(404);
    const role = await ask<{ items: { id: string }[] }>('GET', 'roles?key=agent');
    await ask('PATCH', `users/${made.id}`, { roles: [{ id: role.body.items[0]?.id }] });
    const agent = await sign('new@perigon.example', 'first-password');
    const wrong = await set(made.id, agent.cookie, { password: 'second-password', current: 'wrong' });
    expect([wrong.status, (wrong.body as { errors: { path: string }[] }).errors[0]?.path]).toEqual([422, 'current']);
    const admins = await ask<{ items: { id: string }[] }>('GET', 'users?email=ana@perigon.example');
    expect((await set(admins.body.items[0]?.id ?? '', agent.cookie, { password: 'taken-over-1' })).status).toBe(403);
    const changed = await set(made.id, agent.cookie, { password: 'second-password', current: 'first-password' });
    expect(changed.status).toBe(204);
    // The other sessions have ended, the new cookie holds.
    expect((await inside.ask('GET', '/api/v1/session', { headers: { cookie: agent.cookie } })).status).toBe(401);
    expect(
      (await inside.ask('GET', '/api/v1/session', { headers: { cookie: String(changed.headers['set-cookie']).split(';')[0] ?? '' } }))
        .status,
    ).toBe(200);
  });
});
