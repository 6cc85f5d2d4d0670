import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { realData } from '../harness/places.ts';
import { type Api, type Booted, bootProduct, setUp } from '../harness/product.ts';
import { aggregate, count, undo } from './imports.ts';

const folder = realData('retail');
const file = path.join(folder ?? '', 'online_retail_invoices.csv');

const invoices = { field: 'kind', op: 'eq', value: 'invoice' };
const real = { all: [invoices, { field: 'total', op: 'gt', value: 0 }] };
const inMonth = (month: string, last: number) => ({ field: 'date', op: 'between', value: [`${month}-01`, `${month}-${last}`] });

/** A shop's year of invoices, through the command line beside a running server. */
describe.skipIf(!folder)('a real shop: invoices and their customers', () => {
  let product: Booted;
  let api: Api;
  let cause = '';

  beforeAll(async () => {
    product = await bootProduct();
    api = await setUp(product);
    const run = await product.command('import', file, '--preset', 'retail-invoices', '--json');
    const result = JSON.parse(run.result) as { cause: string };
    expect(run.code, run.output).toBe(0);
    expect(result).toMatchObject({ created: 22_190, updated: 0, skipped: 0, failed: 0, errors: null });
    cause = result.cause;
  });

  test('gross, credit notes, net', async () => {
    const rows = await aggregate(api, 'invoices', {
      groupBy: ['kind'],
      measures: { n: { op: 'count' }, sum: { op: 'sum', field: 'total' } },
    });
    const by = Object.fromEntries(rows.map((row) => [row.kind, row]));
    expect(by.creditNote?.n).toBe(3654);
    expect(by.invoice?.sum).toEqual([{ currency: 'GBP', amount: '8911407.90' }]);
    expect(await count(api, 'invoices', real)).toBe(18_532);
    const [net] = await aggregate(api, 'invoices', {
      measures: { sum: { op: 'sum', field: 'total' }, open: { op: 'sum', field: 'balance' } },
    });
    expect(net?.sum).toEqual([{ currency: 'GBP', amount: '8300065.81' }]);
    expect(net?.open).toEqual([{ currency: 'GBP', amount: '0.00' }]);
    expect(await count(api, 'invoices', { field: 'status', op: 'ne', value: 'paid' })).toBe(0);
  });

  test('customers, the top one, the best fifth', async () => {
    const rows = await aggregate(api, 'invoices', {
      where: real,
      groupBy: ['customer.name'],
      measures: { sum: { op: 'sum', field: 'total' } },
      limit: 10_000,
    });
    expect(rows).toHaveLength(4338);
    const sums = rows.map((row) => Number((row.sum as { amount: string }[])[0]?.amount)).sort((a, b) => b - a);
    const total = sums.reduce((sum, one) => sum + one, 0);
    const best = sums.slice(0, Math.round(sums.length / 5)).reduce((sum, one) => sum + one, 0);
    expect(((best / total) * 100).toFixed(1)).toBe('74.6');
    expect(rows.find((row) => row['customer.name'] === 'Customer 14646')?.sum).toEqual([{ currency: 'GBP', amount: '280206.02' }]);
    const found = await api.post<{ party: { name: string } }>('/api/v1/parties/resolve', {
      identifiers: [{ kind: 'retail', value: '14646' }],
    });
    expect(found.body.party.name).toBe('Customer 14646');
  });

  test('the cohort of December 2010', async () => {
    const boughtIn = (condition: unknown) => ({ count: 'invoices', where: { all: [real, condition] }, gte: 1 });
    const cohort = boughtIn(inMonth('2010-12', 31));
    expect(await count(api, 'parties', cohort)).toBe(885);
    for (const [month, last, active] of [
      ['2011-01', 31, 324],
      ['2011-02', 28, 286],
      ['2011-11', 30, 445],
    ] as const) {
      expect(await count(api, 'parties', { all: [cohort, boughtIn(inMonth(month, last))] }), month).toBe(active);
    }
  });

  test('places: the last country wins, and what is none stays empty', async () => {
    const countryOf = async (number: string) =>
      (
        await api.post<{ items: { country: string | null }[] }>('/api/v1/parties/query', {
          where: { field: 'name', op: 'eq', value: `Customer ${number}` },
          fields: ['country'],
        })
      ).body.items[0]?.country;
    expect(await countryOf('14646')).toBe('NL');
    // Eight customers moved within the year.
    const last = new Map<string, string>();
    for (const line of fs.readFileSync(file, 'utf8').split('\n').slice(1)) {
      const [, , customer = '', country = ''] = line.replaceAll('"', '').split(',');
      last.set(customer, country.trim());
    }
    const codes: Record<string, string> = {
      Belgium: 'BE',
      Australia: 'AU',
      Denmark: 'DK',
      Austria: 'AT',
      Cyprus: 'CY',
      Spain: 'ES',
      Switzerland: 'CH',
    };
    for (const customer of ['12431', '12429', '12370', '12417', '12422', '12455', '12457', '12394'])
      expect(await countryOf(customer), customer).toBe(codes[last.get(customer) ?? '']);
    expect(await count(api, 'parties', { field: 'country', op: 'eq', value: 'IE' })).toBe(
      [...last.values()].filter((country) => country === 'EIRE').length,
    );
    expect(await count(api, 'parties', { field: 'country', op: 'isEmpty' })).toBe(
      [...last.values()].filter((country) => ['Channel Islands', 'European Community', 'Unspecified'].includes(country)).length,
    );
  });

  test('again, then undone: nothing twice, nothing left', async () => {
    const again = await product.command('import', file, '--preset', 'retail-invoices', '--json');
    expect(again.code, again.output).toBe(0);
    expect(JSON.parse(again.result)).toMatchObject({ created: 0, updated: 0, skipped: 22_190, failed: 0 });
    expect(await count(api, 'invoices')).toBe(22_190);
    expect(await count(api, 'parties')).toBe(4372);
    await undo(api, cause);
    expect(await count(api, 'invoices')).toBe(0);
    expect(await count(api, 'parties')).toBe(0);
  });
});
