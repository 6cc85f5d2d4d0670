import type { Db } from '#engine/store/db.ts';

/**
 * What fields that came later hold of records that were there before. It follows from what the base knows already, so it is no change
 * of anybody's: the log is not told. Done in stretches behind the running product, once per fill and base; whatever an older server
 * beside this one writes meanwhile is read with the empty field that it has.
 */
export interface Fill {
  key: string;
  /** The table whose rows are walked. */
  table: string;
  /** SQL over the ids of a stretch, `$1`: fills in what is empty, and leaves alone what is not. */
  sql: string;
}

const HELD = 'fills';
const STRETCH = 2_000;

/** Does what has not been done in this base. Of several servers one does it; what broke off begins anew and finds little to do. */
export async function runFills(db: Db, fills: readonly Fill[], stopping: () => boolean): Promise<void> {
  for (const fill of fills) {
    const [held] = await db.query<{ value: string[] }>(
      `insert into settings (key, value) values ('${HELD}', '[]') on conflict (key) do update set value = settings.value returning value`,
    );
    if (held?.value.includes(fill.key)) continue;
    let last: string | null = null;
    do {
      if (stopping()) return;
      last = await db.transaction(async (tx) => {
        const rows: { id: string }[] = await tx.query<{ id: string }>(
          `select t.id from ${fill.table} t where ($1::uuid is null or t.id > $1::uuid) order by t.id limit ${STRETCH}`,
          [last],
        );
        if (rows.length > 0) await tx.query(fill.sql, [rows.map(({ id }) => id)]);
        return rows.at(-1)?.id ?? null;
      });
    } while (last !== null);
    await db.query(`update settings set value = value || $1::jsonb where key = '${HELD}' and not value ? $2::text`, [
      JSON.stringify([fill.key]),
      fill.key,
    ]);
  }
}
