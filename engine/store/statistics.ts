import type { Queryable } from './db.ts';
import { ident } from './sql.ts';

/**
 * A table that just grew from nothing is still planned as a small one until autovacuum comes by, a minute or more later; by then who
 * filled it has read it through a thousand times. Looks anew at those of the tables that were known with less than so many rows.
 */
export async function refreshStatistics(db: Pick<Queryable, 'query'>, tables: readonly string[], rows: number): Promise<void> {
  const small = await db.query<{ name: string }>(
    `select c.relname as name from unnest($1::text[]) t (name) join pg_class c on c.oid = to_regclass(t.name)
     where c.relkind in ('r', 'p') and c.reltuples < $2::float8`,
    [[...new Set(tables)], rows],
  );
  for (const { name } of small) await db.query(`analyze ${ident(name)}`);
}
