import type { Db } from '#engine/store/db.ts';
import { holdPartitions, readStructure, sequenceValues } from '#engine/store/structure.ts';
import { refuseFull } from './restore.ts';

/**
 * Copies a base as it is at one moment into an empty database elsewhere, straight from one to the other and within one transaction
 * there. The first one is left as it is. Files are not touched: they lie in a store of their own. Nobody may write meanwhile, or
 * what they write stays behind; that is for the caller to see to.
 * @returns how many tables there are, and rows.
 * @throws PerigonError `invalid` where the other database is not empty.
 */
export async function copyBase(from: Db, to: Db, progress?: (table: string) => void): Promise<{ tables: number; rows: number }> {
  await refuseFull(to);
  const hold = await holdPartitions(from);
  const told = await from.transaction(async (source) => {
    await source.script('set transaction isolation level repeatable read, read only');
    await source.script(hold);
    const structure = await readStructure(source);
    const sequences = await sequenceValues(source);
    const filled = structure.tables.filter(({ partitioned }) => !partitioned);
    return to.transaction(async (target) => {
      await target.script(`set local check_function_bodies = off; set local maintenance_work_mem = '512MB'`);
      for (const sql of [...structure.before, ...structure.tables.map((table) => table.sql)]) await target.script(sql);
      let rows = 0;
      for (const { name, columns } of filled) {
        progress?.(name);
        const list = columns.join(', ');
        await target.copyIn(`copy "${name}" (${list}) from stdin`, source.copyOut(`copy "${name}" (${list}) to stdout`));
        const count = `select count(*)::int as n from "${name}"`;
        const [[here], [there]] = await Promise.all([source.query<{ n: number }>(count), target.query<{ n: number }>(count)]);
        if (here?.n !== there?.n) throw new Error(`${name}: ${here?.n} rows went out and ${there?.n} arrived.`);
        rows += there?.n ?? 0;
      }
      for (const sql of [...structure.after, ...sequences]) await target.script(sql);
      return { tables: filled.length, rows };
    });
  });
  await to.query('analyze');
  return told;
}
