import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import * as f from '#engine/declare/fields/index.ts';
import { buildModel } from '#engine/declare/model.ts';
import { defineObject } from '#engine/declare/object.ts';
import { rollUpsOf } from '#engine/declare/roll-ups.ts';
import { noteFigures } from '#engine/figures/building.ts';
import { LogConsumer } from '#engine/record/log-consumer.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Roll-up fields as people and programs meet them. */
let inside: Inside;
let admin: string;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
type Body = Record<string, unknown> & { items: Record<string, unknown>[]; errors: { path: string; code: string }[]; rows: unknown[] };
const ask = async (method: string, path: string, body?: unknown, key = admin) => {
  const answer = await inside.ask(method, `/api/v1${path}`, { key, body });
  return { status: answer.status, body: answer.body as Body, text: answer.text };
};
const create = async (plural: string, values: Record<string, unknown>, key = admin): Promise<string> => {
  const made = await ask('POST', `/${plural}`, values, key);
  expect(made.status, made.text).toBe(201);
  return String(made.body.id);
};
const eur = (amount: string) => ({ amount, currency: 'EUR' });

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  const teams = [await create('teams', { name: 'North' }), await create('teams', { name: 'South' })];
  for (const [i, name] of ['rep', 'mate', 'far'].entries()) {
    users[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: ['salesRep'] });
    await ask('PATCH', `/users/${users[name]}`, { team: teams[i === 2 ? 1 : 0] });
    keys[name] = (await createApiKey(ctx.db, { userId: users[name] ?? '', name })).secret;
  }
});
afterAll(() => inside.stop());

