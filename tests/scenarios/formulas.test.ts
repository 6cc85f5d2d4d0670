import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey, setPassword } from '#engine/access/sign-in.ts';
import * as f from '#engine/declare/fields/index.ts';
import { buildModel, ModelFaults } from '#engine/declare/model.ts';
import { defineObject } from '#engine/declare/object.ts';
import { sqlContext } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { write } from '#engine/record/write.ts';
import { pageSql, planSort } from '#engine/store/page.ts';
import { Params } from '#engine/store/sql.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Formulas as people and programs meet them: who may know them, how lists page by them, what is refused and how it is said. */
const grade = defineObject({
  key: 'grade',
  plural: 'grades',
  icon: 'box',
  title: 'name',
  owner: 'owner',
  fields: { name: f.text({ required: true }), owner: f.user(), weight: f.decimal(), secret: f.integer() },
  list: { columns: ['name'], sort: ['name'] },
  form: [],
});
const deal = defineObject({
  key: 'deal',
  plural: 'deals',
  icon: 'box',
  title: 'name',
  fields: {
    name: f.text({ required: true }),
    grade: f.reference({ to: 'grade', inverse: 'deals' }),
    amount: f.money(),
    cost: f.money(),
    pieces: f.integer(),
    dueOn: f.date(),
    margin: f.formula({ expression: 'amount - cost', index: true }),
    marginRate: f.formula({ expression: '(amount - cost) / amount', type: 'percent', index: true }),
    label: f.formula({ expression: 'name + " (" + string(pieces) + ")"', index: true }),
    weighted: f.formula({ expression: 'amount * grade.weight' }),
    secretly: f.formula({ expression: 'grade.secret + pieces' }),
    doubly: f.formula({ expression: 'secretly * 2' }),
    isLarge: f.formula({ expression: 'amount.amount >= 500.0 && has(grade)' }),
    age: f.formula({ expression: 'today() - dueOn' }),
  },
  list: { columns: ['name'], sort: ['name'] },
  form: [],
});

let inside: Inside;
let key: string;
beforeAll(async () => {
  inside = await insideProduct({ modules: [{ key: 'deals', objects: [grade, deal] }] });
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  const made = await write(ctx, ctx.model.object('grade'), [
    { op: 'create', values: { name: 'A', weight: '0.5', secret: 7, owner: ctx.actor.userId } },
  ]);
  const deals = Array.from({ length: 3000 }, (_, i) => ({
    op: 'create' as const,
    values: {
      name: `Deal ${i}`,
      ...(i % 3 === 0 ? {} : { grade: made[0]?.id }),
      ...(i % 10 === 0 ? {} : { amount: { amount: String((i * 7919) % 1000), currency: i % 4 === 0 ? 'USD' : 'EUR' } }),
      ...(i % 7 === 0 ? {} : { cost: { amount: String((i * 104_729) % 900), currency: 'EUR' } }),
      pieces: i % 50,
      dueOn: '2026-01-31',
    },
  }));
  await write(ctx, ctx.model.object('deal'), deals);
  await ctx.db.query('analyze deals', []);
});
afterAll(() => inside.stop());

const ask = async (method: string, path: string, body?: unknown, as = key) =>
  (await inside.ask(method, path, { key: as, body })) as unknown as {
    status: number;
    body: { items: Record<string, unknown>[]; rows: unknown[]; [key: string]: unknown };
  };

