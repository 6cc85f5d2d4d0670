import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { BY } from '#modules/forecast/period.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * The law of currencies: no answer of the product holds a number that came from adding amounts of different currencies as they stand.
 * Each record of a world has an amount of its own in one of four currencies, so that the sum of any of them tells which they were; then
 * everything that can be read is read, and every number in it is held against the sums that must never be.
 */
let inside: Inside;
let key = '';
const RATES: Record<string, number | null> = { EUR: 1, USD: 0.5, JPY: 0.01, CHF: null };
const CURRENCIES = Object.keys(RATES);
const DAY = new Date().toISOString().slice(0, 10);
const MONTH = `${DAY.slice(0, 8)}01`;

const send = (method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key, body });
const made = async (plural: string, values: object): Promise<string> => {
  const answer = await send('POST', `/${plural}`, values);
  expect(answer.status, `${plural} ${answer.text}`).toBe(201);
  return (answer.body as { id: string }).id;
};

let party = '';
let owner = '';
let pump = '';
/** Deals for lines: those of one deal are in one currency. */
const lined: string[] = [];
const stages: Record<string, string> = {};
/** How a record with an amount is made, by `object.field`: a new field of money is made here too, or the law fails. */
const MAKERS: Record<string, (amount: object, n: number) => [plural: string, values: object]> = {
  'party.annualRevenue': (annualRevenue, n) => [
    'parties',
    { kind: 'organisation', name: `Child ${n}`, parent: party, owner, annualRevenue },
  ],
  'product.price': (price, n) => ['products', { name: `Product ${n}`, price }],
  'opportunity.amount': (amount, n) => [
    'opportunities',
    { name: `Open ${n}`, customer: party, owner, product: pump, stage: stages.open, amount, closeDate: DAY, openedOn: DAY },
  ],
  // What is won and lost beside what is open.
  'opportunity.amount, won': (amount, n) => [
    'opportunities',
    { name: `Won ${n}`, customer: party, owner, product: pump, stage: stages.won, amount, openedOn: DAY, closedOn: DAY },
  ],
  'opportunity.amount, lost': (amount, n) => [
    'opportunities',
    { name: `Lost ${n}`, customer: party, owner, product: pump, stage: stages.lost, amount, openedOn: DAY, closedOn: DAY },
  ],
  'dealLine.unitPrice': (unitPrice, n) => ['dealLines', { opportunity: lined[n], product: pump, unitPrice }],
  'lead.budget': (budget, n) => ['leads', { name: `Lead ${n}`, party, owner, product: pump, budget }],
  'order.total': (total, n) => ['orders', { number: `O-${n}`, customer: party, date: DAY, owner, total }],
  'invoice.total': (total, n) => ['invoices', { number: `I-${n}`, customer: party, date: DAY, total }],
  'payment.amount': (amount, n) => ['payments', { number: `P-${n}`, customer: party, date: DAY, amount }],
  'subscription.amount': (amount, n) => ['subscriptions', { name: `S-${n}`, party, startsOn: DAY, amount }],
  'interaction.cost': (cost, n) => ['interactions', { party, at: `${DAY}T00:0${n}:00Z`, channel: 'phone', agent: owner, cost }],
  'quota.amount': (amount, n) => ['quotas', { user: owner, start: `${2031 + n}-01-01`, every: 'month', amount }],
};
/** Written by the product itself, of the deals above; a balance follows from what was paid; a call is told in the base currency alone. */
const FOLLOWS = [
  'dealLine.total',
  'forecastCall.amount',
  'stageChange.amount',
  'invoice.balance',
  'forecastSnapshot.amount',
  'forecastSnapshot.weighted',
  'forecastSnapshot.low',
  'forecastSnapshot.high',
];

/** Sums that no answer may hold, in cents, and what was added. */
const forbidden = new Map<number, string>();
const factors = new Set<number>([1]);

