import { looksNowhere } from '#engine/declare/local-condition.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type Bound, bindPredicate, matches } from '#engine/declare/predicate.ts';
import { bindContext, type Context, type Values } from '#engine/record/context.ts';
import { meeting } from '#engine/record/meeting.ts';
import { loadStored } from '#engine/record/rows.ts';
import type { JsonObject } from '#kit/json.ts';
import { concernsFlow, type LogRow, QUIET } from './follower.ts';
import type { FlowVersion } from './versions.ts';

/** Which records would have started a flow, from the log. */

/** Positions of the log that are looked at in one statement. */
const WINDOW = 20_000;

/** One act that would have started a run. */
export interface Start {
  record: string;
  at: string;
}

export interface Past {
  starts: Start[];
  /** How far back it was looked, where it was not to the beginning of the span. */
  since: string | null;
}

/**
 * Starts of a span, newest first, until there are `most` or the time is over. The record as it was then is folded back from what it is
 * now; a condition that looks at other records is asked of them as they are today.
 */
export async function startsOf(
  ctx: Context,
  object: ModelObject,
  version: Pick<FlowVersion, 'shape' | 'fromSeq'>,
  o: { from: string; to: string; most: number; until: number },
): Promise<Past> {
  const first = await seqAt(ctx, o.from);
  const starts: Start[] = [];
  const seen = new Set<string>();
  for (let to = await seqAt(ctx, o.to); to > first; to -= WINDOW) {
    const low = Math.max(first, to - WINDOW);
    const rows = await ctx.db.lists<LogRow & { at: string }>(
      `select c.seq, c.object, c.record_id, c.action, c.cause, c.before, c.after, c.at::text as at from changes c
       where c.seq >= $1::bigint and c.seq < $2::bigint and c.object = $3::text and not exists (select 1 from causes x where x.id = c.cause and x.kind = any($4::text[]))
       order by c.seq desc`,
      [low, to, object.key, QUIET],
    );
    const wanted = rows.filter((row) => concernsFlow(version, row));
    for (const row of await heldThen(ctx, object, version, wanted)) {
      const once = `${row.record_id} ${row.cause}`;
      if (seen.has(once)) continue;
      seen.add(once);
      starts.push({ record: row.record_id, at: new Date(row.at).toISOString() });
    }
    if (low > first && (starts.length >= o.most || performance.now() > o.until))
      return { starts: starts.slice(0, o.most), since: rows.at(-1)?.at ?? o.from };
  }
  return { starts: starts.slice(0, o.most), since: starts.length > o.most ? (starts[o.most]?.at ?? null) : null };
}

/** The first position of the log at or behind an instant: found by halves, for positions and instants rise together. */
async function seqAt(ctx: Context, at: string): Promise<number> {
  const [head] = await ctx.db.keyed<{ low: number; high: number }>(
    'select coalesce(min(seq), 1) as low, coalesce(max(seq), 0) + 1 as high from changes',
  );
  let { low, high } = head ?? { low: 1, high: 1 };
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await ctx.db.keyed<{ before: boolean }>(
      'select at < $2::timestamptz as before from changes where seq >= $1::bigint order by seq limit 1',
      [middle, at],
    );
    if (row?.before) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function heldThen<R extends LogRow>(
  ctx: Context,
  object: ModelObject,
  { shape }: Pick<FlowVersion, 'shape'>,
  rows: readonly R[],
): Promise<R[]> {
  const was = shape.trigger.on === 'change' ? shape.trigger.was : undefined;
  if (rows.length === 0 || (shape.when === undefined && was === undefined)) return [...rows];
  const bind = (where: unknown) => bindPredicate(bindContext(ctx), object, where);
  const when = shape.when === undefined ? null : bind(shape.when);
  const whenWas = was === undefined ? null : bind(was);
  const today = when && !isOwn(when) ? await meeting(ctx, object, ids(rows), shape.when, { deleted: true }) : null;
  const then = await folded(ctx, object, rows);
  return rows.filter((row) => {
    const record = then.get(row.seq);
    if (!record) return false;
    if (today ? !today.has(row.record_id) : when !== null && !matches(when, record, ALONE)) return false;
    return whenWas === null || (row.action !== 'create' && matches(whenWas, { ...record, ...row.before }, ALONE));
  });
}

const ALONE = { get: () => null, children: () => [] };
const isOwn = (bound: Bound): boolean =>
  bound.kind === 'leaf' ? bound.steps.length === 0 && looksNowhere(bound.field) : bound.kind !== 'count' && bound.of.every(isOwn);
const ids = (rows: readonly LogRow[]): string[] => [...new Set(rows.map((row) => row.record_id))];

/** Records as each row of the log left them: what they are now, with every later change taken back. */
async function folded(ctx: Context, object: ModelObject, rows: readonly LogRow[]): Promise<Map<number, Values>> {
  const records = ids(rows);
  const now = await ctx.db.transaction((tx) => loadStored(tx, ctx, object, records, { deleted: true }));
  const later = await ctx.db.lists<{ seq: number; id: string; before: JsonObject | null }>(
    `select seq, record_id as id, before from changes where record_id = any($1::uuid[]) and seq > $2::bigint order by seq desc`,
    [records, Math.min(...rows.map(({ seq }) => seq))],
  );
  const back = new Map<string, { seq: number; before: JsonObject | null }[]>();
  for (const row of later) back.set(row.id, [...(back.get(row.id) ?? []), row]);
  const then = new Map<number, Values>();
  for (const row of rows) {
    const record = now.get(row.record_id);
    if (!record) continue;
    const values = { ...record };
    for (const change of back.get(row.record_id) ?? []) if (change.seq > row.seq) Object.assign(values, change.before ?? {});
    then.set(row.seq, values);
  }
  return then;
}
