import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MeasureAnswer } from '#engine/measures/measures.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { problems as found, people, type Row } from '#tests/harness/people.ts';

/** What is to be sold in a deal, line by line: the amount is their sum, whoever writes them and however they are taken back. */
let inside: Inside;
const { users, enter, send, good } = people(() => inside);
const problems = (body: unknown) => found(body).map((problem) => problem.join(' '));
const money = (amount: string, currency = 'EUR') => ({ amount, currency });

let customer = '';
let machine = '';
let grinder = '';
const deal = (values: object = {}, who = 'admin') => good('POST', '/opportunities', { name: 'Bar', customer, ...values }, who);
const line = (values: object, who = 'admin') => good('POST', '/dealLines', values, who);
const worth = async (id: string) => {
  const { amount, product } = await good<{ amount: { amount: string; currency: string } | null; product: Row | null }>(
    'GET',
    `/opportunities/${id}`,
  );
  return [amount && `${amount.amount} ${amount.currency}`, product?.name ?? null];
};
const undo = (answer: { headers: Record<string, unknown> }) => good('POST', `/causes/${String(answer.headers['perigon-cause'])}/undo`, {});

beforeAll(async () => {
  inside = await insideProduct({});
  await enter({ rep: 'salesRep', other: 'salesRep', agent: 'agent' });
  await good('POST', '/exchangeRates', { currency: 'USD', rate: '0.5', date: '2020-01-01' });
  customer = (await good('POST', '/parties', { name: 'Lind', owner: users.rep })).id;
  machine = (await good('POST', '/products', { name: 'Machine', price: money('1999.99') })).id;
  grinder = (await good('POST', '/products', { name: 'Grinder', price: money('690') })).id;
});
afterAll(() => inside.stop());

