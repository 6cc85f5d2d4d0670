import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readsAllBehind } from '#engine/access/policy.ts';
import { figuresOf } from '#engine/declare/figures.ts';
import { type Context, newCause } from '#engine/record/context.ts';
import { readOverview } from '#engine/record/overview.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { type WriteOp, write } from '#engine/record/write.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * The law: a figure of the 360° view is the same number, whether it is read beside the party or counted, for whoever reads it; and
 * never another number than the list below it.
 */
let inside: Inside;
const users: string[] = [];
const parties: string[] = [];
const MAIL = (name: string) => `${name}@perigon.example`;
const ROLES = { rep: 'salesRep', agent: 'agent', reader: 'readOnly', narrow: 'narrow', blind: 'blind' } as const;
const all = (read: string) => ({ read });

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  const made = async (object: string, values: Record<string, unknown>) =>
    (await write(ctx, ctx.model.object(object), [{ op: 'create', values }]))[0]?.id ?? '';
  const seen = Object.fromEntries(['party', 'invoice', 'opportunity', 'order', 'interaction', 'stage'].map((key) => [key, all('all')]));
  // Every customer, but only the own cases, and the opportunities of the team.
  await made('role', {
    name: 'Narrow',
    key: 'narrow',
    rights: { objects: { ...seen, case: all('own'), opportunity: all('team') }, fields: {}, may: [] },
  });
  await made('role', {
    name: 'Blind',
    key: 'blind',
    rights: {
      objects: { ...seen, case: all('none') },
      fields: { invoice: { status: 'hidden' }, interaction: { cost: 'hidden' } },
      may: [],
    },
  });
  for (const [name, role] of Object.entries(ROLES))
    users.push(await inside.product.addUser(ctx, { name, email: MAIL(name), password: null, roles: [role] }));
  await made('exchangeRate', { currency: 'USD', date: '2020-01-01', rate: '0.8' });
});
afterAll(() => inside.stop());

const counting = (ctx: Context): Context => ({
  ...ctx,
  building: new Set(figuresOf(ctx.model.object('party')).map(({ key }) => `party.${key}`)),
});
type Figures = { key: string; value: unknown }[];
const figures = async (ctx: Context, id: string): Promise<Figures> =>
  (JSON.parse(await readOverview(ctx, id)) as { figures: Figures }).figures;

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 });
const who = () => fc.constantFrom(...users);
const money = (currencies: string[]) =>
  maybe(fc.record({ amount: fc.constantFrom('10.00', '12.34', '-10.00', '0.00'), currency: fc.constantFrom(...currencies) }));
const day = fc.constantFrom('2026-01-10', '2026-02-01');

/** All that is known of one customer; of some of them in base currency alone. */
const about = (
  ctx: Context,
  party: string,
  i: number,
  stages: string[],
): { object: string; values: fc.Arbitrary<Record<string, unknown>> }[] => {
  const currencies = i % 2 ? ['EUR'] : ['EUR', 'USD', 'GBP'];
  let n = 0;
  const number = fc.constant(null).map(() => `N${i}-${n++}-${ctx.cause.id}`);
  return [
    {
      object: 'invoice',
      values: fc.record({
        customer: fc.constant(party),
        number,
        date: day,
        kind: fc.constantFrom('invoice', 'creditNote'),
        status: fc.constantFrom('draft', 'issued', 'paid'),
        total: money(currencies),
        balance: money(currencies),
      }),
    },
    {
      object: 'opportunity',
      values: fc.record({
        customer: fc.constant(party),
        name: number,
        stage: fc.constantFrom(...stages),
        amount: money(currencies),
        owner: who(),
      }),
    },
    {
      object: 'order',
      values: fc.record({
        customer: fc.constant(party),
        number,
        date: day,
        status: fc.constantFrom('open', 'cancelled'),
        owner: maybe(who()),
      }),
    },
    {
      object: 'case',
      values: fc.record({
        customer: fc.constant(party),
        subject: number,
        status: fc.constantFrom('new', 'open', 'closed'),
        owner: maybe(who()),
      }),
    },
    {
      object: 'interaction',
      values: fc.record({
        party: fc.constant(party),
        at: fc.constantFrom('2025-05-01T10:00:00.000Z', '2026-05-01T10:00:00.500Z'),
        channel: fc.constantFrom('phone', 'email'),
        cost: money(currencies),
        agent: maybe(who()),
      }),
    },
  ];
};

