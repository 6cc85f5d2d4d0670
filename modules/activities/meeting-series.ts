import { SYSTEM } from '#engine/access/actor.ts';
import type { Context, RuleBatch, Values } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import { isZone } from '#engine/record/zones.ts';
import type { Tx } from '#engine/store/db.ts';
import { nextInstants } from '#kit/occurrences.ts';

/**
 * A row of meetings is laid out: each is a record of its own that can be moved, cancelled, prepared and minuted alone, for a year
 * ahead. So calendars, reminders, free times and reports need to know of no rule.
 */
const AHEAD_DAYS = 366;
const MOST = 200;
/** What each of a row has of its own. */
const OWN = new Set(['start', 'end', 'startsOn', 'endsOn', 'seriesAt', 'status', 'outcome', 'notes', 'interaction']);

/** Lays out the row of what repeats from now on, and takes away what followed by the rule before. */
export async function layOutSeries({ ctx, tx, items }: RuleBatch): Promise<void> {
  const turned = items.filter(
    (item) =>
      item.changes('repeats') &&
      (item.op === 'create' ? item.get('series') === item.id : item.op === 'update' && item.get('status') === 'planned'),
  );
  if (turned.length === 0) return;
  const gone: string[] = [];
  const ops: WriteOp[] = [];
  for (const item of turned) {
    const { before } = item;
    if (before?.series && before.repeats) {
      const rows = await tx.query<{ id: string }>(
        `select id from meetings where series_id = $1::uuid and series_at > $2::timestamptz and status = 'planned' and id <> $3::uuid and deleted_at is null`,
        [before.series, before.seriesAt, item.id],
      );
      gone.push(...rows.map(({ id }) => id));
    }
    if (item.get('repeats')) ops.push(...copies(ctx, (key) => item.get(key), new Date(String(item.get('start')))));
  }
  const own = { ...ctx, actor: SYSTEM };
  const meeting = ctx.model.object('meeting');
  if (gone.length > 0)
    await writeIn(
      tx,
      own,
      meeting,
      gone.map((id) => ({ op: 'delete', id })),
    );
  if (ops.length > 0) await writeIn(tx, own, meeting, ops, { trusted: true });
}

/** Those of a row that come behind a moment, as far as it is laid out. */
function copies(ctx: Context, get: (key: string) => unknown, after: Date): WriteOp[] {
  const [since, start, end, zone] = [String(get('seriesSince')), String(get('start')), String(get('end')), String(get('timeZone'))];
  const timeZone = isZone(zone) ? zone : ctx.env.timeZone;
  const until = new Date(ctx.env.now.getTime() + AHEAD_DAYS * 86_400_000);
  const length = Date.parse(end) - Date.parse(start);
  const shared: Values = Object.fromEntries(
    ctx.model
      .object('meeting')
      .declared.filter((field) => !OWN.has(field.key) && !field.derived && field.type !== 'file' && field.type !== 'image')
      .flatMap(({ key }) => (get(key) === null || get(key) === undefined ? [] : [[key, get(key)]])),
  );
  return nextInstants(String(get('repeats')), { since: new Date(since), timeZone, after, until, most: MOST }).map((at) => ({
    op: 'create',
    values: {
      ...shared,
      start: at.toISOString(),
      end: new Date(at.getTime() + length).toISOString(),
      seriesAt: at.toISOString(),
      ...(get('allDay') === true ? wholeDays(get, at, timeZone) : {}),
    },
  }));
}

function wholeDays(get: (key: string) => unknown, at: Date, timeZone: string): Values {
  const days = Math.round((Date.parse(`${get('endsOn')}T00:00:00Z`) - Date.parse(`${get('startsOn')}T00:00:00Z`)) / 86_400_000);
  // Midday, so that the day is meant and not its border.
  const day = new Intl.DateTimeFormat('en-CA', { timeZone }).format(at);
  const last = new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
  return { startsOn: day, endsOn: last };
}

/** Goes on with rows that nobody ended and that are laid out for less than is looked ahead; each in a transaction of its own, and by one server. */
export async function extendSeries(ctx: Context): Promise<void> {
  const due = await ctx.db.query<{ series: string }>(
    `select series_id as series from meetings where series_id is not null
     group by series_id having bool_and(repeats is not null) and max(series_at) < now() + interval '${AHEAD_DAYS - 60} days' and bool_or(deleted_at is null and start > now() - interval '30 days')`,
  );
  for (const { series } of due) await transact(ctx, (tx) => extendOne(tx, ctx, series));
}

async function extendOne(tx: Tx, ctx: Context, series: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1::text, 44))', [series]);
  const meeting = ctx.model.object('meeting');
  // The latest that stands is copied; what was taken away by hand is not made again.
  const [last] = await tx.query<{ id: string; at: string }>(
    `select (select id from meetings where series_id = $1::uuid and repeats is not null and deleted_at is null order by series_at desc limit 1) as id,
       max(series_at)::text as at from meetings where series_id = $1::uuid`,
    [series],
  );
  if (!last?.id) return;
  const values = JSON.parse((await readOne(ctx, meeting, last.id)).json) as Record<string, unknown>;
  const plain = (key: string): unknown => {
    const value = values[key];
    return value !== null && typeof value === 'object' && 'id' in value && !Array.isArray(value) ? value.id : value;
  };
  const ops = copies(ctx, plain, new Date(last.at));
  if (ops.length > 0) await writeIn(tx, ctx, meeting, ops, { trusted: true });
}