describe('lists by formulas', () => {
  it('page by key in both directions, the empty last, as the whole list stands', async () => {
    const ctx = await inside.ctx();
    const object = ctx.model.object('deal');
    for (const field of ['margin', 'marginRate', 'label', 'weighted', 'isLarge', 'age', 'doubly']) {
      for (const sort of [[field], [`-${field}`], [field, '-pieces']]) {
        const whole = recordsOf(await readPage(ctx, object, { sort, limit: 500, fields: ['id'] }));
        const paged: string[] = [];
        let cursor: string | null = null;
        while (paged.length < 500) {
          const page: { text: string; next: string | null } = await readPage(ctx, object, { sort, limit: 125, cursor, fields: ['id'] });
          paged.push(...recordsOf(page));
          cursor = page.next;
        }
        expect(paged, sort.join()).toEqual(whole);
      }
    }
    // To the very end, over those without a value.
    let cursor: string | null = null;
    const seen = new Set<string>();
    do {
      const page: { text: string; next: string | null } = await readPage(ctx, object, {
        sort: ['-margin'],
        limit: 400,
        cursor,
        fields: ['id'],
      });
      for (const item of recordsOf(page)) seen.add(item);
      cursor = page.next;
    } while (cursor !== null);
    expect(seen.size).toBe(3000);
  });

  it('go by the index of the formula, sorted as well as filtered', async () => {
    const ctx = await inside.ctx();
    const object = ctx.model.object('deal');
    const [index] = await ctx.db.query<{ n: number }>(
      `select count(*)::int as n from pg_indexes where tablename = 'deals' and indexdef like '%perigon_same%'`,
      [],
    );
    expect(index?.n).toBe(2);
    for (const sort of ['margin', '-margin', 'marginRate', 'label']) {
      const params = new Params();
      const sql = sqlContext(ctx, params);
      const plan = planSort({ model: ctx.model, readable: () => true }, object, [sort], 't', sql);
      const cursor = { values: [sort === 'label' ? 'deal 12' : '12'] as (string | null)[], id: '01a1ffd0-be67-72c5-a33a-c75cf014b97b' };
      for (const at of [null, cursor]) {
        const p = new Params(params.values);
        const page = pageSql(object, 't', plan, {
          where: 'true',
          scopes: [],
          cursor: at,
          limit: p.add(61, 'integer'),
          ctx: { ...sql, params: p },
        });
        const rows = await ctx.db.query<{ 'QUERY PLAN': string }>(`explain ${page}`, p.values);
        const text = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(text, `${sort} ${at ? 'after a cursor' : 'first page'}\n${text}`).toMatch(/Index Scan/);
        expect(text).not.toMatch(/Seq Scan/);
      }
    }
    const rows = await ctx.db.query<{ 'QUERY PLAN': string }>(
      `explain select 1 from deals t where ${await whereOf({ field: 'margin', op: 'gt', value: 950 })} and t.deleted_at is null`,
      ['950'],
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan/);
  });

  it('filter, sum and group by what the formula gives, never across currencies', async () => {
    const groups = await ask('POST', '/api/v1/deals/aggregate', {
      groupBy: ['isLarge'],
      measures: { n: { op: 'count' }, sum: { op: 'sum', field: 'weighted' } },
    });
    expect(groups.body.rows).toHaveLength(2);
    const mixed = await ask('POST', '/api/v1/deals/query', {
      where: {
        all: [
          { field: 'amount.currency', op: 'eq', value: 'USD' },
          { field: 'margin', op: 'isNotEmpty' },
        ],
      },
    });
    expect(mixed.body.items).toEqual([]);
    const based = await ask('POST', '/api/v1/deals/aggregate', {
      where: { field: 'amount.currency', op: 'eq', value: 'EUR' },
      measures: { own: { op: 'sum', field: 'weighted' }, base: { op: 'sum', field: 'weighted', in: 'base' } },
    });
    const [row] = based.body.rows as { own: { amount: string }[]; base: { amount: string } }[];
    expect(row?.own[0]?.amount).toBe(row?.base.amount);
  });
});

/** The condition that a filter compiles to, with its value as `$1`. */
async function whereOf(where: unknown): Promise<string> {
  const ctx = await inside.ctx();
  const { bindPredicate } = await import('#engine/declare/predicate.ts');
  const { toSql } = await import('#engine/store/predicate-sql.ts');
  const bound = bindPredicate({ model: ctx.model, env: ctx.env, readable: () => true }, ctx.model.object('deal'), where);
  return toSql(bound, 't', sqlContext(ctx, new Params()));
}

