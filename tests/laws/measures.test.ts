import Big from 'big.js';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { isRatio, type Measure, type MeasurePart } from '#engine/declare/measure.ts';
import type { Figure, MeasureAnswer } from '#engine/measures/measures.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * The law of measures: whoever asks, however it is cut, a measure is what one gets by reading the records that one may read, one by
 * one, and reckoning with them by hand. Money is never added across currencies: amounts without a rate are counted, and nothing else.
 */
let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};

const send = (key: string, method: string, path: string, body?: unknown) => inside.ask(method, `/api/v1${path}`, { key, body });
const good = async <T>(key: string, method: string, path: string, body?: unknown): Promise<T> => {
  const answer = await send(key, method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};

/** Euros for one unit of a currency, by day of the deal; francs have no rate. */
const RATES: Record<string, readonly [string, string][]> = {
  EUR: [['2000-01-01', '1']],
  USD: [
    ['2024-01-01', '0.5'],
    ['2024-07-01', '0.8'],
  ],
};
const CURRENCIES = ['EUR', 'USD', 'CHF'] as const;
const SPAN = { from: '2024-01-01', to: '2024-12-31' };

interface Deal {
  id: string;
  owner: { id: string } | null;
  stage: { id: string };
  'stage.category': 'open' | 'won' | 'lost';
  product: { id: string } | null;
  'customer.country': string | null;
  amount: { amount: string; currency: string } | null;
  probability: number;
  openedOn: string | null;
  closedOn: string | null;
  closeDate: string | null;
  forecastCategory: string | null;
  rotting: boolean | null;
  closeDateMoves: number | null;
  slippedDays: number | null;
}
const FIELDS = [
  'owner',
  'stage',
  'stage.category',
  'product',
  'customer.country',
  'amount',
  'probability',
  'openedOn',
  'closedOn',
  'closeDate',
  'forecastCategory',
  'rotting',
  'closeDateMoves',
  'slippedDays',
];

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  const admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  keys.admin = admin;
  const team = await good<{ id: string }>(admin, 'POST', '/teams', { name: 'North' });
  for (const [name, role] of [
    ['rep', 'salesRep'],
    ['other', 'salesRep'],
    ['manager', 'salesManager'],
  ] as const) {
    const id = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
    users[name] = id;
    if (name !== 'other') await good(admin, 'PATCH', `/users/${id}`, { team: team.id });
    keys[name] = (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
  }
  for (const [currency, rates] of Object.entries(RATES))
    if (currency !== 'EUR') for (const [date, rate] of rates) await good(admin, 'POST', '/exchangeRates', { currency, date, rate });
  const customers: string[] = [];
  for (const country of ['DE', 'AT', null])
    customers.push((await good<{ id: string }>(admin, 'POST', '/parties', { name: `In ${country}`, kind: 'organisation', country })).id);
  const products: string[] = [];
  for (const name of ['Pump', 'Valve']) products.push((await good<{ id: string }>(admin, 'POST', '/products', { name, sku: name })).id);
  const stages = (await good<{ items: { id: string; category: string }[] }>(admin, 'GET', '/stages?fields=category&limit=50')).items;
  const deals = fc.sample(
    fc.record({
      stage: fc.constantFrom(...stages),
      owner: fc.constantFrom('rep', 'other', 'manager', null),
      product: fc.constantFrom(...products, null),
      customer: fc.constantFrom(...customers, null),
      amount: fc.option(fc.record({ cents: fc.integer({ min: 1, max: 1_000_000 }), currency: fc.constantFrom(...CURRENCIES) })),
      opened: fc.integer({ min: 0, max: 200 }),
      took: fc.integer({ min: 0, max: 150 }),
    }),
    { numRuns: 200, seed: 20241122 },
  );
  const day = (n: number): string => new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10);
  await good(admin, 'POST', '/opportunities/batch', {
    operations: deals.map(({ stage, owner, product, customer, amount, opened, took }, i) => ({
      op: 'create',
      values: {
        name: `Deal ${i}`,
        stage: stage.id,
        owner: owner && users[owner],
        product,
        customer,
        amount: amount && { amount: new Big(amount.cents).div(100).toFixed(2), currency: amount.currency },
        openedOn: day(opened),
        ...(stage.category === 'open' ? { closeDate: i % 3 === 0 ? null : day(opened + took) } : { closedOn: day(opened + took) }),
      },
    })),
  });
  // Some lie for too long, some were put off, some were brought forward.
  await good(admin, 'PATCH', `/stages/${stages.find(({ category }) => category === 'open')?.id}`, { maxAgeDays: 30 });
  const dated = await good<{ items: { id: string }[] }>(admin, 'POST', '/opportunities/query', {
    where: { field: 'closeDate', op: 'isNotEmpty' },
    fields: ['id'],
    sort: ['name'],
    limit: 60,
  });
  await good(admin, 'POST', '/opportunities/batch', {
    operations: dated.items.map(({ id }, i) => ({ op: 'update', id, values: { closeDate: i % 4 === 0 ? '2024-01-02' : '2025-02-01' } })),
  });
});
afterAll(() => inside.stop());