describe('a roll-up field', () => {
  const ids: string[] = [];
  it('is kept in step, shown, filtered, sorted in pages, grouped, summed and exported', async () => {
    for (let n = 0; n < 5; n++) ids.push(await create('parties', { name: `Figure ${n}` }));
    for (const [n, id] of ids.entries()) {
      for (let i = 0; i < n; i++)
        await create('invoices', {
          number: `F-${n}-${i}`,
          customer: id,
          date: '2026-01-10',
          status: 'issued',
          total: eur('10.50'),
          balance: eur('1'),
        });
      if (n > 2) await create('cases', { subject: 'x', customer: id });
    }
    await create('interactions', { party: ids[1], at: '2026-03-01T10:00:00Z', channel: 'phone' });
    await inside.figured();
    const one = await ask('GET', `/parties/${ids[4]}`);
    expect(one.body).toMatchObject({
      lifetimeRevenue: eur('42.00'),
      openBalance: eur('4.00'),
      openCases: 1,
      lastContactAt: null,
      version: 1,
    });
    expect((await ask('GET', `/parties/${ids[0]}`)).body).toMatchObject({
      lifetimeRevenue: eur('0.00'),
      openCases: 0,
      openOpportunities: 0,
    });
    expect((await ask('GET', `/parties/${ids[1]}`)).body.lastContactAt).toBe('2026-03-01T10:00:00.000Z');
    const where = { field: 'name', op: 'startsWith', value: 'Figure' };
    const found = await ask('POST', '/parties/query', {
      where: { all: [where, { field: 'lifetimeRevenue', op: 'gte', value: 21 }] },
      sort: ['-lifetimeRevenue'],
    });
    expect(found.body.items.map(({ name }) => name)).toEqual(['Figure 4', 'Figure 3', 'Figure 2']);
    for (const sort of ['lifetimeRevenue', '-lifetimeRevenue', 'lastContactAt', '-lastContactAt', 'openCases', '-openCases']) {
      const whole = await ask('POST', '/parties/query', { where, sort: [sort], fields: ['id'] });
      expect(whole.body.items).toHaveLength(5);
      const paged: unknown[] = [];
      let cursor: unknown = null;
      do {
        const page = await ask('POST', '/parties/query', { where, sort: [sort], fields: ['id'], limit: 2, cursor });
        paged.push(...page.body.items);
        cursor = page.body.next;
      } while (cursor);
      expect(paged, sort).toEqual(whole.body.items);
    }
    const groups = await ask('POST', '/parties/aggregate', {
      where,
      groupBy: ['openCases'],
      measures: {
        n: { op: 'count' },
        worth: { op: 'sum', field: 'lifetimeRevenue' },
        base: { op: 'sum', field: 'lifetimeRevenue', in: 'base' },
      },
    });
    expect(groups.body.rows).toEqual([
      { openCases: 0, n: 3, worth: [eur('31.50')], base: eur('31.50') },
      { openCases: 1, n: 2, worth: [eur('73.50')], base: eur('73.50') },
    ]);
    const through = await ask('POST', '/cases/query', {
      where: { field: 'customer.lifetimeRevenue', op: 'gt', value: 40 },
      fields: ['customer.lifetimeRevenue', 'customer.openCases'],
      sort: ['customer.lifetimeRevenue'],
    });
    expect(through.body.items).toMatchObject([{ 'customer.lifetimeRevenue': eur('42.00'), 'customer.openCases': 1 }]);
    const csv = await ask('GET', '/parties/export?format=csv&fields=name,lifetimeRevenue,openCases,lastContactAt&name=Figure 4');
    expect(csv.text).toContain('Figure 4,42.00 EUR,1,');
  });

  it('follows moves, the trash and its way back, undo and merges', async () => {
    const [a, b] = [await create('parties', { name: 'Move A' }), await create('parties', { name: 'Move B' })];
    const invoice = await create('invoices', { number: 'M-1', customer: a, date: '2026-01-10', status: 'issued', total: eur('5') });
    const worth = async (id: string) => {
      await inside.figured();
      return ((await ask('GET', `/parties/${id}?fields=lifetimeRevenue`)).body.lifetimeRevenue as { amount: string }).amount;
    };
    expect(await worth(a)).toBe('5.00');
    await ask('PATCH', `/invoices/${invoice}`, { customer: b });
    expect([await worth(a), await worth(b)]).toEqual(['0.00', '5.00']);
    await ask('PATCH', `/invoices/${invoice}`, { status: 'void' });
    expect(await worth(b)).toBe('0.00');
    const paid = await inside.ask('PATCH', `/api/v1/invoices/${invoice}`, { key: admin, body: { status: 'paid', total: eur('7') } });
    expect(await worth(b)).toBe('7.00');
    await ask('POST', `/causes/${paid.headers['perigon-cause']}/undo`);
    expect(await worth(b)).toBe('0.00');
    await ask('PATCH', `/invoices/${invoice}`, { status: 'paid' });
    await ask('DELETE', `/invoices/${invoice}`);
    expect(await worth(b)).toBe('0.00');
    const merged = await inside.ask('POST', '/api/v1/merges', { key: admin, body: { object: 'party', survivor: a, loser: b } });
    expect(merged.status).toBeLessThan(300);
    expect(await worth(a)).toBe('0.00');
  });

  it('cannot be written, and stands in the description as what it is', async () => {
    for (const [method, path] of [
      ['POST', '/parties'],
      ['PATCH', `/parties/${ids[0]}`],
    ] as const) {
      const refused = await ask(method, path, { name: 'x', openCases: 3 });
      expect([refused.status, refused.body.errors[0]]).toMatchObject([422, { path: 'openCases', code: 'readOnly' }]);
    }
    const { schemas } = (
      (await inside.ask('GET', '/api/openapi.json')).body as { components: { schemas: Record<string, { properties: object }> } }
    ).components;
    expect('openCases' in (schemas.party?.properties ?? {})).toBe(true);
    expect('openCases' in (schemas.partyInput?.properties ?? {})).toBe(false);
    const meta = (await ask('GET', '/meta')).body as unknown as { objects: { key: string; fields: Record<string, unknown>[] }[] };
    const field = meta.objects.find(({ key }) => key === 'party')?.fields.find(({ key }) => key === 'lifetimeRevenue');
    expect(field).toMatchObject({ type: 'money', readOnly: true, derived: 'rollUp', sortable: true, filterable: true });
  });

  it('shows to who may read what it is reckoned from, or where it is declared open', async () => {
    const own = await create('parties', { name: 'Owned', owner: users.rep });
    const reads = async (key: string | undefined) => Object.keys((await ask('GET', `/parties/${own}`, undefined, key)).body);
    // Invoices follow their party, so whoever reads it reads them all; an interaction is its agent's.
    const shown = await reads(keys.rep);
    expect(shown).toContain('lifetimeRevenue');
    expect(shown).toContain('openCases');
    expect(shown).not.toContain('costToServe');
    expect((await ask('GET', '/parties?sort=costToServe', undefined, keys.rep)).status).toBe(422);
    expect((await ask('GET', '/parties?costToServe[gt]=1', undefined, keys.rep)).body).toEqual(
      JSON.parse(
        JSON.stringify((await ask('GET', '/parties?nosuchfield[gt]=1', undefined, keys.rep)).body).replaceAll('nosuchfield', 'costToServe'),
      ),
    );
    // A field that it looks at is hidden from somebody: so is the figure.
    await ask('POST', '/roles', {
      name: 'Blind',
      key: 'blind',
      rights: {
        objects: { party: { read: 'all' }, invoice: { read: 'all' }, case: { read: 'all' } },
        fields: { invoice: { status: 'hidden' } },
      },
    });
    const ctx = await inside.ctx();
    const blind = await inside.product.addUser(ctx, { name: 'b', email: 'b@perigon.example', password: null, roles: ['blind'] });
    const seen = await reads((await createApiKey(ctx.db, { userId: blind, name: 'b' })).secret);
    expect(seen).toContain('openCases');
    expect(seen).not.toContain('lifetimeRevenue');
    expect(seen).not.toContain('lastContactAt');
  });

  it('that is new is empty and cannot be asked until it was reckoned for all; then it can', async () => {
    const { db, model } = inside.product;
    await db.query(`update party_figures set lifetime_revenue = null`);
    await db.query(`update figures set declared = 'otherwise' where field = 'lifetimeRevenue'`);
    await noteFigures(db, model);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await ask('GET', `/parties/${ids[4]}`)).body).toMatchObject({ lifetimeRevenue: null, openCases: 1 });
    for (const [path, body] of [
      ['/parties/query', { where: { field: 'lifetimeRevenue', op: 'gt', value: 1 } }],
      ['/parties/query', { sort: ['lifetimeRevenue'] }],
      ['/parties/aggregate', { measures: { n: { op: 'sum', field: 'lifetimeRevenue', in: 'base' } } }],
    ] as const) {
      const refused = await ask('POST', path, body);
      expect([refused.status, refused.body.errors[0]?.code], path).toEqual([422, 'building']);
    }
    expect((await ask('GET', '/figures')).body.items).toContainEqual(
      expect.objectContaining({ object: 'party', field: 'lifetimeRevenue', state: 'building' }),
    );
    expect((await ask('POST', '/figures/rebuild', { object: 'party' }, keys.rep)).status).toBe(403);
    const { job } = (await ask('POST', '/figures/rebuild', { object: 'party', fields: ['lifetimeRevenue'] })).body;
    for (let i = 0; i < 200; i++) {
      if ((await ask('GET', `/jobs/${String(job)}`)).body.state === 'done') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await ask('GET', `/parties/${ids[4]}`)).body.lifetimeRevenue).toEqual(eur('42.00'));
    expect((await ask('POST', '/parties/query', { where: { field: 'lifetimeRevenue', op: 'gt', value: 40 } })).body.items).toHaveLength(1);
  });
});