describe('the figures of the 360° view', () => {
  it('are what is counted, for every reader, and the number of the list below', async () => {
    const ctx = await inside.ctx();
    const stages = (await ctx.db.query<{ id: string }>('select id from stages where deleted_at is null order by id')).map(({ id }) => id);
    for (let i = 0; i < 8; i++) {
      const [party] = await write(ctx, ctx.model.object('party'), [
        { op: 'create', values: { name: `Party ${i}`, owner: users[i % users.length] } },
      ]);
      parties.push(party?.id ?? '');
      // One of whom nothing is known.
      if (i === 7) continue;
      for (const { object, values } of about(ctx, party?.id ?? '', i, stages)) {
        const some = fc.sample(values, { numRuns: 12 });
        await write(
          ctx,
          ctx.model.object(object),
          some.map((one): WriteOp => ({ op: 'create', values: one })),
          // What rules refuse (a credit note that is not negative) is not there.
          { partial: true },
        );
      }
    }
    // Some of it goes and changes.
    for (const object of ['invoice', 'case', 'opportunity'] as const) {
      const rows = await ctx.db.query<{ id: string }>(`select id from ${ctx.model.object(object).table} order by id`);
      const later = { ...(await inside.ctx()), cause: newCause('request') };
      await write(
        later,
        later.model.object(object),
        rows.slice(0, 9).map(({ id }): WriteOp => ({ op: 'delete', id })),
      );
      await write(
        later,
        later.model.object(object),
        rows.slice(9, 20).map(({ id }): WriteOp => ({ op: 'update', id, values: { customer: parties[1] } })),
      );
    }
    await inside.figured();
    let compared = 0;
    const kept = new Map<string, number>();
    for (const name of ['admin', ...Object.keys(ROLES)]) {
      const own = name === 'admin' ? await inside.ctx() : await inside.product.commandContext(MAIL(name));
      const party = own.model.object('party');
      kept.set(
        name,
        figuresOf(party).filter((one) => one.derived?.kind === 'rollUp' && readsAllBehind(own.actor, party, one.derived)).length,
      );
      for (const id of parties) {
        const told = await figures(own, id).catch(() => null);
        const counted = await figures(counting(own), id).catch(() => null);
        expect(told, name).toEqual(counted);
        if (!told) continue;
        compared++;
        const openCases = told.find(({ key }) => key === 'openCases');
        if (!openCases) continue;
        const list = await readPage(own, own.model.object('case'), {
          where: {
            all: [
              { field: 'customer', op: 'eq', value: id },
              { field: 'status', op: 'notIn', value: ['solved', 'closed'] },
            ],
          },
          limit: 200,
        });
        expect(openCases.value, name).toBe(recordsOf(list).length);
      }
    }
    expect(compared).toBeGreaterThan(parties.length * 3);
    // Who reads everything is told what lies beside the party; who reads less, what they would count.
    expect(kept.get('admin')).toBe(figuresOf(ctx.model.object('party')).length);
    expect(kept.get('narrow')).toBeLessThan(kept.get('admin') ?? 0);
    const different = new Set<string>();
    for (const name of ['reader', 'narrow']) {
      const own = await inside.product.commandContext(MAIL(name));
      const told = await Promise.all(parties.map(async (id) => (await figures(own, id)).find(({ key }) => key === 'openCases')?.value));
      different.add(JSON.stringify(told));
    }
    expect(different.size).toBe(2);
  });

  it('do not count what lies beside the party', async () => {
    const ctx = await inside.ctx();
    const [own] = parties.slice(1);
    // A number that no counting gives shows where it came from.
    await ctx.db.query(
      'update party_figures set order_count = 77, open_cases = 78, lifetime_revenue = 79, lifetime_revenue_foreign = 0 where id = $1::uuid',
      [own],
    );
    const told = new Map((await figures(ctx, own ?? '')).map(({ key, value }) => [key, value]));
    expect([told.get('orders'), told.get('openCases'), told.get('lifetimeRevenue')]).toEqual([
      77,
      78,
      [{ currency: 'EUR', amount: '79.00' }],
    ]);
    // With an amount in another currency the sum in base currency is not the sum of the amounts.
    await ctx.db.query('update party_figures set lifetime_revenue_foreign = 1 where id = $1::uuid', [own]);
    expect(new Map((await figures(ctx, own ?? '')).map(({ key, value }) => [key, value])).get('lifetimeRevenue')).not.toEqual([
      { currency: 'EUR', amount: '79.00' },
    ]);
  });
});
