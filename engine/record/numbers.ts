import type { BoundField } from '#engine/declare/field.ts';
import { numberIn, numberPattern, YEAR_RANK } from '#engine/declare/fields/auto-number/auto-number.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { dateIn } from '#kit/calendar.ts';
import type { Context, Values } from './context.ts';

/** The part of a pipeline item that takes numbers. */
interface Numbered {
  op: string;
  values: Values;
  changes(key: string): boolean;
}

/**
 * Gives new records their numbers, all of a batch by one statement per field. Numbers are taken in a transaction of their own, so
 * that writers do not wait for each other and a refused batch leaves a gap; those of a `gapless` field in the writer's, whose
 * lock on the counter others wait for. A counter only ever rises: what was undone or refused is not given again, and numbers
 * that an import brings along push it beyond themselves. A rehearsal takes none.
 */
export async function takeNumbers(tx: Tx, ctx: Context, object: ModelObject, items: readonly Numbered[], dryRun: boolean): Promise<void> {
  for (const field of object.declared) {
    if (field.type !== 'autoNumber' || field.retired) continue;
    const counters: Queryable = field.with.gapless === true || dryRun ? tx : { query: ctx.db.keyed };
    await passBeyond(counters, object, field, items);
    const waiting = items.filter((item) => item.op === 'create' && (item.values[field.key] ?? null) === null);
    if (waiting.length === 0) continue;
    const pattern = numberPattern(field);
    const year = pattern.yearly ? Number(dateIn(ctx.env.now, ctx.env.timeZone).slice(0, 4)) : 0;
    const first = (field.with.start as number | undefined) ?? 1;
    const [row] = await counters.query<{ last: number }>(
      `insert into counters as c (name, period, last) values ($1::text, $2::int, $3::bigint + $4::bigint - 1)
       on conflict (name, period) do update set last = greatest(c.last, $3::bigint - 1) + $4::bigint returning last`,
      [`${object.key}.${field.key}`, year, first, waiting.length],
    );
    const last = row?.last ?? 0;
    for (const [i, item] of waiting.entries()) item.values[field.key] = pattern.write(year, last - waiting.length + 1 + i);
  }
}

/** Raises the counters above numbers that came with the records. */
async function passBeyond(counters: Queryable, object: ModelObject, field: BoundField, items: readonly Numbered[]): Promise<void> {
  const highest = new Map<number, number>();
  for (const item of items) {
    const given = item.values[field.key];
    const own = typeof given === 'string' && item.changes(field.key) ? numberIn(field, given) : null;
    if (own) highest.set(own.year, Math.max(highest.get(own.year) ?? 0, own.number));
  }
  if (highest.size === 0) return;
  await counters.query(
    `insert into counters as c (name, period, last) select $1::text, y, n from json_to_recordset($2::json) as x(y int, n bigint) order by y
     on conflict (name, period) do update set last = greatest(c.last, excluded.last)`,
    [`${object.key}.${field.key}`, JSON.stringify([...highest].map(([y, n]) => ({ y, n })))],
  );
}

/** Raises the counters of a field above all numbers of its table: after rows came in past the pipeline. */
export async function raiseCounters(db: Queryable, object: ModelObject, field: BoundField): Promise<void> {
  await db.query(
    `insert into counters as c (name, period, last)
     select $1::text, (${field.column}_rank / ${YEAR_RANK})::int, max(${field.column}_rank % ${YEAR_RANK}) from ${object.table} where ${field.column}_rank is not null group by 2
     on conflict (name, period) do update set last = greatest(c.last, excluded.last)`,
    [`${object.key}.${field.key}`],
  );
}
