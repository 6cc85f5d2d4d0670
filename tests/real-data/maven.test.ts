import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { realData, temporaryFolder } from '../harness/places.ts';
import { type Api, type Booted, bootProduct, setUp } from '../harness/product.ts';
import { aggregate, count, importFile, undo } from './imports.ts';

const folder = realData('sales');
const file = (name: string) => path.join(folder ?? '', `maven_${name}.csv`);
const stage = (category: string) => ({ field: 'stage.category', op: 'eq', value: category });

interface Page {
  items: Record<string, unknown>[];
  next: string | null;
}

/** One company's real files, through the public address, and what the product then knows. */
describe.skipIf(!folder)('a real company: accounts, products, teams, opportunities', () => {
  let product: Booted;
  let api: Api;

  beforeAll(async () => {
    product = await bootProduct();
    api = await setUp(product);
  });

  test('every file comes in whole', async () => {
    for (const [name, preset, rows] of [
      ['accounts', 'maven-accounts', 85],
      ['products', 'maven-products', 7],
      ['sales_teams', 'maven-sales-teams', 35],
      ['sales_pipeline', 'maven-sales-pipeline', 8800],
    ] as const) {
      const done = await importFile(api, file(name), { preset });
      expect(done, JSON.stringify(done.problems)).toMatchObject({
        state: 'done',
        created: rows,
        updated: 0,
        skipped: 0,
        failed: 0,
        errors: null,
      });
    }
  });

  test('stages, win rate, won value', async () => {
    const rows = await aggregate(api, 'opportunities', {
      groupBy: ['stage.name'],
      measures: { n: { op: 'count' }, sum: { op: 'sum', field: 'amount' } },
    });
    const by = Object.fromEntries(rows.map((row) => [row['stage.name'], row]));
    expect([by.Won?.n, by.Lost?.n, by.Engaging?.n, by.Prospecting?.n]).toEqual([4238, 2473, 1589, 500]);
    expect(by.Won?.sum).toEqual([{ currency: 'USD', amount: '10005534.00' }]);
    // Open ones have no amount in the file, and none is invented.
    expect(by.Engaging?.sum).toEqual([]);
    expect(await count(api, 'opportunities')).toBe(8800);
    expect(((4238 / (4238 + 2473)) * 100).toFixed(2)).toBe('63.15');
  });

  test('the best agent, and regions through the owner’s team', async () => {
    const [best] = await aggregate(api, 'opportunities', {
      where: stage('won'),
      groupBy: ['owner.name'],
      measures: { n: { op: 'count' }, sum: { op: 'sum', field: 'amount' } },
      sort: ['-n'],
      limit: 1,
    });
    expect(best).toEqual({ 'owner.name': 'Darcel Schlecht', n: 349, sum: [{ currency: 'USD', amount: '1153214.00' }] });
    const regions = await aggregate(api, 'opportunities', {
      where: stage('won'),
      groupBy: ['owner.team.region'],
      measures: { sum: { op: 'sum', field: 'amount' } },
    });
    const of = Object.fromEntries(regions.map((row) => [row['owner.team.region'], (row.sum as { amount: string }[])[0]?.amount]));
    expect(of).toEqual({ West: '3568647.00', Central: '3346293.00', East: '3090594.00' });
    // Region, in it the manager's team, in it the agents; five of them without a deal.
    const team = await api.post<Page>('/api/v1/teams/query', {
      where: { field: 'name', op: 'eq', value: 'Melvin Marxen' },
      fields: ['name', 'region', 'parent.name'],
    });
    expect(team.body.items[0]).toMatchObject({ region: 'Central', 'parent.name': 'Central' });
    expect(await count(api, 'users', { field: 'team', op: 'isNotEmpty' })).toBe(35);
    expect(
      await count(api, 'users', {
        all: [
          { field: 'team', op: 'isNotEmpty' },
          { count: 'opportunities', eq: 0 },
        ],
      }),
    ).toBe(5);
    expect(
      await count(api, 'users', {
        all: [
          { field: 'team', op: 'isNotEmpty' },
          { field: 'email', op: 'isNotEmpty' },
        ],
      }),
    ).toBe(0);
  });

  test('measures tell the same, say what has no rate, compare, and lead to their records', async () => {
    interface Row {
      by: unknown[];
      figures: Record<string, unknown>;
      unconverted?: Record<string, number>;
    }
    interface Table {
      rows: Row[];
      total: Row;
    }
    const read = async (question: object) => {
      const answer = await api.post<Table & { before?: Table }>('/api/v1/measures/read', question);
      expect(answer.status, answer.text).toBe(200);
      return answer.body;
    };
    const sales = ['wonDeals', 'lostDeals', 'winRate', 'openDeals', 'wonValue', 'averageDeal'];
    const bare = await read({ measures: sales });
    expect(bare.total.figures).toMatchObject({ wonDeals: 4238, lostDeals: 2473, winRate: 0.631501, openDeals: 2089, averageDeal: null });
    // The company reckons in euros and knows no rate of the dollar: nothing is taken one to one.
    expect(bare.total).toMatchObject({ figures: { wonValue: { amount: '0.00', currency: 'EUR' } }, unconverted: { wonValue: 4238 } });
    const rate = await api.post('/api/v1/exchangeRates', { currency: 'USD', date: '2016-01-01', rate: '0.5' });
    expect(rate.status, rate.text).toBe(201);
    const half = (dollars: number) => ({ amount: (dollars / 2).toFixed(2), currency: 'EUR' });
    await expect
      .poll(async () => (await read({ measures: ['wonValue'] })).total, { timeout: 60_000 })
      .toEqual({ by: [], figures: { wonValue: half(10_005_534) } });
    const regions = await read({ measures: ['wonValue'], by: ['owner.team.parent'] });
    const sums = regions.rows.map(({ by, figures }) => [(by[0] as { name: string }).name, figures.wonValue]);
    expect(Object.fromEntries(sums)).toEqual({ West: half(3_568_647), Central: half(3_346_293), East: half(3_090_594) });
    const agents = await read({ measures: ['wonDeals', 'wonValue'], by: ['owner'] });
    const best = agents.rows.find(({ by }) => (by[0] as { name: string } | null)?.name === 'Darcel Schlecht');
    expect(best?.figures).toEqual({ wonDeals: 349, wonValue: half(1_153_214) });
    // The fourth quarter beside the third, by month.
    const quarter = await read({
      measures: ['wonValue'],
      by: [{ every: 'month' }],
      from: '2017-10-01',
      to: '2017-12-31',
      compare: 'previous',
    });
    expect(quarter.rows.map(({ by }) => by[0])).toEqual(['2017-10-01', '2017-11-01', '2017-12-01']);
    expect(quarter.total.figures.wonValue).toEqual(half(2_802_496));
    expect(quarter.before).toMatchObject({ from: '2017-07-01', to: '2017-09-30', total: { figures: { wonValue: half(2_982_255) } } });
    // A figure leads to its records.
    const behind = await api.post<{ object: string; where: unknown }>('/api/v1/measures/records', {
      measure: 'wonValue',
      by: ['owner', { every: 'month' }],
      cell: [(best?.by[0] as { id: string } | undefined)?.id, '2017-10-01'],
    });
    expect(behind.body.object).toBe('opportunity');
    const cells = await read({ measures: ['wonDeals'], by: ['owner', { every: 'month' }] });
    const cell = cells.rows.find(({ by }) => (by[0] as { name: string } | null)?.name === 'Darcel Schlecht' && by[1] === '2017-10-01');
    const [counted] = await aggregate(api, 'opportunities', { where: behind.body.where, measures: { n: { op: 'count' } } });
    expect(counted?.n).toBe(cell?.figures.wonDeals);
    expect(Number(counted?.n)).toBeGreaterThan(0);
    // What stands now has no past, and what nobody declared cannot be read.
    const refused = await api.post('/api/v1/measures/read', { measures: ['openDeals'], by: [{ every: 'month' }] });
    expect([refused.status, refused.text.includes('noTime')]).toEqual([422, true]);
    expect((await api.post('/api/v1/measures/read', { measures: ['nothing'] })).status).toBe(404);
  });

  test('the traps: names that differ, no account, parents', async () => {
    expect(await count(api, 'opportunities', { field: 'customer', op: 'isEmpty' })).toBe(1425);
    const text = fs.readFileSync(file('sales_pipeline'), 'utf8');
    expect(await count(api, 'opportunities', { field: 'product.name', op: 'eq', value: 'GTX Pro' })).toBe(
      text.split('\n').filter((line) => line.includes(',GTXPro,')).length,
    );
    expect(await count(api, 'products')).toBe(7);
    expect(await count(api, 'parties', { field: 'industry', op: 'eq', value: 'technology' })).toBe(12);
    expect(await count(api, 'parties', { field: 'parent', op: 'isNotEmpty' })).toBe(15);
    // Golddex stands behind its subsidiary in the file.
    expect(
      await count(api, 'parties', {
        all: [
          { field: 'name', op: 'eq', value: 'Funholding' },
          { field: 'parent.name', op: 'eq', value: 'Golddex' },
        ],
      }),
    ).toBe(1);
    expect(await count(api, 'parties', { field: 'country', op: 'eq', value: 'PH' })).toBe(1);
  });

  test('the file’s dates tell the stage history', async () => {
    const rows = await aggregate(api, 'stageChanges', {
      groupBy: ['to.name'],
      measures: { n: { op: 'count' }, first: { op: 'min', field: 'at' }, last: { op: 'max', field: 'at' } },
    });
    const by = Object.fromEntries(rows.map((row) => [row['to.name'], row]));
    expect([by.Won?.n, by.Lost?.n]).toEqual([4238, 2473]);
    expect(String(by.Won?.first)).toMatch(/^2017-0/);
    expect(String(by.Won?.last)).toMatch(/^2017-12/);
  });

  test('each preset is what a user could save: its mapping sent by hand gives the same', async () => {
    const other = await bootProduct();
    const hand = await setUp(other);
    // The address tells a file's preset with its mapping; that mapping alone goes back.
    for (const name of ['accounts', 'products', 'sales_teams', 'sales_pipeline']) {
      const form = new FormData();
      form.append('file', new Blob([fs.readFileSync(file(name))]), `${name}.csv`);
      const seen = await hand.post<{ file: string; suggest: { object: string; preset: string; map: unknown } }>(
        '/api/v1/imports/inspect',
        form,
      );
      expect(seen.status, seen.text).toBe(200);
      expect(seen.body.suggest.preset).toBe(`maven-${name.replace('_', '-')}`);
      const done = await importFile(hand, file(name), { object: seen.body.suggest.object, map: JSON.stringify(seen.body.suggest.map) });
      expect(done, JSON.stringify(done.problems)).toMatchObject({ state: 'done', failed: 0, skipped: 0 });
    }
    const questions = {
      parties: ['name', 'kind', 'roles', 'currency', 'industry', 'foundedYear', 'annualRevenue', 'employees', 'country', 'parent.name'],
      products: ['name', 'series', 'price', 'kind', 'active'],
      users: ['name', 'email', 'team.name', 'team.region', 'team.parent.name', 'team.parent.region'],
      opportunities: [
        'name',
        'customer.name',
        'stage.name',
        'pipeline.name',
        'amount',
        'probability',
        'owner.name',
        'product.name',
        'openedOn',
        'closeDate',
        'closedOn',
        'externalIds',
      ],
    };
    for (const [plural, fields] of Object.entries(questions)) {
      const table = async (from: Api) => (await from.get(`/api/v1/${plural}/export?fields=${fields.join()}`)).text.split('\r\n').sort();
      expect(await table(hand), plural).toEqual(await table(api));
    }
    await other.stop();
  });

  test('one record made by hand through the API is the one that the preset makes', async () => {
    const imported = await api.post<Page>('/api/v1/products/query', { where: { field: 'name', op: 'eq', value: 'GTX Pro' } });
    const made = await api.post<Record<string, unknown>>('/api/v1/products', {
      name: 'GTX Pro by hand',
      series: 'GTX',
      price: { amount: '4821', currency: 'USD' },
    });
    expect(made.status, made.text).toBe(201);
    const own = ({ id: _i, name: _n, createdAt: _c, updatedAt: _u, createdBy: _cb, updatedBy: _ub, ...rest }: Record<string, unknown>) =>
      rest;
    expect(own(made.body)).toEqual(own(imported.body.items[0] ?? {}));
    expect((await api.delete(`/api/v1/products/${String(made.body.id)}`)).status).toBe(204);
  });

  test('the same file again makes no duplicates', async () => {
    const again = await importFile(api, file('sales_pipeline'), { preset: 'maven-sales-pipeline' });
    expect(again).toMatchObject({ state: 'done', created: 0, updated: 0, skipped: 8800, failed: 0 });
    expect(again.problems).toHaveLength(100);
    expect(again.problems[0]).toMatchObject({ row: 2, column: 'opportunity_id' });
    const errors = await api.get(again.errors ?? '');
    expect(errors.text.trim().split('\n')).toHaveLength(8801);
    const upserted = await importFile(api, file('accounts'), { preset: 'maven-accounts', mode: 'upsert' });
    expect(upserted).toMatchObject({ state: 'done', created: 0, updated: 0, skipped: 85, failed: 0, errors: null });
    expect(await count(api, 'opportunities')).toBe(8800);
    expect(await count(api, 'parties')).toBe(85);
  });

  test('a trial finds everything and writes nothing', async () => {
    const text = [
      'account,sector,year_established,revenue,employees,office_location,subsidiary_of',
      'New One,retail,1999,1.5,12,France,',
      'New Two,retail,last year,1.5,12,Atlantis,Nobody',
      'New Three,retail,1999,1.5,12,France,New One',
      'New One,retail,1999,1.5,12,France,',
    ].join('\n');
    const trial = await importFile(api, { name: 'trial.csv', text }, { preset: 'maven-accounts', dryRun: 'true' });
    expect(trial).toMatchObject({ state: 'done', created: 2, skipped: 1, failed: 1 });
    expect(trial.problems.map(({ row, column }) => [row, column])).toEqual([
      [3, 'year_established'],
      [3, 'office_location'],
      [5, 'account'],
    ]);
    expect(await count(api, 'parties')).toBe(85);
  });

  test('undo takes back creations, and restores what an import changed', async () => {
    const before = (await api.get('/api/v1/parties/export?fields=name,employees,industry&sort=name')).text;
    const text = [
      'account,sector,year_established,revenue,employees,office_location,subsidiary_of',
      'Acme Corporation,retail,1996,1100.04,1,United States,',
      'Brand New,retail,2020,1,5,France,Acme Corporation',
    ].join('\n');
    const changed = await importFile(api, { name: 'changed.csv', text }, { preset: 'maven-accounts', mode: 'upsert' });
    expect(changed).toMatchObject({ state: 'done', created: 1, updated: 1, skipped: 0, failed: 0 });
    const acme = await api.post<Page>('/api/v1/parties/query', { where: { field: 'name', op: 'eq', value: 'acme corporation' } });
    expect(acme.body.items[0]).toMatchObject({ employees: 1, industry: 'retail' });
    await undo(api, changed.cause);
    expect((await api.get('/api/v1/parties/export?fields=name,employees,industry&sort=name')).text).toBe(before);
    const status = await api.get<{ state: string }>(`/api/v1/imports/${changed.id}`);
    expect(status.body.state).toBe('undone');
  });

  test('what is exported comes in again without changing anything', async () => {
    const out = temporaryFolder();
    for (const [object, plural, rows] of [
      ['opportunity', 'opportunities', 8800],
      ['party', 'parties', 85],
      ['product', 'products', 7],
      ['user', 'users', 36],
    ] as const) {
      for (const format of ['csv', 'xlsx'] as const) {
        const to = path.join(out, `${plural}.${format}`);
        const key = await product.command('export', '--object', object, '--format', format, '--out', to);
        expect(key.code, key.output).toBe(0);
        const back = await importFile(api, to, { object, mode: 'upsert' });
        expect(back, `${plural} ${format} ${JSON.stringify(back.problems)}`).toMatchObject({
          state: 'done',
          created: 0,
          updated: 0,
          skipped: rows,
          failed: 0,
        });
      }
    }
    const lines = (await api.get('/api/v1/opportunities/export?format=ndjson&stage.category=won&fields=name')).text.trim().split('\n');
    expect(lines).toHaveLength(4238);
    expect(JSON.parse(lines[0] ?? '')).toHaveProperty('name');
  });
});