/** All ways to add some of these amounts, each as it stands or in euros: those in which one foreign amount stands beside another currency. */
function forbid(what: string, amounts: readonly { currency: string; cents: number }[]): void {
  const walk = (at: number, cents: number, used: readonly string[]): void => {
    const one = amounts[at];
    if (!one) {
      const units = new Set(used);
      if (used.length < 2 || units.size < 2) return;
      for (const factor of factors) {
        const sum = Math.round(cents * factor);
        forbidden.set(sum, `${what}: ${used.join(' + ')}${factor === 1 ? '' : ` × ${factor}`}`);
        forbidden.set(-sum, `${what}: −(${used.join(' + ')})`);
        // And their mean.
        forbidden.set(Math.round(sum / used.length), `${what}: mean of ${used.join(', ')}`);
      }
      return;
    }
    walk(at + 1, cents, used);
    walk(at + 1, cents + one.cents, [...used, one.currency]);
    const rate = RATES[one.currency];
    if (one.currency !== 'EUR' && rate) walk(at + 1, cents + one.cents * rate, [...used, 'EUR']);
  };
  walk(0, 0, []);
}

/** Every number in an answer, also where it is told in words or lines: in cents. */
function* numbersIn(text: string): Generator<number> {
  for (const [word] of text.matchAll(/(?<![\w.-])-?\d{5,12}(?:\.\d{1,4})?(?![\w-])/g)) yield Math.round(Number(word) * 100);
}
const seen = new Set<number>();
const wrong: string[] = [];
function hold(where: string, text: string): void {
  for (const cents of numbersIn(text)) {
    seen.add(cents);
    const sum = forbidden.get(cents);
    if (sum) wrong.push(`${where} answers ${cents / 100}, which is ${sum}`);
  }
}

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  owner = ctx.actor.userId ?? '';
  key = (await createApiKey(ctx.db, { userId: owner, name: 'test' })).secret;
  for (const [currency, rate] of Object.entries(RATES))
    if (rate && currency !== 'EUR') await made('exchangeRates', { currency, date: '2000-01-01', rate: String(rate) });
  const team = await made('teams', { name: 'North' });
  expect((await send('PATCH', `/users/${owner}`, { team })).status).toBe(200);
  party = await made('parties', { kind: 'organisation', name: 'Many Moneys Ltd', owner });
  pump = await made('products', { name: 'Pump' });
  const { items } = (await send('GET', '/stages?fields=category,probability&limit=100')).body as {
    items: { id: string; category: string; probability: number }[];
  };
  for (const stage of items) {
    stages[stage.category] ??= stage.id;
    factors.add(stage.probability > 1 ? stage.probability / 100 : stage.probability);
  }
  factors.delete(0);
  for (const n of CURRENCIES.keys())
    lined.push(await made('opportunities', { name: `Lined ${n}`, customer: party, owner, stage: stages.open, closeDate: DAY }));
  for (const [what, maker] of Object.entries(MAKERS)) {
    const amounts = CURRENCIES.map((currency, n) => {
      // Without a pattern, so that no two ways to add give the same.
      const digits = createHash('sha256').update(`${what} ${currency} ${n}`).digest().readUInt32BE(0);
      return { currency, cents: 10_000_000 + (digits % 900_000_000) };
    });
    forbid(what, amounts);
    for (const [n, { currency, cents }] of amounts.entries()) await made(...maker({ amount: (cents / 100).toFixed(2), currency }, n));
  }
  await inside.figured();
});
afterAll(() => inside.stop());

it('knows every field of money that there is', async () => {
  const { model } = await inside.ctx();
  const fields = [...model.objects.values()].flatMap((object) =>
    object.declared.filter((field) => typeOf(field).key === 'money' && !field.derived).map((field) => `${object.key}.${field.key}`),
  );
  const known = [...Object.keys(MAKERS).map((name) => name.split(',')[0] ?? ''), ...FOLLOWS];
  expect(fields.filter((name) => !known.includes(name))).toEqual([]);
});