describe('who may know a formula', () => {
  it('may know all that it reads; of records they may not read it is told nothing', async () => {
    const ctx = await inside.ctx();
    const person = async (name: string, rights: object) => {
      const role = await ask('POST', '/api/v1/roles', { name, key: name.toLowerCase(), rights });
      expect(role.status, JSON.stringify(role.body)).toBe(201);
      const id = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [name.toLowerCase()] });
      await setPassword(ctx.db, id, 'somebody-perigon');
      return (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret;
    };
    const verbs = { create: 'all', read: 'all', update: 'all', delete: 'all' };
    const hidden = await person('Hidden', {
      objects: { deal: verbs, grade: verbs },
      fields: { grade: { secret: 'hidden' } },
      may: ['export'],
    });
    const noGrades = await person('Gradeless', { objects: { deal: verbs }, fields: {}, may: [] });
    const ownGrades = await person('Own', { objects: { deal: verbs, grade: { ...verbs, read: 'own' } }, fields: {}, may: [] });
    const [first] = (await ask('GET', '/api/v1/deals?secretly[isNotEmpty]=&sort=name&limit=1')).body.items;
    expect(first?.secretly).toBeTypeOf('number');
    const seen = async (as: string) => (await ask('GET', `/api/v1/deals/${first?.id}`, undefined, as)).body as Record<string, unknown>;
    expect('weighted' in (await seen(hidden))).toBe(true);
    // What reads a formula that is hidden is hidden, too.
    for (const name of ['secretly', 'doubly']) {
      expect(name in (await seen(hidden)), name).toBe(false);
      expect('weighted' in (await seen(noGrades))).toBe(false);
      for (const path of [`?sort=${name}`, `?${name}[isNotEmpty]=`, `?fields=${name}`]) {
        const refused = await ask('GET', `/api/v1/deals${path}`, undefined, hidden);
        const twin = await ask('GET', `/api/v1/deals${path.replace(name, 'nosuchfield')}`, undefined, hidden);
        expect([refused.status, JSON.stringify(refused.body).replaceAll(name, 'nosuchfield')]).toEqual([422, JSON.stringify(twin.body)]);
      }
    }
    // Whose grade it is, they may not know: for them there is none.
    expect(await seen(ownGrades)).toMatchObject({ weighted: null, secretly: null });
    expect((await ask('GET', '/api/v1/deals?secretly[isNotEmpty]=', undefined, ownGrades)).body.items).toEqual([]);
    expect((await ask('GET', '/api/v1/deals?secretly[isNotEmpty]=&limit=1')).body.items).toHaveLength(1);
  });
});

describe('what is refused', () => {
  const faultsOf = (fields: Record<string, ReturnType<typeof f.formula>>) => {
    try {
      buildModel([{ key: 'm', objects: [grade, { ...deal, fields: { ...deal.fields, ...fields } }] }]);
      return [];
    } catch (error) {
      if (!(error instanceof ModelFaults)) throw error;
      return error.faults
        .filter((fault) => fault.formula)
        .map(({ field, formula }) => [field, formula?.code, formula?.start, formula?.end]);
    }
  };
  it.each([
    ['amount +', 'syntax', 8, 8],
    ['amount + pieces', 'operands', 0, 15],
    ['grade.wieght * 2', 'unknownField', 0, 12],
    ['deals', 'unknownField', 0, 5],
    ['frobnicate(pieces)', 'unknownFunction', 0, 18],
    ['pieces ? 1 : 2', 'condition', 0, 6],
    ['has(name) ? 1 : "x"', 'branches', 0, 19],
    ['date("2026-02-31") - dueOn', 'literal', 5, 17],
    ['pieces.map(x, x)', 'unknownField', 11, 12],
    ['{}', 'notSupported', 0, 2],
    ['grade', 'outcome', 0, 5],
    ['', 'empty', 0, 0],
    ['name.constructor', 'unknownField', 0, 16],
    ['constructor(pieces)', 'unknownFunction', 0, 19],
  ])('%s: %s, and where', (expression, code, start, end) => {
    expect(faultsOf({ wrong: f.formula({ expression }) })).toEqual([['wrong', code, start, end]]);
  });

  it('a circle, with everybody who stands in it; an index over what moves; a roll-up over a formula', () => {
    const circle = faultsOf({
      a: f.formula({ expression: 'b + 1' }),
      b: f.formula({ expression: 'c' }),
      c: f.formula({ expression: 'a' }),
    });
    expect(circle.map(([field, code]) => [field, code])).toEqual([
      ['c', 'circle'],
      ['b', 'circle'],
      ['a', 'circle'],
    ]);
    expect(faultsOf({ age: f.formula({ expression: 'today() - dueOn', index: true }) }).map(([, code]) => code)).toEqual(['notSupported']);
    expect(faultsOf({ far: f.formula({ expression: 'grade.weight', index: true }) }).map(([, code]) => code)).toEqual(['notSupported']);
    const rolled = { ...grade, fields: { ...grade.fields, sum: f.rollUp({ over: 'deals', op: 'sum', field: 'margin' }) } };
    expect(() => buildModel([{ key: 'm', objects: [rolled, deal] }])).toThrow(/cannot read the formula deal.margin/);
  });

  it('a formula that with those it reads becomes a program', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`f${i}`, f.formula({ expression: i === 0 ? 'pieces' : `f${i - 1} + f${i - 1}` })]),
    );
    expect(faultsOf(chain).some(([, code]) => code === 'tooLong')).toBe(true);
  });
});