/** All deals that a key may read, page by page. */
async function readable(key: string): Promise<Deal[]> {
  const found: Deal[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Deal[]; next: string | null } = await good(key, 'POST', '/opportunities/query', {
      fields: FIELDS,
      limit: 100,
      ...(cursor ? { cursor } : {}),
    });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return found;
}

type Condition = { all: Condition[] } | { none: Condition[] } | { field: string; op: string; value: unknown };
const holds = (deal: Deal, where: Condition): boolean => {
  if ('all' in where) return where.all.every((one) => holds(deal, one));
  if ('none' in where) return !where.none.some((one) => holds(deal, one));
  const value = deal[where.field as keyof Deal] as unknown;
  if (where.op === 'in') return (where.value as unknown[]).includes(value);
  return where.op === 'gt' ? Number(value ?? 0) > Number(where.value) : value === where.value;
};
const meets = (deal: Deal, part: { where?: unknown }): boolean => !part.where || holds(deal, part.where as Condition);

/** What an amount is in euros at the rate of the deal's closing day, or of today where it is open; null where there is none. */
function inEuros(deal: Deal, money: { amount: string; currency: string } | null): Big | null {
  if (!money) return null;
  const on = deal.closedOn ?? '9999-12-31';
  const rate = RATES[money.currency]?.filter(([from]) => from <= on).at(-1)?.[1];
  return rate === undefined ? null : new Big(money.amount).times(rate);
}

function reckon(part: MeasurePart, deals: readonly Deal[]): Figure {
  const some = deals.filter((deal) => meets(deal, part));
  if (part.op === 'count') return some.length;
  if (part.field === 'cycleDays') {
    const days = some.flatMap(({ openedOn, closedOn }) =>
      openedOn && closedOn ? [(Date.parse(closedOn) - Date.parse(openedOn)) / 86_400_000] : [],
    );
    return days.length === 0 ? null : days.reduce((a, b) => a + b, 0) / days.length;
  }
  if (part.field === 'slippedDays') {
    const days = some.flatMap(({ slippedDays }) => (slippedDays === null ? [] : [slippedDays]));
    return days.length === 0 ? null : days.reduce((a, b) => a + b, 0) / days.length;
  }
  const values = some.flatMap((deal) => {
    const value = inEuros(deal, deal.amount);
    return value === null ? [] : [part.field === 'weightedAmount' ? value.times(deal.probability) : value];
  });
  const sum = values.reduce((a, b) => a.plus(b), new Big(0));
  if (part.op === 'avg') return values.length === 0 ? null : { amount: sum.div(values.length).toFixed(2), currency: 'EUR' };
  return { amount: sum.toFixed(2), currency: 'EUR' };
}

function byHand(measure: Measure, deals: readonly Deal[]): Figure {
  if (!isRatio(measure.value)) return reckon(measure.value, deals);
  const [part, of] = [reckon(measure.value.part, deals), reckon(measure.value.of, deals)];
  return Number(of) === 0 ? null : Number(part) / Number(of);
}

/** A figure as numbers, near enough to be compared: a mean is told to six places, an amount to the cent of each rounding. */
const near = (a: Figure, b: Figure): boolean => {
  if (a === null || b === null) return a === b;
  if (typeof a === 'number' || typeof b === 'number') return typeof a === typeof b && Math.abs(Number(a) - Number(b)) < 1e-5;
  return a.currency === b.currency && new Big(a.amount).minus(b.amount).abs().lte('0.02');
};

const CUTS = ['owner', 'stage', 'product', 'customer.country'] as const;
const cutOf = (deal: Deal, cut: (typeof CUTS)[number]): string | null => {
  const value = deal[cut];
  return typeof value === 'object' && value !== null ? value.id : value;
};