it('finds a sum of different currencies where there is one', () => {
  const [[cents] = [0]] = forbidden;
  hold('this test', JSON.stringify({ sum: (cents / 100).toFixed(2) }));
  expect(wrong.splice(0)).toHaveLength(1);
});

it('adds no amounts of different currencies anywhere', { timeout: 240_000 }, async () => {
  const ask = async (method: string, url: string, body?: unknown, least = 200): Promise<string> => {
    const answer = await send(method, url, body);
    expect(answer.status, `${method} ${url} ${answer.text.slice(0, 300)}`).toBe(least);
    hold(`${method} ${url} ${body ? JSON.stringify(body).slice(0, 160) : ''}`, answer.text);
    return answer.text;
  };
  const { model } = await inside.ctx();

  // Records, their sums by every cut, and what leaves as a file.
  for (const object of model.objects.values()) {
    const money = object.declared.filter((field) => typeOf(field).key === 'money');
    if (money.length === 0) continue;
    await ask('GET', `/${object.plural}?limit=200&count=true`);
    const cuts = [
      [],
      ...object.declared.filter((field) => ['reference', 'select', 'user'].includes(typeOf(field).key)).map(({ key }) => [key]),
    ];
    const measures = Object.fromEntries(
      money.flatMap((field) =>
        (['sum', 'avg', 'min', 'max'] as const).flatMap((op) => [
          [`${op}_${field.key}`, { op, field: field.key }],
          [`${op}_${field.key}_base`, { op, field: field.key, in: 'base' }],
        ]),
      ),
    );
    for (const groupBy of cuts) await ask('POST', `/${object.plural}/aggregate`, { groupBy, measures });
    await ask('GET', `/${object.plural}/export?format=csv&fields=${money.map((field) => field.key).join(',')}`);
  }

  // The customer.
  for (const part of ['', '/overview', '/brief', '/timeline', '/history']) await ask('GET', `/parties/${party}${part}`);
  await ask('GET', '/my-day');
  await ask('GET', '/search?q=many moneys');

  // Every measure by every cut, and every built-in report and dashboard.
  const catalogue = JSON.parse(await ask('GET', '/measures')) as { items: { key: string; dimensions?: { path: string }[] }[] };
  expect(catalogue.items.length).toBeGreaterThan(20);
  for (const { key: measure, dimensions = [] } of catalogue.items) {
    const cuts: unknown[][] = [[], [{ every: 'month' }], ...dimensions.map(({ path }) => [path])];
    for (const by of cuts) {
      const question = { measures: [measure], by, compare: 'previous' };
      for (const asked of [question, { measures: [measure], by }]) {
        const answer = await send('POST', '/measures/read', asked);
        // Some have no moment to be cut by, others nothing to be compared with: those say so.
        expect([200, 422], `${measure} ${answer.text.slice(0, 200)}`).toContain(answer.status);
        hold(`measure ${measure} by ${JSON.stringify(by)}`, answer.text);
      }
    }
    const answer = await send('POST', '/insight/csv', { question: { measures: [measure] }, drawing: { form: 'table' } });
    hold(`CSV of ${measure}`, answer.text);
  }

  // The forecast before and after it was taken, and what moved.
  await ask('GET', `/forecast?from=${MONTH}&every=month`);
  for (const by of BY) await ask('GET', `/forecast?from=${MONTH}&every=month&by=${by}`);
  for (const n of [0, 1, 2, 3]) await ask('GET', `/forecast?from=${2031 + n}-01-01&every=month`);
  await ask('GET', '/forecast?from=2031-01-01&every=year');
  await ask('POST', '/sales/since', { since: MONTH });
  await ask('GET', `/forecast/trend?every=month&from=${MONTH}`);
  await ask('GET', '/forecast/accuracy?every=month');

  expect(wrong).toEqual([]);
  // The world was really read: single amounts were seen by the dozen.
  expect(seen.size).toBeGreaterThan(100);
});
