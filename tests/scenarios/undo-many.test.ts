import { expect, it } from 'vitest';
import { undoCause } from '#engine/record/undo.ts';
import { write } from '#engine/record/write.ts';
import { openDb } from '#engine/store/db.ts';
import { insideProduct } from '#tests/harness/inside.ts';

/** An act on many records is taken back in a time that grows with them, not with their square. */
const MANY = 6000;

it('reads of the log what an act wrote a few times, not again for each record', async () => {
  const inside = await insideProduct();
  const { url } = inside.product.db;
  const party = inside.product.model.object('party');
  const made = await write(
    await inside.ctx(),
    party,
    Array.from({ length: MANY }, (_, i) => ({ op: 'create' as const, values: { kind: 'organisation', name: `Company ${i}` } })),
  );
  const ids = made.map(({ id }) => id ?? '');
  for (const change of [{ jobTitle: 'Same' }, null]) {
    const act = await inside.ctx();
    await write(
      act,
      party,
      ids.map((id) => (change ? { op: 'update', id, values: change } : { op: 'delete', id })),
    );
    const report = await undoCause(await inside.ctx(), act.cause.id);
    expect(report).toMatchObject({ restored: change ? MANY : 0, revived: change ? 0 : MANY, conflictCount: 0 });
  }
  // What its sessions have counted is told when they end.
  await inside.stop();
  const db = openDb(url, { max: 1 });
  const [seen] = await db.query<{ n: number }>(
    `select idx_tup_read::int as n from pg_stat_user_indexes where indexrelname = 'changes_cause'`,
  );
  await db.end();
  expect(seen?.n).toBeGreaterThan(0);
  expect(seen?.n).toBeLessThan(2 * 20 * MANY);
});