describe('a reader of the log', () => {
  it('puts a row aside that it cannot take in, goes on, and the row is shown', async () => {
    const { db } = inside.product;
    const before = (await db.query<{ n: number }>('select coalesce(max(seq), 0) as n from changes'))[0]?.n ?? 0;
    await db.query(`insert into consumers (name, cursor) values ('poisoned', $1::bigint)`, [before]);
    const ids: string[] = [];
    for (let n = 0; n < 9; n++) ids.push(await create('parties', { name: `Poison ${n}` }));
    const taken: string[] = [];
    const reader = new LogConsumer<{ id: string }>({
      db,
      name: 'poisoned',
      lock: 0x706f6973,
      columns: 'record_id as id',
      batch: 100,
      log: () => undefined,
      async take(_tx, rows) {
        if (rows.some(({ id }) => id === ids[4])) throw new Error('cannot be read');
        taken.push(...rows.map(({ id }) => id));
      },
    });
    reader.start();
    for (let i = 0; i < 1000 && !taken.includes(ids[8] ?? ''); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    await reader.stop();
    expect(ids.filter((id) => !taken.includes(id))).toEqual([ids[4]]);
    expect(new Set(taken).size).toBe(taken.length);
    const letters = await db.query(`select object, record_id, error from dead_letters where consumer = 'poisoned'`);
    expect(letters).toEqual([{ object: 'party', record_id: ids[4], error: 'cannot be read' }]);
    await db.query(`delete from dead_letters where consumer = 'poisoned'`);
    await db.query(`delete from consumers where name = 'poisoned'`);
  });
});

describe('a declaration', () => {
  const base = { icon: 'box', title: 'name' as const, list: { columns: ['name'], sort: ['name'] }, form: [] };
  const model = (figure: Parameters<typeof f.rollUp>[0]) =>
    buildModel([
      {
        key: 'test',
        objects: [
          defineObject({ ...base, key: 'whole', plural: 'wholes', fields: { name: f.text(), figure: f.rollUp(figure) } }),
          defineObject({
            ...base,
            key: 'part',
            plural: 'parts',
            fields: { name: f.text(), on: f.date(), n: f.integer(), of: f.reference({ to: 'whole', inverse: 'parts' }) },
          }),
        ],
      },
    ]);
  it.each([
    ['no relation', { over: 'nothing', op: 'count' }, /no to-many field/],
    ['a sum of words', { over: 'parts', op: 'sum', field: 'name' }, /does not apply/],
    ['an unknown field', { over: 'parts', op: 'sum', field: 'm' }, /no field m/],
    ['no order', { over: 'parts', op: 'last', field: 'name' }, /no field undefined/],
    ['further relations', { over: 'parts', op: 'count', where: { count: 'parts', gte: 1 } }, /further relations/],
  ] as const)('with %s is refused', (_name, figure, message) => {
    expect(() => model(figure as Parameters<typeof f.rollUp>[0])).toThrow(message);
  });
  it('that moves with the clock is refused', () => {
    const where = { field: 'on', op: 'lt', value: 'today' } as const;
    expect(() => rollUpsOf(model({ over: 'parts', op: 'count', where }))).toThrow(/moves with the clock/);
    expect(() => rollUpsOf(model({ over: 'parts', op: 'count', where: { field: 'on', op: 'gt', value: { days: -3 } } }))).toThrow(/clock/);
    expect(() => rollUpsOf(model({ over: 'parts', op: 'count', where: { field: 'on', op: 'gt', value: '2026-01-01' } }))).not.toThrow();
  });
});
