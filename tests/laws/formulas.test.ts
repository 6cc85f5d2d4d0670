import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as f from '#engine/declare/fields/index.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { evaluate, formulaOf } from '#engine/declare/formula/readings.ts';
import { resolvedFormula } from '#engine/declare/formula/resolve.ts';
import { FormulaProblem } from '#engine/declare/formula/terms.ts';
import { defineObject } from '#engine/declare/object.ts';
import type { RecordGraph } from '#engine/declare/predicate.ts';
import { type Context, sqlContext } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { write } from '#engine/record/write.ts';
import { valueSql } from '#engine/store/formula-sql.ts';
import { joinPath } from '#engine/store/projection.ts';
import { Params } from '#engine/store/sql.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** The law: a formula reckoned in memory and by the database gives the same, to the last digit, however it is put into a statement. */
const sum = defineObject({
  key: 'sum',
  plural: 'sums',
  icon: 'box',
  title: 'name',
  list: { columns: ['name'], sort: ['name'] },
  form: [],
  fields: {
    name: f.text({ required: true }),
    n: f.integer(),
    d: f.decimal(),
    price: f.money(),
    cost: f.money({ rateOn: 'day' }),
    share: f.percent(),
    yes: f.boolean(),
    day: f.date(),
    at: f.dateTime(),
    kind: f.select(['red', 'green']),
    land: f.country(),
    time: f.duration(),
    place: f.address(),
    parent: f.reference({ to: 'sum', inverse: 'parts' }),
    count: f.rollUp({ over: 'parts', op: 'count' }),
    twice: f.formula({ expression: 'd * 2 + n / 3' }),
    far: f.formula({ expression: 'coalesce(parent.twice, 0) + 1' }),
    there: f.formula({ expression: 'convert(cost, "USD")' }),
    mood: f.formula({ expression: 'n > 0 ? "green" : coalesce(kind, "red")', optionsOf: 'kind', index: true }),
  },
});

