import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Predicate } from '#engine/declare/condition.ts';
import { OPERATORS } from '#engine/declare/field.ts';
import * as f from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { bindPredicate, matches, type RecordGraph } from '#engine/declare/predicate.ts';
import { bindContext, type Context, sqlContext } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { write } from '#engine/record/write.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { Params } from '#engine/store/sql.ts';
import { fold } from '#kit/fold.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** The law: a predicate read over a set and over each of its records finds the same records. */
const thing = defineObject({
  key: 'thing',
  plural: 'things',
  icon: 'box',
  title: 'name',
  list: { columns: ['name'], sort: ['name'] },
  form: [],
  fields: {
    name: f.text({ required: true }),
    body: f.longText(),
    n: f.integer(),
    d: f.decimal(),
    price: f.money(),
    share: f.percent(),
    yes: f.boolean(),
    day: f.date(),
    at: f.dateTime(),
    kind: f.select(['red', 'green', 'blue']),
    kinds: f.multiSelect(['red', 'green', 'blue']),
    parent: f.reference({ to: 'thing', inverse: 'parts' }),
    mail: f.email(),
    mails: f.emails({ identifies: 'email' }),
    phone: f.phone(),
    place: f.address(),
    who: f.personName(),
    land: f.country(),
    tags: f.tags(),
  },
});

let inside: Inside;
let ctx: Context;
const words = [
  'Ärger',
  'arger',
  'Zoë',
  'zoe x',
  'straße',
  'STRASSE',
  '100%',
  'a_b',
  'Łódź',
  'İstanbul',
  'ΣΊΣΥΦΟΣ',
  '',
  'œuvre',
  "O'Neil",
  'back\\slash',
];
const word = fc.constantFrom(...words.filter(Boolean));
const days = ['2023-12-31', '2024-01-01', '2024-02-29', '2026-11-21', '2027-03-28'];
const instants = [
  '2024-01-01T00:00:00.000Z',
  '2023-12-31T23:00:00.000Z',
  '2024-01-01T22:59:59.999Z',
  '2026-03-29T01:30:00.000Z',
  '2026-11-21T12:00:00.000Z',
];
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 3 });

const record = fc.record({
  name: word,
  body: maybe(word),
  n: maybe(fc.integer({ min: -3, max: 3 })),
  d: maybe(fc.constantFrom('0', '1.5', '-2.25', '100000.000001')),
  price: maybe(fc.record({ amount: fc.constantFrom('0.00', '12.30', '-5.00'), currency: fc.constantFrom('EUR', 'USD') })),
  share: maybe(fc.constantFrom(0, 0.25, 1)),
  yes: maybe(fc.boolean()),
  day: maybe(fc.constantFrom(...days)),
  at: maybe(fc.constantFrom(...instants)),
  kind: maybe(fc.constantFrom('red', 'green', 'blue')),
  kinds: maybe(fc.uniqueArray(fc.constantFrom('red', 'green', 'blue'), { minLength: 1 })),
  mail: maybe(fc.constantFrom('a@b.de', 'Zoe@Exämple.org')),
  mails: maybe(fc.uniqueArray(fc.constantFrom('x@y.example', 'Q@Y.example', 'last@z.example'), { minLength: 1 })),
  phone: maybe(fc.constantFrom('+4930901820', '+12125552368')),
  place: maybe(fc.record({ city: fc.constantFrom('Berlin', 'Málaga'), country: maybe(fc.constantFrom('DE', 'ES')), street: maybe(word) })),
  who: maybe(fc.record({ given: word, family: maybe(word) })),
  land: maybe(fc.constantFrom('DE', 'US')),
  tags: maybe(fc.uniqueArray(fc.constantFrom('VIP', 'Ärger', 'x y'), { minLength: 1 })),
});

