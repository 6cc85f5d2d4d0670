import { deepStrictEqual } from 'node:assert';
import { fold } from '#kit/fold.ts';
import { newId } from '#kit/ids.ts';
import type { Bench } from './bench.ts';

/** One request and the values of the floor's statement for it. */
interface Turn {
  /** Who asks; the administrator unless given. */
  key?: string;
  method?: string;
  path: string;
  body?: unknown;
  values?: unknown[];
}
export interface Row {
  name: string;
  goal?: string;
  /** File in `bench/floors`. */
  floor?: string;
  prepare(bench: Bench): Promise<(i: number) => Turn | Promise<Turn>>;
  /** Fails unless product and floor answer the same. */
  same?(product: Record<string, unknown>, floor: Record<string, unknown>): void;
}

const equal = (product: Record<string, unknown>, floor: Record<string, unknown>) => deepStrictEqual(floor, product);
const items = (product: Record<string, unknown>, floor: Record<string, unknown>) => deepStrictEqual(floor.items, product.items);

async function someIds({ floor }: Bench, n: number): Promise<string[]> {
  const { rows } = await floor.query<{ id: string }>(`select id from parties tablesample system (1) where deleted_at is null limit $1`, [
    n,
  ]);
  const found =
    rows.length >= n ? rows : (await floor.query<{ id: string }>('select id from parties where deleted_at is null limit $1', [n])).rows;
  return found.map((row) => row.id);
}

const LIST = '/api/v1/parties?limit=60&sort=name&fields=name,city,owner,cases';

/** A search as the product asks it: query lexemes, folded text, and the title's words. */
function searchValues(text: string): unknown[] {
  const word = fold(text);
  const points = Array.from(word);
  const query = points.length <= 3 ? `'^${word}'` : `('^${points.slice(0, 3).join('')}' & '${word}':*)`;
  return [query, word, query];
}

/** Measures over all deals, read as a dashboard does: whole, or cut in a way that nobody foresaw. */
const measuresRow = (
  name: string,
  floor: string,
  measures: readonly string[],
  by: readonly unknown[],
  { where, goal = 'p95 < 500' }: { where?: unknown; goal?: string } = {},
): Row => ({
  name,
  goal,
  floor,
  // Each cut that the one knows the other knows, too.
  same: (product, least) => product.more || deepStrictEqual((least.rows as unknown[]).length, (product.rows as unknown[]).length),
  prepare: async () => () => ({
    method: 'POST',
    path: '/api/v1/measures/read',
    body: { measures, by, limit: 1000, ...(where ? { where } : {}) },
    values: [],
  }),
});

const searchRow = (name: string, texts: (bench: Bench) => Promise<string[]>, digits = false): Row => ({
  name,
  goal: 'p95 < 50',
  floor: 'search',
  prepare: async (bench) => {
    const list = await texts(bench);
    return (i) => {
      const text = list[i % list.length] ?? '';
      const reversed = Array.from(text).reverse().join('');
      return {
        path: `/api/v1/search?limit=20&q=${encodeURIComponent(text)}`,
        values: digits ? [`'~${reversed}':*`, text, `'~'`] : searchValues(text),
      };
    };
  },
});

/** Beginnings of words that occur: of names (common and rare) and of e-mail addresses, cut to a length. */
const words =
  (length: number) =>
  async ({ floor }: Bench) => {
    const { rows } = await floor.query<{ w: string }>(
      `select distinct left(w, $1) as w from (select unnest(perigon_words(name)) as w from parties tablesample system (2) limit 3000) x where length(w) >= $1 limit 60`,
      [length],
    );
    return rows.map((row) => row.w);
  };