type Kind = 'number' | 'money' | 'text' | 'boolean' | 'date' | 'instant' | 'duration';
const WAYS = ['', 'parent.', 'parent.parent.'];
const fields: Record<Kind, string[]> = {
  number: ['n', 'd', 'share', 'price.amount', 'count', 'twice', 'far'],
  money: ['price', 'cost', 'there'],
  text: ['name', 'land', 'kind', 'place.city', 'price.currency', 'mood'],
  boolean: ['yes'],
  date: ['day'],
  instant: ['at', 'createdAt'],
  duration: ['time'],
};
const literals: Record<Kind, fc.Arbitrary<string>> = {
  number: fc.oneof(fc.integer({ min: 0, max: 12 }).map(String), fc.constantFrom('0.5', '2.125', '0.3333333', '1e3', '99999999999.25')),
  money: fc.constant('cost'),
  text: fc.constantFrom('""', '"Ärger"', '"é\'s \\\\ \\"q\\""', '"red"', '"%"', '"ß"'),
  boolean: fc.constantFrom('true', 'false'),
  date: fc.constantFrom('date("2024-02-29")', 'date("0001-01-03")', 'date("9999-12-30")'),
  instant: fc.constantFrom('timestamp("2026-03-29T01:30:00Z")', 'timestamp("9999-12-31T23:59:58.500Z")'),
  duration: fc.constantFrom('duration("PT90M")', 'duration("PT0S")'),
};
const currencies = fc.constantFrom('"EUR"', '"USD"', '"JPY"', '"GBP"', 'price.currency', 'parent.cost.currency');
/** Any expression that gives a value of a kind. */
const { number, money, text, boolean, date, instant, duration } = fc.letrec<Record<Kind, string>>((tie) => {
  const leaf = (kind: Kind) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...WAYS), fc.constantFrom(...fields[kind])).map(([way, name]) => way + name) },
      { weight: 1, arbitrary: literals[kind] },
    );
  const call = (name: string, ...kinds: Kind[]) => fc.tuple(...kinds.map((kind) => tie(kind))).map((args) => `${name}(${args.join(', ')})`);
  const op = (a: Kind, signs: string[], b: Kind) =>
    fc.tuple(tie(a), fc.constantFrom(...signs), tie(b)).map(([x, sign, y]) => `(${String(x)} ${sign} ${String(y)})`);
  const any = (kind: Kind) => [
    fc
      .tuple(tie('boolean'), tie(kind), fc.oneof(tie(kind), fc.constant('null')))
      .map(([c, a, b]) => `(${String(c)} ? ${String(a)} : ${String(b)})`),
    ...(kind === 'boolean' ? [] : [call('coalesce', kind, kind)]),
    ...(['text', 'boolean'].includes(kind) ? [] : [call('min', kind, kind), call('max', kind, kind, kind)]),
  ];
  const of = (kind: Kind, ...more: fc.Arbitrary<string>[]) =>
    fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf(kind), ...more, ...(any(kind) as fc.Arbitrary<string>[]));
  return {
    number: of(
      'number',
      op('number', ['+', '-', '*', '/', '%'], 'number'),
      op('money', ['/'], 'money'),
      op('duration', ['/'], 'duration'),
      op('date', ['-'], 'date'),
      ...['abs', 'round', 'floor', 'ceil'].map((name) => call(name, 'number')),
      fc.tuple(tie('number'), fc.integer({ min: 0, max: 4 })).map(([a, n]) => `round(${String(a)}, ${n})`),
      ...['days', 'hours', 'minutes'].map((name) => call(name, 'duration')),
      ...['year', 'month', 'day'].map((name) => call(name, 'date')),
      call('size', 'text'),
      tie('number').map((a) => `-${String(a)}`) as fc.Arbitrary<string>,
    ),
    money: of(
      'money',
      op('money', ['+', '-'], 'money'),
      op('money', ['*', '/'], 'number'),
      op('number', ['*'], 'money'),
      call('round', 'money'),
      call('abs', 'money'),
      fc.tuple(tie('money'), currencies, tie('date')).map(([a, to, day]) => `convert(${String(a)}, ${to}, ${String(day)})`),
      fc.tuple(tie('money'), currencies).map(([a, to]) => `convert(${String(a)}, ${to})`),
    ),
    text: of('text', op('text', ['+'], 'text'), call('string', 'number'), call('string', 'date')),
    boolean: of(
      'boolean',
      ...(['number', 'money', 'text', 'date', 'instant', 'duration'] as const).map((kind) =>
        op(kind, ['==', '!=', '<', '<=', '>', '>='], kind),
      ),
      op('boolean', ['&&', '||', '==', '!='], 'boolean'),
      tie('boolean').map((a) => `!${String(a)}`) as fc.Arbitrary<string>,
      ...['contains', 'startsWith', 'endsWith'].map((name) => call(name, 'text', 'text')),
      ...(['number', 'money', 'text', 'date'] as const).map((kind) => call('has', kind)),
      fc.constantFrom(...WAYS).map((way) => `(${way}kind == "red" || ${way}land in ["DE", "US"])`),
      fc.constantFrom(...WAYS).map((way) => `has(${way}parent)`),
      tie('instant').map((a) => `(${String(a)} != null)`) as fc.Arbitrary<string>,
    ),
    date: of(
      'date',
      fc.tuple(tie('date'), fc.constantFrom('+', '-'), tie('number')).map(([a, sign, n]) => `(${String(a)} ${sign} round(${String(n)}))`),
      fc.tuple(tie('date'), tie('number')).map(([a, n]) => `addMonths(${String(a)}, round(${String(n)}))`),
      call('date', 'instant'),
    ),
    instant: of('instant', op('instant', ['+', '-'], 'duration')),
    duration: of('duration', op('duration', ['+', '-'], 'duration'), op('duration', ['*', '/'], 'number'), op('instant', ['-'], 'instant')),
  };
});
const { option } = fc.letrec<{ option: string }>((tie) => ({
  option: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('"red"', '"green"', 'kind', 'parent.kind', 'mood', 'name', 'land'),
    fc
      .tuple(boolean, tie('option'), fc.oneof(tie('option'), fc.constant('null')))
      .map(([c, a, b]) => `(${c} ? ${String(a)} : ${String(b)})`),
    fc.tuple(tie('option'), tie('option')).map(([a, b]) => `coalesce(${String(a)}, ${String(b)})`),
  ),
}));
const expression = fc.oneof(
  ...[number, money, text, boolean, date, instant, duration].map((of) => fc.record({ expression: of as fc.Arbitrary<string> })),
  fc.record({ expression: option as fc.Arbitrary<string>, optionsOf: fc.constant('kind') }),
);

/** What a unit was worth in base currency, from a day on; of pounds nothing is known. */
const RATES = [
  { currency: 'USD', date: '1900-01-01', rate: '0.25' },
  { currency: 'USD', date: '2024-02-29', rate: '0.9233333333' },
  { currency: 'JPY', date: '2000-01-01', rate: '0.0061' },
  { currency: 'JPY', date: '2026-11-21', rate: '0.0000000007' },
];
const rate = (currency: string, day: string): string | null =>
  RATES.filter((one) => one.currency === currency && one.date <= day).at(-1)?.rate ?? null;

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 3 });
const amount = fc.record({
  amount: fc.constantFrom('0.00', '12.30', '-5.01', '99999999.9999'),
  currency: fc.constantFrom('EUR', 'EUR', 'USD'),
});
const record = fc.record({
  name: fc.constantFrom('Ärger', 'zoe x', "O'Neil \\ 5%", 'Σίσυφος'),
  n: maybe(fc.integer({ min: -3, max: 3 })),
  d: maybe(fc.constantFrom('0', '1.5', '-2.25', '100000.000001', '0.333333')),
  price: maybe(amount),
  cost: maybe(amount),
  share: maybe(fc.constantFrom(0, 0.25, 1)),
  yes: maybe(fc.boolean()),
  day: maybe(fc.constantFrom('2024-02-29', '2026-11-21', '1850-01-01', '9999-12-31')),
  at: maybe(fc.constantFrom('2024-01-01T00:00:00.000Z', '2026-11-21T12:00:00.123Z', '0001-01-01T00:00:00.000Z')),
  kind: maybe(fc.constantFrom('red', 'green')),
  land: maybe(fc.constantFrom('DE', 'FR')),
  time: maybe(fc.constantFrom('PT90S', 'PT25H30M')),
  place: maybe(fc.record({ city: fc.constantFrom('Berlin', 'Málaga') })),
});