const values: Record<string, fc.Arbitrary<unknown>> = {
  name: word,
  body: word,
  n: fc.integer({ min: -3, max: 3 }),
  d: fc.constantFrom('0', '1.5', -2.25),
  price: fc.constantFrom(12.3, '0', { amount: '-5.00', currency: 'EUR' }),
  share: fc.constantFrom(0, 0.25, 0.5),
  yes: fc.boolean(),
  day: fc.oneof(
    fc.constantFrom(...days),
    fc.constantFrom('today', 'startOfMonth', 'endOfYear'),
    fc.record({ days: fc.integer({ min: -900, max: 900 }) }),
  ),
  at: fc.oneof(
    fc.constantFrom(...instants, ...days),
    fc.constantFrom('today', 'startOfYear'),
    fc.record({ days: fc.integer({ min: -900, max: 900 }) }),
  ),
  kind: fc.constantFrom('red', 'green'),
  kinds: fc.constantFrom('red', 'blue'),
  mail: fc.constantFrom('A@B.DE', 'zoe'),
  mails: fc.constantFrom('X@y.example', 'last@', 'q@y.example'),
  phone: fc.constantFrom('030 901820', '+1212', '+4930901820'),
  place: fc.constantFrom('berlin', 'málaga', 'DE'),
  who: word,
  land: fc.constantFrom('DE', 'FR'),
  tags: fc.constantFrom('vip', 'arger', 'X Y'),
  'place.city': fc.constantFrom('berlin', 'Malaga'),
  'place.country': fc.constantFrom('DE', 'FR'),
  'place.street': word,
  'who.given': word,
  'who.family': word,
  'price.amount': fc.constantFrom(12.3, 0),
  'price.currency': fc.constantFrom('EUR', 'GBP'),
};
const paths = Object.keys(values);

/** Any condition on one field, directly or through the parent; ones the language refuses are filtered out by the test. */
const leaf: fc.Arbitrary<Predicate> = fc
  .tuple(fc.constantFrom(...paths), fc.constantFrom(...OPERATORS), fc.constantFrom('', 'parent.', 'parent.parent.'))
  .chain(([path, op, through]) => {
    const value = values[path] ?? word;
    const operand: fc.Arbitrary<unknown> =
      op === 'isEmpty' || op === 'isNotEmpty'
        ? fc.constant(undefined)
        : op === 'in' || op === 'notIn'
          ? fc.array(value, { maxLength: 3 })
          : op === 'between'
            ? fc.tuple(value, value)
            : value;
    return operand.map((v) => ({ field: through + path, op, value: v }) as Predicate);
  });
const predicate = fc.letrec<{ any: Predicate }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ all: fc.array(tie('any'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('any'), { maxLength: 3 }) }),
    fc.record({ none: fc.array(tie('any'), { maxLength: 3 }) }),
    fc
      .tuple(
        fc.constantFrom('parts', 'parent.parts'),
        fc.option(tie('any'), { nil: undefined }),
        fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'),
        fc.integer({ min: 0, max: 3 }),
      )
      .map(([count, where, op, n]) => ({ count, ...(where ? { where } : {}), [op]: n }) as Predicate),
  ) as fc.Arbitrary<Predicate>,
})).any;

/** Conditions that once kept the database busy for a minute: many relations in a row, over tables it knows nothing of yet. */
const far: Predicate = { field: 'parent.parent.place.country', op: 'ne', value: 'FR' };
const deep: Predicate[] = [
  { count: 'parent.parts', where: { count: 'parent.parts', where: far, gte: 1 }, eq: 2 },
  { count: 'parts', where: { count: 'parent.parts', where: { none: [{ count: 'parts', where: far, lte: 2 }] }, gte: 1 }, gte: 1 },
  { any: [{ count: 'parent.parts', where: { any: [far, { count: 'parts', where: { count: 'parent.parts', where: far } }] } }] },
];

beforeAll(async () => {
  inside = await insideProduct({ modules: [{ key: 'lawful', objects: [thing] }] });
  ctx = await inside.ctx();
});
afterAll(() => inside.stop());

