import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '#engine/record/context.ts';
import { indexBehind } from '#engine/record/search-rows.ts';
import { type WriteOp, write, writeIn, writeOne } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * A search row is what would be made of its record now, whoever made it and in whichever order they committed: who writes the
 * record, the reader of the log behind them, and who moves what the row takes from elsewhere.
 */
let inside: Inside;
let colleague: string;

const start = async (background: boolean): Promise<void> => {
  inside = await insideProduct({ background });
  colleague = await inside.product.addUser(await inside.ctx(), {
    name: 'Rita',
    email: 'rita@perigon.example',
    password: null,
    roles: ['salesRep'],
  });
};
const company = async (): Promise<string> =>
  (
    await writeOne(await inside.ctx(), inside.product.model.object('party'), {
      op: 'create',
      values: { kind: 'organisation', name: 'Before Ltd' },
    })
  ).id;

/** The rows that stand, and afterwards those that are made of all records while nobody writes. */
const standing = async () =>
  new Map(
    (
      await inside.product.db.query<{ id: string; row: string }>(
        `select record_id as id, concat_ws(' | ', object, party_id, title, subtitle, version, lexemes) as row from search`,
      )
    ).map(({ id, row }) => [id, row]),
  );
const anew = async () => {
  const { db, model } = inside.product;
  for (const object of model.objects.values()) {
    if (object.unsearchable) continue;
    const ids = (await db.query<{ id: string }>(`select id from ${object.table}`)).map(({ id }) => id);
    await db.transaction((tx) => indexBehind(tx, model, object, ids));
  }
  return standing();
};
const expectCurrent = async (): Promise<void> => {
  const stood = await standing();
  const made = await anew();
  expect(
    [...new Set([...stood.keys(), ...made.keys()])].flatMap((id) =>
      stood.get(id) === made.get(id) ? [] : [{ stood: stood.get(id), made: made.get(id) }],
    ),
  ).toEqual([]);
};

describe('of two who make a search row at once', () => {
  beforeAll(() => start(false));
  afterAll(() => inside.stop());

  /** Does something in a transaction that stays open until another one, that indexes the record, waits for it or is through. */
  const meanwhile = async (id: string, work: (ctx: Context, tx: Parameters<typeof writeIn>[0]) => Promise<unknown>): Promise<void> => {
    const { db, model } = inside.product;
    const ctx = await inside.ctx();
    let behind: Promise<void> = Promise.resolve();
    await db.transaction(async (tx) => {
      await work(ctx, tx);
      let ended = false;
      behind = db
        .transaction((other) => indexBehind(other, model, model.object('party'), [id]))
        .finally(() => {
          ended = true;
        });
      for (;;) {
        const [waiting] = await db.query<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        if (ended || (waiting?.n ?? 0) > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    await behind;
    await expectCurrent();
  };
  const change = (op: WriteOp) => (ctx: Context, tx: Parameters<typeof writeIn>[0]) => writeIn(tx, ctx, ctx.model.object('party'), [op]);

  let id: string;
  beforeEach(async () => {
    id = await company();
  });
  const withoutRow = () => inside.product.db.query('delete from search where record_id = $1::uuid', [id]);
  const share = (ctx: Context, tx: Parameters<typeof writeIn>[0]) =>
    writeIn(tx, ctx, ctx.model.object('share'), [
      { op: 'create', id: newId(), values: { object: 'party', record: id, user: colleague, level: 'read' } },
    ]);

  it('the later one knows what the earlier one wrote', () => meanwhile(id, change({ op: 'update', id, values: { name: 'After Ltd' } })));
  it('also where no row was there yet', async () => {
    await withoutRow();
    await meanwhile(id, change({ op: 'update', id, values: { name: 'After Ltd' } }));
  });
  it('the later one knows with whom the record was shared', () => meanwhile(id, share));
  it('also where no row was there yet', async () => {
    await withoutRow();
    await meanwhile(id, share);
  });
  it('a record that went into the trash leaves none', async () => {
    await withoutRow();
    await meanwhile(id, change({ op: 'delete', id }));
  });
  it('a record that came back has one', async () => {
    const ctx = await inside.ctx();
    await writeOne(ctx, ctx.model.object('party'), { op: 'delete', id });
    await meanwhile(id, change({ op: 'restore', id }));
  });
});

describe('while many write', () => {
  beforeAll(() => start(true));
  afterAll(() => inside.stop());

  it('rows are what their records are, when all is read', async () => {
    const { db, model } = inside.product;
    const party = model.object('party');
    const ctx = await inside.ctx();
    const made = await write(
      ctx,
      party,
      Array.from({ length: 120 }, (_, i) => ({ op: 'create' as const, values: { kind: 'organisation', name: `Start ${i}` } })),
    );
    const ids = made.map((result) => result.id ?? '');
    const users = [ctx.actor.userId ?? '', colleague];
    let turn = 0;
    /** Spread over the records without chance, so that a run that fails is a run that can be had again. */
    const some = <T>(list: readonly T[]): T => list[(turn++ * 7919) % list.length] as T;
    const works: (() => Promise<unknown>)[] = [
      async () => writeOne(await inside.ctx(), party, { op: 'update', id: some(ids), values: { name: `Round ${turn}` } }),
      async () => writeOne(await inside.ctx(), party, { op: 'update', id: some(ids), values: { owner: some(users) } }),
      async () =>
        write(
          await inside.ctx(),
          party,
          [...ids].sort().map((id) => ({ op: 'update' as const, id, values: { name: `All ${turn}` } })),
          { partial: true },
        ),
      async () => {
        const id = some(ids);
        await writeOne(await inside.ctx(), party, { op: 'delete', id });
        await writeOne(await inside.ctx(), party, { op: 'restore', id });
      },
      async () => {
        const values = { object: 'party', record: some(ids), user: colleague, level: 'read' };
        const { id } = await writeOne(await inside.ctx(), model.object('share'), { op: 'create', values });
        if (turn % 3 === 0) await writeOne(await inside.ctx(), model.object('share'), { op: 'delete', id });
      },
      async () =>
        writeOne(await inside.ctx(), model.object('task'), { op: 'create', values: { subject: `Call ${turn}`, party: some(ids) } }),
    ];
    await Promise.all(
      [0, 1, 2, 3].map(async (writer) => {
        // What others refuse (a record in the trash, a share that is there) is not what is asked for here.
        for (let round = 0; round < 60; round++) await works[(writer + round) % works.length]?.().catch(() => undefined);
      }),
    );
    for (;;) {
      const [left] = await db.query<{ n: number }>(
        `select (select count(*) from changes where seq > (select cursor from consumers where name = 'search'))::int + (select count(*) from search_followed)::int as n`,
      );
      if (left?.n === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await expectCurrent();
  });
});