let inside: Inside;
let ctx: Context;
beforeAll(async () => {
  inside = await insideProduct({ modules: [{ key: 'lawful', objects: [sum] }], background: true });
  ctx = await inside.ctx();
});
afterAll(() => inside.stop());

describe('the two readings of a formula', () => {
  it('agree on generated expressions and records', async () => {
    const object = ctx.model.object('sum');
    await write(
      ctx,
      ctx.model.object('exchangeRate'),
      RATES.map((values) => ({ op: 'create', values })),
    );
    const env = { ...ctx.env, rate };
    const made = await write(
      ctx,
      object,
      fc.sample(record, { numRuns: 50, seed: 11 }).map((values) => ({ op: 'create', values })),
    );
    const ids = made.map((result) => result.id ?? '');
    await write(
      ctx,
      object,
      ids.slice(0, 35).map((id, i) => ({ op: 'update', id, values: { parent: ids[(i * 7 + 3) % 50] } })),
    );
    await write(ctx, object, [{ op: 'delete', id: ids[45] ?? '' }]);
    // The roll-up is taken from the log.
    for (let i = 0; i < 200; i++) {
      const [row] = await ctx.db.query<{ n: number }>('select coalesce(sum(count), 0)::int as n from sum_figures', []);
      if ((row?.n ?? 0) >= 34) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    const live = recordsOf(await readPage(ctx, object, { limit: 100 })).map((json) => JSON.parse(json) as Record<string, unknown>);
    const byId = new Map(live.map((item) => [String(item.id), item]));
    const graph: RecordGraph = { get: (_object, id) => byId.get(id) ?? null, children: () => [] };
    for (const item of live)
      for (const key of ['twice', 'far', 'there', 'mood']) {
        const formula = formulaOf(object.fields.get(key) as never);
        if (!formula) throw new Error(key);
        expect(evaluate(formula, item, graph, env), key).toEqual(item[key]);
      }
    let judged = 0;
    let full = 0;
    let converted = 0;
    let chosen = 0;
    await fc.assert(
      fc.asyncProperty(expression, async (declared) => {
        const { expression: source } = declared;
        let field: ReturnType<typeof resolvedFormula>;
        try {
          field = resolvedFormula(ctx.model, object, {
            type: 'formula',
            with: { ...declared },
            key: 'it',
            column: 'it',
            table: 'sums',
          });
        } catch (error) {
          if (!(error instanceof FormulaProblem)) throw error;
          expect(
            ['operands', 'branches', 'syntax', 'tooLong', 'outcome', 'unknownOption', 'rateDay'],
            `${source}: ${error.message}`,
          ).toContain(error.code);
          return;
        }
        const formula = formulaOf(field);
        if (!formula) throw new Error(source);
        const params = new Params();
        const sql = sqlContext(ctx, params);
        const type = typeOf(field);
        const asked = valueSql(field, 't', sql, (t) => type.read(field, t));
        const joined = joinPath({ steps: [], object, field, part: null, shape: type.shape }, 't', sql, new Map());
        const rows = await ctx.db.lists<{ id: string; a: unknown; b: unknown }>(
          `select t.id, to_json(${asked}) as a, to_json(${type.read(field, joined.alias)}) as b from sums t ${joined.joins.join(' ')} where t.deleted_at is null`,
          params.values,
        );
        judged++;
        for (const row of rows) {
          const value = evaluate(formula, byId.get(row.id) ?? {}, graph, env);
          if (value !== null) full++;
          if (value !== null && source.startsWith('convert(')) converted++;
          if (value !== null && 'optionsOf' in declared) chosen++;
          expect(row.a, `asked: ${source}`).toEqual(value);
          expect(row.b, `joined: ${source}`).toEqual(value);
        }
      }),
      {
        numRuns: 1200,
        seed: Number(process.env.FC_SEED ?? (process.env.CI ? 42 : Date.now() % 2 ** 31)),
        endOnFailure: false,
        interruptAfterTimeLimit: 90_000,
      },
    );
    expect(judged).toBeGreaterThan(200);
    expect(full).toBeGreaterThan(judged);
    expect([converted > 20, chosen > 100], `${converted} converted, ${chosen} chosen`).toEqual([true, true]);
  });
});