describe('toSql and matches', () => {
  it('agree on generated records and predicates', async () => {
    const object = ctx.model.object('thing');
    const samples = fc.sample(record, { numRuns: 60, seed: 7 });
    const made = await write(
      ctx,
      object,
      samples.map((values) => ({ op: 'create', values })),
    );
    const ids = made.map((result) => result.id ?? '');
    // A third hang under another, some of those two deep; a few are deleted afterwards, so that paths break off.
    await write(
      ctx,
      object,
      ids.slice(0, 40).map((id, i) => ({ op: 'update', id, values: { parent: ids[(i * 7 + 3) % 60] } })),
    );
    await write(
      ctx,
      object,
      [ids[50], ids[51], ids[3]].map((id) => ({ op: 'delete', id: id ?? '' })),
    );
    const live = recordsOf(await readPage(ctx, object, { limit: 100 })).map((json) => JSON.parse(json) as Record<string, unknown>);
    const byId = new Map(live.map((item) => [String(item.id), item]));
    const graph: RecordGraph = {
      get: (_object, id) => byId.get(id) ?? null,
      children: (_object, by, id) => live.filter((item) => (item[by] as { id: string } | null)?.id === id),
    };
    let judged = 0;
    await fc.assert(
      fc.asyncProperty(predicate, async (where) => {
        let bound: ReturnType<typeof bindPredicate>;
        try {
          bound = bindPredicate(bindContext(ctx), object, where);
        } catch {
          return; // An operator that does not apply: refused alike by both readings.
        }
        const params = new Params();
        const condition = toSql(bound, 't', sqlContext(ctx, params));
        const rows = await ctx.db.lists<{ id: string }>(
          `select t.id from things t where t.deleted_at is null and (${condition})`,
          params.values,
        );
        judged++;
        const bySet = rows.map((row) => row.id).sort();
        const byOne = live
          .filter((item) => matches(bound, item, graph))
          .map((item) => String(item.id))
          .sort();
        expect(byOne).toEqual(bySet);
      }),
      {
        numRuns: 1500,
        seed: Number(process.env.FC_SEED ?? (process.env.CI ? 42 : Date.now() % 2 ** 31)),
        examples: deep.map((where): [Predicate] => [where]),
        endOnFailure: true,
        interruptAfterTimeLimit: 60_000,
      },
    );
    expect(judged).toBeGreaterThan(200);
  });

  it('give the same pages by keyset as the whole list, in every sort and both directions', async () => {
    const object = ctx.model.object('thing');
    for (const key of ['name', 'n', 'd', 'price', 'day', 'at', 'kind', 'yes', 'who', 'parent', 'createdAt', 'place.city']) {
      for (const sort of [[key], [`-${key}`], [key, '-n'], [`-${key}`, 'day']]) {
        const whole = recordsOf(await readPage(ctx, object, { sort, limit: 100, fields: ['id'] }));
        const paged: string[] = [];
        let cursor: string | null = null;
        do {
          const page: { text: string; next: string | null } = await readPage(ctx, object, { sort, limit: 7, cursor, fields: ['id'] });
          paged.push(...recordsOf(page));
          cursor = page.next;
        } while (cursor !== null);
        expect(paged, sort.join()).toEqual(whole);
        expect(new Set(paged).size).toBe(57);
      }
    }
  });
});

describe('folding', () => {
  it('is the same in JavaScript and in the database', async () => {
    const letters = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...'ÄäßøŁđıİæŒþςΣħŧéñÅ ﬁ½Ⅷ'),
        fc.integer({ min: 0x20, max: 0x24f }).map((code) => String.fromCodePoint(code)),
        fc.integer({ min: 0x370, max: 0x58f }).map((code) => String.fromCodePoint(code)),
      ),
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(letters, { minLength: 20, maxLength: 40 }), async (texts) => {
        const rows = await ctx.db.query<{ f: string }>(
          'select perigon_fold(t) as f from unnest($1::text[]) with ordinality x(t, n) order by n',
          [texts],
        );
        expect(rows.map((row) => row.f)).toEqual(texts.map(fold));
      }),
      { numRuns: 40 },
    );
  });
});