describe('the amount of a deal', () => {
  it('is the sum of its lines, which are priced and called as their products unless somebody says otherwise', async () => {
    const { id } = await deal({ amount: money('5000') });
    const first = await line({ opportunity: id, product: grinder, quantity: '2' });
    expect(first).toMatchObject({ name: 'Grinder', unitPrice: money('690.00'), total: money('1380.00'), discount: 0 });
    expect(await worth(id)).toEqual(['1380.00 EUR', 'Grinder']);
    const second = await line({ opportunity: id, product: machine, quantity: '3', discount: 0.125, name: 'Machine in red' });
    // 3 × 1,999.99 less an eighth is 5,249.97375.
    expect(second).toMatchObject({ name: 'Machine in red', total: money('5249.97'), listTotal: money('5999.97') });
    await line({ opportunity: id, name: 'Freight', unitPrice: money('80') });
    expect(await worth(id)).toEqual(['6709.97 EUR', 'Machine']);
    // Another product brings its own name and price, but for what somebody had said.
    expect(await good('PATCH', `/dealLines/${first.id}`, { product: machine })).toMatchObject({
      name: 'Machine',
      unitPrice: money('1999.99'),
    });
    expect(await good('PATCH', `/dealLines/${second.id}`, { product: grinder })).toMatchObject({ name: 'Machine in red' });
    await good('DELETE', `/dealLines/${first.id}`);
    expect(await worth(id)).toEqual(['1891.25 EUR', 'Grinder']);
  });

  it('is not written by hand while there are lines, and stays when the last one goes', async () => {
    const { id } = await deal();
    const only = await line({ opportunity: id, product: grinder });
    for (const [values, problem] of [
      [{ amount: money('1') }, 'amount sumOfLines'],
      [{ amount: money('690', 'USD') }, 'amount sumOfLines'],
      [{ amount: null }, 'amount sumOfLines'],
      [{ product: machine }, 'product mainOfLines'],
    ] as const) {
      const refused = await send('PATCH', `/opportunities/${id}`, values);
      expect([refused.status, problems(refused.body)]).toEqual([422, [problem]]);
    }
    await good('PATCH', `/opportunities/${id}`, { amount: money('690'), product: grinder, nextStep: 'Call' });
    await good('DELETE', `/dealLines/${only.id}`);
    expect(await worth(id)).toEqual(['690.00 EUR', 'Grinder']);
    await good('PATCH', `/opportunities/${id}`, { amount: money('700'), product: null });
    expect(await worth(id)).toEqual(['700.00 EUR', null]);
  });

  it('is what it was before when lines are taken back, and the sum of what is left where others were written since', async () => {
    const { id } = await deal({ amount: money('5000') });
    const two = await send('POST', '/dealLines/batch', {
      operations: [
        { op: 'create', values: { opportunity: id, product: grinder } },
        { op: 'create', values: { opportunity: id, product: machine } },
      ],
    });
    expect(two.status, two.text).toBe(200);
    expect(await worth(id)).toEqual(['2689.99 EUR', 'Machine']);
    await undo(two);
    expect(await worth(id)).toEqual(['5000.00 EUR', null]);
    const first = await send('POST', '/dealLines', { opportunity: id, product: machine });
    const later = await line({ opportunity: id, product: grinder });
    await undo(first);
    expect(await worth(id)).toEqual(['690.00 EUR', 'Grinder']);
    const gone = await send('DELETE', `/dealLines/${later.id}`);
    await undo(gone);
    await good('PATCH', `/dealLines/${later.id}`, { quantity: '2' });
    expect(await worth(id)).toEqual(['1380.00 EUR', 'Grinder']);
  });

  it('follows its lines when it comes back from the trash', async () => {
    const { id } = await deal();
    const [first] = [await line({ opportunity: id, product: machine }), await line({ opportunity: id, product: grinder })];
    const gone = await send('DELETE', `/opportunities/${id}`);
    expect((await send('DELETE', `/dealLines/${first?.id}`)).status).toBeLessThan(300);
    await undo(gone);
    expect(await worth(id)).toEqual(['690.00 EUR', 'Grinder']);
  });

  it('is in one currency: lines change theirs together, and a price in another one is no price', async () => {
    const { id } = await deal({ amount: money('1', 'USD') });
    const priceless = await send('POST', '/dealLines', { opportunity: id, product: grinder });
    expect([priceless.status, problems(priceless.body)]).toEqual([422, ['unitPrice required']]);
    const dollars = await line({ opportunity: id, product: grinder, unitPrice: money('700', 'USD') });
    const more = await line({ opportunity: id, product: machine, unitPrice: money('2100', 'USD') });
    const mixed = await send('PATCH', `/dealLines/${more.id}`, { unitPrice: money('1', 'EUR') });
    expect([mixed.status, problems(mixed.body)]).toEqual([422, ['unitPrice otherCurrency']]);
    expect(await worth(id)).toEqual(['2800.00 USD', 'Machine']);
    await good('POST', '/dealLines/batch', {
      operations: [dollars, more].map((one) => ({ op: 'update', id: one.id, values: { unitPrice: money('1000.5', 'JPY') } })),
    });
    // The yen has no hundredths: each line is rounded as it is paid.
    expect((await worth(id))[0]).toBe('2002.00 JPY');
  });

  it('holds every line, of however many who write at the same moment', async () => {
    const { id } = await deal();
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => line({ opportunity: id, name: `Part ${i}`, unitPrice: money('10'), quantity: String(i + 1) })),
    );
    expect((await worth(id))[0]).toBe('780.00 EUR');
  });

  it('says which line of many is wrong', async () => {
    const { id } = await deal();
    const operations = [
      { op: 'create', values: { opportunity: id, name: 'Good', unitPrice: money('1') } },
      { op: 'create', values: { opportunity: id, quantity: '-1', unitPrice: money('1') } },
      { op: 'create', values: { opportunity: id, name: 'Dear', discount: 1.5 } },
    ];
    const refused = await send('POST', '/dealLines/batch', { operations });
    expect([refused.status, problems(refused.body).sort()]).toEqual([
      422,
      ['1.name required', '1.quantity tooSmall', '2.discount range', '2.unitPrice required'],
    ]);
    expect(await worth(id)).toEqual([null, null]);
  });
});