it('are what the records give that one may read, for everybody, along every cut', async () => {
  let compared = 0;
  for (const who of ['admin', 'rep', 'other', 'manager']) {
    const key = keys[who] ?? '';
    const deals = await readable(key);
    expect(deals.length, who).toBeGreaterThan(20);
    const { items } = await good<{ items: Measure[] }>(key, 'GET', '/measures');
    const measures = items.filter(({ object }) => object === 'opportunity');
    expect(measures.length, who).toBeGreaterThan(12);
    for (const measure of measures) {
      const counted = deals.filter((deal) => meets(deal, measure) && (measure.at === undefined || deal[measure.at as 'closedOn'] !== null));
      const lacking = counted.filter((deal) => deal.amount && inEuros(deal, deal.amount) === null).length;
      const month = (deal: Deal): string => `${String(deal[measure.at as 'closedOn']).slice(0, 7)}-01`;
      const cuts = [
        ...CUTS.map((cut) => ({ cut, of: (deal: Deal) => cutOf(deal, cut) })),
        ...(measure.at ? [{ cut: { every: 'month' }, of: month }] : []),
      ];
      for (const { cut, of } of cuts) {
        const answer = await good<MeasureAnswer>(key, 'POST', '/measures/read', {
          measures: [measure.key],
          by: [cut],
          ...(measure.at ? SPAN : {}),
        });
        const inSpan = measure.at ? counted.filter((deal) => String(deal[measure.at as 'closedOn']) <= SPAN.to) : counted;
        const groups = new Map<string | null, Deal[]>();
        for (const deal of inSpan) groups.set(of(deal), [...(groups.get(of(deal)) ?? []), deal]);
        expect(answer.rows.length, `${who} ${measure.key} ${JSON.stringify(cut)}`).toBe(groups.size);
        for (const row of answer.rows) {
          const [value] = row.by as (string | { id: string } | null)[];
          const group = groups.get(typeof value === 'object' && value !== null ? value.id : (value ?? null)) ?? [];
          const hand = byHand(measure, group);
          const told = row.figures[measure.key] ?? null;
          expect(near(told, hand), `${who} ${measure.key} ${JSON.stringify(row)} by hand ${JSON.stringify(hand)}`).toBe(true);
          compared++;
        }
      }
      const whole = await good<MeasureAnswer>(key, 'POST', '/measures/read', { measures: [measure.key] });
      expect(near(whole.total.figures[measure.key] ?? null, byHand(measure, counted)), `${who} ${measure.key}`).toBe(true);
      expect(whole.total.unconverted?.[measure.key] ?? 0, `${who} ${measure.key}`).toBe(measure.unit === 'money' ? lacking : 0);
    }
  }
  expect(compared).toBeGreaterThan(500);
});

it('lead to exactly the records behind them, and to no others’', async () => {
  for (const who of ['admin', 'rep']) {
    const key = keys[who] ?? '';
    const question = { measures: ['wonDeals'], by: ['owner', { every: 'quarter' }], ...SPAN };
    const { rows } = await good<MeasureAnswer>(key, 'POST', '/measures/read', question);
    expect(rows.length).toBeGreaterThan(2);
    for (const { by, figures } of rows) {
      const cell = by.map((value) => (typeof value === 'object' && value !== null ? (value as { id: string }).id : value));
      const { measures: _, ...rest } = question;
      const behind = await good<{ where: unknown }>(key, 'POST', '/measures/records', { measure: 'wonDeals', ...rest, cell });
      const counted = await good<{ rows: { n: number }[] }>(key, 'POST', '/opportunities/aggregate', {
        where: behind.where,
        measures: { n: { op: 'count' } },
      });
      expect(counted.rows[0]?.n, JSON.stringify(by)).toBe(figures.wonDeals);
    }
  }
});

it('of fields that one may not know are not there', async () => {
  const { db } = inside.product;
  const ctx = await inside.ctx();
  const [rep] = await db.query<{ rights: { fields?: Record<string, unknown> } & Record<string, unknown> }>(
    `select rights from roles where key = 'salesRep'`,
  );
  const role = await good<{ id: string }>(keys.admin ?? '', 'POST', '/roles', {
    name: 'Blind',
    key: 'blind',
    rights: { ...rep?.rights, fields: { opportunity: { amount: 'hidden' } } },
  });
  const id = await inside.product.addUser(ctx, { name: 'Blind', email: 'blind@perigon.example', password: null, roles: ['blind'] });
  const key = (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
  expect(role.id).toBeTruthy();
  const { items } = await good<{ items: Measure[] }>(key, 'GET', '/measures');
  const named = items.map((one) => one.key);
  expect(named).toContain('wonDeals');
  for (const hidden of ['wonValue', 'pipelineValue', 'weightedPipeline', 'averageDeal']) {
    expect(named).not.toContain(hidden);
    const [refused, never] = await Promise.all([hidden, 'nothing'].map((one) => send(key, 'POST', '/measures/read', { measures: [one] })));
    expect(refused?.status).toBe(404);
    expect(refused?.text.replace(hidden, 'nothing')).toBe(never?.text);
  }
});
