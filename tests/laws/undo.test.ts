import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCause } from '#engine/record/context.ts';
import { undoCause } from '#engine/record/undo.ts';
import { type WriteOp, write, writeOne } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

let inside: Inside;
beforeAll(async () => {
  inside = await insideProduct();
});
afterAll(() => inside.stop());

const contextOf = async (kind: 'request' | 'undo' = 'request', parent: string | null = null) => ({
  ...(await inside.ctx()),
  cause: newCause(kind, null, parent),
});

/** All that a reader could see of some parties, but for versions and times. */
async function picture(ids: readonly string[]): Promise<unknown> {
  const { db } = inside.product;
  return {
    parties: await db.query(
      `select id, kind, name, owner_id, emails, phones, tags, roles, annual_revenue, annual_revenue_currency, parent_id, deleted_at is null as live from parties where id = any($1::uuid[]) order by id`,
      [ids],
    ),
    links: await db.query('select * from parties_account_team where from_id = any($1::uuid[]) order by from_id, to_id, role', [ids]),
    external: await db.query(
      'select object, system, value, record_id from external_ids where record_id = any($1::uuid[]) order by record_id, value',
      [ids],
    ),
    identifiers: await db.query(
      'select i.kind, i.value, i.record_id from identifiers i join parties p on p.id = i.record_id and p.deleted_at is null where i.record_id = any($1::uuid[]) order by 3, 1, 2',
      [ids],
    ),
    search: await db.query('select record_id, title, lexemes::text from search where record_id = any($1::uuid[]) order by record_id', [
      ids,
    ]),
  };
}

const name = fc.constantFrom('Alpha', 'Beta', 'Gamma');
const some = (user: string) =>
  fc.record(
    {
      name,
      tags: fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }), { nil: null }),
      emails: fc.option(fc.uniqueArray(fc.constantFrom('a@x.example', 'b@x.example'), { minLength: 1 }), { nil: null }),
      annualRevenue: fc.option(fc.constantFrom({ amount: '1.00', currency: 'EUR' }, { amount: '2.50', currency: 'USD' }), { nil: null }),
      accountTeam: fc.option(
        fc.constantFrom([{ id: user, role: 'sales' }], [{ id: user, role: 'service', level: 'read', until: '2099-12-31T23:00:00Z' }]),
        { nil: null },
      ),
    },
    { requiredKeys: [] },
  );

describe('undo', () => {
  it('restores what a cause changed, whatever it did in whatever order, and redo brings it back', async () => {
    const me = (await inside.ctx()).actor.userId ?? '';
    const party = inside.product.model.object('party');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(3), fc.constantFrom('update', 'update', 'update', 'delete', 'restore', 'create'), some(me)), {
          minLength: 1,
          maxLength: 10,
        }),
        async (steps) => {
          const setUp = await contextOf();
          const ids = Array.from({ length: 4 }, newId);
          await write(
            setUp,
            party,
            ids.map((id, i) => ({ op: 'create', id, values: { name: `Start ${i}`, externalIds: [{ system: 'law', value: id }] } })),
          );
          await writeOne(await contextOf(), party, { op: 'delete', id: ids[3] ?? '' });
          const before = await picture(ids);
          const acting = await contextOf();
          const made: string[] = [];
          for (const [n, op, values] of steps) {
            const id = ids[n] ?? '';
            const created = newId();
            const step: WriteOp =
              op === 'create'
                ? { op, id: created, values: { name: 'Made', ...values } }
                : op === 'update'
                  ? { op, id, values }
                  : { op: op as 'delete', id };
            const [result] = await write(acting, party, [step], { partial: true });
            if (op === 'create' && result?.ok) made.push(created);
          }
          const after = await picture([...ids, ...made]);
          const undoing = await contextOf('undo', acting.cause.id);
          const dry = await undoCause({ ...undoing, cause: newCause('undo') }, acting.cause.id, { dryRun: true }).catch(
            (error: Error) => error,
          );
          if (dry instanceof Error) return; // Every step was refused: there is no cause to undo.
          expect(await picture([...ids, ...made])).toEqual(after);
          const report = await undoCause(undoing, acting.cause.id);
          expect(report.conflicts).toEqual([]);
          expect(await picture(ids)).toEqual(before);
          expect(((await picture(made)) as { parties: { live: boolean }[] }).parties.every((row) => !row.live)).toBe(true);
          if (report.restored + report.removed + report.revived > 0) {
            await undoCause(await contextOf('undo', undoing.cause.id), undoing.cause.id);
            expect(await picture([...ids, ...made])).toEqual(after);
          }
        },
      ),
      { numRuns: 120, seed: Number(process.env.FC_SEED ?? (process.env.CI ? 42 : Date.now() % 2 ** 31)) },
    );
  });

  it('leaves and lists what somebody changed since, field by field', async () => {
    const party = inside.product.model.object('party');
    const made = await writeOne(await contextOf(), party, { op: 'create', values: { name: 'One', city: 'Bonn', jobTitle: 'Buyer' } });
    const bulk = await contextOf();
    await writeOne(bulk, party, { op: 'update', id: made.id, values: { name: 'Two', city: 'Köln', jobTitle: 'Seller' } });
    await writeOne(await contextOf(), party, { op: 'update', id: made.id, values: { city: 'Mainz' } });
    const report = await undoCause(await contextOf('undo'), bulk.cause.id);
    expect(report).toMatchObject({
      restored: 1,
      conflictCount: 1,
      conflicts: [{ object: 'party', id: made.id, field: 'city', reason: 'changedSince' }],
    });
    const [row] = await inside.product.db.query('select name, city, job_title as "jobTitle" from parties where id = $1::uuid', [made.id]);
    expect(row).toEqual({ name: 'One', city: 'Mainz', jobTitle: 'Buyer' });
  });

  it('keeps a created record that others have used since', async () => {
    const { model } = inside.product;
    const creating = await contextOf();
    const made = await writeOne(creating, model.object('party'), { op: 'create', values: { name: 'Used' } });
    const spare = await writeOne(creating, model.object('party'), { op: 'create', values: { name: 'Unused' } });
    await writeOne(await contextOf(), model.object('case'), { op: 'create', values: { subject: 'Broken', customer: made.id } });
    const report = await undoCause(await contextOf('undo'), creating.cause.id);
    expect(report).toMatchObject({ removed: 1, conflicts: [{ id: made.id, reason: 'usedSince' }] });
    const rows = await inside.product.db.query<{ id: string }>('select id from parties where id = any($1::uuid[]) and deleted_at is null', [
      [made.id, spare.id],
    ]);
    expect(rows.map((row) => row.id)).toEqual([made.id]);
  });
});