describe('whose lines they are', () => {
  it('those of who owns the deal: nobody else reads, writes or counts them', async () => {
    const mine = await deal({ owner: users.rep, customer: null }, 'rep');
    const held = await line({ opportunity: mine.id, product: grinder }, 'rep');
    expect(held).toMatchObject({ owner: { id: users.rep }, customer: null });
    for (const [method, path, body] of [
      ['GET', `/dealLines/${held.id}`],
      ['PATCH', `/dealLines/${held.id}`, { quantity: '9' }],
      ['DELETE', `/dealLines/${held.id}`],
      ['POST', '/dealLines', { opportunity: mine.id, product: grinder }],
    ] as const)
      expect([404, 422], `${method} ${path}`).toContain((await send(method, path, body, 'other')).status);
    const { items } = await good<{ items: Row[] }>('POST', '/dealLines/query', { fields: ['total'], limit: 100 }, 'other');
    expect(items).toEqual([]);
    // A line cannot be carried into another's deal, nor out of it.
    const theirs = await deal({ owner: users.other, customer: null }, 'other');
    expect((await send('PATCH', `/dealLines/${held.id}`, { opportunity: theirs.id }, 'rep')).status).toBe(422);
    expect((await worth(mine.id))[0]).toBe('690.00 EUR');
    await good('PATCH', `/opportunities/${mine.id}`, { owner: users.other });
    expect((await send('GET', `/dealLines/${held.id}`, undefined, 'rep')).status).toBe(404);
    expect(await good('GET', `/dealLines/${held.id}`, undefined, 'other')).toMatchObject({ total: money('690.00') });
  });

  it('who may not know what a deal is worth learns no price of it, by no way', async () => {
    const { id } = await deal({ owner: users.rep });
    const held = await line({ opportunity: id, product: machine, discount: 0.1 });
    const seen = await good('GET', `/dealLines/${held.id}`, undefined, 'agent');
    expect(seen).toMatchObject({ name: 'Machine', quantity: '1' });
    const SECRET = ['unitPrice', 'total', 'listTotal', 'discounted'];
    expect(Object.keys(seen).filter((key) => SECRET.includes(key))).toEqual([]);
    for (const field of SECRET) {
      const path = field === 'unitPrice' || field === 'total' ? `${field}.amount` : field;
      for (const body of [
        { fields: [field] },
        { where: { field, op: 'isNotEmpty' } },
        { where: { field: path, op: 'gt', value: 0 } },
        { sort: [field] },
      ])
        expect((await send('POST', '/dealLines/query', body, 'agent')).status, JSON.stringify(body)).toBe(422);
    }
    for (const measure of ['wonLineValue', 'openLineValue', 'discountGiven'])
      expect((await send('POST', '/measures/read', { measures: [measure] }, 'agent')).status).toBe(404);
  });
});

describe('what was sold', () => {
  it('is counted product by product, in the base currency at the rate of the day, with what was taken off', async () => {
    const won = async (lines: object[]): Promise<string> => {
      const { id } = await deal({ owner: users.rep, openedOn: '2026-02-01' });
      await good('POST', '/dealLines/batch', {
        operations: lines.map((values) => ({ op: 'create', values: { opportunity: id, ...values } })),
      });
      await good('POST', '/actions/closeOpportunity', { ids: [id], as: 'won' });
      await good('PATCH', `/opportunities/${id}`, { closedOn: '2026-03-05' });
      return id;
    };
    const one = await won([
      { product: machine, quantity: '2', unitPrice: money('1000'), discount: 0.1 },
      { product: grinder, quantity: '1' },
    ]);
    await won([
      { product: machine, quantity: '1', unitPrice: money('3000', 'USD') },
      { name: 'Freight', unitPrice: money('100', 'USD') },
    ]);
    const closed = await good<{ items: Row[] }>('POST', '/dealLines/query', {
      where: { field: 'opportunity', op: 'eq', value: one },
      fields: ['closedOn'],
    });
    expect(closed.items.map(({ closedOn }) => closedOn)).toEqual(['2026-03-05', '2026-03-05']);
    const { rows, total } = await good<MeasureAnswer>('POST', '/measures/read', {
      measures: ['wonLineValue', 'unitsSold', 'discountGiven'],
      by: ['product'],
      from: '2026-03-01',
      to: '2026-03-31',
    });
    const told = Object.fromEntries(
      rows.map(({ by, figures }) => [
        (by[0] as { name: string } | null)?.name ?? '',
        [(figures.wonLineValue as { amount: string }).amount, figures.unitsSold, figures.discountGiven],
      ]),
    );
    // A dollar is half a euro.
    expect(told).toEqual({ Machine: ['3300.00', 3, 0.057143], Grinder: ['690.00', 1, 0], '': ['50.00', 1, 0] });
    expect((total.figures.wonLineValue as { amount: string }).amount).toBe('4040.00');
    const whole = await good<MeasureAnswer>('POST', '/measures/read', { measures: ['wonValue'], from: '2026-03-01', to: '2026-03-31' });
    expect((whole.total.figures.wonValue as { amount: string }).amount).toBe('4040.00');
  });
});