export const rows: readonly Row[] = [
  {
    name: 'read one',
    floor: 'read-one',
    same: equal,
    prepare: async (bench) => {
      const ids = await someIds(bench, 200);
      return (i) => ({ path: `/api/v1/parties/${ids[i % ids.length]}`, values: [ids[i % ids.length]] });
    },
  },
  {
    name: 'overview',
    goal: 'p50 < 10, ratio ≤ 2',
    floor: 'overview',
    prepare: async (bench) => {
      const ids = await someIds(bench, 200);
      const {
        rows: [day],
      } = await bench.floor.query<{ d: string }>(`select to_char(now() at time zone 'Europe/Berlin', 'YYYY-MM-DD') as d`);
      return (i) => ({ path: `/api/v1/parties/${ids[i % ids.length]}/overview`, values: [ids[i % ids.length], day?.d] });
    },
    same: (product, floor) => {
      for (const key of ['party', 'matters', 'blocks', 'figures', 'relations']) deepStrictEqual(floor[key], product[key]);
      deepStrictEqual((floor.timeline as { items: unknown }).items, (product.timeline as { items: unknown }).items);
      const bare = (list: Record<string, unknown>[]) => list.map(({ object: _object, field: _field, columns: _columns, ...rest }) => rest);
      deepStrictEqual(floor.sections, bare(product.sections as Record<string, unknown>[]));
    },
  },
  { name: 'list, first page', goal: 'peer: 71–98', floor: 'list', same: items, prepare: async () => () => ({ path: LIST, values: [] }) },
  {
    name: 'list, page 1,000',
    floor: 'list-deep',
    same: items,
    prepare: async (bench) => {
      const pages = Math.min(1000, Math.floor(bench.parties / 120));
      let cursor = '';
      for (let i = 0; i < pages; i++)
        cursor = (
          JSON.parse((await bench.ask('GET', `/api/v1/parties?limit=60&sort=name&fields=id${cursor ? `&cursor=${cursor}` : ''}`)).text) as {
            next: string;
          }
        ).next;
      const [, key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
      return () => ({ path: `${LIST}&cursor=${cursor}`, values: [key, id] });
    },
  },
  {
    name: 'list by field',
    floor: 'filter-field',
    same: items,
    prepare: async () => (i) => {
      const country = ['DE', 'AT', 'GB', 'FR', 'US'][i % 5];
      return { path: `/api/v1/parties?limit=60&sort=name&fields=name,city&country=${country}`, values: [country] };
    },
  },
  {
    name: 'list by path',
    floor: 'filter-path',
    same: items,
    prepare: async () => (i) => {
      const region = ['North', 'South', 'East', 'West'][i % 4] ?? '';
      return { path: `/api/v1/parties?limit=60&sort=name&fields=name,city&owner.team.region=${region}`, values: [region.toLowerCase()] };
    },
  },
  {
    name: 'list sorted by figure',
    floor: 'list-figure',
    same: items,
    prepare: async () => () => ({
      path: '/api/v1/parties?limit=60&sort=-lifetimeRevenue&fields=name,lifetimeRevenue,openCases,lastContactAt',
      values: [],
    }),
  },
  {
    name: 'list by figure',
    floor: 'filter-figure',
    same: items,
    prepare: async () => (i) => ({
      path: `/api/v1/parties?limit=60&sort=name&fields=name,openCases&openCases[gte]=${1 + (i % 3)}`,
      values: [1 + (i % 3)],
    }),
  },
  {
    name: 'list sorted by formula',
    floor: 'list-formula',
    same: items,
    prepare: async () => () => ({ path: '/api/v1/opportunities?limit=60&sort=-weightedAmount&fields=name,weightedAmount', values: [] }),
  },
  {
    name: 'list by formula',
    floor: 'filter-formula',
    same: items,
    prepare: async () => (i) => ({
      path: `/api/v1/opportunities?limit=60&sort=-weightedAmount&fields=name,weightedAmount&weightedAmount[lt]=${4000 + (i % 5) * 1000}`,
      values: [4000 + (i % 5) * 1000],
    }),
  },
  {
    name: 'list, counted',
    goal: 'first page and how many there are',
    prepare: async () => (i) => ({
      path: `/api/v1/parties?limit=60&sort=name&fields=name,city&count=true&country=${['DE', 'AT', 'GB'][i % 3]}`,
    }),
  },
  searchRow('search, 2 letters', words(2)),
  searchRow('search, 3 letters', words(3)),
  searchRow('search, 5 letters', words(5)),
  searchRow('search, 8 letters', words(8)),
  searchRow(
    'search, phone ends',
    async ({ floor }) => {
      const { rows: found } = await floor.query<{ d: string }>(
        `select right(p.phones->0->>'value', 4 + (random() * 4)::int) as d from parties p tablesample system (1) limit 60`,
      );
      return found.map((row) => row.d);
    },
    true,
  ),
  {
    name: 'search, a slip',
    goal: 'p95 < 50',
    floor: 'search-slip',
    prepare: async (bench) => {
      await bench.floor.query('select set_config($1, $2, false)', ['pg_trgm.similarity_threshold', '0.18']);
      const list = (await words(7)(bench)).map((word) => `${word.slice(0, 3)}${word[4]}${word[3]}${word.slice(5)}`);
      return (i) => {
        const word = list[i % list.length] ?? '';
        return { path: `/api/v1/search?limit=20&q=${encodeURIComponent(word)}`, values: [word] };
      };
    },
  },
  {
    name: 'group and sum',
    floor: 'group-sum',
    same: equal,
    prepare: async () => () => ({
      method: 'POST',
      path: '/api/v1/opportunities/aggregate',
      body: { groupBy: ['stage.category'], measures: { n: { op: 'count' }, sum: { op: 'sum', field: 'amount', in: 'base' } } },
      values: [],
    }),
  },
  measuresRow('measures by owner', 'measures-owner', ['wonDeals', 'wonValue', 'winRate'], ['owner']),
  measuresRow('measures by product and month', 'measures-product-month', ['wonValue'], ['product', { every: 'month' }]),
  measuresRow('measures by team', 'measures-team', ['wonDeals', 'wonValue', 'winRate'], ['owner.team']),
  measuresRow('measures by month', 'measures-month', ['wonValue', 'wonDeals'], [{ every: 'month' }]),
  measuresRow('measures of what is open, by stage', 'measures-stage', ['pipelineValue', 'weightedPipeline'], ['stage']),
  measuresRow('measures ad hoc', 'measures-ad-hoc', ['winRate'], ['source', 'customer.country'], {
    where: { field: 'amount', op: 'gte', value: { amount: '10000', currency: 'EUR' } },
    goal: 'reported',
  }),
  {
    name: 'forecast by team',
    goal: 'p95 < 500',
    prepare: async () => () => ({ path: '/api/v1/forecast?from=2026-07-01&every=quarter&by=team' }),
  },
  {
    name: 'create',
    goal: 'peer: 51–57',
    floor: 'create',
    prepare: async (bench) => {
      const {
        rows: [user],
      } = await bench.floor.query<{ id: string }>(`select id from users where email = 'bench@perigon.example'`);
      const run = Date.now().toString(36);
      return (i) => {
        const one = (side: string) => ({
          name: `Bench ${run} ${side} ${i}`,
          email: `bench.${run}.${side}.${i}@perigon.example`,
          phone: `+4930${String(1_000_000 + i + (side === 'f' ? 500_000 : 0))}`,
        });
        const product = one('p');
        const floor = one('f');
        return {
          method: 'POST',
          path: '/api/v1/parties',
          body: {
            kind: 'organisation',
            name: product.name,
            emails: [{ value: product.email }],
            phones: [{ value: product.phone }],
            city: 'Berlin',
            country: 'DE',
          },
          values: [newId(), newId(), user?.id, floor.name, floor.email, floor.phone],
        };
      };
    },
  },
  {
    name: 'update',
    floor: 'update',
    prepare: async (bench) => {
      const ids = await someIds(bench, 400);
      const {
        rows: [user],
      } = await bench.floor.query<{ id: string }>(`select id from users where email = 'bench@perigon.example'`);
      const run = Date.now().toString(36);
      return (i) => ({
        method: 'PATCH',
        path: `/api/v1/parties/${ids[(2 * i) % ids.length]}`,
        body: { jobTitle: `Title ${run} ${i}` },
        values: [ids[(2 * i + 1) % ids.length], newId(), user?.id, `Title ${run} ${i}`],
      });
    },
  },
];
